"""The block `churn` of company.yml."""

from pydantic import Field

from cx_assets.contracts.concept_settings import Settings


class ChurnSettings(Settings):
    """Horizon and population of the churn score, and how many past dates train it."""

    horizon_days: int = Field(
        default=30,
        ge=1,
        le=730,
        description="Days ahead in which a customer counts as lost without a purchase.",
        json_schema_extra={"unit": "days", "evidence": "A month is what a retention campaign can act on."},
    )
    eligible_days: int = Field(
        default=180,
        ge=1,
        le=3650,
        description="Days back in which a purchase makes a customer eligible.",
        json_schema_extra={
            "unit": "days",
            "evidence": "Six times the horizon; who has been silent for longer has left by any count.",
        },
    )
    training_cuts: int = Field(
        default=6,
        ge=1,
        le=60,
        description="Past dates to learn from, a horizon apart.",
        json_schema_extra={"evidence": "Half a year of months; one more each calibrates, tests and is scored."},
    )
