"""Row rules judge every null, blank and border the same way in the engine as on paper."""

import itertools

import duckdb
import pytest
import sqlglot

from cx_assets.contracts import MISTYPED_COLUMN, load_contracts, parse_contract, row_rules

VISIT = parse_contract(
    """
entity: visit
grain: One visit.
key: [visit_id]
columns:
  visit_id: {type: text, required: true, description: Id.}
  kind: {type: text, allowed: [web, "o'clock"], description: Kind.}
  country_code: {type: text, length: 2, description: Country.}
  email: {type: text, max_length: 5, description: E-mail.}
  visited_at: {type: timestamp, required: true, min: "1990-01-01", description: When.}
  birth_date: {type: date, max: "2000-12-31", description: Born.}
  amount: {type: "decimal(18,2)", min: 0, max: 10, description: Amount.}
  score: {type: double, description: Score.}
  limit_score: {type: double, required: true, description: Limit.}
rules:
  - {name: score_below_limit, sql: "score is null or score < limit_score", reason: Above the limit.}
""",
    "visit.yml",
)
GOOD = {
    "visit_id": "'v1'",
    "kind": "'web'",
    "country_code": "'DE'",
    "email": "'a@b.c'",
    "visited_at": "timestamp '1990-01-01'",
    "birth_date": "date '2000-12-31'",
    "amount": "10",
    "score": "1",
    "limit_score": "2",
}


def broken(mistyped: str = "null", **changes: str) -> list[str]:
    """Names of the rules that the good row breaks with some values changed."""
    values = {**GOOD, **changes}
    columns = ", ".join(f"cast({values[n]} as {c.type}) as {n}" for n, c in VISIT.columns.items())
    columns += f", cast({mistyped} as text) as {MISTYPED_COLUMN}"
    judged = ", ".join(f"{rule.sql}" for rule in row_rules(VISIT))
    found = duckdb.sql(f"select {judged} from (select {columns})").fetchone()
    assert None not in found
    return [rule.name for rule, is_broken in zip(row_rules(VISIT), found, strict=True) if is_broken]


def test_every_rule_is_derived():
    assert [rule.name for rule in row_rules(VISIT)] == [
        "visit_id_required",
        "kind_allowed",
        "country_code_length",
        "email_max_length",
        "visited_at_type",
        "visited_at_required",
        "visited_at_min",
        "birth_date_type",
        "birth_date_max",
        "amount_type",
        "amount_min",
        "amount_max",
        "score_type",
        "score_finite",
        "limit_score_type",
        "limit_score_required",
        "limit_score_finite",
        "score_below_limit",
    ]


def test_a_good_row_on_every_border_breaks_nothing():
    assert broken() == []


def test_null_in_every_optional_column_breaks_nothing():
    optional = ["kind", "country_code", "email", "birth_date", "amount", "score"]
    assert broken(**dict.fromkeys(optional, "null")) == []


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"visit_id": "null"}, ["visit_id_required"]),
        ({"visit_id": "'  '"}, ["visit_id_required"]),
        ({"kind": "'Web'"}, ["kind_allowed"]),
        ({"kind": "'o''clock'"}, []),
        ({"country_code": "'DEU'"}, ["country_code_length"]),
        ({"email": "'abcdef'"}, ["email_max_length"]),
        ({"visited_at": "timestamp '1989-12-31 23:59:59'"}, ["visited_at_min"]),
        ({"birth_date": "date '2001-01-01'"}, ["birth_date_max"]),
        ({"amount": "-0.01"}, ["amount_min"]),
        ({"amount": "10.01"}, ["amount_max"]),
        ({"score": "2"}, ["score_below_limit"]),
        ({"score": "'nan'"}, ["score_finite", "score_below_limit"]),
        ({"limit_score": "'inf'"}, ["limit_score_finite"]),
        # The missing limit is reported once, under its own name; the rule that reads it is not judged.
        ({"limit_score": "null"}, ["limit_score_required"]),
        ({"limit_score": "null", "score": "null"}, ["limit_score_required"]),
    ],
)
def test_each_violation_is_named(changes, names):
    assert broken(**changes) == names


