"""The comparison finds every kind of difference: a benchmark that cannot fail would show nothing."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.benchmarks.comparison import TableComparison, compare, rival_tables


def _build(path: Path, rows: str, columns: str = "id, amount, share, snapshot_id") -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema core; create schema given; create table given.copied as select 1 as id")
        connection.execute(
            f"create table core.fct as select {columns} from (values {rows}) as t(id, amount, share, snapshot_id)"
        )
    return path


def _compared(
    tmp_path: Path, this: str, rival: str, columns: str = "id, amount, share, snapshot_id"
) -> TableComparison:
    left, right = _build(tmp_path / "cx.duckdb", this), _build(tmp_path / "rival.duckdb", rival, columns)
    assert rival_tables(right) == ["core.fct"]
    (found,) = compare(left, right, ["core.fct"])
    return found


THREE = "(1, 1.50, 0.1::double, 'a'), (2, 2.50, null, 'a'), (2, 2.50, null, 'a')"


def test_equal_rows_in_another_order_with_other_housekeeping_and_rounding_noise(tmp_path: Path) -> None:
    other = "(2, 2.50, null, 'b'), (1, 1.50, 0.1::double + 1e-12, 'b'), (2, 2.50, null, 'b')"
    found = _compared(tmp_path, THREE, other)
    assert found.is_equal
    assert (found.this_count, found.rival_count, found.compared_columns) == (3, 3, 3)


def test_a_row_held_twice_on_one_side_only_differs(tmp_path: Path) -> None:
    found = _compared(tmp_path, THREE, "(1, 1.50, 0.1::double, 'a'), (2, 2.50, null, 'a')")
    assert not found.is_equal
    assert (found.only_this, found.only_rival) == (1, 0)


def test_a_cent_differs_and_its_column_is_named(tmp_path: Path) -> None:
    found = _compared(tmp_path, THREE, THREE.replace("1.50", "1.51"))
    assert (found.only_this, found.only_rival, found.differing_columns) == (1, 1, ["amount"])


def test_a_null_is_not_a_value(tmp_path: Path) -> None:
    found = _compared(tmp_path, THREE, THREE.replace("0.1::double", "null"))
    assert found.differing_columns == ["share"]


def test_an_absent_business_column_differs(tmp_path: Path) -> None:
    found = _compared(tmp_path, THREE, THREE, columns="id, amount, snapshot_id")
    assert not found.is_equal
    assert found.absent_columns == ["share"]


def test_noise_of_the_last_bits_on_the_edge_of_a_grid_is_no_difference(tmp_path: Path) -> None:
    # A mean of sixteen values in millionths ends in half a billionth: rounding to nine decimals tips it either way.
    edge = THREE.replace("0.1::double", "0.0000010625::double")
    assert _compared(tmp_path, edge, edge.replace("0.0000010625::double", "0.0000010625::double - 1e-19")).is_equal


def test_two_billionths_differ(tmp_path: Path) -> None:
    found = _compared(tmp_path, THREE, THREE.replace("0.1::double", "0.100000002::double"))
    assert (found.only_this, found.only_rival, found.differing_columns) == (1, 1, ["share"])
