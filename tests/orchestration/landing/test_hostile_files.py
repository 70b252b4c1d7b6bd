"""Files that should not be where they are, or hold far more than they seem to: told, bounded, never silent."""

from __future__ import annotations

import os

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.landing.errors import LandingError
from orchestration.landing.formats import readers
from orchestration.landing.formats.file_formats import parquet_files
from orchestration.landing.refused.rows import refused_rows

CSV = "contact_id,amount\nc1,1\n"


@pytest.fixture
def shop(make_shop):
    return make_shop(path="**/contacts*.csv")


@pytest.mark.parametrize("is_absolute", [True, False])
def test_a_link_out_of_the_source_folder_is_refused(shop, is_absolute):
    shop.write("contacts1.csv", CSV)
    outside = shop.root / "secret.csv"
    outside.write_text(CSV)
    (shop.source / "contacts2.csv").symlink_to(outside if is_absolute else "../secret.csv")
    with pytest.raises(LandingError, match=r"'contacts2\.csv' is a link out of the source folder"):
        shop.land()
    assert shop.manifests() == []


def test_a_linked_folder_is_no_way_out_either(make_shop):
    shop = make_shop(path="in/contacts*.csv")
    (shop.root / "elsewhere").mkdir()
    (shop.root / "elsewhere" / "contacts1.csv").write_text(CSV)
    shop.source.mkdir()
    (shop.source / "in").symlink_to(shop.root / "elsewhere")
    with pytest.raises(LandingError, match=r"'in/contacts1\.csv' is a link out of the source folder"):
        shop.land()


def test_a_folder_beside_the_source_of_a_longer_name_is_outside(shop):
    shop.source.mkdir()
    beside = shop.root / "source-of-others"
    beside.mkdir()
    (beside / "x.csv").write_text(CSV)
    (shop.source / "contacts1.csv").symlink_to(beside / "x.csv")
    with pytest.raises(LandingError, match="is a link out of the source folder"):
        shop.land()


def test_links_within_the_folder_and_a_source_folder_that_is_a_link_are_read(shop):
    real = shop.root / "mounted"
    (real / "archive").mkdir(parents=True)
    (real / "archive" / "may.csv").write_text(CSV)
    (real / "contacts1.csv").symlink_to("archive/may.csv")
    shop.source.symlink_to(real)
    shop.land()
    assert shop.rows("contact_id, _source_file") == [("c1", "contacts1.csv")]


@pytest.mark.parametrize("target", ["gone.csv", "contacts1.csv"])
def test_a_link_to_nothing_or_to_itself_is_told(shop, target):
    shop.source.mkdir()
    (shop.source / "contacts1.csv").symlink_to(target)
    with pytest.raises(LandingError, match=r"'contacts1\.csv' is a link that leads to no file"):
        shop.land()


def test_a_pipe_is_told_and_not_waited_for(shop):
    shop.source.mkdir()
    os.mkfifo(shop.source / "contacts1.csv")
    with pytest.raises(LandingError, match="a device or a pipe, which is not read"):
        shop.land()


def test_a_folder_that_matches_is_no_file(shop):
    (shop.source / "contacts9.csv").mkdir(parents=True)
    shop.write("contacts1.csv", CSV)
    shop.land()
    assert shop.rows("contact_id") == [("c1",)]


@pytest.mark.parametrize("name", [b"contacts\xe9.csv", b"\xff/contacts1.csv"])
def test_a_name_that_is_no_utf8_is_told(shop, name):
    path = os.path.join(os.fsencode(shop.source), name)
    os.makedirs(os.path.dirname(path))
    with open(path, "w") as file:
        file.write(CSV)
    with pytest.raises(LandingError) as caught:
        shop.land()
    shown = name.decode(errors="backslashreplace")
    assert f"'{shown}' has a name that is no UTF-8: rename it" in str(caught.value)


@pytest.mark.parametrize("depth", [500, 5_000, 400_000])
def test_json_nested_deeper_than_any_record_costs_its_row(make_shop, depth):
    shop = make_shop(path="*.jsonl", format="jsonl")
    deep = "[" * depth + "]" * depth
    objects = '{"a":' * (depth // 5) + "1" + "}" * (depth // 5)
    lines = ['{"contact_id":"c1"}', f'{{"contact_id":"c2","x":{deep}}}', f'{{"contact_id":"c3","y":{objects}}}', deep]
    shop.write("a.jsonl", "\n".join([*lines, '{"contact_id":"c5"}']) + "\n")
    shop.land()
    landed = {row[0] for row in shop.rows("contact_id")}
    refused = {row[0] for row in shop.quarantined("_source_row")}
    assert {"c1", "c5"} <= landed
    assert 4 in refused
    assert len(landed) + len(refused) == 5
    [load] = shop.manifests()
    for row in refused_rows(shop.workspace, [load], load, 0, load.parts[0]):
        assert row.keys(shop.item) == {}


@pytest.mark.parametrize("field", ["x" * 3_000_000, "[" * 3_000_000, '"' + "y" * 2_000_000 + '"'])
def test_a_huge_field_costs_its_row(make_shop, field):
    shop = make_shop()
    shop.write("contacts.csv", f"contact_id,amount\nc1,1\n{field},2\nc3,3\n")
    shop.land()
    assert shop.rows("contact_id") == [("c1",), ("c3",)]
    assert shop.quarantined("_source_row, rule") == [(2, "record_too_long")]


def parquet(shop, rows):
    shop.source.mkdir(parents=True, exist_ok=True)
    equal = f"select 'c1' as contact_id, 1.5 as amount from range({rows})"
    duckdb.sql(f"copy ({equal}) to '{shop.source / 'a.parquet'}' (format parquet)")


def test_a_parquet_file_of_equal_rows_is_refused_unless_it_is_meant(make_shop, monkeypatch):
    monkeypatch.setattr(parquet_files, "_FREE_ROWS", 10_000)
    shop = make_shop(path="*.parquet", format="parquet")
    parquet(shop, 10_000)
    shop.land()
    parquet(shop, 200_000)
    with pytest.raises(LandingError, match=r"a\.parquet holds 200,000 rows in [\d,]+ bytes, and [\d,]+ are taken: if"):
        shop.land()
    shop.table["options"] = {"max_rows": 199_999}
    with pytest.raises(LandingError, match="and 199,999 are taken"):
        shop.land()
    shop.table["options"] = {"max_rows": 200_000}
    assert shop.land().landed_count == 200_000


def test_twenty_million_equal_rows_cost_no_time(make_shop):
    shop = make_shop(path="*.parquet", format="parquet")
    shop.source.mkdir(parents=True)
    column = pa.table({"contact_id": pa.repeat("c1", 2_000_000), "amount": pa.repeat(1, 2_000_000)})
    with pq.ParquetWriter(shop.source / "a.parquet", column.schema) as writer:
        for _ in range(10):
            writer.write_table(column)
    with pytest.raises(LandingError, match="holds 20,000,000 rows"):
        shop.land()
    with pytest.raises(LandingError, match="holds 20,000,000 rows"), duckdb.connect() as engine:
        readers.match_header(engine, shop.item, shop.source / "a.parquet", "a.parquet")
