"""What becomes of a record: rows, a refusal with its reason, or a count; and its values as they were sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestration.connectors.http.answers import parsed
from orchestration.connectors.http.records import RecordRows
from orchestration.connectors.refusals import unmarked
from orchestration.declaration.tables import LandingTable, Table


def rows_of(records: str | list[Any], **declared: Any) -> tuple[list[Any], RecordRows]:
    """Rows as JSON values, refused ones as their rule; and the counts."""
    columns = declared.pop("columns", {"id": "text"})
    table = Table.model_validate(
        {"description": "Rows.", "endpoint": "/rows", "key": ["id"], "columns": {"id": "text", **columns}, **declared}
    )
    rows = RecordRows(LandingTable("api", "rows", "team:data", "http", table))
    text = records if isinstance(records, str) else json.dumps(records)
    lines = [line for record in parsed(text.encode()) for line in rows.lines(record)]
    return [refused[0] if (refused := unmarked(line)) else json.loads(line) for line in lines], rows


@pytest.mark.parametrize(
    ("sent", "row"),
    [
        ('{"a": {"b": {"c": 1}}, "d": [1, {"e": 2}]}', {"a.b.c": 1, "d": [1, {"e": 2}]}),
        ('{"a": {}}', {}),
        ('{"a": NaN}', "json_no_number"),
        ('{"a": [1, -Infinity]}', "json_no_number"),
        ('{"a": {"b": Infinity}}', "json_no_number"),
        ('{"a": "NaN"}', {"a": "NaN"}),
        ('{"a": 1, "a": 2}', "json_key_twice"),
        ('{"a": 1, "a": 1}', "json_key_twice"),
        ('{"a": {"b": 1, "b": 2}}', "json_key_twice"),
        ('{"a": [{"b": 1, "b": 2}]}', "json_key_twice"),
        ('{"a": {"b": 1}, "a.b": 2}', "json_name_twice"),
        ('{"a.b": 2, "a": {"b": 1}}', "json_name_twice"),
        ("7", 7),
        ("null", None),
    ],
)
def test_a_record_is_a_row_or_refused(sent, row):
    found, counts = rows_of(f"[{sent}]")
    assert found == [row]
    assert (counts.record_count, counts.row_count, counts.empty_count) == (1, 1, 0)


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("1.10", "1.10"),
        ("9999999999999999.99", "9999999999999999.99"),
        ("12345678901234567890", "12345678901234567890"),
        ("1e5", "100000"),
        ("1.5E-3", "0.0015"),
        ("-0.0", "-0.0"),
        ("1e400", "1E+400"),
        ('"\\ud800"', '"\\ud800"'),
        ('"Ü"', '"Ü"'),
    ],
)
def test_digits_stay_as_they_were_sent(sent, written):
    table = Table.model_validate(
        {"description": "Rows.", "endpoint": "/rows", "key": ["id"], "columns": {"id": "text"}}
    )
    rows = RecordRows(LandingTable("api", "rows", "team:data", "http", table))
    assert list(rows.lines(parsed(f'{{"a": {sent}}}'.encode()))) == [f'{{"a": {written}}}\n']


def test_a_row_that_holds_no_number_is_refused_flat_so_that_it_can_be_mended():
    table = Table.model_validate(
        {"description": "Rows.", "endpoint": "/rows", "key": ["id"], "columns": {"id": "text"}}
    )
    rows = RecordRows(LandingTable("api", "rows", "team:data", "http", table))
    (line,) = rows.lines(parsed(b'{"id": 1, "a": {"b": NaN, "c": 2}}'))
    refused = unmarked(line.rstrip("\n"))
    assert refused is not None
    assert refused[2] == '{"id": 1, "a.b": NaN, "a.c": 2}'


def test_a_refused_record_keeps_the_text_of_both_values():
    table = Table.model_validate(
        {"description": "Rows.", "endpoint": "/rows", "key": ["id"], "columns": {"id": "text"}}
    )
    rows = RecordRows(LandingTable("api", "rows", "team:data", "http", table))
    (line,) = rows.lines(parsed(b'{"id": 1, "a": {"b": 1, "b": 2}}'))
    assert unmarked(line.rstrip("\n")) == (
        "json_key_twice",
        "The record gives a key two values.",
        '{"id": 1, "a": {"b": 1, "b": 2}}',
    )


@pytest.mark.parametrize(
    ("answers", "rows"),
    [
        ('[{"q": "nps"}, {"q": "why"}]', [{"id": "r", "answers.q": "nps"}, {"id": "r", "answers.q": "why"}]),
        ('{"q": "nps", "v": 2}', [{"id": "r", "answers.q": "nps", "answers.v": 2}]),
        ('{"q": "nps", "more": {"v": 2}}', [{"id": "r", "answers.q": "nps", "answers.more.v": 2}]),
        ('["nps"]', [{"id": "r", "answers.value": "nps"}]),
        ("[null]", [{"id": "r", "answers.value": None}]),
        ("[]", []),
        ("{}", []),
        ("null", []),
        ('{"nps": {"v": 3}, "csat": {"v": 1}}', ["explode_keyed"]),
        ('{"nps": {"v": 3}}', ["explode_keyed"]),
        ('"nps"', ["explode_no_list"]),
        ("7", ["explode_no_list"]),
        ("false", ["explode_no_list"]),
        ('[{"q": "nps"}, {"q": NaN}]', [{"id": "r", "answers.q": "nps"}, "json_no_number"]),
        ('[{"q": 1, "q": 2}]', ["json_key_twice"]),
        ('{"q": 1, "q": 2}', ["json_key_twice"]),
    ],
)
def test_an_exploded_field_of_any_shape_is_landed_counted_or_refused(answers, rows):
    found, counts = rows_of(f'[{{"id": "r", "answers": {answers}}}]', explode="answers")
    positions = [row.pop("answers.position") for row in found if isinstance(row, dict)]
    assert found == rows
    assert positions == list(range(1, len(positions) + 1))
    assert counts.empty_count == (0 if rows else 1)
    assert counts.absent_count == 0


@pytest.mark.parametrize("record", [{"id": "r"}, {"id": "r", "answer": [1]}, {"id": "r", "data": {}}])
def test_an_absent_list_is_counted_apart(record):
    found, counts = rows_of([record], explode="data.answers")
    assert (found, counts.empty_count, counts.absent_count) == ([], 1, 1)


def test_a_nested_list_is_exploded_beside_its_neighbours():
    found, _ = rows_of([{"id": 1, "data": {"n": 2, "answers": [{"q": 3}]}}], explode="data.answers")
    assert found == [{"id": 1, "data.n": 2, "data.answers.position": 1, "data.answers.q": 3}]


def test_an_object_keyed_by_id_is_exploded_where_that_is_declared():
    sent = {"id": "r", "answers": {"nps": {"v": 3}, "csat": {"v": 1}, "why": "so lala"}}
    found, _ = rows_of([sent], explode="answers", explode_key="question")
    assert found == [
        {"id": "r", "answers.position": 1, "answers.question": "nps", "answers.v": 3},
        {"id": "r", "answers.position": 2, "answers.question": "csat", "answers.v": 1},
        {"id": "r", "answers.position": 3, "answers.question": "why", "answers.value": "so lala"},
    ]
    sent = {"id": "r", "answers": {"nps": {"question": "other"}}}
    assert rows_of([sent], explode="answers", explode_key="question")[0] == ["json_name_twice"]


def test_the_counter_never_takes_the_place_of_a_field():
    sent = [{"id": "r", "answers": [{"position": 99}]}]
    declared = {"position": {"type": "bigint", "source_name": "answers.position"}}
    assert rows_of(sent, explode="answers", columns=declared)[0] == ["explode_position"]
    # Not asked for, it gives way to the element's own.
    assert rows_of(sent, explode="answers")[0] == [{"id": "r", "answers.position": 99}]
    named = rows_of(sent, explode="answers", explode_position="number", columns=declared)[0]
    assert named == [{"id": "r", "answers.number": 1, "answers.position": 99}]
    assert rows_of([{"id": "r", "answers": [{"number": 5}]}], explode="answers", explode_position="number")[0] == [
        "explode_position"
    ]
    assert rows_of([{"id": "r", "answers.q": 1, "answers": [{"q": 2}]}], explode="answers")[0] == ["json_name_twice"]


def test_a_list_whose_key_changes_case_is_exploded_all_the_same():
    found, counts = rows_of([{"id": 1, "Data": {"Answers": [{"q": 3}]}}], explode="data.answers")
    assert found == [{"id": 1, "data.answers.position": 1, "data.answers.q": 3}]
    assert counts.absent_count == 0


def test_objects_stay_json_where_that_is_declared():
    sent = [{"id": 1, "fields": {"a": {"b": 1.10}}, "agent": {"name": "Ü", "more": {"x": []}}}]
    found, _ = rows_of(sent, keep_json=["fields", "agent.more"])
    assert found == [{"id": 1, "fields": {"a": {"b": 1.1}}, "agent.name": "Ü", "agent.more": {"x": []}}]
    found, _ = rows_of([{"id": 1, "answers": [{"meta": {"a": 1}}]}], explode="answers", keep_json=["answers.meta"])
    assert found == [{"id": 1, "answers.position": 1, "answers.meta": {"a": 1}}]
    assert rows_of('[{"fields": {"a": 1, "a": 2}}]', keep_json=["fields"])[0] == ["json_key_twice"]
    assert rows_of('[{"fields": {"a": NaN}}]', keep_json=["fields"])[0] == ["json_no_number"]
