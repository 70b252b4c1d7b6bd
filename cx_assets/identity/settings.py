"""The block `identity` of company.yml."""

from typing import Literal

from pydantic import Field

from cx_assets.contracts.concept_settings import Settings

Identifier = Literal["source_person_id", "shared_person_id", "email", "phone", "tax_number"]


class IdentitySettings(Settings):
    """Which identifiers join records."""

    identifiers: tuple[Identifier, ...] = Field(
        default=("source_person_id", "email", "phone", "tax_number"),
        strict=False,
        description="Identifiers that prove two records one customer; leave out what customers share.",
        json_schema_extra={"evidence": "All but `shared_person_id`, a number that several sources must hold alike."},
    )
