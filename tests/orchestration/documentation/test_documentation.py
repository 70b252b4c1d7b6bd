"""The files of the documentation: of a project of four tables made by hand."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from orchestration.documentation import dbt_pages
from orchestration.documentation.dbt_pages import DocumentationError, catalog, plain_manifest
from orchestration.documentation.tables import Column, Recorded, Table, documented_tables
from orchestration.documentation.writing import write_documentation
from orchestration.publication.report_file import marked_generation
from tests.orchestration.publication.made import make_warehouse, publish_file

EVIL = "</script><script>alert(1)</script>"


def _node(kind: str, schema: str, name: str, parents: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "schema": schema,
        "alias": name,
        "resource_type": kind,
        "package_name": "cx",
        "description": "",
        "columns": {},
        "config": {"materialized": "table"},
        "depends_on": {"nodes": list(parents), "macros": []},
        "created_at": 1796073524.76,
        **more,
    }


def _source(schema: str, name: str) -> dict[str, Any]:
    declared = {"id": {"name": "id", "data_type": "text", "description": "Its id."}}
    return _node("source", schema, name, identifier=name, columns=declared, description=f"Rows of {name}.")


MART, STAGING = "model.cx.mart_a__answer", "model.cx.stg_shop__customer_record"
ORDERS, SCORE = "source.cx.landing.shop__people", "source.cx.scores.customer_score"
MANIFEST: dict[str, Any] = {
    "metadata": {
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
        "dbt_version": "1.11.16",
        "project_name": "cx",
        "adapter_type": "duckdb",
        "quoting": {"database": True},
        "invocation_id": "17c9f30a",
        "generated_at": "2026-11-30T21:17:50Z",
        "env": {"SECRET": "hush"},
        "user_id": "u",
        "send_anonymous_usage_stats": True,
    },
    "nodes": {
        STAGING: _node("model", "staging", "stg_shop__customer_record", (ORDERS,), config={"materialized": "view"}),
        MART: _node(
            "model",
            "marts",
            "mart_a__answer",
            (STAGING, SCORE),
            description=f"Answers\n  a day. {EVIL}",
            columns={"key": {"name": "key", "description": "The key.", "data_type": "string"}},
        ),
        "test.cx.unique": _node("test", "marts", "unique", (MART,)),
    },
    "sources": {ORDERS: _source("landing", "shop__people"), SCORE: _source("scores", "customer_score")},
    "exposures": {},
    "metrics": {},
    "semantic_models": {},
    "saved_queries": {},
    "macros": {"macro.dbt.run": {"package_name": "dbt"}, "macro.cx.own": {"package_name": "cx", "created_at": 1.0}},
    "docs": {"doc.dbt.overview": {"package_name": "dbt"}},
    "unit_tests": {"unit_test.cx.mart.t": {"given": "rows"}},
    "parent_map": {MART: [STAGING, SCORE], "unit_test.cx.mart.t": [MART]},
    "child_map": {MART: ["unit_test.cx.mart.t"], STAGING: [MART]},
}
RECORDED = {
    "marts.mart_a__answer": Recorded(
        {"key": "VARCHAR", "n": "BIGINT"}, {"key": [("staging.stg_shop__customer_record", "id")], "n": []}
    ),
    "staging.stg_shop__customer_record": Recorded({"id": "VARCHAR"}, {"id": [("landing.shop__people", "id")]}),
}
READS = {"scores.customer_score": ["staging.stg_shop__customer_record"]}


def documented() -> dict[str, Table]:
    return documented_tables(MANIFEST, RECORDED, READS)


def test_tables_have_what_the_run_recorded_and_the_words_of_the_project() -> None:
    tables = documented()
    assert list(tables) == [
        "landing.shop__people",
        "marts.mart_a__answer",
        "scores.customer_score",
        "staging.stg_shop__customer_record",
    ]
    assert tables["marts.mart_a__answer"] == Table(
        "marts.mart_a__answer",
        MART,
        "table",
        f"Answers a day. {EVIL}",
        (
            Column("key", "VARCHAR", "The key.", (("staging.stg_shop__customer_record", "id"),)),
            Column("n", "BIGINT", "", ()),
        ),
        ("scores.customer_score", "staging.stg_shop__customer_record"),
    )
    assert tables["marts.mart_a__answer"].is_published
    assert not tables["scores.customer_score"].is_published
    assert (tables["landing.shop__people"].kind, tables["landing.shop__people"].reads) == ("landing", ())
    assert tables["scores.customer_score"].kind == "python"
    assert tables["scores.customer_score"].reads == ("staging.stg_shop__customer_record",)
    # Nobody recorded its columns: those that are declared.
    assert tables["scores.customer_score"].columns == (Column("id", "text", "Its id.", ()),)
    assert tables["staging.stg_shop__customer_record"].description.endswith(" As shop gives it: the company's own SQL.")


def test_the_manifest_has_nothing_of_machine_moment_and_unit_tests() -> None:
    before = copy.deepcopy(MANIFEST)
    plain = plain_manifest(MANIFEST, "2026-07-02T06:00:00+00:00")
    assert before == MANIFEST
    assert plain["metadata"] == {
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
        "dbt_version": "1.11.16",
        "project_name": "cx",
        "adapter_type": "duckdb",
        "quoting": {"database": True},
        "generated_at": "2026-07-02T06:00:00+00:00",
        "env": {},
        "send_anonymous_usage_stats": False,
    }
    assert list(plain["macros"]) == ["macro.cx.own"]
    assert plain["unit_tests"] == {}
    assert plain["parent_map"] == {MART: [STAGING, SCORE]}
    assert plain["child_map"] == {MART: [], STAGING: [MART]}
    assert "created_at" not in json.dumps(plain)


def test_the_catalogue_tells_types_of_models_and_sources() -> None:
    told = catalog(MANIFEST, documented(), "2026-07-02T06:00:00+00:00")
    assert set(told["nodes"]) == {MART, STAGING}
    assert set(told["sources"]) == {ORDERS, SCORE}
    assert told["nodes"][STAGING]["metadata"]["type"] == "VIEW"
    assert told["nodes"][MART]["columns"] == {
        "key": {"name": "key", "type": "VARCHAR", "index": 1, "comment": "The key."},
        "n": {"name": "n", "type": "BIGINT", "index": 2, "comment": None},
    }


@pytest.fixture
def written(tmp_path: Path) -> dict[str, Path]:
    generation = publish_file(make_warehouse(tmp_path), tmp_path / "published", 1)
    return write_documentation(tmp_path / "published", MANIFEST, documented(), generation)


def test_the_lineage_is_the_same_as_json_and_in_the_page(written: dict[str, Path]) -> None:
    document = json.loads(written["lineage.json"].read_text(encoding="utf-8"))
    assert (document["company"], document["generation_id"], document["as_of_date"]) == (
        "tiny",
        "00000001-s1",
        "2026-06-30",
    )
    mart = document["tables"]["marts.mart_a__answer"]
    assert mart["columns"][0] == {
        "name": "key",
        "type": "VARCHAR",
        "description": "The key.",
        "made_of": [["staging.stg_shop__customer_record", "id"]],
    }
    page = written["lineage.html"].read_text(encoding="utf-8")
    inside = re.search(r'<script id="lineage" type="application/json">(.*)</script>', page)
    assert inside is not None
    assert json.loads(inside[1]) == document
    assert marked_generation(written["lineage.html"]) == "00000001-s1"


def test_no_page_runs_what_a_description_says_or_asks_another_host(written: dict[str, Path]) -> None:
    for name in ("index.html", "lineage.html"):
        page = written[name].read_text(encoding="utf-8")
        assert EVIL not in page
        assert "default-src 'none'" in page
        assert re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?:', page) == []


def test_dbts_page_holds_both_documents(written: dict[str, Path]) -> None:
    page = written["index.html"].read_text(encoding="utf-8")
    assert "INLINE DATA" not in page
    assert '"comment":"The key."' in page
    assert '"unit_tests":{}' in page


def test_equal_inputs_give_equal_files_in_place_of_the_old(written: dict[str, Path], tmp_path: Path) -> None:
    before = {name: path.read_bytes() for name, path in written.items()}
    generation = publish_file(tmp_path / "warehouse" / "cx.duckdb", tmp_path / "published", 2)
    changed = write_documentation(tmp_path / "published", MANIFEST, documented(), generation)
    after = {name: path.read_bytes() for name, path in changed.items()}
    assert {name for name in before if before[name] != after[name]} == {"lineage.html", "lineage.json"}
    assert sorted(path.name for path in (tmp_path / "published" / "docs").iterdir()) == sorted(before)


def test_another_page_of_dbt_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<head></head>", encoding="utf-8")
    monkeypatch.setattr("dbt.task.docs.DOCS_INDEX_FILE_PATH", str(tmp_path / "index.html"))
    with pytest.raises(DocumentationError, match="not one place"):
        dbt_pages.page({}, {})
