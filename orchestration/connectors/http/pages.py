"""A list in pages: which page is requested next, and how the end is recognised.

What pages hold is compared, not their URLs: an API that ignores the page's number, or answers its last page for ever,
gives new URLs without end. Requests are sent in `session`; what becomes of records is in `records`.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin

import requests

from orchestration.connectors.http import answers as http_answers
from orchestration.connectors.http.session import Answer, HttpSession, Request
from orchestration.declaration.http_connections import (
    CursorPaging,
    LinkPaging,
    NoPaging,
    OffsetPaging,
    PagePaging,
    Paging,
)
from orchestration.declaration.tables import LandingTable

_REPEATS = 2
"""Pages in a row without a new record before the list counts as repeating itself: one may be rows that moved."""
_EMPTY_PAGES = 3
"""The same for pages without any record, where each names a next one."""
_MOST_EMPTY_PAGES = 1000
"""The same where the API says that there is more."""
_MAY_BE_THE_END = (400, 404, 416)
_SAME_KEYS = 3
"""Pages in a row with the keys of the one before and other values, before the list counts as endless."""


@dataclass
class Seen:
    """Records of one pull: which list showed them last, and how many came again on a later page."""

    lists: dict[bytes, int] = field(default_factory=dict)
    list_count: int = 0
    repeated_count: int = 0


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        records: Its records that no earlier page held.
        total: Records of the whole list, as this page tells; None where it tells none.
        distinct_count: Different records in the list up to here.
    """

    records: list[Any]
    total: int | None
    distinct_count: int


def read_pages(session: HttpSession, table: LandingTable, paging: Paging, first: Request, seen: Seen) -> Iterator[Page]:
    """All pages of one list.

    Args:
        session: The API.
        table: The table.
        paging: How its list is cut.
        first: The request without what paging adds.
        seen: Records of the pull, to which those of this list are added.

    Raises:
        requests.RequestException: The API refuses or fails.
        ValueError: An answer is not as declared, or the pages do not end.
    """
    turn = _Turn(table, paging, seen)
    asked: Request | None = with_sent(first, _first(paging))
    while asked is not None:
        turn.number += 1
        try:
            answer = session.ask(asked)
        except requests.HTTPError as error:
            if turn.is_beyond_the_end(error):
                return
            raise turn.refused(error) from None
        yield turn.page(answer)
        asked = None if turn.is_over(answer) else turn.following(first, asked, answer)


def with_sent(request: Request, sent: Mapping[str, Any]) -> Request:
    """A request that also sends these values: in its body where it has one (dotted names nest), else in its query."""
    if request.body is None:
        return replace(request, query={**request.query, **sent})
    body: dict[str, Any] = dict(request.body)
    for name, value in sent.items():
        *path, last = name.split(".")
        holder = body
        for step in path:
            inner = holder.get(step)
            holder[step] = dict(inner) if isinstance(inner, dict) else {}
            holder = holder[step]
        holder[last] = value
    return replace(request, body=body)


def _first(paging: Paging) -> dict[str, Any]:
    if isinstance(paging, PagePaging):
        size = {paging.size_parameter: paging.size} if paging.size_parameter else {}
        return {**size, paging.page_parameter: paging.first_page}
    if isinstance(paging, OffsetPaging):
        return {paging.limit_parameter: paging.limit, paging.offset_parameter: 0}
    return {}


