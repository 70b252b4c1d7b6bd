"""What a company is: company.yml, names of its staging models, forced matches. Nothing is executed.

Its sources and their tables are described in `tables`.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from cx_assets.contracts import load_contracts
from cx_assets.contracts.concept_settings import Settings, concept_settings
from cx_assets.contracts.currencies import CURRENCY_CODES
from cx_assets.contracts.strict_yaml import Strict, StrictDocument, StrictYamlError, read_strict_yaml
from orchestration.declaration.field_types import Owner, Prose, SqlName, TimeZone
from orchestration.declaration.settings.exports import Export
from orchestration.declaration.settings.feeds import FeedSettings
from orchestration.declaration.settings.publication import PublicationSettings
from orchestration.declaration.tables import LandingTable, Source
from orchestration.declaration.touchpoints import Touchpoint, check_catalogue
from orchestration.ground.workspace import Workspace

STAGING_FILE = re.compile(r"stg_([a-z][a-z0-9]*(?:_[a-z0-9]+)*)__([a-z][a-z0-9_]*)\.sql\Z")
MAX_BYTES = 1 << 20
"""Of company.yml: a hundred times what the longest needs, and read in seconds."""
DECISION_HEADER = ["record_id_a", "record_id_b", "reason"]


class CompanyError(ValueError):
    """The company's folder is wrong; the message names the file, the key and what to do."""


def _currency(code: str) -> str:
    if code not in CURRENCY_CODES:
        raise ValueError(f"{code!r} is no currency code of ISO 4217, such as EUR")
    return code


CurrencyCode = Annotated[str, AfterValidator(_currency)]


def _as_of(value: object) -> object:
    is_iso_date = isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)
    return date.fromisoformat(value) if is_iso_date else value  # type: ignore[arg-type]


if TYPE_CHECKING:
    ConceptBlocks = Strict
else:
    ConceptBlocks = create_model(
        "ConceptBlocks", __base__=Strict, **{block: (kind, kind()) for block, kind in concept_settings().items()}
    )
SettingsT = TypeVar("SettingsT", bound=Settings)


BLOCKS: dict[str, type[Strict]] = {"feeds": FeedSettings, **concept_settings()}
"""Blocks of settings in company.yml."""


