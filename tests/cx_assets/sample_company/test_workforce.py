"""Employees: answers and leavers follow the unit's morale, on five seeds."""

import json

import duckdb
import numpy as np
import pandas as pd
import pytest

from cx_assets.sample_company.behaviour import logistic
from tests.cx_assets.sample_company.test_touchpoint_effects import _slope

FIRST = pd.Timestamp("2026-07-01") - pd.Timedelta(days=36 * 30)


def _morale(company):
    truth = company.truth("unit_morale")
    start = pd.to_datetime(truth["period_start_date"])
    return truth.assign(period=(start - FIRST).dt.days // 30)[["unit_name", "period", "morale"]]


def _enps(company):
    """Good answers to the first question with the morale at the time: score, morale, unit_name."""
    path = company.files / "workforce" / "enps.csv"
    rows = duckdb.sql(
        f"""select pseudonym, 'team:' || bereich as unit_name, try_strptime(beantwortet_am, '%d.%m.%Y %H:%M:%S') as at,
            cast(replace(punkte, ',', '.') as double) as score
        from read_csv('{path}', delim = ';', header = true, all_varchar = true, ignore_errors = true)
        where kennzahl = 'enps' and punkte <> '99,0'"""
    ).df().dropna()  # fmt: skip
    return rows.assign(period=(rows["at"] - FIRST).dt.days // 30).merge(_morale(company), on=["unit_name", "period"])


def test_answers_follow_the_morale_of_their_own_time(voice_company):
    rows = _enps(voice_company)
    # One wave in three periods, each unit in every wave.
    assert sorted(rows["period"].unique()) == list(range(0, 36, 3))
    assert rows.groupby("period")["unit_name"].nunique().eq(7).all()
    # In the middle of the scale, where neither end hides anything.
    middle = rows[rows["morale"].abs() < 1]
    slope, error = _slope(middle["morale"], middle["score"], np.ones(len(middle)), np.zeros(len(middle)))
    assert abs(slope - 1.0) < 4 * error + 0.05
    assert slope > 4 * error


def _interviews(company):
    rows = []
    for line in (company.files / "workforce" / "exit_interviews.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        if row["last_day"] != "2025-02-30" and row["recommend"] != 99:
            rows.append(row)
    return pd.DataFrame(rows)


def test_more_leave_where_morale_is_low(voice_company):
    gone = _interviews(voice_company)
    assert gone["employee"].is_unique
    gone = gone[gone["own_notice"]]
    period = (pd.to_datetime(gone["last_day"]) - FIRST).dt.days // 30
    gone = gone.assign(period=period, unit_name="team:" + gone["unit"]).merge(_morale(voice_company))
    # Every unit has 20 seats at this scale; 0.8 of those who give notice, at log-odds -4.1 - 0.7 x morale, are asked.
    truth = _morale(voice_company).query("period >= 0")
    chance = logistic(-4.1 - 0.7 * truth["morale"])
    expected = 0.8 * 20 * chance.sum()
    assert abs(len(gone) - expected) < 4 * np.sqrt(expected)
    weighted = (chance * truth["morale"]).sum() / chance.sum()
    spread = np.sqrt((chance * (truth["morale"] - weighted) ** 2).sum() / chance.sum() / len(gone))
    assert abs(gone["morale"].mean() - weighted) < 4 * spread
    assert weighted < truth["morale"].mean() - 2 * spread


def test_reasons_to_leave_agree_with_the_words(voice_company):
    gone = _interviews(voice_company)
    assert set(gone["reason"]) <= {"pay", "workload", "management", "tools", "moving", "dismissed"}
    assert (gone["own_notice"] == (gone["reason"] != "dismissed")).all()
    assert gone.loc[gone["reason"] == "pay", "answer"].str.contains("bezahlt|Gehalt").all()
    assert gone.loc[gone["reason"] == "moving", "answer"].str.contains("Umzug|zieht").all()
    assert gone["recommend"].between(0, 10).all()
    assert gone["tenure_days"].min() >= 0
    assert voice_company.truth("unit_morale")["morale"].std() == pytest.approx(1, abs=0.5)
