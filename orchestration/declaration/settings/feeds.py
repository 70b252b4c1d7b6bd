"""`feeds` in company.yml: what is expected of the sources that bring orders."""

from pydantic import Field

from cx_assets.contracts.strict_yaml import Strict


class FeedSettings(Strict):
    """How long the observation date waits for the feeds of orders, and which of them bring nothing any more.

    Attributes:
        max_days_behind: Most days by which the feeds may hold the date back; a run that needs more of them fails.
        ended: Feeds, as source.entity, that are complete for good.
    """

    max_days_behind: int = Field(
        default=7,
        ge=0,
        le=3650,
        description="Most days by which the feeds may hold the observation date back.",
        json_schema_extra={
            "unit": "days",
            "evidence": "A weekly feed and a holiday; longer than that a feed has failed.",
        },
    )
    ended: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Feeds, as source.entity, that are complete for good.",
        json_schema_extra={"evidence": "None, until a person says so."},
    )
