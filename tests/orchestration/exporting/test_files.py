"""Lists as files: worked out by hand, written once, readable by whom they may be."""

from __future__ import annotations

import stat
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from orchestration.exporting.prepared import Delivery, ExportError, private_folder
from orchestration.exporting.selecting import shut
from orchestration.exporting.sending import send
from orchestration.publication.targets.protocol import FinishedGeneration
from tests.orchestration.exporting.made import CALLS, SYNC, declared, publish_generation
from tests.orchestration.publication.made import change


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_list_without_contact_is_a_public_file(published: Path, generation: FinishedGeneration) -> None:
    delivery, is_new = send("sync", declared(SYNC), published, generation)
    path = published / "exports" / "sync" / "sync.csv"
    assert path.read_text(encoding="utf-8") == (
        "customer_id,rfm_segment\nc1,loyal\nc2,loyal\nc3,'@lost\nc4,lost\nc5,loyal\nc6,loyal\n"
    )
    assert is_new
    assert (delivery.rows_selected, delivery.left_out, delivery.rows_written) == (6, {}, 6)
    assert delivery.columns == [{"name": "customer_id", "type": "VARCHAR"}, {"name": "rfm_segment", "type": "VARCHAR"}]
    assert (delivery.generation_id, delivery.as_of_date) == ("00000001-s1", "2026-06-30")
    assert mode(path) == 0o644


def test_consent_contact_and_every_left_out_row_are_counted(published: Path, generation: FinishedGeneration) -> None:
    delivery, _ = send("calls", declared(CALLS), published, generation)
    path = published / "restricted" / "exports" / "calls" / "calls.csv"
    # c2 took the telephone back, c4 agreed to research only, c5 has no number, c6 is no customer any more.
    assert path.read_text(encoding="utf-8") == (
        "Customer,Amount,Phone,Name\nc1,10.50,+4930111,'=Ann\nc3,,030 333,Cem\n"
    )
    assert delivery.left_out == {
        "left_out_unknown_customer": 1,
        "left_out_no_consent": 2,
        "left_out_no_contact": 1,
    }
    assert (delivery.rows_selected, delivery.rows_written) == (6, 2)
    assert (mode(path), mode(path.with_name("manifest.json")), mode(path.parent)) == (0o600, 0o600, 0o700)
    assert mode(published / "restricted" / "exports") == 0o700
    assert not (published / "exports").exists()


def test_customers_who_complain_can_be_left_alone(published: Path, generation: FinishedGeneration) -> None:
    delivery, _ = send("calls", declared(CALLS, leave_out_open_complaints=True), published, generation)
    # c1's is open; c3's was resolved on the observation date; c4's ticket is no complaint.
    assert delivery.left_out["left_out_open_complaint"] == 1
    assert delivery.rows_written == 1


def test_parquet_keeps_types(published: Path, generation: FinishedGeneration) -> None:
    export = declared(
        SYNC, columns=["customer_id", "purchase_amount"], where="recency_score < 3", to={"kind": "parquet"}
    )
    send("sync", export, published, generation)
    assert pq.read_table(published / "exports" / "sync" / "sync.parquet").to_pylist() == [
        {"customer_id": "c3", "purchase_amount": None},
        {"customer_id": "c4", "purchase_amount": Decimal("0.00")},
        {"customer_id": "c6", "purchase_amount": Decimal("1.00")},
    ]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_same_generation_is_written_once(kind: str, published: Path, generation: FinishedGeneration) -> None:
    export = declared(SYNC, to={"kind": kind})
    first, _ = send("sync", export, published, generation)
    folder = published / "exports" / "sync"
    before = {path.name: (path.stat().st_ino, path.read_bytes()) for path in folder.iterdir()}
    again, is_new = send("sync", export, published, generation)
    assert {path.name: (path.stat().st_ino, path.read_bytes()) for path in folder.iterdir()} == before
    assert not is_new
    assert again == first
    assert set(before) == {f"sync.{kind}", "manifest.json"}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_same_rows_give_the_same_file(kind: str, warehouse: Path, published: Path) -> None:
    export, path = declared(SYNC, to={"kind": kind}), published / "exports" / "sync" / f"sync.{kind}"
    send("sync", export, published, publish_generation(warehouse, published, 1))
    before = (path.stat().st_ino, path.read_bytes())
    change(warehouse, "create or replace table marts.mart_segment__rfm as from marts.mart_segment__rfm order by 1 desc")
    later = publish_generation(warehouse, published, 2)
    delivery, is_new = send("sync", export, published, later)
    assert (path.stat().st_ino, path.read_bytes()) == before
    assert (is_new, delivery.generation_id) == (True, "00000002-s2")


