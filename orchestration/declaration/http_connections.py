"""How an HTTP API is reached and how it cuts its lists into pages: the part of company.yml for sources of kind http.

What one table pulls (endpoint, parameters, fields of the answer) is in `tables`.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from cx_assets.contracts.strict_yaml import Strict
from orchestration.declaration.field_types import BaseUrl, EnvironmentName, FieldName, HeaderName


class TokenAuth(Strict):
    """A token sent in a header: `Authorization: Bearer …` unless another header is named."""

    kind: Literal["token"]
    token_env: EnvironmentName
    header: HeaderName = "Authorization"
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{0,20}$")] = "Bearer"


class BasicAuth(Strict):
    """User and password."""

    kind: Literal["basic"]
    user_env: EnvironmentName
    password_env: EnvironmentName


class _Paged(Strict):
    """A list in pages.

    Attributes:
        more_field: Field of the answer that is true while there are more pages (`has_more`). False ends the list
            whatever else the answer holds; an answer without it tells nothing.
        end_field: The same the other way round (`end_of_stream`): true ends the list.
    """

    more_field: FieldName | None = None
    end_field: FieldName | None = None


class _Counted(_Paged):
    """Pages that are requested by number.

    Attributes:
        end_status: Status with which the API answers beyond the last page, such as 404; of the first page it is an
            error all the same. Without it, such a status ends the list only where `total` says that all is there.
    """

    end_status: int | None = Field(default=None, ge=400, le=499)


class PagePaging(_Counted):
    """`?page=3&per_page=100`, until a page holds nothing, or nothing that earlier pages did not hold."""

    kind: Literal["page"]
    page_parameter: FieldName = "page"
    size_parameter: FieldName | None = None
    size: int = Field(default=100, ge=1, le=100_000)
    first_page: int = Field(default=1, ge=0, le=1)


class OffsetPaging(_Counted):
    """`?offset=200&limit=100`, until a page holds nothing; steps follow the records that came, not the limit."""

    kind: Literal["offset"]
    offset_parameter: FieldName = "offset"
    limit_parameter: FieldName = "limit"
    limit: int = Field(default=100, ge=1, le=100_000)


class CursorPaging(_Paged):
    """The answer holds a token for the next page."""

    kind: Literal["cursor"]
    next_field: FieldName
    parameter: FieldName


class LinkPaging(_Paged):
    """The answer holds the next page's URL, in a field or (without one) in the Link header."""

    kind: Literal["link"]
    next_field: FieldName | None = None


class NoPaging(Strict):
    """One answer holds everything."""

    kind: Literal["none"] = "none"


class DateWindows(Strict):
    """A range of dates that is pulled piece by piece, each of which may have pages.

    Neighbouring windows share their border, so that nothing is missed whether the API counts the last day in or not.

    Attributes:
        from_parameter, to_parameter: Take the borders. Where the table's cursor has `from_parameter` as its own
            parameter, later runs begin at the cursor.
        start: First day of the first run.
        days: Length of a window.
        format: Borders as dates (2024-05-01) or timestamps (2024-05-01T00:00:00Z).
    """

    from_parameter: FieldName
    to_parameter: FieldName
    start: Annotated[date, Field(strict=False)]
    days: int = Field(default=30, ge=1, le=3660)
    format: Literal["date", "timestamp"] = "date"


Auth = Annotated[TokenAuth | BasicAuth, Field(discriminator="kind")]
Paging = Annotated[PagePaging | OffsetPaging | CursorPaging | LinkPaging | NoPaging, Field(discriminator="kind")]


class HttpConnection(Strict):
    """An HTTP API that answers in JSON; its address may come from the environment. A table may have its own paging."""

    kind: Literal["http"]
    base_url: BaseUrl | None = None
    base_url_env: EnvironmentName | None = None
    auth: Auth | None = None
    paging: Paging = NoPaging()
    timeout_seconds: float = Field(default=30, gt=0, le=3600, strict=False)
    max_attempts: int = Field(default=8, ge=1, le=50)
    first_wait_seconds: float = Field(default=1, ge=0, le=60, strict=False)
    longest_wait_seconds: float = Field(default=120, ge=0, le=3600, strict=False)
    requests_per_second: float | None = Field(default=None, gt=0, le=1000, strict=False)

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        if (self.base_url is None) == (self.base_url_env is None):
            raise ValueError("give either base_url or base_url_env")
        return self
