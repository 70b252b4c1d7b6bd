"""The block `lifetime_value` of company.yml."""

from typing import Self

from pydantic import Field, model_validator

from cx_assets.contracts.concept_settings import Settings


class LifetimeValueSettings(Settings):
    """How far customers' value looks ahead, how later money is discounted, how it is judged, and what is high value."""

    horizon_days: int = Field(
        default=365,
        ge=30,
        le=1825,
        description="Days after the observation date in which purchases, amounts and renewals are expected.",
        json_schema_extra={"unit": "days", "evidence": "A year: every season once, and plans are made for it."},
    )
    yearly_discount_rate: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="By which money of a year later is worth less today.",
        json_schema_extra={"evidence": "Fader, Hardie and Lee 2005 take 15% for a retailer; most plans 8 to 12%."},
    )
    judged_days: int = Field(
        default=365,
        ge=30,
        le=1825,
        description="Last days of the history that the model is fitted without, to be judged on them.",
        json_schema_extra={"unit": "days", "evidence": "A year, or a season would pass for an error of the model."},
    )
    minimum_customers: int = Field(
        default=200,
        ge=50,
        description="Customers with purchases that a model needs; half as many must have a second purchase day.",
        json_schema_extra={
            "unit": "customers",
            "evidence": "Below, the four parameters of a purchase model are known to a factor of two at best.",
        },
    )
    high_value_share: float = Field(
        default=0.1,
        gt=0,
        lt=1,
        description="Share of the customers, by expected amount, that the tier `high` holds.",
        json_schema_extra={"evidence": "A convention: a tenth brings a third to a half of most retailers' revenue."},
    )
    middle_value_share: float = Field(
        default=0.3,
        gt=0,
        lt=1,
        description="Share of the customers that the tier `middle` holds below it; the others are `low`.",
        json_schema_extra={"evidence": "A convention."},
    )

    @model_validator(mode="after")
    def _tiers_leave_room(self) -> Self:
        if self.high_value_share + self.middle_value_share >= 1:
            raise ValueError("high_value_share and middle_value_share together leave no customer for the tier low")
        return self