def test_a_damaged_file_and_another_declaration_are_written_anew(
    published: Path, generation: FinishedGeneration
) -> None:
    export, path = declared(SYNC), published / "exports" / "sync" / "sync.csv"
    send("sync", export, published, generation)
    path.write_text("customer_id\n", encoding="utf-8")
    assert send("sync", export, published, generation)[1]
    assert path.read_text(encoding="utf-8").startswith("customer_id,rfm_segment\n")
    assert send("sync", declared(SYNC, description="In other words."), published, generation)[1] is False
    assert send("sync", declared(SYNC, where="rfm_segment = 'lost'"), published, generation)[0].rows_written == 1


def test_a_list_that_becomes_personal_leaves_no_public_file(published: Path, generation: FinishedGeneration) -> None:
    send("calls", declared(SYNC, to={"kind": "parquet"}), published, generation)
    send("calls", declared(CALLS), published, generation)
    assert not (published / "exports" / "calls").exists()
    found = Delivery.read(private_folder(published, "calls"))
    assert found is not None
    assert found.path == "restricted/exports/calls/calls.csv"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("insert into marts.mart_segment__rfm values ('c1', 'x', 1, 1), ('c1', 'y', 1, 1), ('c2', 'x', 1, 1)",
         r"2 keys \(customer_id\) stand more than once, in 5 rows"),
        ("update marts.mart_segment__rfm set customer_id = null where recency_score = 5",
         r"2 rows have no value in the key \(customer_id\); 1 keys"),
    ],
)  # fmt: skip
def test_a_broken_key_delivers_nothing(statement: str, told: str, warehouse: Path, published: Path) -> None:
    send("sync", declared(SYNC), published, publish_generation(warehouse, published, 1))
    before = (published / "exports" / "sync" / "sync.csv").read_bytes()
    change(warehouse, statement)
    with pytest.raises(ExportError, match=f"sync: nothing was delivered: {told}"):
        send("sync", declared(SYNC), published, publish_generation(warehouse, published, 2))
    assert (published / "exports" / "sync" / "sync.csv").read_bytes() == before


def test_too_many_rows_and_none_are_refused(published: Path, generation: FinishedGeneration) -> None:
    with pytest.raises(ExportError, match="6 rows would leave, max_rows allows 5: check `where`"):
        send("sync", declared(SYNC, max_rows=5), published, generation)
    with pytest.raises(ExportError, match="no row would leave, and empty_is_error is set"):
        send("sync", declared(SYNC, where="recency_score > 9", empty_is_error=True), published, generation)
    assert send("sync", declared(SYNC, where="recency_score > 9"), published, generation)[0].rows_written == 0
    assert (published / "exports" / "sync" / "sync.csv").read_text(encoding="utf-8") == "customer_id,rfm_segment\n"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"columns": ["customer_id", "rfm_segmnt"]}, "has no column rfm_segmnt. Did you mean rfm_segment"),
        ({"where": "recency_scor > 1"}, "has no column recency_scor. Did you mean recency_score"),
        ({"table": "core.dim_custmer"}, "nothing is published as core.dim_custmer. Did you mean core.dim_customer"),
        ({"contact": ["fone"], "purpose": "marketing"}, "core.dim_customer_identity has no column fone"),
        ({"table": "core.fct_ticket", "columns": ["record_id"], "key": ["record_id"], "purpose": "marketing"},
         "core.fct_ticket has no column customer_id"),
        ({"where": "rfm_segment > 5"}, "its rows cannot be selected: Binder Error: Cannot compare"),
    ],
)  # fmt: skip
def test_names_that_are_not_published_are_told(
    changed: dict[str, object], told: str, published: Path, generation: FinishedGeneration
) -> None:
    with pytest.raises(ExportError, match=told) as refused:
        send("sync", declared(SYNC, **changed), published, generation)
    # Dagster tells causes too, and an engine's would quote values.
    assert refused.value.__cause__ is None


def test_rows_of_a_restricted_table_stay_restricted(published: Path, generation: FinishedGeneration) -> None:
    export = declared(
        SYNC,
        table="core.dim_customer_identity",
        columns=["customer_id"],
        where="given_name in ('Ben', 'Dan')",
        purpose="research",
    )
    delivery, _ = send("panel", export, published, generation)
    assert delivery.path == "restricted/exports/panel/panel.csv"
    # Ben agreed to marketing only.
    assert (published / delivery.path).read_text(encoding="utf-8") == "customer_id\nc4\n"


def test_nothing_but_the_publication_can_be_read(tmp_path: Path, generation: FinishedGeneration) -> None:
    other = tmp_path / "secret.csv"
    other.write_text("a\n1\n", encoding="utf-8")
    with generation.connect() as connection:
        shut(connection, generation)
        reading, writing = f"from read_csv('{other}')", f"copy (select 1) to '{other}'"
        for statement in (reading, writing, f"attach '{tmp_path / 'x.db'}'"):
            with pytest.raises(duckdb.Error, match="disabled"):
                connection.execute(statement)
        with pytest.raises(duckdb.Error, match="locked"):
            connection.execute("set enable_external_access = true")
    assert other.read_text(encoding="utf-8") == "a\n1\n"
