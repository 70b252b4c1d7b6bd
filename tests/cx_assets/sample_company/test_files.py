"""Files: same seed same bytes, sizes by scale, broken rows as stated, the truth apart."""

import hashlib
import json

import duckdb
import pytest

from cx_assets.sample_company import DEFAULT_SEED, EMBEDDED_SCALE, generate

TINY = 0.001


def _hashes(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_seed_same_bytes_with_and_without_truth(tmp_path):
    generate(tmp_path / "a", scale=TINY, seed=5)
    generate(tmp_path / "b", scale=TINY, seed=5, truth=tmp_path / "truth_b")
    generate(tmp_path / "c", scale=TINY, seed=5, truth=tmp_path / "truth_c")
    assert _hashes(tmp_path / "a") == _hashes(tmp_path / "b") == _hashes(tmp_path / "c")
    assert _hashes(tmp_path / "truth_b") == _hashes(tmp_path / "truth_c")


def test_another_seed_changes_every_kind_of_file(tmp_path):
    generate(tmp_path / "a", scale=TINY, seed=5)
    generate(tmp_path / "b", scale=TINY, seed=6)
    first, second = _hashes(tmp_path / "a"), _hashes(tmp_path / "b")
    same = {name for name in first if first[name] == second.get(name)}
    assert same == set()


def test_generating_again_replaces_the_sources_and_nothing_else(tmp_path):
    generate(tmp_path, scale=TINY, seed=5)
    before = _hashes(tmp_path)
    (tmp_path / "crm" / "contacts_old.csv").write_text("stale")
    (tmp_path / "keep.txt").write_text("mine")
    generate(tmp_path, scale=TINY, seed=5)
    (tmp_path / "keep.txt").unlink()
    assert _hashes(tmp_path) == before


def test_progress_is_reported(tmp_path):
    said = []
    generate(tmp_path, scale=TINY, progress=said.append)
    assert said[0] == "customers"
    assert sum(text.startswith("period ") for text in said) == 36


@pytest.mark.parametrize(("scale", "seed"), [(0, 1), (-1, 1), (float("nan"), 1), (0.1, -1)])
def test_refuses_senseless_arguments(tmp_path, scale, seed):
    with pytest.raises(ValueError, match="scale must be positive"):
        generate(tmp_path, scale=scale, seed=seed)


@pytest.mark.parametrize("truth", ["files", "files/truth", "."])
def test_refuses_truth_beside_the_files(tmp_path, truth):
    with pytest.raises(ValueError, match="outside"):
        generate(tmp_path / "files", scale=TINY, truth=tmp_path / truth)


def test_defaults():
    assert (EMBEDDED_SCALE, DEFAULT_SEED) == (0.005, 42)


def test_sizes_are_the_stated_ones(company):
    counts = company.summary.counts
    stated = {
        "customers": (1_000_000, 0.0),
        "records": (1_250_000, 0.02),
        "invitations": (4_000_000, 0.05),
        "responses": (1_200_000, 0.06),
    }
    for name, (at_scale_one, tolerance) in stated.items():
        assert counts[name] == pytest.approx(at_scale_one * 0.02, rel=tolerance), name
    assert counts["sale_lines"] + counts["return_lines"] == pytest.approx(20_000_000 * 0.02, rel=0.05)
    touched = counts["web__visits"] + counts["store__contacts"] + counts["call_centre__calls"]
    assert touched == pytest.approx(12_200_000 * 0.02, rel=0.05)
    for name in ("tickets", "campaign_contacts", "leads", "products", "late_lines", "repeated_lines"):
        assert counts[name] > 0, name


def test_row_counts_are_those_of_the_files(company):
    rows = company.summary.row_counts
    for table, glob in (
        ("shop__lines", "shop/lines/*.parquet"),
        ("shop__orders", "shop/orders/*.parquet"),
        ("web__visits", "web/visits/*.parquet"),
        ("survey__invitations", "survey/invitations/*.parquet"),
        ("survey__responses", "survey/responses/*.parquet"),
        ("marketing__contacts", "marketing/contacts_*.parquet"),
    ):
        found = duckdb.sql(f"select count(*) from '{company.files / glob}'").fetchone()
        assert found == (rows[table],), table
    for table, name, header in (
        ("crm__contacts", "crm/contacts.csv", 1),
        ("service_crm__persons", "service_crm/persons.jsonl", 0),
        ("desk__tickets", "desk/tickets.jsonl", 0),
        ("marketing__leads", "marketing/leads.csv", 1),
    ):
        assert len((company.files / name).read_text(encoding="utf-8").splitlines()) == rows[table] + header, table


def test_half_a_percent_of_the_rows_is_broken(company):
    rows, broken = company.summary.row_counts, company.summary.broken_counts
    total_broken = sum(sum(kinds.values()) for kinds in broken.values())
    assert total_broken / sum(rows.values()) == pytest.approx(0.005, rel=0.03)
    for table, count in rows.items():
        if count > 3_000:
            assert sum(broken[table].values()) / count == pytest.approx(0.005, rel=0.3), table


def test_broken_rows_are_found_in_the_files(company):
    broken = company.summary.broken_counts
    lines = company.files / "shop" / "lines" / "*.parquet"
    negative = duckdb.sql(f"select count(*) from '{lines}' where line_type = 'sale' and net_amount < 0").fetchone()
    assert negative == (broken["shop__lines"]["negative_sale"],)
    answers = company.files / "survey" / "responses" / "*.parquet"
    off_scale = duckdb.sql(f"select count(*) from '{answers}' where score > 10").fetchone()
    assert off_scale == (broken["survey__responses"]["off_scale_score"],)
    unreadable = 0
    for line in (company.files / "desk" / "tickets.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            json.loads(line)
        except json.JSONDecodeError:
            unreadable += 1
    assert unreadable == broken["desk__tickets"]["cut_off_json"]


def test_paid_is_what_was_sold_and_shipped(company):
    shop = company.files / "shop"
    # Late lines are taken from the daily files, repeated ones count once; an order with a held line lacks it.
    wrong = duckdb.sql(
        f"""with lines as (
            select line_no, order_no, net_amount, shipping_amount from '{shop}/lines/*.parquet'
            where line_type = 'sale' and net_amount >= 0
            union
            select line_no, order_no, try_cast(replace(net_amount, ',', '.') as decimal(18, 2)),
                try_cast(replace(shipping_amount, ',', '.') as decimal(18, 2))
            from read_csv('{shop}/late_lines/*.csv', delim = ';', header = true, all_varchar = true,
                ignore_errors = true)
            where line_type = 'sale' and quantity <> 'zwei' and booked_at not like '31.06%'
        ), held as (
            select split_part("key", '-', 1) as order_no from '{company.truth_files}/held_row.parquet'
        ), sold as (select order_no, sum(net_amount + shipping_amount) as amount from lines group by 1)
        select count(*) filter (where o.paid_amount <> s.amount), count(*)
        from '{shop}/orders/*.parquet' as o join sold as s using (order_no) anti join held using (order_no)"""
    ).fetchone()
    assert wrong[0] == 0
    assert wrong[1] > 200_000


def test_nothing_lies_after_the_end_of_the_data(company):
    for glob, column in (
        ("shop/orders/*.parquet", "ordered_at"),
        ("shop/orders/*.parquet", "updated_at"),
        ("shop/lines/*.parquet", "booked_at"),
        ("shop/lines/*.parquet", "updated_at"),
        ("web/visits/*.parquet", "occurred_at"),
        ("survey/responses/*.parquet", "responded_at"),
        ("survey/invitations/*.parquet", "invited_at"),
        ("marketing/contacts_*.parquet", "responded_at"),
    ):
        last = duckdb.sql(f"select max({column}) from '{company.files / glob}'").fetchone()
        assert str(last[0]) < "2026-07-01", (glob, column)
    orders = duckdb.sql(f"select max(ordered_at) from '{company.files}/shop/orders/*.parquet'").fetchone()
    assert str(orders[0]).startswith("2026-06-30")


def test_december_sells_more_than_february_and_shops_rest_on_sundays(company):
    months = dict(
        duckdb.sql(
            f"""select month(ordered_at) as number, count(*) from '{company.files}/shop/orders/*.parquet'
            where ordered_at >= '2024-07-01' and ordered_at < '2025-07-01' group by 1"""
        ).fetchall()
    )
    assert months[12] > 1.2 * months[2]
    sundays = duckdb.sql(
        f"""select count(*) filter (where isodow(ordered_at) = 7) from '{company.files}/shop/orders/*.parquet'
        where channel = 'store'"""
    ).fetchone()
    assert sundays == (0,)
