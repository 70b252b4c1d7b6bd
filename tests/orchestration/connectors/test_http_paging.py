"""How lists end: each record comes once, whatever an API does beyond its last page; or an error says why."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestration.connectors import ConnectorError, PullRequest
from orchestration.connectors.http.api import HttpConnector
from orchestration.declaration.http_connections import HttpConnection
from orchestration.declaration.tables import LandingTable, Source
from tests.servers.scripted_api import Asked, ScriptedApi, answering

PAGE = {"kind": "page", "size_parameter": "per_page", "size": 10}
OFFSET = {"kind": "offset", "limit": 10}
CURSOR = {"kind": "cursor", "next_field": "next", "parameter": "after"}
LINK = {"kind": "link", "next_field": "next"}
ALL = [{"id": n, "name": f"n{n}"} for n in range(25)]


def table_of(api: ScriptedApi, pages_of_all: dict[str, Any], **declared: Any) -> tuple[HttpConnection, LandingTable]:
    connection = {
        "kind": "http",
        "base_url": api.url,
        "paging": pages_of_all,
        "first_wait_seconds": 0,
        "max_attempts": 3,
    }
    table = {
        "description": "Rows.",
        "endpoint": "/rows",
        "records": "items",
        "key": ["id"],
        "columns": {"id": "bigint", "name": "text", "at": "timestamp"},
        **declared,
    }
    source = Source.model_validate({"description": "An API.", "connection": connection, "tables": {"rows": table}})
    assert isinstance(source.connection, HttpConnection)
    return source.connection, LandingTable("api", "rows", "team:data", "http", source.tables["rows"])


def pulled(
    api: ScriptedApi, folder: Path, pages_of_all: dict[str, Any], low: datetime | None = None, **declared: Any
) -> list[dict[str, Any]]:
    connection, table = table_of(api, pages_of_all, **declared)
    with HttpConnector(connection, {}, lambda: datetime(2024, 3, 1, 12, tzinfo=UTC)) as connector:
        found = connector.pull(PullRequest(table, low), folder)
    rows = [json.loads(line) for line in found.path.read_text().splitlines()]
    assert len(rows) == found.row_count
    return rows


def pages(asked: Asked, records: list[Any] = ALL, size: int = 10) -> list[Any]:
    start = (int(asked.query.get("page", 1)) - 1) * size
    return records[start : start + size]


def test_an_endpoint_that_ignores_the_page_lands_its_list_once(tmp_path):
    with answering(lambda asked: {"items": ALL[:5]}) as api:
        assert pulled(api, tmp_path, PAGE) == ALL[:5]
    with answering(lambda asked: {"items": ALL[:13]}) as api:
        assert pulled(api, tmp_path, PAGE) == ALL[:13]
        assert len(api.asked) == 3
    # A round number may be the server's own limit.
    with (
        answering(lambda asked: {"items": ALL[:20]}) as api,
        pytest.raises(ConnectorError, match="same records as page 1"),
    ):
        pulled(api, tmp_path, {**PAGE, "size": 100})


@pytest.mark.parametrize("paging", [PAGE, OFFSET, {"kind": "page"}])
def test_the_same_full_page_for_ever_is_an_error_unless_the_total_says_that_it_is_all(tmp_path, paging):
    with (
        answering(lambda asked: {"items": ALL[:10]}) as api,
        pytest.raises(ConnectorError, match=r"page 3 holds the same records as page 1: it does not page by .*none"),
    ):
        pulled(api, tmp_path, paging)
    with answering(lambda asked: {"items": ALL[:10], "total": "10"}) as api:
        assert pulled(api, tmp_path, paging, total="total") == ALL[:10]


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_last_page_that_is_repeated_for_ever_ends_the_list(tmp_path, shuffle):
    def answer(asked: Asked) -> dict[str, Any]:
        page = int(asked.query["page"])
        rows = ALL[(min(page, 3) - 1) * 10 :][:10]
        return {"items": rows[::-1] if shuffle and page > 3 else rows}

    with answering(answer) as api:
        assert pulled(api, tmp_path, PAGE) == ALL


def test_pages_that_begin_anew_beyond_the_end_end_the_list(tmp_path):
    with answering(lambda asked: {"items": ALL[((int(asked.query["page"]) - 1) % 3) * 10 :][:10]}) as api:
        assert pulled(api, tmp_path, PAGE) == ALL


def test_one_page_that_shows_only_rows_that_moved_is_not_the_end(tmp_path):
    shown = [ALL[:10], ALL[:10], ALL[10:20], ALL[20:]]
    with answering(lambda asked: {"items": dict(enumerate(shown, 1)).get(int(asked.query["page"]), [])}) as api:
        assert pulled(api, tmp_path, PAGE) == ALL


def test_pages_of_the_same_keys_with_other_values_are_an_error(tmp_path):
    def answer(asked: Asked) -> dict[str, Any]:
        return {"items": [{**row, "read": len(api.asked)} for row in ALL[:5]]}

    with answering(answer) as api, pytest.raises(ConnectorError, match="pages 1 to 4 hold the same keys"):
        pulled(api, tmp_path, PAGE)


@pytest.mark.parametrize("capped", [1, 4, 7, 10, 50])
def test_offsets_follow_the_records_that_came(tmp_path, capped):
    with answering(lambda asked: {"items": ALL[int(asked.query["offset"]) :][:capped]}) as api:
        assert pulled(api, tmp_path, OFFSET) == ALL


def test_a_short_page_is_not_the_end(tmp_path):
    short = {1: ALL[:10], 2: ALL[10:13], 3: ALL[13:23], 4: ALL[23:]}
    with answering(lambda asked: {"items": short.get(int(asked.query["page"]), [])}) as api:
        assert pulled(api, tmp_path, PAGE) == ALL


def test_a_table_may_have_its_own_paging(tmp_path):
    with answering(lambda asked: {"items": ALL[int(asked.query["offset"]) :][:10]}) as api:
        assert pulled(api, tmp_path, PAGE, paging=OFFSET) == ALL
    with answering(lambda asked: {"items": ALL[:10]}) as api:
        assert pulled(api, tmp_path, PAGE, paging={"kind": "none"}) == ALL[:10]
        assert [asked.query for asked in api.asked] == [{}]


@pytest.mark.parametrize("total", [26, "26", " 26 ", "26.0", 26.0])
def test_a_total_as_text_is_a_total(tmp_path, total):
    with (
        answering(lambda asked: {"items": pages(asked), "total": total}) as api,
        pytest.raises(ConnectorError, match="has 1 more records than its pages hold"),
    ):
        pulled(api, tmp_path, PAGE, total="total")


@pytest.mark.parametrize("total", ["many", "1,234", True, {"value": 25}, 2.5])
def test_a_total_that_is_no_number_is_told(tmp_path, total):
    with (
        answering(lambda asked: {"items": pages(asked), "total": total}) as api,
        pytest.raises(ConnectorError, match="its total, total, is no whole number"),
    ):
        pulled(api, tmp_path, PAGE, total="total")


@pytest.mark.parametrize("total", [None, "", -1])
def test_a_total_that_is_not_told_is_none(tmp_path, total):
    with answering(lambda asked: {"items": pages(asked), "total": total}) as api:
        assert pulled(api, tmp_path, PAGE, total="total") == ALL


def test_a_list_from_which_a_record_goes_while_it_is_read_is_read_again(tmp_path):
    left = [row for row in ALL if row["id"] != 3]

    def answer(asked: Asked) -> dict[str, Any]:
        # The record goes after the first page, so that the first of the second page moves to where it was not seen.
        held = ALL if len(api.asked) == 1 else left
        return {"items": pages(asked, held), "total": len(held)}

    with answering(answer) as api:
        assert pulled(api, tmp_path, PAGE, total="total") == left


def test_a_total_that_never_stays_is_an_error_in_the_end(tmp_path):
    with (
        answering(lambda asked: {"items": pages(asked), "total": 24 + len(api.asked) % 2}) as api,
        pytest.raises(ConnectorError, match="says another total on each page: it changes while it is read; try later"),
    ):
        pulled(api, tmp_path, PAGE, total="total")


def test_a_list_that_only_grows_lands_with_what_it_grew_by(tmp_path):
    def answer(asked: Asked) -> dict[str, Any]:
        grown = sum(asked.query["page"] == "2" for asked in api.asked)
        held = [{"id": n} for n in range(25 + grown)]
        return {"items": pages(asked, held), "total": len(held)}

    with answering(answer) as api:
        rows = pulled(api, tmp_path, PAGE, total="total")
    # It is read twice, and grew by one each time.
    assert rows == [{"id": n} for n in range(27)]


@pytest.mark.parametrize(
    ("flag", "declared"),
    [
        (lambda is_last: {"has_more": not is_last}, {"more_field": "has_more"}),
        (lambda is_last: {"has_more": "false" if is_last else "true"}, {"more_field": "has_more"}),
        (lambda is_last: {"meta": {"end_of_stream": is_last}}, {"end_field": "meta.end_of_stream"}),
        (lambda is_last: {}, {}),
    ],
)
@pytest.mark.parametrize("beyond", ["c25", "c20"])
def test_a_cursor_that_is_always_given_ends_by_its_flag_or_by_empty_pages(tmp_path, flag, declared, beyond):
    def answer(asked: Asked) -> dict[str, Any]:
        start = int(asked.query.get("after", "c0")[1:])
        is_last = start + 10 >= len(ALL)
        following = beyond if is_last else f"c{start + 10}"
        return {"items": ALL[start : start + 10], "next": following, **flag(is_last)}

    with answering(answer) as api:
        assert pulled(api, tmp_path, {**CURSOR, **declared}) == ALL
        assert len(api.asked) == 3 or not declared


def test_an_empty_page_in_between_is_not_the_end_where_the_api_says_that_there_is_more(tmp_path):
    held = [ALL[:10], [], [], [], [], ALL[10:]]

    def answer(asked: Asked) -> dict[str, Any]:
        page = int(asked.query.get("after", "0"))
        return {"items": held[page], "next": str(page + 1), "more": page + 1 < len(held)}

    with answering(answer) as api:
        assert pulled(api, tmp_path, {**CURSOR, "more_field": "more"}) == ALL


def test_a_reading_that_moves_on_at_the_server_keeps_its_cursor(tmp_path):
    with answering(lambda asked: {"items": ALL[(len(api.asked) - 1) * 10 :][:10], "next": "scroll"}) as api:
        assert pulled(api, tmp_path, CURSOR) == ALL


def test_more_without_a_next_page_is_an_error(tmp_path):
    with (
        answering(lambda asked: {"items": ALL, "has_more": True, "next": None}) as api,
        pytest.raises(ConnectorError, match="page 1 says that there is more, but names no next page"),
    ):
        pulled(api, tmp_path, {**CURSOR, "more_field": "has_more"})


@pytest.mark.parametrize("paging", [CURSOR, LINK])
def test_an_ignored_cursor_is_an_error(tmp_path, paging):
    with (
        answering(lambda asked: {"items": ALL[:10], "next": "/rows?after=c10"}) as api,
        pytest.raises(ConnectorError, match="lead back to one that was read already"),
    ):
        pulled(api, tmp_path, paging)


def test_links_in_a_circle_are_an_error(tmp_path):
    def answer(asked: Asked) -> dict[str, Any]:
        page = int(asked.query.get("page", 1))
        return {"items": pages(asked), "next": f"/rows?page={page % 3 + 1}"}

    with answering(answer) as api, pytest.raises(ConnectorError, match="lead back to one that was read already"):
        pulled(api, tmp_path, LINK)


@pytest.mark.parametrize("nothing", [None, []])
def test_null_is_an_empty_list(tmp_path, nothing):
    with answering(lambda asked: {"items": pages(asked) or nothing}) as api:
        assert pulled(api, tmp_path, PAGE) == ALL
    with answering(lambda asked: {"data": {"items": ALL} if len(api.asked) == 1 else nothing or None}) as api:
        assert pulled(api, tmp_path, PAGE, records="data.items") == ALL
    with (
        answering(lambda asked: {"itmes": ALL}) as api,
        pytest.raises(ConnectorError, match="the answer has no field items"),
    ):
        pulled(api, tmp_path, PAGE)


def test_no_content_is_an_empty_list(tmp_path):
    with answering(lambda asked: {"items": pages(asked)} if pages(asked) else (204, b"")) as api:
        assert pulled(api, tmp_path, PAGE) == ALL


@pytest.mark.parametrize("records", [None, "items"])
def test_records_told_apart_by_their_keys_are_no_list(tmp_path, records):
    sent = {"a": {"id": 1}, "b": {"id": 2}}
    with (
        answering(lambda asked: {"items": sent} if records else sent) as api,
        pytest.raises(ConnectorError, match="is an object of objects, not a list: say in records where the list is"),
    ):
        pulled(api, tmp_path, PAGE, records=records)
    with answering(lambda asked: {"items": {"id": 1}}) as api:
        assert pulled(api, tmp_path, {"kind": "none"}) == [{"id": 1}]


def test_an_answer_in_another_encoding_is_read_as_its_header_says(tmp_path):
    with answering(lambda asked: '{"items": [{"id": 1, "name": "Jürgen"}]}'.encode("latin-1")) as api:
        api.content_type = "application/json; charset=latin-1"
        assert pulled(api, tmp_path, {"kind": "none"}) == [{"id": 1, "name": "Jürgen"}]


@pytest.mark.parametrize("status", [400, 404, 416])
def test_a_refusal_beyond_the_last_page_ends_the_list_where_that_is_declared_or_all_is_there(tmp_path, status):
    def answer(asked: Asked) -> Any:
        return {"items": pages(asked), "total": 25} if pages(asked) else (status, {"error": "no such page"})

    with answering(answer) as api:
        assert pulled(api, tmp_path, {**PAGE, "end_status": status}) == ALL
        assert pulled(api, tmp_path, PAGE, total="total") == ALL
        with pytest.raises(ConnectorError, match=f"answered {status} to page 4: .* say end_status: {status}"):
            pulled(api, tmp_path, PAGE)
    with answering(lambda asked: (status, {})) as api, pytest.raises(ConnectorError, match=f"answered {status}"):
        pulled(api, tmp_path, {**PAGE, "end_status": status})


DAYS = [{"id": n, "at": f"2024-{1 + n // 20:02d}-{1 + n % 20:02d}"} for n in range(41)]
WINDOWS = {"from_parameter": "from", "to_parameter": "to", "start": "2024-01-01", "days": 7}


@pytest.mark.parametrize("is_last_day_in", [False, True])
def test_windows_of_dates_hold_every_record_once(tmp_path, is_last_day_in):
    def answer(asked: Asked) -> dict[str, Any]:
        low, high = asked.query["from"], asked.query["to"]
        held = [row for row in DAYS if low <= row["at"] < high or (is_last_day_in and row["at"] == high)]
        return {"items": pages(asked, held, 3), "total": len(held)}

    with answering(answer) as api:
        assert pulled(api, tmp_path, PAGE, windows=WINDOWS, total="total") == DAYS
    asked = [asked.query["from"] for asked in api.asked]
    assert asked[0] == "2024-01-01"
    assert api.asked[-1].query["to"] >= "2024-03-02"


def test_windows_begin_at_the_cursor_that_they_carry(tmp_path):
    windows = {**WINDOWS, "days": 30, "format": "timestamp"}
    cursor = {"column": "at", "parameter": "from"}
    with answering(lambda asked: {"items": []}) as api:
        pulled(api, tmp_path, {"kind": "none"}, datetime(2024, 2, 10, 6, tzinfo=UTC), windows=windows, cursor=cursor)
        assert [asked.query for asked in api.asked] == [{"from": "2024-02-10T06:00:00Z", "to": "2024-03-11T06:00:00Z"}]
    with answering(lambda asked: {"items": []}) as api:
        cursor = {"column": "at", "parameter": "since"}
        pulled(api, tmp_path, {"kind": "none"}, datetime(2024, 2, 10, 6, tzinfo=UTC), windows=windows, cursor=cursor)
        # Windows of another date than the cursor's begin where they always do.
        assert api.asked[0].query["from"] == "2024-01-01T00:00:00Z"
        assert {asked.query["since"] for asked in api.asked} == {"2024-02-10T06:00:00Z"}


def test_a_search_is_posted_and_pages_in_its_body(tmp_path):
    def answer(asked: Asked) -> dict[str, Any]:
        assert (asked.method, asked.query) == ("POST", {"tenant": "a"})
        assert asked.body["filter"] == {"kind": "nps", "since": "2024-02-10T00:00:00Z"}
        start = asked.body["page"]["offset"]
        return {"items": ALL[start : start + asked.body["page"]["limit"]]}

    paging = {"kind": "offset", "offset_parameter": "page.offset", "limit_parameter": "page.limit", "limit": 10}
    with answering(answer) as api:
        rows = pulled(
            api,
            tmp_path,
            paging,
            datetime(2024, 2, 10, tzinfo=UTC),
            parameters={"tenant": "a"},
            body={"filter": {"kind": "nps"}, "page": {"sort": "id"}},
            cursor={"column": "at", "parameter": "filter.since"},
        )
        assert rows == ALL
        assert api.asked[0].body["page"] == {"sort": "id", "limit": 10, "offset": 0}


@pytest.mark.parametrize("sent", ["rate limited", {"code": 7}, ["x"], True])
def test_an_error_in_a_body_with_status_200_is_tried_again_and_never_an_empty_list(tmp_path, sent):
    def answer(asked: Asked) -> dict[str, Any]:
        if len(api.asked) < heals_at:
            return {"items": [], "meta": {"error": sent}}
        return {"items": ALL, "meta": {"error": None}}

    heals_at = 3
    with answering(answer) as api:
        assert pulled(api, tmp_path, {"kind": "none"}, failure="meta.error") == ALL
    heals_at = 10
    with (
        answering(answer) as api,
        pytest.raises(ConnectorError, match=r"answered 200 with an error in meta.error after 3 attempts"),
    ):
        pulled(api, tmp_path, {"kind": "none"}, failure="meta.error")


@pytest.mark.parametrize("beside", [{"error": "expired"}, {"errors": [{"code": 7}]}])
def test_an_empty_list_beside_an_error_is_told_where_nobody_declared_it(tmp_path, beside):
    with (
        answering(lambda asked: {"items": [], **beside}) as api,
        pytest.raises(ConnectorError, match=r"answered with an empty list and with errors?: say failure: error"),
    ):
        pulled(api, tmp_path, PAGE)
    with answering(lambda asked: {"items": [], "error": None, "errors": []}) as api:
        assert pulled(api, tmp_path, PAGE) == []


def test_equal_records_on_two_pages_come_once_and_are_counted(tmp_path):
    shown = [ALL[:10], ALL[8:18], ALL[18:], []]
    with answering(lambda asked: {"items": shown[int(asked.query["page"]) - 1]}) as api:
        connection, table = table_of(api, PAGE)
        with HttpConnector(connection, {}) as connector:
            found = connector.pull(PullRequest(table), tmp_path)
    assert (found.row_count, found.repeated_count, found.empty_count) == (25, 2, 0)


def test_records_that_differ_under_one_key_all_come(tmp_path):
    changed = {**ALL[9], "name": "new"}
    with answering(lambda asked: {"items": {1: ALL[:10], 2: [changed]}.get(int(asked.query["page"]), [])}) as api:
        assert pulled(api, tmp_path, PAGE) == [*ALL[:10], changed]
