"""Odd records of an API, landed: what was sent is landed, refused or counted, and values stay what they were."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from orchestration.landing.errors import LandingError
from orchestration.landing.refused.release import ReleaseRequest, release_rows
from orchestration.landing.refused.rows import RowId
from tests.orchestration.landing.conftest import NOW, Shop
from tests.orchestration.landing.test_control_totals import said
from tests.servers.scripted_api import ScriptedApi, answering

DAY = timedelta(days=1)


def shop(api: ScriptedApi, folder: Any, **table: Any) -> Shop:
    declared = {
        "description": "Rows.",
        "endpoint": "/rows",
        "records": "items",
        "key": ["id"],
        "columns": {"id": "text", "amount": "decimal(18,2)"},
        **table,
    }
    connection = {"kind": "http", "base_url": api.url, "first_wait_seconds": 0, "max_attempts": 2}
    return Shop(folder, declared, {"max_quarantined_share": 1}, connection)


def test_what_an_exploded_table_was_sent_adds_up(tmp_path):
    sent = [
        {"id": "r1", "answers": [{"q": "nps", "v": 9}, {"q": "csat", "v": 4}]},
        {"id": "r2", "answers": {"q": "nps", "v": 2}},
        {"id": "r3", "answers": []},
        {"id": "r4", "answers": None},
        {"id": "r5", "answer": [{"q": "nps", "v": 1}]},
        {"id": "r6", "answers": {"nps": {"v": 3}, "csat": {"v": 1}}},
        {"id": "r7", "answers": [{"q": "nps", "v": 7, "position": 99}]},
    ]
    columns = {
        "id": "text",
        "q": {"type": "text", "source_name": "answers.q"},
        "v": {"type": "bigint", "source_name": "answers.v"},
        "position": {"type": "bigint", "source_name": "answers.position"},
    }
    with answering(lambda asked: {"items": sent}) as api:
        company = shop(api, tmp_path, explode="answers", key=["id", "q"], columns=columns)
        result = company.land()
        assert company.land(NOW + DAY).status == "unchanged"
    assert company.rows("id, q, v, position") == [("r1", "nps", 9, 1), ("r1", "csat", 4, 2), ("r2", "nps", 2, 1)]
    refused = company.quarantined("rule, raw_text")
    assert [rule for rule, _ in refused] == ["explode_keyed", "explode_position"]
    assert json.loads(str(refused[0][1])) == sent[5]
    pull = result.manifest.pull
    assert (pull.row_count, pull.empty_count, pull.repeated_count) == (5, 3, 0)
    assert pull.row_count == result.landed_count + result.quarantined_count
    assert "3 record(s) without an element gave no row" in result.message


def test_a_misspelt_explode_is_told(tmp_path):
    with (
        answering(lambda asked: {"items": [{"id": "r1", "answers": [{"q": 1}]}]}) as api,
        pytest.raises(LandingError, match="none of its 1 records has a field anwsers, which explode names"),
    ):
        shop(api, tmp_path, explode="anwsers").land()


def test_a_number_that_is_none_costs_its_row_alone(tmp_path):
    body = b'{"items": [{"id": 1, "amount": NaN}, {"id": 2, "amount": 2.5}, {"id": 3, "x": -Infinity}'
    body += b', {"id": 4, "id": 5}]}'
    with answering(lambda asked: body) as api:
        company = shop(api, tmp_path)
        company.land()
        assert company.land(NOW + DAY).status == "unchanged"
    assert company.rows("id, amount") == [("2", Decimal("2.50"))]
    assert company.quarantined("_source_row, rule, raw_text") == [
        (1, "json_no_number", '{"id": 1, "amount": NaN}'),
        (3, "json_no_number", '{"id": 3, "x": -Infinity}'),
        (4, "json_key_twice", '{"id": 4, "id": 5}'),
    ]


def test_a_row_that_is_refused_later_is_not_taken_for_deleted(tmp_path):
    bodies = [b'{"items": [{"id": 1, "amount": 1}, {"id": 2}]}', b'{"items": [{"ID": 1, "amount": NaN}, {"Id": 2}]}']
    with answering(lambda asked: bodies[0]) as api:
        company = shop(api, tmp_path, deletes={"kind": "compare_keys", "max_share": 1})
        company.land()
        api.answer = lambda asked: bodies[1]
        company.land(NOW + DAY)
    assert company.rows("id, amount, _is_deleted") == [("1", Decimal(1), False), ("2", None, False)]


def test_elements_of_a_record_that_is_refused_later_are_not_taken_for_deleted(tmp_path):
    days = [[{"id": 1, "a": [{"q": "x"}]}, {"id": 2, "a": [{"q": "y"}]}], [{"id": 1, "a": {"k": {"q": "x"}}}]]
    columns = {"id": "text", "q": {"type": "text", "source_name": "a.q"}}
    with answering(lambda asked: {"items": days[0]}) as api:
        deletes = {"kind": "compare_keys", "max_share": 1}
        company = shop(api, tmp_path, explode="a", key=["id", "q"], columns=columns, deletes=deletes)
        company.land()
        api.answer = lambda asked: {"items": days[1]}
        company.land(NOW + DAY)
        assert company.rows("id, q, _is_deleted") == [("1", "x", False), ("2", "y", False)]
        api.answer = lambda asked: {"items": days[0][:1]}
        company.land(NOW + 2 * DAY)
    assert company.rows("id, q, _is_deleted") == [("1", "x", False), ("2", "y", False), ("2", "y", True)]


def test_digits_of_a_long_amount_stay(tmp_path):
    body = b'{"items": [{"id": 12345678901234567890, "amount": 123456789012345.67}, {"id": 1e3, "amount": 1e3}]}'
    with answering(lambda asked: body) as api:
        company = shop(api, tmp_path)
        company.land()
    assert company.rows("id, amount") == [
        ("12345678901234567890", Decimal("123456789012345.67")),
        ("1000", Decimal("1000.00")),
    ]


def test_keys_that_change_case_are_one_column_today_and_tomorrow(tmp_path):
    days = [[{"id": 1, "amount": 1}, {"Id": 2, "Amount": 2}], [{"ID": 1, "AMOUNT": 1}, {"ID": 2, "AMOUNT": 3}]]
    with answering(lambda asked: {"items": days[0]}) as api:
        company = shop(api, tmp_path)
        company.land()
        api.answer = lambda asked: {"items": days[1]}
        company.land(NOW + DAY)
    assert company.rows("id, amount") == [("1", Decimal(1)), ("2", Decimal(2)), ("2", Decimal(3))]


def test_objects_with_keys_of_their_own_stay_json_where_declared(tmp_path):
    sent = [{"id": n, "fields": {f"f{n}_{k}": k for k in range(30)}} for n in range(80)]
    with answering(lambda asked: {"items": sent}) as api:
        with pytest.raises(LandingError, match="more than 2000 columns; name objects of many keys in keep_json"):
            shop(api, tmp_path / "flat").land()
        columns = {"id": "bigint", "custom": {"type": "text", "source_name": "fields"}}
        company = shop(api, tmp_path / "kept", keep_json=["fields"], columns=columns)
        assert company.land().landed_count == 80
    rows = company.rows("id, custom")
    assert [(number, json.loads(str(text))) for number, text in rows] == [(row["id"], row["fields"]) for row in sent]
    assert set(company.types()) == {
        "id",
        "custom",
        "_load_id",
        "_load_sequence",
        "_source_file",
        "_source_row",
        "_is_deleted",
    }


def test_records_that_come_again_do_not_count_as_rows(tmp_path):
    pages = {"1": [{"id": 1}, {"id": 2}], "2": [{"id": 2}, {"id": 3}]}
    with answering(lambda asked: {"items": pages.get(asked.query["page"])}) as api:
        company = shop(api, tmp_path, paging={"kind": "page"})
        result = company.land()
    assert company.rows("id") == [("1",), ("2",), ("3",)]
    assert (result.manifest.pull.row_count, result.manifest.pull.repeated_count) == (3, 1)


def test_refused_records_and_keys_in_another_case_are_counted_on_their_days(tmp_path):
    rows = b"""{"items": [{"id": 1, "Amount": 1.5, "on": "2024-05-01"}, {"ID": 2, "amount": NaN, "On": "2024-05-01"},
        {"Id": 3, "amount": 2, "ON": "2024-05-02"}]}"""
    totals = {"days": [{"day": "2024-05-01", "count": 2}, {"day": "2024-05-02", "count": 1}]}
    with answering(lambda asked: totals if asked.path == "/totals" else rows) as api:
        columns = {"id": "text", "amount": "decimal(18,2)", "on": "date"}
        reconcile = {"day": "on", "totals": {"endpoint": "/totals", "records": "days"}}
        company = shop(api, tmp_path, columns=columns, reconcile=reconcile)
        company.land()
    assert company.rows("id, amount") == [("1", Decimal("1.50")), ("3", Decimal(2))]
    assert said(company) == Counter(
        {
            ("total", "2024-05-01", "2", None, None): 1,
            ("total", "2024-05-02", "1", None, None): 1,
            ("refused", "2024-05-01", "1", None, "2"): 1,
        }
    )


def test_lines_of_a_file_with_keys_in_another_case_are_counted_on_their_days(tmp_path):
    declared = {
        "description": "Contacts.",
        "path": "contacts.jsonl",
        "format": "jsonl",
        "key": ["id"],
        "columns": {"id": "text", "amount": "decimal(18,2)", "on": {"type": "date", "source_name": "soldOn"}},
        "reconcile": {"day": "on", "amount": "amount"},
    }
    company = Shop(tmp_path, declared)
    lines = ['{"id": "a", "amount": 1, "soldOn": "2024-05-01"}', '{"ID": "b", "AMOUNT": 2, "soldon": "2024-05-01"}']
    company.write("contacts.jsonl", "\n".join(lines))
    company.land()
    assert said(company) == Counter({("total", "2024-05-01", "2", "3.000000", None): 1})


def test_refused_records_are_released_only_once_they_are_mended(tmp_path):
    sent = b"""{"items": [{"id": 1, "Amount": NaN, "a": [{"q": "x"}]}, {"id": 2, "a": {"k": {"q": "y"}}}]}"""
    columns = {"id": "text", "amount": "decimal(18,2)", "q": {"type": "text", "source_name": "a.q"}}
    with answering(lambda asked: sent) as api:
        company = shop(api, tmp_path, explode="a", key=["id", "q"], columns=columns)
        company.land()

    def release(row: str, **wanted: Any) -> int:
        found = ReleaseRequest(RowId.parse(row), "anna", **wanted)
        return len(release_rows(company.company, company.workspace, found, now=NOW).released)

    for row in ("1-0-1", "1-0-2"):
        assert release(row) == 0
    assert release("1-0-1", corrections={"amount": "7"}) == 1
    assert release("1-0-2", corrections={"amount": "7"}) == 0
    assert release("1-0-2", text='{"id": 2, "a.q": "y"}') == 1
    assert company.rows("id, amount, q") == [("1", Decimal(7), "x"), ("2", None, "y")]
