"""Stages of the dbt project and fingerprints of what they are made of, on a project of five models."""

from copy import deepcopy

import pytest

from orchestration.dbt.fingerprints import stage_fingerprint
from orchestration.dbt.stages import StageError, derive_stages, with_stages


def model(name, schema, *parents, sql="select 1", macros=()):
    return {
        "resource_type": "model",
        "tags": [],
        "name": name,
        "schema": schema,
        "alias": name,
        "raw_code": sql,
        "description": "words",
        "config": {"materialized": "table", "meta": {}},
        "columns": {"id": {"data_type": "bigint", "description": "words"}},
        "depends_on": {"nodes": list(parents), "macros": list(macros)},
    }


def data_test(*parents, attached=None, ref=None):
    meta = {"dagster": {"ref": {"name": ref}}} if ref else {}
    return {
        "resource_type": "test",
        "tags": [],
        "name": "t",
        "attached_node": attached,
        "config": {"meta": meta},
        "depends_on": {"nodes": list(parents), "macros": []},
    }


def manifest():
    """records -> (identity.link) -> customers -> (scores.risk) -> list; orders beside records."""
    nodes = {
        "model.cx.records": model("records", "intermediate", "source.cx.landing.crm", macros=["macro.cx.clean"]),
        "model.cx.orders": model("orders", "core", "source.cx.landing.shop"),
        "model.cx.customers": model("customers", "core", "source.cx.identity.link", "model.cx.orders"),
        "model.cx.list": model("list", "marts", "source.cx.scores.risk", "model.cx.customers"),
        "model.cx.sums": model("sums", "marts", "model.cx.orders"),
        "test.cx.sums_and_list": data_test("model.cx.sums", "model.cx.list", ref="sums"),
        "test.cx.orders_and_sums": data_test("model.cx.orders", "model.cx.sums", attached="model.cx.orders"),
    }
    sources = {
        "source.cx.landing.crm": {"schema": "landing", "name": "crm"},
        "source.cx.landing.shop": {"schema": "landing", "name": "shop"},
        "source.cx.identity.link": {"schema": "identity", "name": "link"},
        "source.cx.scores.risk": {"schema": "scores", "name": "risk"},
    }
    macros = {
        "macro.cx.clean": {"macro_sql": "trim()", "depends_on": {"macros": ["macro.cx.inner", "macro.dbt.other"]}},
        "macro.cx.inner": {"macro_sql": "lower()", "depends_on": {"macros": []}},
    }
    return {
        "nodes": nodes,
        "sources": sources,
        "macros": macros,
        "parent_map": {name: node["depends_on"]["nodes"] for name, node in nodes.items()},
    }


READS = {("identity", "link"): {("intermediate", "records")}, ("scores", "risk"): {("core", "customers")}}
CODE = {("identity", "link"): "a", ("scores", "risk"): "b"}


def test_a_stage_is_the_number_of_python_borders_behind_a_model():
    stages = derive_stages(manifest(), READS)
    assert [stage.models for stage in stages] == [
        ("model.cx.orders", "model.cx.records", "model.cx.sums"),
        ("model.cx.customers",),
        ("model.cx.list",),
    ]
    assert [stage.name for stage in stages] == ["stage_1", "stage_2", "stage_3"]
    assert [stage.tests for stage in stages] == [("test.cx.orders_and_sums",), (), ("test.cx.sums_and_list",)]


def test_tables_of_python_in_a_row_are_one_border():
    reads = {**READS, ("scores", "risk"): {("scores", "model")}, ("scores", "model"): {("core", "customers")}}
    assert [len(stage.models) for stage in derive_stages(manifest(), reads)] == [3, 1, 1]


def test_a_table_of_python_that_reads_no_model_is_no_border():
    reads = {("identity", "link"): {("landing", "crm")}, ("scores", "risk"): set()}
    assert [len(stage.models) for stage in derive_stages(manifest(), reads)] == [5]


def test_a_circle_is_told():
    reads = {**READS, ("identity", "link"): {("marts", "list")}}
    with pytest.raises(StageError, match=r"wait for each other.*list"):
        derive_stages(manifest(), reads)


def test_tests_are_attached_where_they_run():
    given = manifest()
    told = with_stages(given, derive_stages(given, READS))
    assert told["nodes"]["test.cx.sums_and_list"]["config"]["meta"]["dagster"]["ref"]["name"] == "list"
    untouched = {**given["nodes"]["test.cx.orders_and_sums"], "tags": ["stage_1"]}
    assert told["nodes"]["test.cx.orders_and_sums"] == untouched
    assert [told["nodes"][name]["tags"] for name in ("model.cx.customers", "test.cx.sums_and_list")] == [
        ["stage_2"],
        ["stage_3"],
    ]
    assert given == manifest()


def fingerprints(given, code=CODE, settings="s"):
    return [stage_fingerprint(given, stage.models, READS, code, settings) for stage in derive_stages(given, READS)]


def changed(path, value):
    given = deepcopy(manifest())
    *folders, last = path
    place = given
    for folder in folders:
        place = place[folder]
    place[last] = value
    return given


@pytest.mark.parametrize(
    ("given", "is_changed"),
    [
        (changed(["nodes", "model.cx.list", "raw_code"], "select 2"), [False, False, True]),
        (changed(["nodes", "model.cx.customers", "raw_code"], "select 2"), [False, True, True]),
        (changed(["nodes", "model.cx.records", "raw_code"], "select 2"), [True, True, True]),
        (changed(["macros", "macro.cx.inner", "macro_sql"], "upper()"), [True, True, True]),
        (changed(["nodes", "model.cx.list", "columns", "id", "data_type"], "text"), [False, False, True]),
        (changed(["nodes", "model.cx.list", "config", "materialized"], "view"), [False, False, True]),
        (changed(["nodes", "model.cx.list", "description"], "other words"), [False, False, False]),
        (changed(["nodes", "model.cx.records", "columns", "id", "description"], "other"), [False, False, False]),
    ],
)
def test_what_changes_a_fingerprint(given, is_changed):
    assert [a != b for a, b in zip(fingerprints(manifest()), fingerprints(given), strict=True)] == is_changed


def test_python_code_changes_what_stands_behind_it():
    before = fingerprints(manifest())
    other = fingerprints(manifest(), code={**CODE, ("scores", "risk"): "c"})
    assert [a != b for a, b in zip(before, other, strict=True)] == [False, False, True]
    assert all(a != b for a, b in zip(before, fingerprints(manifest(), settings="t"), strict=True))
