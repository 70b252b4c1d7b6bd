"""Writes what people decide about pairs of records into the company's folder; reading them is in company."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cx_assets.identity.decisions import refuse_contradictions
from orchestration.declaration.company import DECISION_HEADER, Company
from orchestration.ground.durable import sync_file, sync_folder

Pair = tuple[str, str]


@dataclass(frozen=True)
class Appended:
    """What was written.

    Attributes:
        same_count, different_count: Pairs appended to must_link.csv and cannot_link.csv.
        standing_count: Pairs that stood there already, in either order, or came twice.
    """

    same_count: int
    different_count: int
    standing_count: int


def append_decisions(company: Company, same: Sequence[Pair], different: Sequence[Pair], *, reason: str) -> Appended:
    """Append pairs to the company's must_link.csv and cannot_link.csv; each file is replaced whole.

    Doing it again, after a kill between the two files as well, writes only what is missing.

    Args:
        company: The company.
        same: Pairs of record_ids that are one customer.
        different: Pairs that are two.
        reason: Written beside each new pair.

    Raises:
        ContradictoryDecisionsError: With what stands there, a pair would be both; nothing is written.
        CompanyError: What stands there is malformed.
        OSError: A file cannot be written.
    """
    must_link, cannot_link = company.must_link(), company.cannot_link()
    joined, parted = _missing(same, must_link), _missing(different, cannot_link)
    refuse_contradictions([*must_link, *joined], [*cannot_link, *parted])
    folder = company.folder / "identity"
    _append(folder / "must_link.csv", joined, reason)
    _append(folder / "cannot_link.csv", parted, reason)
    return Appended(len(joined), len(parted), len(same) + len(different) - len(joined) - len(parted))


def _missing(pairs: Iterable[Pair], standing: Iterable[Pair]) -> list[Pair]:
    seen = {frozenset(pair) for pair in standing}
    found = []
    for pair in pairs:
        if frozenset(pair) not in seen:
            seen.add(frozenset(pair))
            found.append(pair)
    return found


def _append(path: Path, pairs: Sequence[Pair], reason: str) -> None:
    if not pairs:
        return
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.is_file() else (",".join(DECISION_HEADER) + "\n").encode()
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows((a, b, reason) for a, b in pairs)
    temporary = path.with_name(f".writing-{os.getpid()}-{path.name}")
    try:
        temporary.write_bytes(before + (b"" if before.endswith(b"\n") else b"\n") + lines.getvalue().encode())
        if path.is_file():
            temporary.chmod(path.stat().st_mode)
        sync_file(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)
