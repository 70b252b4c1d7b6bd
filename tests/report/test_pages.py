"""Every page, on values written by hand, on an empty company, without a table, and on a stale publication."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from streamlit.util import calc_hash

from report import pages
from report.app import collected_pages
from report.data import DIRECT_COLUMNS
from tests.conftest import ROOT
from tests.report.conftest import Open, words
from tests.report.publishing import CHAMPION, GIVEN_UP, PERSON, REFUSED, ROWS, declared_marts, write_publication

TITLES = {module.__name__.rpartition(".")[2]: module.TITLE for module in collected_pages()}
PAGES = list(TITLES)


def test_the_pages_are_those_of_the_folder_in_their_order() -> None:
    names = [
        "overview",
        "scores",
        "cuts",
        "drivers",
        "customers",
        "churn",
        "money",
        "lifetime",
        "customer_360",
        "data_quality",
    ]
    assert [*names, "definitions"] == PAGES


@pytest.mark.parametrize("company", ["bakery", "empty"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_its_title_and_how_fresh_it_is(page: str, company: str, open_page: Open) -> None:
    app = open_page(page, company=company)
    assert not app.exception
    assert not app.error
    assert [title.value for title in app.title] == [TITLES[page]]
    fresh = app.caption[0].value
    assert f"**{company}**, as of 30 June 2026 · published 2 July 2026, 06:00 UTC · 12 of 12 checks passed" in fresh
    assert app.sidebar.selectbox[0].value == company
    assert "Stale" not in words(app)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_shows_personal_data(page: str, open_page: Open) -> None:
    app = open_page(page, company="bakery", customer=CHAMPION)
    assert PERSON not in words(app)
    assert [set(item.value.columns) & DIRECT_COLUMNS for item in app.dataframe] == [set()] * len(app.dataframe)


def test_the_overview_compares_the_last_complete_month(open_page: Open) -> None:
    app = open_page("overview", company="bakery")
    said = words(app)
    assert app.header[0].value == "June 2026 beside May 2026"
    figures = {item.label: (item.value, item.delta) for item in app.metric}
    assert figures == {
        "Revenue, EUR": ("1,200", "+20.0%"),
        "Orders": ("50", "+25.0%"),
        "Customers who ordered": ("40", "+0.0%"),
        "New customers": ("4", "+0.0%"),
    }
    assert "1,200 EUR, +20.0% against the month before and +50.0% against the same month a year before" in said
    # 56 of 70 against 48 of 80; Newcombe (1998) gives 0.0524 to 0.3339.
    assert (
        "**CSAT, transactional**: 80.0% from 70 answers, 60.0% the month before: +20.0 points "
        "(95% interval +5.2 to +33.4). A rise beyond what chance alone makes."
    ) in said
    # 50 promoters, 20 detractors of 100 against 40 and 30 of 100, worked out by hand from Rocks (2016).
    assert (
        "**NPS, transactional**: +30 from 100 answers, +10 the month before: +20.0 points "
        "(95% interval -2.4 to +41.6). Chance alone could make this difference."
    ) in said
    assert "**CES, transactional**: too few answers (5) for a score." in said
    assert "Beyond chance: CSAT, transactional (rise). 1 of 2 show no clear change." in said


def test_a_month_before_is_chosen_by_its_address(open_page: Open) -> None:
    app = open_page("overview", company="bakery", period="2026-05")
    assert app.header[0].value == "May 2026 beside April 2026"
    assert "there is no earlier month to compare with" in words(app)


def test_an_address_of_something_absent_is_told_of(open_page: Open) -> None:
    app = open_page("overview", company="bakery", period="1999-01")
    assert "period “1999-01”, which is not here" in app.sidebar.warning[0].value
    assert app.header[0].value == "June 2026 beside May 2026"


def test_a_suppressed_cell_has_answers_and_no_score(open_page: Open) -> None:
    app = open_page("scores", company="bakery")
    app.segmented_control[0].set_value("CES, transactional").run()
    month = app.dataframe[0].value
    assert month.to_dict("records") == [
        {"touchpoint": "app", "answers": 5, "score": "too few", "interval (95%)": ""}
    ]  # fmt: skip
    whole = app.dataframe[1].value
    assert whole[["score_value", "interval_low", "interval_high"]].isna().all(axis=None)
    assert "1 cell with too few answers" in words(app)


def test_a_question_without_a_score_shows_its_mean(open_page: Open) -> None:
    app = open_page("scores", company="bakery")
    assert "NPS, transactional" in app.segmented_control[0].options
    assert "wait, transactional" not in app.segmented_control[0].options
    others = next(item.value for item in app.dataframe if "mean_score" in item.value)
    assert others[["metric", "mean_score"]].to_dict("records") == [{"metric": "wait", "mean_score": 3.25}]


def test_drivers_say_what_to_improve_first_and_what_was_left_out(open_page: Open) -> None:
    app = open_page("drivers", company="bakery")
    said = words(app)
    assert "The touchpoints explain 40% of how the overall answers of customers differ" in said
    assert "Left out: app (fewer than 50 answers)." in said
    drivers, months, gaps, promises = (item.value for item in app.dataframe)
    told = dict(zip(drivers["touchpoint"], drivers["quadrant"], strict=True))
    assert (told["delivery"], told["store"]) == ("improve first", "nice to have")
    assert pd.isna(drivers.set_index("touchpoint").loc["app", "performance_score"])
    assert list(months["happiness_index"].dropna()) == [72.5, 70.0]
    assert list(gaps["mean_gap"]) == [-0.75]
    assert list(promises["favourable_share"]) == [0.2]
    assert "1 cell with too few answers" in said


def test_a_segment_without_drivers_says_so(open_page: Open) -> None:
    assert "No drivers are known here." in words(open_page("drivers", company="bakery", segment="lost"))


def test_customers_of_one_segment(open_page: Open) -> None:
    every_page = open_page("customers", company="bakery")
    one = open_page("customers", company="bakery", segment="champions")
    everyone = {item.label: item.value for item in every_page.metric}
    assert everyone == {"Customers": "3", "With purchases": "2", "Revenue to date, EUR": "400"}
    champions = {item.label: item.value for item in one.metric}
    assert champions == {"Customers": "1", "With purchases": "1", "Revenue to date, EUR": "300"}


def test_segments_add_up_to_all_customers(open_page: Open) -> None:
    segments = open_page("customers", company="bakery").dataframe[0].value
    assert dict(zip(segments["segment"], segments["customers"], strict=True)) == {
        "champions": 1,
        "lost": 1,
        "no purchases": 1,
    }
    assert segments.set_index("segment")["net_amount_share"].to_dict() == {
        "champions": 0.75,
        "lost": 0.25,
        "no purchases": 0.0,
    }


def test_the_churn_model_is_told_in_words(open_page: Open) -> None:
    said = words(open_page("churn", company="bakery"))
    assert "**no purchase within 30 days**" in said
    assert "**73%** of cases (71% to 76%; a coin: 50%). That is better than recency alone (64%" in said
    assert "In 1 of 1 groups" in said


def test_a_refusal_to_train_is_told_in_words(open_page: Open, tmp_path: Path) -> None:
    rows = {**ROWS, "mart_prediction__churn_model": [REFUSED], "mart_prediction__churn_score": []}
    write_publication(tmp_path, "bakery", rows)
    app = open_page("churn", root=tmp_path, company="bakery")
    assert "There are no churn scores, on purpose.** Only 81 customers left." in app.warning[0].value
    assert not app.dataframe


def test_a_given_up_id_leads_to_the_customer_of_now(open_page: Open) -> None:
    app = open_page("customer_360", company="bakery", customer=GIVEN_UP)
    said = words(app)
    assert f"`{GIVEN_UP}` was given up; its records are with `{CHAMPION}`" in said
    assert "restricted/current.duckdb" in said
    assert "Chance to stay away: 25% for no purchase within 30 days" in said
    assert "Chance to be gone for good, by the rhythm of the own purchases: 10%" in said
    assert "Expected: 1,300 EUR in 365 days, value tier high" in said
    history = next(item.value for item in app.dataframe if "event_type" in item.value)
    assert sorted(history["event_type"]) == ["created", "merged"]


@pytest.mark.parametrize(
    ("customer", "answer"),
    [("c_ffffffff", "No current customer has the id c_ffffffff"), ("x' or 1=1", "A customer id begins with c_")],
)
def test_an_unknown_customer_is_said_to_be_unknown(customer: str, answer: str, open_page: Open) -> None:
    app = open_page("customer_360", company="bakery", customer=customer)
    assert answer in words(app)
    assert not app.exception


def test_data_quality_tells_late_feeds_and_explained_differences(open_page: Open) -> None:
    app = open_page("data_quality", company="bakery")
    said = words(app)
    assert "a warning of the run" in said
    assert "desk, ticket: 9 days behind; it was never silent for more than 3." in said
    assert "Every difference between sources and marts is explained." in said
    assert "Of 9 rows read from the sources none is lost." in said
    assert "'=1+1 is no date." in said


def test_definitions_come_from_the_publication(open_page: Open) -> None:
    app = open_page("definitions", company="bakery", table="marts.mart_segment__rfm")
    columns = next(
        item.value for item in app.dataframe if list(item.value.columns) == ["column", "type", "description"]
    )
    assert columns.set_index("column")["description"]["recency_score"] == "1 (longest ago) to 5."


@pytest.mark.parametrize("page", PAGES)
def test_a_stale_publication_says_so_on_every_page(page: str, open_page: Open) -> None:
    app = open_page(page, company="bakery", now="2026-07-05T06:00:00+00:00")
    assert "Stale: no run has looked at the sources for 3.0 days." in app.warning[0].value


@pytest.mark.parametrize("page", PAGES)
def test_no_page_needs_any_mart(page: str, open_page: Open, tmp_path: Path) -> None:
    kept = "mart_operations__unmapped_touchpoint"
    write_publication(tmp_path, "bakery", {}, without=tuple(name for name in declared_marts() if name != kept))
    app = open_page(page, root=tmp_path, company="bakery")
    assert not app.exception
    assert len(app.title) == 1
    if page not in ("overview", "definitions"):
        assert "This publication has no table" in words(app)


def test_before_the_first_publication_the_report_says_what_to_do(open_page: Open, tmp_path: Path) -> None:
    app = open_page("overview", root=tmp_path)
    assert app.title[0].value == "Nothing published yet"
    assert "Run `cx run`" in app.info[0].value


def test_a_late_feed_of_orders_moves_the_last_complete_month(open_page: Open, tmp_path: Path) -> None:
    late = {
        **ROWS["mart_operations__feed_completeness"][0],
        "is_late": True,
        "complete_until_date": dt.date(2026, 6, 9),
    }
    write_publication(tmp_path, "bakery", {**ROWS, "mart_operations__feed_completeness": [late]})
    app = open_page("overview", root=tmp_path, company="bakery")
    assert app.header[0].value == "May 2026 beside April 2026"
    assert "June 2026 (incomplete)" in app.sidebar.selectbox[1].options


def test_choices_go_along_to_the_next_page(open_page: Open) -> None:
    app = open_page("overview", company="bakery")
    app.sidebar.selectbox[1].set_value("2026-05").run()
    assert app.header[0].value == "May 2026 beside April 2026"
    app._page_hash = calc_hash("scores")
    app.query_params.clear()  # as the browser does when a page is chosen from the list
    app.run()
    assert app.header[0].value == "May 2026"
    assert app.sidebar.selectbox[0].value == "bakery"
    assert not app.sidebar.warning


def test_another_company_starts_with_its_own_month(open_page: Open) -> None:
    app = open_page("overview", company="bakery", period="2026-05")
    app.sidebar.selectbox[0].set_value("empty").run()
    assert not app.exception
    assert not app.sidebar.warning
    assert "No orders and no answers" in app.info[0].value


def test_the_page_of_the_manual_is_collected(open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manual = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    (tmp_path / "tickets.py").write_text(manual.split("```python\n")[1].split("```")[0], encoding="utf-8")
    monkeypatch.setattr(pages, "__path__", [*pages.__path__, str(tmp_path)])
    app = open_page("tickets", company="bakery")
    assert app.title[0].value == "Tickets"
    assert "no table `core.fct_ticket`" in app.info[0].value


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_what_the_daily_job_published(page: str, open_page: Open, sample_state: Path) -> None:
    app = open_page(page, root=sample_state, company="sample")
    assert not app.exception
    assert "has no table" not in words(app)
    assert "another version" not in words(app)
    assert [set(item.value.columns) & DIRECT_COLUMNS for item in app.dataframe] == [set()] * len(app.dataframe)