@pytest.mark.parametrize(
    ("mistyped", "nulls", "names"),
    [
        ("amount", ["amount"], ["amount_type"]),
        # `score` stands within `limit_score`; each breaks its own rule only, and a required one is not missing too.
        ("limit_score", ["limit_score"], ["limit_score_type"]),
        ("score", ["score"], ["score_type"]),
        ("birth_date,score", ["birth_date", "score"], ["birth_date_type", "score_type"]),
        # The other required column is missing in truth.
        ("limit_score", ["limit_score", "visited_at"], ["visited_at_required", "limit_score_type"]),
    ],
)
def test_a_value_of_another_type_is_told_from_a_missing_one(mistyped, nulls, names):
    assert broken(mistyped=f"'{mistyped}'", **dict.fromkeys(nulls, "null")) == names


@pytest.mark.parametrize("entity", list(load_contracts()))
def test_no_rule_is_ever_null(entity):
    """Over every combination of null and filled in the columns of each rule."""
    contract = load_contracts()[entity]
    rules = {rule.name: rule for rule in row_rules(contract)}
    for own in contract.rules:
        names = sorted(own.column_names)
        for nulls in itertools.product([True, False], repeat=len(names)):
            columns = [contract.columns[name] for name in names]
            values = ", ".join(
                f"cast({'null' if is_null else _some(column)} as {column.type}) as {column.name}"
                for column, is_null in zip(columns, nulls, strict=True)
            )
            found = duckdb.sql(f"select {rules[own.name].sql} from (select {values})").fetchone()
            assert found is not None
            assert found[0] is not None
            missing = [n for n, is_null in zip(names, nulls, strict=True) if is_null and contract.columns[n].required]
            if missing:
                assert found[0] is False


def _some(column) -> str:
    if column.allowed:
        return f"'{column.allowed[0]}'"
    return {"text": "'x'", "timestamp": "'2024-01-01'", "date": "'2024-01-01'", "boolean": "true"}.get(column.type, "1")


@pytest.mark.parametrize("entity", list(load_contracts()))
def test_rules_are_read_alike_by_both_engines(entity):
    for rule in row_rules(load_contracts()[entity]):
        for dialect in ("duckdb", "spark"):
            parsed = sqlglot.parse_one(f"select {rule.sql} as is_broken", dialect=dialect)
            assert parsed.find(sqlglot.exp.Anonymous) is None


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"metric": "nps", "score": 9, "scale_min": 0, "scale_max": 10}, []),
        ({"metric": "nps", "score": 9, "scale_min": 1, "scale_max": 10}, ["nps_scale"]),
        ({"metric": "csat", "score": 6, "scale_min": 1, "scale_max": 5}, ["score_on_scale"]),
        ({"metric": "csat", "score": None, "scale_min": 1, "scale_max": 5}, []),
        ({"metric": "csat", "score": None, "scale_min": 5, "scale_max": 5}, ["scale_ascends"]),
        ({"metric": "csat", "score": None, "no_score_reason": "not_used", "scale_min": 1, "scale_max": 5}, []),
        (
            {"metric": "csat", "score": 3, "no_score_reason": "not_used", "scale_min": 1, "scale_max": 5},
            ["no_reason_beside_a_score"],
        ),
    ],
)
def test_survey_rules_by_hand(values, names):
    contract = load_contracts()["survey_response"]
    rules = {rule.name: rule for rule in row_rules(contract)}
    columns = ", ".join(
        f"cast({'null' if value is None else repr(value)} as {contract.columns[name].type}) as {name}"
        for name, value in ({"no_score_reason": None} | values).items()
    )
    own = ["scale_ascends", "score_on_scale", "nps_scale", "no_reason_beside_a_score"]
    found = duckdb.sql(f"select {', '.join(rules[name].sql for name in own)} from (select {columns})").fetchone()
    assert [name for name, is_broken in zip(own, found, strict=True) if is_broken] == names
