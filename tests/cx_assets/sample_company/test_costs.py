"""Costs and refunds: what the files say is what was stated."""

from dataclasses import replace

import duckdb
import numpy as np
import pytest

from cx_assets.sample_company.catalogue import CATEGORY_NAMES
from cx_assets.sample_company.costs import Costs, contact_costs, refunds, ticket_costs, unit_costs


def test_a_piece_costs_its_category_s_share_of_the_list_price():
    costs = Costs(category_shares=(0.5, 0.75))
    assert unit_costs(np.array([999, 1_000, 1_001]), np.array([0, 1, 1]), costs).tolist() == [500, 750, 751]


def test_a_return_brings_everything_back_for_fourteen_days_then_nine_tenths():
    paid, days = np.array([1_999, 1_999, 1_999]), np.array([2, 14, 15])
    assert refunds(paid, days, Costs()).tolist() == [1_999, 1_999, 1_799]


def test_minutes_begun_are_paid():
    assert contact_costs(np.array([0.0, 60.0, 61.0]), (150, 80)).tolist() == [150, 230, 310]


def test_work_on_a_ticket_costs_by_its_channel():
    # Hardly a minute each, so that the mean does not matter.
    costs = replace(Costs(), ticket_minutes=1e-9)
    assert ticket_costs(np.random.default_rng(1), np.arange(5), costs).tolist() == [190, 285, 155, 170, 125]


def test_every_category_s_cost_lies_between_45_and_75_percent_of_its_prices(company):
    path = company.files / "shop" / "products.csv"
    shares = duckdb.sql(
        f"""select warengruppe, sum(cast(replace(einstandspreis, ',', '.') as double))
            / sum(cast(replace(listenpreis, ',', '.') as double))
        from read_csv('{path}', delim = ';', all_varchar = true, ignore_errors = true)
        where listenpreis <> 'auf Anfrage' group by 1"""
    ).fetchall()
    stated = dict(zip(CATEGORY_NAMES, Costs().category_shares, strict=True))
    assert set(stated) == {name for name, _ in shares}
    for name, share in shares:
        assert share == pytest.approx(stated[name], abs=0.001), name
        assert 0.45 <= stated[name] <= 0.75


def test_lines_cost_their_pieces_and_returns_give_the_stated_refund(company):
    shop = company.files / "shop"
    wrong = duckdb.sql(
        f"""with product as (
            select artikel_nr as article_no, cast(replace(einstandspreis, ',', '.') as decimal(18, 2)) as unit_cost
            from read_csv('{shop}/products.csv', delim = ';', all_varchar = true, ignore_errors = true)
            where listenpreis <> 'auf Anfrage'
        ), line as (
            select *, date_diff('day', coalesce(delivered_at, ordered_at), booked_at) as days
            from '{shop}/lines/*.parquet' as l join product using (article_no)
            join (select order_no, ordered_at, delivered_at from '{shop}/orders/*.parquet') using (order_no)
            where line_no not like '%X'
        )
        select count(*) filter (where cost_amount <> quantity * unit_cost),
            count(*) filter (where (refund_amount is null) <> (line_type = 'sale')),
            count(*) filter (where days <= 14 and refund_amount <> -net_amount),
            count(*) filter (where days > 14 and refund_amount <> floor(-net_amount * 90) / 100),
            count(*) filter (where days > 14 and line_type = 'return') > 1000
        from line"""
    ).fetchone()
    assert wrong == (0, 0, 0, 0, True)


def test_only_solved_tickets_and_contacts_with_people_cost_something(company):
    tickets = duckdb.sql(
        f"""select count(*) filter (where (resolved is null) <> (cost is null)), avg(cost) between 9 and 14
        from read_json('{company.files}/desk/tickets.jsonl', ignore_errors = true,
            format = 'newline_delimited', columns = {{resolved: 'varchar', cost: 'double'}})"""
    ).fetchone()
    assert tickets == (0, True)
    for kind, fixed, each in (("call_centre/calls", 1.5, 0.8), ("store/contacts", 0.5, 0.6)):
        wrong = duckdb.sql(
            f"""select count(*) filter (where cost_amount <> round({fixed} + {each} * ceil(seconds / 60), 2)), count(*)
            from '{company.files}/{kind}/*.parquet' where seconds >= 0"""
        ).fetchone()
        assert wrong[0] == 0
        assert wrong[1] > 1_000
