"""The block `identity` of company.yml."""

from typing import Literal

from pydantic import Field

from cx_assets.contracts.concept_settings import Settings

Identifier = Literal["source_person_id", "shared_person_id", "email", "phone", "tax_number"]

GoldenField = Literal[
    "given_name",
    "family_name",
    "company_name",
    "email",
    "phone",
    "tax_number",
    "birth_date",
    "country_code",
    "language_code",
    "address",
]
Criterion = Literal["recency", "trust", "completeness", "agreement", "validity"]


class IdentitySettings(Settings):
    """Which identifiers join records, how misspelt ones are found, and which change of it is worth a warning."""

    identifiers: tuple[Identifier, ...] = Field(
        default=("source_person_id", "email", "phone", "tax_number"),
        strict=False,
        description="Identifiers that prove two records one customer; leave out what customers share.",
        json_schema_extra={"evidence": "All but `shared_person_id`, a number that several sources must hold alike."},
    )
    matching: Literal["probabilistic", "exact"] = Field(
        default="probabilistic",
        description="probabilistic also joins records that are spelt differently; exact by equal identifiers alone.",
        json_schema_extra={"evidence": "`make bench-identity`: exact identifiers find two thirds of the pairs."},
    )
    threshold: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Match probability from which on two records are one customer; null lets the model choose.",
        json_schema_extra={"evidence": "Highest expected F1 (Lipton, Elkan and Naryanaswamy 2014)."},
    )
    least_records: int = Field(
        default=200,
        ge=2,
        description="Named records of a customer type below which nothing is learnt and exact identifiers join.",
        json_schema_extra={"evidence": "Fewer hold too few pairs to learn weights from."},
    )
    pairs_per_record: int = Field(
        default=3,
        ge=1,
        description="Budget of each blocking rule; it leaves its largest blocks out until it keeps to that.",
        json_schema_extra={"evidence": "Bounds time and memory; the run tells what was left out."},
    )
    sources_without_duplicates: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Source systems in which every customer is one record at most: two of theirs are never joined.",
        json_schema_extra={"evidence": "None is assumed."},
    )
    trusted_sources: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Source systems from the most to the least trusted, for fields that `trust` decides.",
        json_schema_extra={"evidence": "None is assumed; sources that are not named come after those that are."},
    )
    survivorship: dict[GoldenField, list[Criterion]] = Field(
        default={},
        strict=False,
        description=(
            "What decides about a field that several records of a customer fill, in this order: `recency` (changed"
            " last), `trust`, `completeness` (the longer value), `agreement` (the value of most records), `validity`"
            " (of e-mail and telephone: whether it can be one at all)."
        ),
        json_schema_extra={"evidence": "Fields that are not named come from the record changed last."},
    )
    match_drift_share: float = Field(
        default=0.2,
        ge=0.01,
        le=1,
        description="Change of the links per record against the run before, above which a warning is given.",
        json_schema_extra={"evidence": "A judgement, not measured: a day's new records should move it by far less."},
    )
