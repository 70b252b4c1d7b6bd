"""What the daily job publishes of the airport's survey against the raw files, to the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.companies import sfo_raw as raw

pytestmark = [pytest.mark.needs_sfo_airport, pytest.mark.slow]

RESPONSES = {2010: 3_234, 2011: 3_872, 2012: 3_521, 2013: 3_535, 2014: 2_818, 2015: 2_958, 2016: 3_087}


@pytest.fixture(scope="module")
def published(sfo_airport_publication: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(sfo_airport_publication), read_only=True) as connection:
        yield connection


def test_the_files_are_the_known_ones() -> None:
    assert {wave: len(raw.rows(wave)) for wave in raw.WAVES} == RESPONSES
    assert sum(RESPONSES.values()) == 23_025
    # A rating is one digit, empty where a filter skipped the question; anything else would be lost in these sums.
    assert {value for found in raw.ratings().values() for value in found.counts} == {*"0123456", ""}


def test_the_numbered_questions_of_2010_and_2011_are_those_of_2012() -> None:
    """The share that never used a touchpoint hardly moves in two years, and tells the touchpoints apart."""

    def unused_share(wave: int, touchpoint: str) -> float:
        counts = raw.ratings()[wave, touchpoint].counts
        return counts.get("6", 0) / (RESPONSES[wave] - counts.get("", 0))

    asked = [touchpoint for wave, touchpoint in raw.questions() if wave == 2010]
    assert len(asked) == 24
    for touchpoint in asked:
        for wave in (2010, 2011):
            assert unused_share(wave, touchpoint) == pytest.approx(unused_share(2012, touchpoint), abs=0.06)


def test_every_respondent_is_there_once(published: duckdb.DuckDBPyConnection) -> None:
    waves = published.execute(
        "select cast(wave as integer), count(distinct response_id) from core.fct_survey_response group by all"
    ).fetchall()
    assert dict(waves) == RESPONSES
    assert published.execute("select count(distinct response_id) from core.fct_survey_response").fetchone() == (23_025,)


def test_every_answer_of_every_respondent(published: duckdb.DuckDBPyConnection) -> None:
    answers = published.execute(
        "select response_id, question_id, touchpoint, score, no_score_reason from core.fct_survey_response"
    ).fetchall()
    found = {(response, question): rest for response, question, *rest in answers}
    assert len(found) == len(answers)
    expected = {}
    for (wave, touchpoint), column in raw.questions().items():
        for row in raw.rows(wave):
            value = row[column]
            if value == "":
                continue
            score = float(value) if value in "12345" else None
            reason = {"0": "left_blank", "6": "not_used"}.get(value)
            key = (f"sfo:{wave}:{raw.respondent(wave, row)}", touchpoint)
            expected[key] = [touchpoint, score, reason]
    assert found == expected


def test_count_mean_and_top_two_share_of_every_question_in_every_wave(published: duckdb.DuckDBPyConnection) -> None:
    cells = published.execute(
        "select year(score_month), month(score_month), touchpoint, metric, response_count, favourable_count,"
        " mean_score, score_value, is_suppressed from marts.mart_experience__score_by_touchpoint_month"
    ).fetchall()
    expected = raw.ratings()
    assert len(cells) == len(expected) == 176
    assert {(wave, touchpoint) for wave, _, touchpoint, *_ in cells} == expected.keys()
    for wave, month, touchpoint, metric, count, favourable, mean, share, is_suppressed in cells:
        ratings = expected[wave, touchpoint]
        assert (month, metric, is_suppressed) == (5, "csat", False)
        assert (count, favourable) == (ratings.count, ratings.top_two_count)
        assert mean == pytest.approx(ratings.mean, rel=1e-12)
        assert share == pytest.approx(ratings.top_two_count / ratings.count, rel=1e-12)


def test_not_used_is_neither_a_score_nor_a_blank(published: duckdb.DuckDBPyConnection) -> None:
    found = published.execute(
        "select no_score_reason, count(*), count(score) from core.fct_survey_response group by all"
    ).fetchall()
    totals: Counter[str] = Counter()
    for ratings in raw.ratings().values():
        totals.update(ratings.counts)
    scored = sum(totals[str(score)] for score in range(1, 6))
    assert {reason: (rows, scores) for reason, rows, scores in found} == {
        None: (scored, scored),
        "not_used": (totals["6"], 0),
        "left_blank": (totals["0"], 0),
    }


def test_weights_stand_on_every_answer_of_the_weighted_waves_only(published: duckdb.DuckDBPyConnection) -> None:
    weights = published.execute("select distinct response_id, weight from core.fct_survey_response").fetchall()
    assert len(weights) == 23_025
    expected = {
        f"sfo:{wave}:{raw.respondent(wave, row)}": float(row["WEIGHT"]) if wave in raw.WEIGHTED_WAVES else None
        for wave in raw.WAVES
        for row in raw.rows(wave)
    }
    assert dict(weights) == expected


def test_a_weighted_mean_can_be_worked_out(published: duckdb.DuckDBPyConnection) -> None:
    means = published.execute(
        "select cast(wave as integer), sum(score * weight) / sum(weight) from core.fct_survey_response"
        " where touchpoint = 'airport_overall' and score is not null group by all"
    ).fetchall()
    for wave, mean in means:
        if wave not in raw.WEIGHTED_WAVES:
            assert mean is None
            continue
        column = raw.questions()[wave, "airport_overall"]
        pairs = [(int(row[column]), float(row["WEIGHT"])) for row in raw.rows(wave) if row[column] in "12345"]
        assert mean == pytest.approx(sum(s * w for s, w in pairs) / sum(w for _, w in pairs), rel=1e-9)


def test_weighted_scores_of_every_question_stand_beside_the_raw_ones(published: duckdb.DuckDBPyConnection) -> None:
    """Mean and top-2 share of each wave, weighted where the file has weights; effective numbers by Kish's formula."""
    cells = published.execute(
        "select year(period_start), touchpoint, score_value, weighted_value, weighted_mean_score,"
        " weighted_response_count, weighted_effective_count, weighted_low, weighted_high"
        " from marts.mart_experience__score where period = 'year' and cut = 'touchpoint'"
    ).fetchall()
    assert {(wave, touchpoint) for wave, touchpoint, *_ in cells} == raw.questions().keys()
    for wave, touchpoint, value, weighted, mean, count, effective, low, high in cells:
        column = raw.questions()[wave, touchpoint]
        answered = [row for row in raw.rows(wave) if row[column] in [*"12345"]]
        assert value == pytest.approx(sum(row[column] in "45" for row in answered) / len(answered), rel=1e-12)
        if wave not in raw.WEIGHTED_WAVES:
            assert (weighted, mean, count, effective, low, high) == (None, None, 0, None, None, None)
            continue
        pairs = [(int(row[column]), float(row["WEIGHT"])) for row in answered]
        total = sum(weight for _, weight in pairs)
        assert count == len(pairs)
        # Weights are kept to four decimals.
        assert mean == pytest.approx(sum(score * weight for score, weight in pairs) / total, rel=1e-4)
        assert weighted == pytest.approx(sum(weight for score, weight in pairs if score >= 4) / total, rel=1e-4)
        kish = total**2 / sum(weight**2 for _, weight in pairs)
        assert 0.5 * kish < effective < kish * 1.0001
        assert low < weighted < high


