"""The block `happiness` of company.yml."""

from typing import Literal

from pydantic import Field

from cx_assets.contracts.concept_settings import Settings


class HappinessSettings(Settings):
    """Which answer is the overall one, and when drivers of it are named."""

    target_touchpoint: str | None = Field(
        default=None,
        description="Touchpoint whose answer is the overall one, in the same response as the ratings. Null finds it:"
        " `overall` or `relation` of a relational survey, NPS before CSAT.",
        json_schema_extra={"evidence": "Named so in the canonical contract."},
    )
    target_metric: Literal["nps", "csat", "ces"] | None = Field(
        default=None,
        description="Metric of that answer; null takes NPS before CSAT before CES.",
        json_schema_extra={"evidence": "NPS is the answer that most companies steer by."},
    )
    left_out_touchpoints: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Touchpoints that are no drivers: sums of others, or asked about the company as a whole.",
        json_schema_extra={"evidence": "None: only the company knows which of its questions sum up others."},
    )
    minimum_answers: int = Field(
        default=50,
        ge=10,
        description="Ratings that a touchpoint needs, beside an overall answer, to have a share.",
        json_schema_extra={"unit": "answers", "evidence": "Below, its interval spans most of what is possible."},
    )
    minimum_respondents: int = Field(
        default=200,
        ge=30,
        description="Responses that all customers, or a segment, need for drivers; and ten for each touchpoint.",
        json_schema_extra={"unit": "responses", "evidence": "Shares of 0.1 are then known to about 0.05."},
    )
    maximum_respondents: int = Field(
        default=3000,
        ge=200,
        description="Responses that drivers are worked out from; of more, so many are drawn at random.",
        json_schema_extra={"unit": "responses", "evidence": "More narrow a share by less than a point and cost time."},
    )
    bootstrap_samples: int = Field(
        default=200,
        ge=100,
        le=5000,
        description="Samples of customers that intervals of shares are read from.",
        json_schema_extra={
            "unit": "samples",
            "evidence": "Enough for bounds at 95% (Efron and Tibshirani 1993).",
        },
    )
    customer_days: int = Field(
        default=365,
        ge=30,
        description="Days before the observation date whose ratings count for a customer's happiness.",
        json_schema_extra={"unit": "days", "evidence": "One round of a yearly relational survey."},
    )