class Company(ConceptBlocks):
    """company.yml, checked. Names are fit to be SQL identifiers, paths stay below the source folder.

    Beside the keys here it has a block for every concept with settings; `settings` gives it with its type.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    title: Prose
    description: Prose
    currency_code: CurrencyCode
    time_zone: TimeZone
    country_code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    as_of: Annotated[Literal["schedule", "latest_landed"] | date, BeforeValidator(_as_of)] = "schedule"
    minimum_answers: int = Field(
        default=30,
        ge=1,
        le=1_000_000_000,
        description="Answers below which a score is marked as suppressed.",
        json_schema_extra={
            "unit": "answers",
            "evidence": "With 30 answers the 95% interval of an NPS is about 30 points to either side.",
        },
    )
    max_quarantined_share: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Largest share of refused rows in a load, and among the rows of an entity from one source.",
        json_schema_extra={"evidence": "Sources err in a few rows of a thousand; one in twenty is a broken mapping."},
    )
    max_unknown_reference_share: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Largest share of rows that may name an order, record or product that no load brought.",
        json_schema_extra={
            "evidence": "All may: many a till knows no customers. Lower it where the references are whole."
        },
    )
    max_conflicting_key_share: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Largest share of keys that one load may bring twice with other content.",
        json_schema_extra={"evidence": "As for refused rows: more is a key that tells no rows apart."},
    )
    currency_codes: tuple[CurrencyCode, ...] = Field(default=(), strict=False)
    owner: Owner
    feeds: FeedSettings = FeedSettings()
    publication: PublicationSettings = PublicationSettings()
    exports: dict[SqlName, Export] = Field(default_factory=dict)
    touchpoints: tuple[Touchpoint, ...] = Field(default=(), strict=False)
    sources: dict[SqlName, Source] = Field(min_length=1)
    _folder: Path = PrivateAttr()
    _profile: str | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _feeds_are_known(self) -> Self:
        for name in self.feeds.ended:
            source, _, entity = name.partition(".")
            if source not in self.sources or entity not in load_contracts():
                raise ValueError(f"feeds.ended names {name!r}: write source.entity, such as till.transaction_line")
        return self

    @model_validator(mode="after")
    def _touchpoints_are_told_apart(self) -> Self:
        check_catalogue(self.touchpoints)
        return self

    @property
    def folder(self) -> Path:
        """Folder that the company was loaded from."""
        return self._folder

    @property
    def profile(self) -> str | None:
        """Profile that was laid over company.yml."""
        return self._profile

    def settings(self, kind: type[SettingsT]) -> SettingsT:
        """The block of one concept."""
        block: SettingsT = getattr(self, kind.block())
        return block

    @property
    def zone(self) -> ZoneInfo:
        """Zone in which days are cut."""
        return ZoneInfo(self.time_zone)

    def tables(self) -> Iterator[LandingTable]:
        """Every landing table, in the order of company.yml."""
        for source_name, source in self.sources.items():
            for table_name, table in source.tables.items():
                owner = source.owner or self.owner
                yield LandingTable(source_name, table_name, owner, source.connection.kind, table)

    def table(self, source_name: str, table_name: str) -> LandingTable:
        """One table.

        Raises:
            CompanyError: company.yml does not declare it.
        """
        for item in self.tables():
            if (item.source_name, item.table_name) == (source_name, table_name):
                return item
        raise CompanyError(f"company.yml declares no table {source_name}.{table_name}")

    def staging_models(self) -> dict[str, list[str]]:
        """Names of the company's staging models by entity, every entity present, each list sorted.

        A company whose tables land before anything is mapped has none, and need not have the folder.

        Raises:
            CompanyError: A file is not stg_<source>__<entity>.sql.
        """
        folder = self.folder / "staging"
        models: dict[str, list[str]] = {entity: [] for entity in load_contracts()}
        for path in sorted(folder.rglob("*.sql"), key=lambda file: file.name):
            match = STAGING_FILE.match(path.name)
            if match is None:
                raise CompanyError(f"{path}: name it stg_<source>__<entity>.sql, lower case, one double underscore")
            if match[2] not in models:
                raise CompanyError(f"{path}: unknown entity {match[2]!r}; the contracts are {', '.join(models)}")
            models[match[2]].append(path.stem)
        return models

    def check_mapped(self) -> None:
        """Refuse a company of which nothing is mapped: all its marts would be empty.

        Raises:
            CompanyError: There is no staging model.
        """
        if not any(self.staging_models().values()):
            raise CompanyError(
                f"{self.folder / 'staging'} has no staging model, so nothing that lands would reach a mart: put"
                " stg_<source>__<entity>.sql there (docs/add-a-company.md); cx load lands tables without"
            )

    def must_link(self) -> list[tuple[str, str]]:
        """Pairs of record ids that people declared one customer; none without identity/must_link.csv.

        Raises:
            CompanyError: The file has another header, an empty id, or a pair of one record.
        """
        return _declared_pairs(self.folder / "identity" / "must_link.csv")

    def cannot_link(self) -> list[tuple[str, str]]:
        """Pairs of record ids that people declared two customers; none without identity/cannot_link.csv.

        Raises:
            CompanyError: As must_link.
        """
        return _declared_pairs(self.folder / "identity" / "cannot_link.csv")


def _declared_pairs(path: Path) -> list[tuple[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, strict=True))
    if not rows or rows[0] != DECISION_HEADER:
        raise CompanyError(f"{path}: the first line must be {','.join(DECISION_HEADER)}")
    pairs = []
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        if len(row) != len(DECISION_HEADER) or not row[0] or not row[1] or row[0] == row[1]:
            raise CompanyError(f"{path}, row {number}: give two different record ids and a reason")
        pairs.append((row[0], row[1]))
    return pairs


def load_company(workspace: Workspace) -> Company:
    """Read and check company.yml, with the profile over it where one is chosen.

    A profile (`profiles/<name>.yml`) holds the keys that differ where the same sources are reached otherwise, files
    here and servers there: mappings are merged, null removes a key, anything else replaces it.

    Raises:
        CompanyError: A file is missing or wrong; the message names file, line, key and what to do.
    """
    path = workspace.company_dir / "company.yml"
    document = _read_yaml(path, "check --company or CX_COMPANY_DIR")
    data = document.data
    if workspace.profile_path is not None:
        profile = _read_yaml(workspace.profile_path, "check --profile or CX_PROFILE")
        data = _merged(data, profile.data)
        document = replace(document, name=f"{path} with {profile.name}", lines={**document.lines, **profile.lines})
    try:
        company = Company.model_validate(data)
    except ValidationError as error:
        # The checker's own text quotes what stands in the file, which may be a credential in the wrong place.
        raise CompanyError(_explain(error, document)) from None
    if company.name != workspace.company:
        raise CompanyError(f"{path}: name is {company.name!r}, but the company run is {workspace.company!r}")
    company._folder = workspace.company_dir
    company._profile = workspace.profile
    return company


def _read_yaml(path: Path, advice: str) -> StrictDocument:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CompanyError(f"{path} is larger than {MAX_BYTES:,} bytes: it is no {path.name}")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CompanyError(f"{path} cannot be read ({type(error).__name__}): {advice}") from error
    try:
        return read_strict_yaml(text, str(path))
    except StrictYamlError as error:
        raise CompanyError(str(error)) from error


def _merged(base: Any, over: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    merged = {name: value for name, value in base.items() if name not in over}
    for name, value in over.items():
        if value is not None:
            merged[name] = _merged(base[name], value) if name in base else value
    # Tables keep the order of company.yml.
    return {name: merged[name] for name in [*(n for n in base if n in merged), *(n for n in merged if n not in base)]}


def _explain(error: ValidationError, document: StrictDocument) -> str:
    lines = []
    for item in error.errors(include_url=False, include_input=False):
        known = [part for part in item["loc"] if part != "[key]"]
        key = ".".join(str(part) for part in known) or "the whole file"
        line = document.line_of(tuple(known))
        where = f"{document.name}, line {line}" if line else document.name
        lines.append(f"{where}: {key}: {_told(item)}")
    return "\n".join(dict.fromkeys(lines))


def _told(item: ErrorDetails) -> str:
    if item["type"] == "extra_forbidden":
        return "unknown key: remove or correct it"
    if item["type"] == "union_tag_invalid":  # whose own text repeats the value
        return f"{item['ctx']['discriminator']} must be one of {item['ctx']['expected_tags']}"
    return item["msg"]


def thresholds() -> dict[str, FieldInfo]:
    """Keys of company.yml that are thresholds of the whole company."""
    return {name: field for name, field in Company.model_fields.items() if field.description}
