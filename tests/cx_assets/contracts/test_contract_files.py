"""The shipped contracts load; a contract that contradicts itself does not."""

import pytest

from cx_assets.contracts import LINEAGE_COLUMNS, ContractError, load_contracts, parse_contract
from cx_assets.contracts.strict_yaml import StrictYamlError, read_strict_yaml

SMALL = """
entity: visit
grain: One visit.
key: [visit_id]
event_time: visited_at
columns:
  visit_id: {type: text, required: true, description: Id.}
  visited_at: {type: timestamp, min: "1990-01-01", description: When.}
  left_at: {type: timestamp, description: When it ended.}
  kind: {type: text, required: true, allowed: [web, store], description: Kind.}
rules:
  - {name: ends_later, sql: "left_at is null or visited_at is null or left_at >= visited_at", reason: Ends early.}
"""


def test_all_entities_are_there():
    assert list(load_contracts()) == [
        "campaign_contact",
        "consent_event",
        "customer_record",
        "employee_answer",
        "exit_interview",
        "interaction",
        "interface_metric",
        "lead",
        "loyalty_entry",
        "marketing_spend",
        "message_sent",
        "payment",
        "product",
        "record_merge",
        "referral",
        "sales_order",
        "subscription",
        "survey_invitation",
        "survey_response",
        "ticket",
        "transaction_line",
    ]


def test_columns_keep_their_order_and_marks():
    contract = load_contracts()["survey_response"]
    assert list(contract.columns)[:3] == ["response_id", "question_id", "source_system"]
    assert contract.key == ("response_id", "question_id")
    assert contract.columns["verbatim"].personal_data == "direct"
    assert contract.columns["metric"].allowed == ("nps", "csat", "ces", "expectation", "other")


def test_no_contract_column_is_called_like_a_lineage_column():
    names = {name for contract in load_contracts().values() for name in contract.columns}
    assert not names & set(LINEAGE_COLUMNS)


def test_a_small_contract_loads():
    assert parse_contract(SMALL, "visit.yml").columns["kind"].required


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("key: [visit_id]", "key: [nobody]", "unknown column 'nobody'"),
        ("key: [visit_id]", "key: [left_at]", "'left_at' must be required"),
        ("event_time: visited_at", "event_time: kind", "neither date nor timestamp"),
        ("grain: One visit.", "grain: One visit.\ncolour: red", "colour"),
        ("type: text, required: true, allowed", "type: txt, required: true, allowed", "columns.kind.type"),
        ("allowed: [web, store]", "allowed: [web, store], nullable: true", "columns.kind.nullable"),
        ('min: "1990-01-01"', "min: 1990", "does not fit the type timestamp"),
        ("left_at >= visited_at", "left_at >= now_at", "unknown column 'now_at'"),
        ("left_at is null or visited_at is null or ", "", "which may be null"),
        ("left_at >= visited_at", "left_at >= visited_at; drop table x", "unknown column"),
        ("entity: visit", "entity: visits", "must be in visits.yml"),
        ("entity: visit", "entity: 'visit; drop'", "entity"),
        ("left_at: {type: timestamp", "visit_id: {type: timestamp", "given twice"),
        ("grain: One visit.", "grain: !!python/object/apply:os.system [ls]", "line 3"),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused(old, new, told):
    assert old in SMALL
    with pytest.raises(ContractError, match=r"visit\.yml") as error:
        parse_contract(SMALL.replace(old, new), "visit.yml")
    assert told in str(error.value)


def test_aliases_are_refused_before_they_expand():
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\n"
    with pytest.raises(StrictYamlError, match="line 2: aliases"):
        read_strict_yaml(bomb, "bomb.yml")


def test_lines_are_known_by_path():
    document = read_strict_yaml("a:\n  b: 1\n  c:\n    - x\n    - y\n", "f.yml")
    assert document.line_of(("a", "b")) == 2
    assert document.line_of(("a", "c", 1)) == 5
    assert document.line_of(("a", "c", 1, "unknown")) == 5
    assert document.line_of(("nothing",)) is None
