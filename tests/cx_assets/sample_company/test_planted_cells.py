"""Differences between channels, products, kinds of customer and languages, and expectations: as stated, or none."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.cx_assets.sample_company.feelings import answers, felt

# Spread of a feeling around its mean, relationship and morale included; a little more than the standard normal's.
SPREAD = 1.3


def _difference(rows, here, there):
    """Felt shift of the answers in `here` less that of those in `there`, and its standard error."""
    cells = felt(rows[here | there].assign(is_here=here[here | there]), ["is_here"]).set_index("is_here")
    error = SPREAD * np.sqrt((1 / cells["count"]).sum())
    return cells["shift"][True] - cells["shift"][False], error


def _with_orders(company):
    orders = duckdb.sql(
        f"""select order_no, any_value(o.channel) as order_channel, arg_min(warengruppe, line_no) as category
        from '{company.files}/shop/orders/*.parquet' as o
        join (from '{company.files}/shop/lines/*.parquet' where line_no not like '%X' and line_type = 'sale') as l
            using (order_no)
        join read_csv('{company.files}/shop/products.csv', delim = ';', header = true, all_varchar = true,
            ignore_errors = true) as p on p.artikel_nr = l.article_no
        where o.order_no not like '%X' group by 1"""
    ).df()
    rows = answers(company)
    return rows[rows["survey_type"] == "transactional"].merge(orders, on="order_no", how="left")


def _cells(company):
    """Planted cell of the truth -> measured difference and standard error."""
    rows = _with_orders(company)
    who = company.truth("record_customer").merge(company.truth("customer"), on="true_customer_id")
    is_company = rows["record_id"].map(who.set_index("record_id")["customer_type"]) == "company"

    def of(touchpoint):
        return rows["touchpoint"] == touchpoint

    return {
        "app": _difference(rows, of("checkout") & (rows["order_channel"] == "app"),
                           of("checkout") & (rows["order_channel"] == "web")),
        "Shoes": _difference(rows, of("product") & (rows["category"] == "Shoes"),
                             of("product") & rows["category"].notna() & (rows["category"] != "Shoes")),
        "company": _difference(rows, of("advice") & is_company, of("advice") & ~is_company),
    }  # fmt: skip


def test_single_cells_feel_worse_by_the_stated_amounts(company):
    truth = company.truth("planted_cell").query("quantity == 'impression_shift'").set_index("value")["difference"]
    assert truth.to_dict() == {"app": -0.4, "Shoes": -0.6, "company": -0.5}
    for cell, (measured, error) in _cells(company).items():
        assert abs(measured - truth[cell]) < 4 * error, cell
        assert error < 0.2, cell
    assert _cells(company)["app"][0] < 0


def test_in_the_null_company_no_cell_differs(null_company):
    assert (null_company.truth("planted_cell")["difference"] == 0).all()
    for cell, (measured, error) in _cells(null_company).items():
        assert abs(measured) < 4 * error, cell


def _electronics_over_list(company):
    """Price of electronics over the list price by channel: distinct ratios, to the cent of a piece."""
    rows = duckdb.sql(
        f"""select l.channel, cast(l.net_amount + l.discount_amount as double) / l.quantity as price,
            cast(replace(p.listenpreis, ',', '.') as double) as list_price
        from '{company.files}/shop/lines/*.parquet' as l
        join read_csv('{company.files}/shop/products.csv', delim = ';', header = true, all_varchar = true,
            ignore_errors = true) as p on p.artikel_nr = l.article_no
        where l.line_type = 'sale' and l.line_no not like '%X' and p.warengruppe = 'Electronics'
            and p.listenpreis not like 'auf%'"""
    ).df()
    dearer = (rows["price"] - (1.05 * rows["list_price"])).abs() < 0.0051
    listed = (rows["price"] - rows["list_price"]).abs() < 0.0001
    is_app = rows["channel"] == "app"
    return is_app, dearer, listed


def test_electronics_cost_five_per_cent_more_in_the_app_alone(company):
    is_app, dearer, listed = _electronics_over_list(company)
    assert is_app.sum() > 100
    assert dearer[is_app].all()
    assert listed[~is_app].all()


def test_in_the_null_company_every_channel_asks_the_list_price(null_company):
    _, _, listed = _electronics_over_list(null_company)
    assert listed.all()


def _late_shares(company):
    return duckdb.sql(
        f"""select channel, avg(cast(delivered_at > promised_at as int)) as share, count(*) as n
        from '{company.files}/shop/orders/*.parquet' where delivered_at is not null and order_no not like '%X'
        group by 1"""
    ).df().set_index("channel")  # fmt: skip


def test_parcels_ordered_by_telephone_are_promised_too_early(company):
    late = _late_shares(company)
    # In time is 1 to 33.6 hours before the promise, evenly: six hours less make 5 of 32.6 of them late.
    expected = late["share"]["web"] + (1 - late["share"]["web"]) * 5 / 32.6
    error = np.sqrt(expected * (1 - expected) / late["n"]["phone"])
    assert abs(late["share"]["phone"] - expected) < 4 * error
    assert late["share"]["phone"] > late["share"]["web"] + 0.08


def test_in_the_null_company_the_telephone_promises_the_same(null_company):
    late = _late_shares(null_company)
    error = np.sqrt(late["share"]["web"] / late["n"]["phone"])
    assert abs(late["share"]["phone"] - late["share"]["web"]) < 4 * error


def _expected(company):
    """Shift of the expectation of each touchpoint, and its standard error."""
    cells = felt(answers(company, ("expectation", "none")), ["touchpoint"]).set_index("touchpoint")
    return cells["shift"], 1 / np.sqrt(cells["count"])


def test_expectations_are_asked_beside_reality_and_have_the_stated_levels(company):
    truth = company.truth("expectation").set_index("touchpoint")["expectation_shift"]
    assert truth.to_dict() == {"app": -0.4, "checkout": 0.0, "delivery": 0.7, "product": 0.2, "service_desk": 0.5}
    shift, error = _expected(company)
    assert set(shift.index) == set(truth.index)
    # Who answers is in a better mood than the mean: the same for all touchpoints.
    level = (shift - truth).mean()
    assert abs(level) < 0.25
    for name in truth.index:
        assert abs(shift[name] - level - truth[name]) < 4 * error[name], name
    both = duckdb.sql(
        f"""select count(*) filter (where n = 2), count(*) from (
            select response_no, touchpoint, count(distinct metric) as n
            from '{company.files}/survey/responses/*.parquet'
            where survey_type = 'relational' and score <> 99 and response_no not like '%X'
            and touchpoint in ('app', 'checkout', 'delivery', 'product', 'service_desk') group by all)"""
    ).fetchone()
    assert both[0] == both[1] > 1_000


def test_in_the_null_company_reality_is_what_was_expected(null_company):
    shift, error = _expected(null_company)
    rows = answers(null_company)
    real = felt(rows[rows["survey_type"] == "relational"], ["touchpoint"]).set_index("touchpoint")["shift"]
    for name in shift.index:
        assert abs(real[name] - shift[name]) < 4 * np.sqrt(2) * error[name], name


def _by_language(company):
    """Shift of the scores of each language less that of German, and its standard error."""
    records = duckdb.sql(
        f"""select 'crm:' || kontakt_nr as record_id, any_value(sprache) as language
        from read_csv('{company.files}/crm/contacts.csv', delim = ';', quote = '"', header = true, all_varchar = true,
            ignore_errors = true) group by 1"""
    ).df()
    cells = felt(answers(company).merge(records, on="record_id"), ["language"]).set_index("language")
    error = SPREAD * np.sqrt(1 / cells["count"] + 1 / cells["count"]["de"]) * 1.8
    return cells["shift"] - cells["shift"]["de"], error


def test_languages_answer_higher_or_lower_by_the_stated_amounts(company):
    truth = company.truth("answer_style").set_index("language_code")["answer_shift"]
    assert truth.to_dict() == {"de": 0.0, "en": 0.3, "tr": 0.2, "pl": -0.3, "fr": -0.1}
    measured, error = _by_language(company)
    for language in ("en", "tr", "pl", "fr"):
        assert abs(measured[language] - truth[language]) < 4 * error[language], language
    assert measured["en"] > measured["pl"]


def test_in_the_null_company_languages_answer_alike(null_company):
    measured, error = _by_language(null_company)
    for language in ("en", "tr", "pl", "fr"):
        assert abs(measured[language]) < 4 * error[language], language


def test_favourite_categories_have_their_season(company):
    """Buyers of garden goods buy half more in the second quarter, beside those of kitchen goods (all year the same)."""
    customers = company.truth("customer").set_index("true_customer_id")["favourite_category"]
    who = company.truth("record_customer").set_index("record_id")["true_customer_id"]
    orders = company.sales().drop_duplicates("order_no")
    rows = pd.DataFrame(
        {
            "favourite": orders["record_id"].map(who).map(customers),
            "month": pd.to_datetime(orders["sold_on"]).dt.month,
            "year": pd.to_datetime(orders["sold_on"]).dt.year,
        }
    ).query("year in (2024, 2025)")
    in_season = rows["month"].isin((4, 5, 6))
    counts = pd.crosstab(rows["favourite"], in_season)
    odds = counts[True] / counts[False]
    # 1.5 in the season, 1 - 0.5 / 3 outside; periods of 30 days blur the borders of the quarters a little.
    ratio = odds["Garden"] / odds["Kitchen"]
    error = ratio * np.sqrt((1 / counts.loc[["Garden", "Kitchen"]]).to_numpy().sum()) * 2
    assert ratio == pytest.approx(1.5 / (1 - 0.5 / 3), abs=4 * error + 0.12)
