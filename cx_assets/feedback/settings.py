"""The block `feedback` of company.yml."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from cx_assets.contracts.concept_settings import Settings
from cx_assets.contracts.strict_yaml import Strict

CUTS = ("touchpoint", "channel", "product_category", "segment")
"""Columns that scores are cut by, each alone; a company adds combinations."""


def _combination(text: str) -> str:
    parts = text.split("+")
    wrong = [part for part in parts if part not in CUTS]
    if wrong or len(parts) < 2 or len(set(parts)) < len(parts):
        raise ValueError(f"{text!r} is no combination of {', '.join(CUTS)}: join two or more with +")
    return "+".join(sorted(parts, key=CUTS.index))


class FavourableAnswers(Strict):
    """From which point of a scale on an answer is favourable.

    Attributes:
        metric: csat or ces; NPS has its own fixed borders.
        scale_min, scale_max: The scale.
        from_score: Lowest favourable answer.
    """

    metric: Literal["csat", "ces"]
    scale_min: float = Field(strict=False)
    scale_max: float = Field(strict=False)
    from_score: float = Field(strict=False)

    @model_validator(mode="after")
    def _on_the_scale(self) -> Self:
        if not self.scale_min < self.from_score <= self.scale_max:
            raise ValueError(f"from_score {self.from_score:g} lies outside {self.scale_min:g} to {self.scale_max:g}")
        return self


class FeedbackSettings(Settings):
    """Which answers count, which are favourable, and what scores are cut by."""

    days_to_answer: int = Field(
        default=3650,
        ge=0,
        le=3650,
        description="Days after the invitation within which an answer counts; later ones are kept and counted apart.",
        json_schema_extra={"unit": "days", "evidence": "Ten years, all: no survey tool closes at the same time."},
    )
    combined_cuts: tuple[Annotated[str, AfterValidator(_combination)], ...] = Field(
        default=(),
        strict=False,
        description=f"Combinations of {', '.join(CUTS)} to publish scores by, such as `touchpoint+channel`.",
        json_schema_extra={"evidence": "None: each makes as many cells again, most of them too small to show."},
    )
    false_discovery_rate: float = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="Share of the changes called so that may be chance, over all scores shown for a period.",
        json_schema_extra={"evidence": "Benjamini and Hochberg 1995; without it one cell in twenty moves by chance."},
    )
    largest_weight: float = Field(
        default=5.0,
        ge=1,
        le=100,
        description="Weights for non-response are limited to so many times their median.",
        json_schema_extra={
            "evidence": "Above it single answers decide a cell; Potter 1990 on the trade of bias for it."
        },
    )
    favourable: tuple[FavourableAnswers, ...] = Field(
        default=(),
        strict=False,
        description="Favourable answers of a scale, where not the usual ones: `{metric, scale_min, scale_max,"
        " from_score}`.",
        json_schema_extra={
            "evidence": "CSAT: the two highest points if above the middle, on scales of more than eleven points the"
            " upper fifth; CES: above the middle."
        },
    )

    @model_validator(mode="after")
    def _cuts_are_told_apart(self) -> Self:
        if len(set(self.combined_cuts)) < len(self.combined_cuts):
            raise ValueError("combined_cuts names a combination twice")
        scales = [(rule.metric, rule.scale_min, rule.scale_max) for rule in self.favourable]
        if len(set(scales)) < len(scales):
            raise ValueError("favourable names a scale twice")
        return self