class _Turn:
    """One reading of a list: what came so far."""

    def __init__(self, table: LandingTable, paging: Paging, seen: Seen) -> None:
        self._table, self._paging, self._seen = table, paging, seen
        seen.list_count += 1
        self.number = 0
        self._came = self._fresh = self._first_count = self._received = 0
        self._distinct = 0
        self._stale = self._empty = self._same_keys = 0
        self._has_moved_on = False
        self._total: int | None = None
        self._keys: list[Any] = []
        self._offset = 0
        self._tokens: list[Any] = []

    def page(self, answer: Answer) -> Page:
        """Take a page."""
        records = http_answers.records_of(answer.document, self._table.table.records)
        if not records and self._table.table.failure is None:
            _refuse_error(answer.document)
        total = http_answers.total_of(answer.document, self._table.table.total)
        self._total = self._total if total is None else total
        fresh = self._remembered(records)
        self._came, self._fresh = len(records), len(fresh)
        if self.number == 1:
            self._first_count = self._came
        elif fresh:
            self._has_moved_on = True
        self._empty = 0 if records else self._empty + 1
        self._stale = self._stale + 1 if records and not self._fresh else 0
        self._compare_keys(records)
        return Page(self._new_in_pull, total, self._distinct)

    def _remembered(self, records: list[Any]) -> list[Any]:
        """Records that no earlier page of this list held; those that none of the pull held are kept apart."""
        lists, number = self._seen.lists, self._seen.list_count
        digests = [_digest(record) for record in records]
        before = [lists.get(digest) for digest in digests]
        self._distinct += len({d for d, seen_in in zip(digests, before, strict=True) if seen_in != number})
        self._new_in_pull = [r for r, seen_in in zip(records, before, strict=True) if seen_in is None]
        self._seen.repeated_count += len(records) - len(self._new_in_pull)
        lists.update(dict.fromkeys(digests, number))
        return [r for r, seen_in in zip(records, before, strict=True) if seen_in != number]

    def is_beyond_the_end(self, error: requests.HTTPError) -> bool:
        """Whether a refusal says that there is no such page."""
        if self.number == 1 or error.response is None or not isinstance(self._paging, PagePaging | OffsetPaging):
            return False
        status = error.response.status_code
        if self._paging.end_status is not None:
            return status == self._paging.end_status
        return status in _MAY_BE_THE_END and self._has_all

    def refused(self, error: requests.HTTPError) -> Exception:
        """The error, with what to say if a later page is refused because the list has ended."""
        status = error.response.status_code if error.response is not None else 0
        if self.number == 1 or status not in _MAY_BE_THE_END or not isinstance(self._paging, PagePaging | OffsetPaging):
            return error
        return ValueError(
            f"answered {status} to page {self.number}: if it does so beyond the last page, say end_status: {status}"
        )

    def is_over(self, answer: Answer) -> bool:
        """Whether the page taken last was the last one.

        Raises:
            ValueError: Pages repeat themselves before the list can have ended.
        """
        if isinstance(self._paging, NoPaging):
            return True
        more = self._says_more(answer)
        if more is False:
            return True
        if self._empty:
            return self._empty >= self._allowed_empty(more)
        if self._stale < _REPEATS:
            return False
        if more is True or not self._may_have_ended:
            raise ValueError(self._circle())
        return True

    def following(self, first: Request, asked: Request, answer: Answer) -> Request | None:
        """The next page's request; None where the answer names none.

        Raises:
            ValueError: It names one that came before, or says that there is more and names none.
        """
        paging = self._paging
        if isinstance(paging, PagePaging):
            page = paging.first_page + self.number
            return with_sent(first, {**_first(paging), paging.page_parameter: page})
        if isinstance(paging, OffsetPaging):
            # By what is new, since a page may show rows of the one before again.
            self._offset += self._fresh or min(self._came, paging.limit)
            return with_sent(first, {**_first(paging), paging.offset_parameter: self._offset})
        token = self._token(answer)
        if token in (None, "", False):
            if self._says_more(answer):
                raise ValueError(f"page {self.number} says that there is more, but names no next page")
            return None
        # The same token again may stand for a reading that moves on at the server; an older one is a circle.
        if token in self._tokens[:-1]:
            raise ValueError(self._circle())
        if not self._tokens or token != self._tokens[-1]:
            self._tokens.append(token)
        if isinstance(paging, CursorPaging):
            return with_sent(first, {paging.parameter: token})
        return replace(asked, url=str(token), query={})

    def _token(self, answer: Answer) -> Any:
        """What leads to the next page: a cursor, or a whole URL."""
        if isinstance(self._paging, CursorPaging):
            token = http_answers.field(answer.document, self._paging.next_field)
            if isinstance(token, dict | list):
                raise ValueError(f"{self._paging.next_field} holds no token for the next page")
            return str(token) if isinstance(token, str | int) and not isinstance(token, bool) else token
        named = self._paging.next_field if isinstance(self._paging, LinkPaging) else None
        link = http_answers.field(answer.document, named) if named else answer.next_link
        return urljoin(answer.url, str(link)) if link else None

    def _says_more(self, answer: Answer) -> bool | None:
        if isinstance(self._paging, NoPaging):
            return None
        more = http_answers.flag_of(answer.document, self._paging.more_field)
        end = http_answers.flag_of(answer.document, self._paging.end_field)
        return more if more is not None or end is None else not end

    def _allowed_empty(self, more: bool | None) -> int:
        if more is True:
            if self._empty >= _MOST_EMPTY_PAGES:
                raise ValueError(f"its last {self._empty} pages hold nothing, and say that there is more")
            return _MOST_EMPTY_PAGES + 1
        return 1 if isinstance(self._paging, PagePaging | OffsetPaging) else _EMPTY_PAGES

    @property
    def _has_all(self) -> bool:
        return self._total is not None and self._distinct >= self._total

    @property
    def _may_have_ended(self) -> bool:
        """Whether pages without anything new can mean the end: paging was seen to work, or is not needed."""
        if self._has_moved_on or self._has_all:
            return True
        paging = self._paging
        size = paging.limit if isinstance(paging, OffsetPaging) else None
        size = paging.size if isinstance(paging, PagePaging) and paging.size_parameter else size
        # A round number may be the server's own limit, of a list whose other pages were never seen.
        is_round = self._first_count % 10 == 0 or self._first_count % 25 == 0
        return size is not None and self._first_count != size and not is_round

    def _circle(self) -> str:
        if self._has_moved_on or isinstance(self._paging, CursorPaging | LinkPaging):
            return f"its pages lead back to one that was read already (page {self.number})"
        name = self._paging.page_parameter if isinstance(self._paging, PagePaging) else "offset"
        return (
            f"page {self.number} holds the same records as page 1: it does not page by {name}. Name the parameter that"
            " it pages by, or give the table paging: {kind: none} if its first answer is the whole list"
        )

    def _compare_keys(self, records: list[Any]) -> None:
        """Refuse pages that show the same keys for ever, each time with other values."""
        explode = self._table.table.explode
        names = [name for name in self._table.source_key if not explode or not name.startswith(f"{explode}.")]
        keys = [[http_answers.field(record, name) for name in names] for record in records]
        is_same = bool(keys) and keys == self._keys and all(None not in key for key in keys) and bool(names)
        self._same_keys = self._same_keys + 1 if is_same and self._fresh else 0
        self._keys = keys
        if self._same_keys >= _SAME_KEYS:
            raise ValueError(
                f"pages {self.number - _SAME_KEYS} to {self.number} hold the same keys, each time with other values"
            )


def _refuse_error(document: Any) -> None:
    """An empty list beside an error that nobody declared is no list."""
    for name in ("error", "errors"):
        if http_answers.field(document, name):
            raise ValueError(f"answered with an empty list and with {name}: say failure: {name} if that is an error")


def _digest(record: Any) -> bytes:
    return hashlib.blake2b(http_answers.written(record, is_sorted=True).encode(), digest_size=16).digest()
