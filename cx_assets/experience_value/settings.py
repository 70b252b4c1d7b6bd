"""The block `experience_value` of company.yml."""

from pydantic import Field

from cx_assets.contracts.concept_settings import Settings


class ExperienceValueSettings(Settings):
    """How long customers are followed after an experience, what counts as leaving, and how many must be compared."""

    outcome_days: int = Field(
        default=180,
        ge=1,
        le=1095,
        description="Days after an answer in which spending is counted; a customer's answers lie as far apart.",
        json_schema_extra={
            "unit": "days",
            "evidence": "Half a year: both halves of a year's seasons are in a year of answers.",
        },
    )
    silent_days: int = Field(
        default=90,
        ge=1,
        le=1095,
        description="Days without a purchase that are the least silence of a customer who has left.",
        json_schema_extra={"unit": "days", "evidence": "A quarter; a customer of every week is missed well before."},
    )
    silent_gaps: float = Field(
        default=3.0,
        gt=0,
        le=20,
        description="The same, in medians of the customer's own days between purchases; the longer of both counts.",
        json_schema_extra={
            "evidence": "With purchases at random at a constant rate, 12% of gaps are longer than three medians."
        },
    )
    late_days: int = Field(
        default=0,
        ge=0,
        le=365,
        description="A parcel is a bad experience when it comes more than so many days after the promised day.",
        json_schema_extra={"unit": "days"},
    )
    complaint_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="Days after a purchase in which a complaint belongs to it; what follows is counted from their end.",
        json_schema_extra={"unit": "days"},
    )
    minimum_customers: int = Field(
        default=50,
        ge=10,
        le=100000,
        description="Customers on each side of a comparison, below which it is refused.",
        json_schema_extra={
            "unit": "customers",
            "evidence": "Robust intervals of heavy-tailed money are too narrow below about fifty clusters.",
        },
    )
    most_moments: int = Field(
        default=100000,
        ge=1000,
        le=10000000,
        description="Moments of a kind that are compared; of more, those of customers drawn by the hash of their id.",
        json_schema_extra={"unit": "moments", "evidence": "Intervals are narrow by then, and the job stays small."},
    )
