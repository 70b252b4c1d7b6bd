"""The whole proposal: files of a new company's folder as text, written where nothing stands yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.ground.workspace import COMPANY_NAME
from orchestration.proposal.company_file import company_yaml
from orchestration.proposal.entities import Mapping, find_mappings
from orchestration.proposal.files import find_tables
from orchestration.proposal.observed import ObservedTable
from orchestration.proposal.staging import staging_sql


class ProposalError(ValueError):
    """Nothing can be proposed or written; the message says why."""


@dataclass(frozen=True)
class Proposal:
    """Texts by path below the company's folder, and what a person should hear.

    Attributes:
        files: Text by path, `company.yml` first.
        tables: What was found.
        mappings: What the contracts are filled from.
        left_out: What is not read and why, a line each.
    """

    files: dict[str, str]
    tables: list[ObservedTable]
    mappings: list[Mapping]
    left_out: list[str]

    @property
    def open_questions(self) -> int:
        """Lines on which a person must decide."""
        return sum(text.count("DECIDE") for text in self.files.values())


@dataclass(frozen=True)
class Settings:
    """What the data cannot tell of a company.

    Attributes:
        name: Of the company.
        source: Name of its source.
        currency_code, time_zone, country_code: As in `company.yml`.
    """

    name: str
    source: str
    currency_code: str = "EUR"
    time_zone: str = "UTC"
    country_code: str = "DE"


def propose_from_files(folder: Path, settings: Settings) -> Proposal:
    """Look at the files of a folder, and at nothing outside it.

    Raises:
        ProposalError: There is no file that can be read, or the name is none.
    """
    if not folder.is_dir():
        raise ProposalError(f"{folder} is no folder")
    tables, left_out = find_tables(folder)
    if not tables:
        raise ProposalError("\n".join([f"{folder} has no file that can be read", *left_out]))
    return propose(tables, settings, left_out=left_out)


def propose(
    tables: list[ObservedTable],
    settings: Settings,
    *,
    left_out: Sequence[str] = (),
    connection: dict[str, str] | None = None,
) -> Proposal:
    """The proposal for tables that were looked at.

    Raises:
        ProposalError: The company's name is none.
    """
    if not COMPANY_NAME.match(settings.name):
        raise ProposalError(f"{settings.name!r} is no name for a company: use a-z, 0-9 and _, a letter first")
    mappings = find_mappings(tables)
    currency = _currency(tables, mappings) or settings.currency_code
    text = company_yaml(
        settings.name,
        settings.source,
        tables,
        mappings,
        currency=currency,
        time_zone=settings.time_zone,
        country=settings.country_code,
        connection=connection,
        left_out=left_out,
    )
    files = {"company.yml": text}
    counts = Counter(mapping.entity for mapping in mappings)
    latest_year = max((int(value[:4]) for value in _dates(tables)), default=2000)
    for mapping in mappings:
        addition = f"_{mapping.table.name}" if counts[mapping.entity] > 1 else ""
        path = f"staging/stg_{settings.source}{addition}__{mapping.entity}.sql"
        files[path] = staging_sql(mapping, source=settings.source, currency=currency, latest_year=latest_year)
    return Proposal(files, tables, mappings, list(left_out))


def write(proposal: Proposal, folder: Path) -> None:
    """Write the files; a folder in which something stands is left as it is.

    Raises:
        ProposalError: The folder holds something already, or is none.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ProposalError(f"{folder} is not empty: nothing was written; name another folder, or move it away")
    (folder / "staging").mkdir(parents=True, exist_ok=True)
    for name, text in proposal.files.items():
        with (folder / name).open("x", encoding="utf-8") as file:
            file.write(text)


def _currency(tables: Sequence[ObservedTable], mappings: Sequence[Mapping]) -> str | None:
    """The currency that most rows of the first table with currencies are in."""
    for mapping in mappings:
        name = mapping.columns.get("currency_code")
        values = mapping.table.columns[name].values if name else []
        if values and len(values[0]) == 3 and values[0].isalpha():
            return values[0].upper()
    return None


def _dates(tables: Sequence[ObservedTable]) -> list[str]:
    return [table.latest for table in tables if table.latest]
