"""A load is whole or absent, lands once, and loses no row, whatever happens to files and processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.ground.durable import DamagedStateError, SequenceTakenError, write_numbered
from orchestration.landing.errors import LandingError, MissingSourceError
from orchestration.landing.loads.aggregates import landing_aggregates
from orchestration.landing.loads.manifests import commit_manifest, read_manifests
from tests.orchestration.landing.conftest import NOW, Shop

GOOD = "contact_id,amount\nc1,1\nc2,2\n"


def parquet_files(shop: Shop) -> list[str]:
    root = shop.workspace.state_dir
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*.parquet"))


def test_a_second_run_with_nothing_new_lands_nothing(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", GOOD)
    first = shop.land()
    again = shop.land(NOW + timedelta(days=1))
    assert (again.status, again.manifest, again.total_row_count) == ("unchanged", None, 2)
    assert shop.manifests() == [first.manifest]


def test_a_touched_file_is_not_landed_again(make_shop):
    shop = make_shop()
    path = shop.write("contacts.csv", GOOD)
    shop.land()
    os.utime(path, ns=(1, 1))
    assert shop.land().status == "unchanged"


def test_a_changed_file_is_a_new_load_beside_the_old_one(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", GOOD)
    shop.land()
    shop.write("contacts.csv", "contact_id,amount\nc1,9\n")
    assert shop.land().manifest.sequence == 2
    assert shop.rows("contact_id, amount, _load_sequence") == [
        ("c1", Decimal(1), 1),
        ("c2", Decimal(2), 1),
        ("c1", Decimal(9), 2),
    ]


def test_new_files_form_one_load(make_shop):
    shop = make_shop()
    shop.write("contacts-1.csv", GOOD)
    shop.land()
    shop.write("contacts-3.csv", "amount,contact_id\n5,c5\n")
    shop.write("contacts-2.csv", "contact_id,amount\nc3,3\n")
    result = shop.land()
    assert [part.source.path for part in result.manifest.parts] == ["contacts-2.csv", "contacts-3.csv"]
    assert (result.landed_count, result.total_row_count, result.repeated_files) == (2, 4, ("contacts-1.csv",))


def test_the_same_content_under_another_name_lands_once(make_shop):
    shop = make_shop()
    shop.write("contacts-1.csv", GOOD)
    shop.write("contacts-2.csv", GOOD)
    assert shop.land().repeated_files == ("contacts-2.csv",)
    shop.write("contacts-3.csv", GOOD)
    assert shop.land().status == "unchanged"
    assert len(shop.rows()) == 2


def test_a_corrected_declaration_lands_the_file_again_in_place_of_the_old_landing(make_shop):
    shop = make_shop(options={"delimiter": ","})
    shop.write("contacts.csv", 'contact_id,amount\nc1,"1,5"\nc2,2\n')
    assert shop.land().quarantined_count == 1
    wrong = shop.table
    shop.table = {**wrong, "options": {"delimiter": ",", "decimal_separator": ","}}
    result = shop.land()
    assert (result.landed_count, result.quarantined_count, result.total_row_count) == (2, 0, 2)
    assert shop.rows("contact_id, amount, _load_sequence") == [("c1", Decimal("1.5"), 2), ("c2", Decimal(2), 2)]
    shop.table = wrong
    assert (shop.land().manifest.sequence, len(shop.rows())) == (3, 1)
    shop.table = {**wrong, "description": "Only the words changed."}
    assert shop.land().status == "unchanged"


def test_a_new_declared_column_is_null_in_landings_whose_files_are_gone(make_shop):
    shop = make_shop()
    path = shop.write("contacts.csv", GOOD)
    shop.land()
    path.unlink()
    shop.table = {**shop.table, "is_optional": True, "columns": {**shop.table["columns"], "born": "date"}}
    assert shop.land().status == "unchanged"
    assert shop.rows("contact_id, born") == [("c1", None), ("c2", None)]
    assert shop.types()["born"] == "DATE"


def test_a_missing_file_names_table_pattern_and_folder(make_shop):
    shop = make_shop()
    with pytest.raises(MissingSourceError) as error:
        shop.land()
    for told in ("crm__contacts", "contacts*.csv", str(shop.source), "is_optional"):
        assert told in str(error.value)


def test_an_optional_table_without_files_is_an_empty_typed_view(make_shop):
    shop = make_shop(is_optional=True)
    result = shop.land()
    assert (result.status, result.total_row_count, shop.rows()) == ("empty", 0, [])
    assert list(shop.types().values()) == [
        "VARCHAR",
        "DECIMAL(18,2)",
        "VARCHAR",
        "BIGINT",
        "VARCHAR",
        "BIGINT",
        "BOOLEAN",
    ]


def test_a_bad_file_beside_good_ones_lands_nothing_of_the_call(make_shop):
    shop = make_shop()
    shop.write("contacts-1.csv", GOOD)
    shop.write("contacts-2.csv", "contact_id\nc9\n")
    with pytest.raises(LandingError, match=r"contacts-2\.csv"):
        shop.land()
    assert (shop.manifests(), parquet_files(shop)) == ([], [])


def test_a_file_that_grows_while_it_is_read_is_refused(make_shop, monkeypatch):
    shop = make_shop()
    path = shop.write("contacts.csv", GOOD)

    def grow(_name: str, **_more: object) -> None:
        path.write_text(GOOD + "c3,3\n")

    monkeypatch.setattr("orchestration.landing.loads.parts.boundary", grow)
    with pytest.raises(LandingError, match="changed while it was read"):
        shop.land()
    assert shop.manifests() == []


def test_a_reader_that_loses_a_row_stops_the_load(make_shop, monkeypatch):
    shop = make_shop()
    shop.write("contacts.csv", GOOD)
    from orchestration.landing.loads import parts

    judged = parts._judged_sql
    monkeypatch.setattr(parts, "_judged_sql", lambda *args: f"(from {judged(*args)} where _row > 1)")
    with pytest.raises(LandingError, match="has 2 records, but 1 would land and 0 go to quarantine"):
        shop.land()
    assert (shop.manifests(), parquet_files(shop)) == ([], [])


def test_sequences_run_over_all_tables_without_gaps(make_shop):
    shop = make_shop()
    shop.write("contacts-1.csv", GOOD)
    shop.land()
    shop.write("contacts-2.csv", "contact_id,amount\nc3,3\n")
    manifest = shop.land().manifest
    assert [item.sequence for item in shop.manifests()] == [1, 2]
    with pytest.raises(SequenceTakenError, match=r"00000002\.json"):
        commit_manifest(manifest, shop.workspace)


def test_a_taken_sequence_leaves_the_first_document(tmp_path):
    write_numbered(tmp_path, 1, {"a": 1})
    before = (tmp_path / "00000001.json").read_bytes()
    with pytest.raises(SequenceTakenError):
        write_numbered(tmp_path, 1, {"a": 2})
    assert [path.name for path in tmp_path.iterdir()] == ["00000001.json"]
    assert (tmp_path / "00000001.json").read_bytes() == before


def test_a_manifest_cut_at_any_byte_is_named_with_its_remedy(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", GOOD)
    shop.land()
    path = shop.workspace.manifests_dir / "00000001.json"
    whole = path.read_bytes()
    for length in range(0, len(whole), 37):
        path.write_bytes(whole[:length])
        with pytest.raises(DamagedStateError, match=r"00000001\.json .*delete it"):
            read_manifests(shop.workspace)
    path.write_bytes(whole.replace(b'"rows": 2', b'"rows": 3'))
    with pytest.raises(DamagedStateError, match="was changed after it was written"):
        read_manifests(shop.workspace)
    path.unlink()
    assert shop.land().landed_count == 2
    assert path.read_bytes() != b""


def test_a_cut_or_absent_parquet_file_is_named(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", GOOD)
    part = shop.land().manifest.parts[0]
    path = shop.workspace.state_dir / part.landed.path
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedStateError, match=r"part-0000\.parquet is absent or cut short"):
        shop.land()
    path.unlink()
    with pytest.raises(DamagedStateError, match="absent or cut short"):
        shop.land()


def test_leftovers_of_a_load_without_manifest_are_removed(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", GOOD)
    for root in (shop.workspace.landing_dir, shop.workspace.quarantine_dir):
        stray = root / "crm__contacts" / "0123456789abcdef" / "part-0000.parquet"
        stray.parent.mkdir(parents=True)
        stray.write_bytes(b"half")
    shop.workspace.manifests_dir.mkdir(parents=True)
    (shop.workspace.manifests_dir / ".writing-1-00000001.json").write_text("{")
    load_id = shop.land().manifest.load_id
    assert parquet_files(shop) == [f"landing/crm__contacts/{load_id}/part-0000.parquet"]
    assert [path.name for path in shop.workspace.manifests_dir.iterdir()] == ["00000001.json"]
    assert not list(shop.workspace.state_dir.rglob(".scratch"))


LAND = """
import sys
from datetime import datetime
from orchestration.ground.workspace import Workspace
from orchestration.declaration.company import load_company
from orchestration.landing.extraction import extract_table
workspace = Workspace.from_environment()
extract_table(load_company(workspace), "crm", "contacts", workspace, now=workspace.now())
"""


def land_in_child(shop: Shop, state: str, **environ: str) -> int:
    _ = shop.company
    given = {
        "CX_COMPANY": "shop",
        "CX_COMPANY_DIR": str(shop.root / "shop"),
        "CX_SOURCE_DIR": str(shop.source),
        "CX_STATE_ROOT": str(shop.root / state),
        "CX_CLOCK": NOW.isoformat(),
    }
    return subprocess.run([sys.executable, "-c", LAND], env={**os.environ, **given, **environ}, check=False).returncode


def state_of(shop: Shop, state: str) -> dict[str, bytes]:
    """Every file of the state by path: the lock, manifests and both Parquet folders."""
    root = shop.root / state / "shop"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def rows_of(path: Path) -> list[tuple[object, ...]]:
    """Through a connection of its own: a file that cannot be read leaves the shared one in an aborted transaction."""
    with duckdb.connect() as connection:
        return connection.read_parquet(str(path)).fetchall()


@pytest.mark.parametrize("place", ["mid_parquet", "before_manifest"])
def test_killed_at_a_boundary_the_next_run_equals_an_unkilled_one(make_shop, place):
    shop = make_shop()
    shop.write("contacts-1.csv", GOOD + "c3,x\n")
    shop.write("contacts-2.csv", "contact_id,amount\nc4,4\n,5\n")
    assert land_in_child(shop, "killed", CX_KILL_AT=place) == -signal.SIGKILL
    assert not [name for name in state_of(shop, "killed") if name.startswith("landing/manifests/")]
    left = sorted((shop.root / "killed" / "shop" / "landing").rglob("*.parquet"))
    if place == "mid_parquet":
        with pytest.raises(duckdb.InvalidInputException):
            rows_of(left[0])
    else:
        assert [len(rows_of(path)) for path in left] == [2, 1]
    assert land_in_child(shop, "killed") == 0
    assert land_in_child(shop, "whole") == 0
    assert state_of(shop, "killed") == state_of(shop, "whole")
    assert len(state_of(shop, "whole")) == 6  # the lock, one manifest, two landed and two quarantine files


def test_many_at_once_land_one_load(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", GOOD)
    _ = shop.company
    environ = {
        **os.environ,
        "CX_COMPANY": "shop",
        "CX_COMPANY_DIR": str(shop.root / "shop"),
        "CX_SOURCE_DIR": str(shop.source),
        "CX_STATE_ROOT": str(shop.root / "state"),
        "CX_CLOCK": NOW.isoformat(),
    }
    children = [subprocess.Popen([sys.executable, "-c", LAND], env=environ) for _ in range(4)]
    assert [child.wait() for child in children] == [0] * 4
    assert [(item.sequence, item.row_count) for item in shop.manifests()] == [(1, 2)]


def test_aggregates_compare_manifests_with_files_one_by_one(make_shop):
    shop = make_shop()
    shop.write("contacts-1.csv", GOOD + ",1\n,2\n")
    shop.land()
    frame = landing_aggregates(shop.workspace, shop.manifests(), "crm__contacts")
    assert frame.to_dict("records") == [
        {"landed_count": 2, "parquet_count": 2, "difference_count": 0, "quarantined_share": 0.02}
    ]
    path = shop.workspace.state_dir / shop.manifests()[0].parts[0].landed.path
    manifests = shop.manifests()
    duckdb.execute(f"copy (select 1 as contact_id) to '{path}' (format parquet)")
    changed = landing_aggregates(shop.workspace, manifests, "crm__contacts")
    assert (changed["parquet_count"][0], changed["difference_count"][0]) == (1, 1)
    assert landing_aggregates(shop.workspace, [], "crm__contacts").to_dict("records") == [
        {"landed_count": 0, "parquet_count": 0, "difference_count": 0, "quarantined_share": 0.0}
    ]


@pytest.mark.parametrize(
    ("rows", "share"),
    [
        (",x\n" * 7, 1.0),  # all seven
        (",x\n" * 4 + "a,1\n" * 3, 4 / 7),
        (",x\n" * 3 + "a,1\n" * 3, 0.03),  # half is not more than half: three of a hundred
        (",x\n" + "a,1\n" * 3, 0.01),
        (",x\n", 1.0),
    ],
)
def test_a_file_of_which_more_than_half_is_refused_counts_as_it_is_however_small(make_shop, rows, share):
    shop = make_shop()
    shop.write("contacts-1.csv", GOOD)
    shop.write("contacts-2.csv", GOOD.splitlines()[0] + "\n" + rows)
    shop.land()
    frame = landing_aggregates(shop.workspace, shop.manifests(), "crm__contacts")
    assert frame["quarantined_share"][0] == pytest.approx(share)


FIELD = st.text(alphabet=st.sampled_from(list('ab1.,;"\n\r é\t\0')), max_size=6)
LINE = st.lists(FIELD, min_size=0, max_size=4).map(",".join)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINE, max_size=12))
def test_every_record_of_any_csv_lands_or_is_quarantined(
    make_shop: Callable[..., Shop], tmp_path_factory: pytest.TempPathFactory, lines: list[str]
):
    shop = make_shop()
    shop.root = tmp_path_factory.mktemp("any")
    shop.write("contacts.csv", "contact_id,amount\n" + "\n".join(lines))
    result = shop.land()
    part = result.manifest.parts[0]
    assert result.landed_count + result.quarantined_count == part.record_count
    assert sum(reason.row_count for reason in part.reasons) == result.quarantined_count
    positions = [row[0] for row in shop.rows("_source_row")] + [row[0] for row in shop.quarantined()]
    assert sorted(positions) == list(range(1, part.record_count + 1))


CELL = st.text(alphabet=st.sampled_from(list('ab,"\n é')), min_size=1, max_size=6).filter(str.strip)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(CELL, st.integers(-999, 999)), max_size=12))
def test_what_a_csv_writer_wrote_comes_back_whole(
    make_shop: Callable[..., Shop], tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int]]
):
    shop = make_shop()
    shop.root = tmp_path_factory.mktemp("written")
    body = "".join('"' + name.replace('"', '""') + f'",{amount}\n' for name, amount in rows)
    shop.write("contacts.csv", "contact_id,amount\n" + body)
    assert shop.land().quarantined_count == 0
    assert shop.rows("contact_id, amount") == [(name, Decimal(amount)) for name, amount in rows]


def test_a_key_that_is_declared_later_lands_nothing_again(make_shop):
    shop = make_shop()
    shop.write("contacts.csv", "contact_id,amount\nc1,1\n")
    shop.land()
    shop.table["key"] = ["contact_id"]
    assert shop.land().status == "unchanged"
