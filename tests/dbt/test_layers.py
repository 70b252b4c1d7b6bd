"""Who may read whom in dbt, and what every model that BI reads must say of itself."""

import json
from typing import Any

import pytest

from tests.dbt.company import Company

# What a layer reads: kinds of models, and schemas of sources. `int` are the steps above core.
ALLOWED = {
    "stg": {"source landing"},
    # A limit of a contract may be the observation date; what a filter left out is seen in the landing only.
    "int_contract": {"stg", "int_contract", "source run", "source landing"},
    "int_identity": {"int_contract", "int_identity"},
    "core": {
        "int_contract",
        "int_deletion",
        "int_identity",
        "int_customer",
        "int_event",
        "core",
        "source identity",
        "source run",
    },
    # The surviving record of a customer is a step between two tables of core.
    "int_customer": {"int_identity", "core"},
    # So are the events of one entity.
    "int_event": {"core"},
    # What Python found of customers comes in where it is first needed.
    "int": {"core", "int", "source scores"},
    # Rows are counted where they stand, from the landing to core.
    "int_operations": {
        "stg",
        "source landing",
        "source run",
        "int",
        "int_contract",
        "int_deletion",
        "int_identity",
        "core",
        "int_operations",
    },
    # Rows are followed through all stages; which record stands for a customer is known between two tables of core.
    "int_reconciliation": {
        "source landing",
        "source run",
        "int_contract",
        "int_identity",
        "int_customer",
        "core",
        "int_reconciliation",
    },
    # What a run changed: once for all marts, and the only step that looks below core for them.
    "int_change": {"core", "int", "int_change", "int_version", "int_deletion"},
    # Core keeps the newest version only; which months an older one touched decides what is rebuilt, never a number.
    "int_version": {"int_contract", "int_deletion"},
    # What is gone cannot be seen in core any more.
    "int_deletion": {"int_contract", "source run"},
    # What metrics are counted from stands in the publication: nothing else can be asked there.
    "sem": {"core", "mart"},
    "mart": {
        "core",
        "int",
        # Which record each field of a customer comes from.
        "int_customer",
        "int_operations",
        "int_reconciliation",
        "int_change",
        "mart",
        "source scores",
        "source run",
        # What identity found of itself: its ledger, its doubts, its counts. Who is whose is in core.
        "source identity",
    },
}


@pytest.fixture(scope="module")
def manifest(built: Company) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((built.folder / "target" / "manifest.json").read_text())
    return loaded


def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {uid: node for uid, node in manifest["nodes"].items() if node["resource_type"] == "model"}


def kind(name: str) -> str:
    if name.startswith(("dim_", "fct_", "bridge_")):
        return "core"
    if name.startswith(("stg_", "mart_", "sem_")):
        return name.split("_")[0]
    if name.endswith("_version"):
        return "int_version"
    if name.endswith(("__deletion", "__departure")):
        return "int_deletion"
    step = name.split("__")[0]
    return step if step in ALLOWED else "int"


def test_every_layer_reads_only_what_it_may(manifest: dict[str, Any]) -> None:
    wrong = []
    for node in models(manifest).values():
        for uid in node["depends_on"]["nodes"]:
            resource, *_, schema, name = uid.split(".")
            read = f"source {schema}" if resource == "source" else kind(name)
            if read not in ALLOWED[kind(node["name"])]:
                wrong.append(f"{node['name']} reads {uid}")
    assert wrong == []


def test_features_know_identity_of_the_day_only_and_no_use(manifest: dict[str, Any]) -> None:
    """Present customers and attributes would leak into the past; a use would be served before the others."""
    # Who is looked at, and whose the records were: the features proper come after these.
    before = {"int_feature__spine", "int_feature__record_customer", "int_feature__observed_record"}
    read = {
        node["name"]: {uid.split(".")[-1] for uid in node["depends_on"]["nodes"]}
        for node in models(manifest).values()
        if node["name"].startswith("int_feature__")
    }
    assert read.keys() > before
    # Days of lines are a step that names records, not customers.
    for name in read.keys() - before - {"int_feature__line_day"}:
        assert "int_feature__observed_record" in read[name], name
    present = {"bridge_record_customer", "dim_customer", "dim_customer_identity"}
    for name in read.keys() - before:
        assert not read[name] & present, name
        others = {other for other in read[name] if other.startswith("int_") and "__" in other}
        assert {other.split("__")[0] for other in others} <= {"int_feature", "int_sales"}, name


def test_a_model_lies_in_the_folder_and_schema_of_its_layer(manifest: dict[str, Any]) -> None:
    folders = {"stg": "staging", "core": "core", "mart": "marts", "sem": "semantic"}
    for node in models(manifest).values():
        layer = folders.get(kind(node["name"]), "intermediate")
        assert node["schema"] == layer, node["name"]
        assert f"{layer}/" in node["original_file_path"], node["name"]


def test_an_incremental_mart_says_what_touches_which_of_its_periods(manifest: dict[str, Any]) -> None:
    incremental = [
        node
        for node in models(manifest).values()
        if kind(node["name"]) == "mart" and node["config"]["materialized"] == "incremental"
    ]
    assert len(incremental) >= 2
    for node in incremental:
        meta = node["config"]["meta"]
        assert meta["period"] in ("day", "week", "month", "quarter", "year"), node["name"]
        sets = {touch["set"] for touch in meta["touched_by"]}
        # The observation date moves every mart.
        assert "int_change__day" in sets, node["name"]
        read = {uid.split(".")[-1] for uid in node["depends_on"]["nodes"]}
        assert sets == {name for name in read if kind(name) == "int_change"}, node["name"]


def test_what_bi_reads_has_description_contract_and_described_columns(manifest: dict[str, Any]) -> None:
    read_by_people = [node for node in models(manifest).values() if kind(node["name"]) in ("core", "mart")]
    assert len(read_by_people) > 20
    for node in read_by_people:
        name = node["name"]
        assert node["description"].strip(), name
        assert node["config"]["contract"]["enforced"], name
        assert node["columns"], name
        assert [column for column, told in node["columns"].items() if not told["description"].strip()] == [], name


def test_every_step_in_between_has_a_description(manifest: dict[str, Any]) -> None:
    for node in models(manifest).values():
        if node["name"].startswith(("int_", "sem_")):
            assert node["description"].strip(), node["name"]