def test_days_of_interview_are_those_of_the_file_where_it_has_them(published: duckdb.DuckDBPyConnection) -> None:
    days = published.execute(
        "select cast(wave as integer), responded_date, count(distinct response_id) from core.fct_survey_response"
        " group by all"
    ).fetchall()
    expected = {(wave, date(wave, 5, 1)): count for wave, count in RESPONSES.items() if wave < 2016}
    month_days = (row["INTDATE"].removesuffix("/2016 12:00:00 AM").split("/") for row in raw.rows(2016))
    asked = Counter(date(2016, int(month), int(day)) for month, day in month_days)
    expected |= {(2016, day): count for day, count in asked.items()}
    assert {(wave, day): count for wave, day, count in days} == expected
    observed = published.execute("select as_of_date from core.dim_observation").fetchone()
    assert observed == (max(asked),) == (date(2016, 5, 24),)


def test_nobody_is_a_customer_and_nothing_was_set_aside(published: duckdb.DuckDBPyConnection) -> None:
    assert published.execute("select count(record_id) from core.fct_survey_response").fetchone() == (0,)
    assert published.execute("select count(*) from core.dim_customer").fetchone() == (0,)
    conserved = published.execute(
        "select object_name, input_row_count, quarantined_row_count, superseded_row_count, difference_row_count"
        " from marts.mart_operations__row_conservation where stage = 'extraction'"
    ).fetchall()
    assert sorted(conserved) == [(f"wave_{wave}", count, 0, 0, 0) for wave, count in RESPONSES.items()]
