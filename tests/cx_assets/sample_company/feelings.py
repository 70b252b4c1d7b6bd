"""Scores of the generated survey files turned back into the shift of an impression that would give them."""

from math import erf, sqrt

import duckdb
import numpy as np

GRID = np.linspace(-3, 3, 601)


def _mean_score(base, spread, top):
    """Mean of clip(round(base + spread * feeling), 1, top) for each shift of a standard normal feeling."""
    below = [[0.5 * (1 + erf(((cut - base) / spread - shift) / sqrt(2))) for shift in GRID] for cut in
             np.arange(1.5, top)]  # fmt: skip
    return top - np.sum(below, axis=0)


SCALES = {
    ("relational", "csat"): _mean_score(3.7, 0.9, 5),
    ("relational", "expectation"): _mean_score(3.7, 0.9, 5),
    ("transactional", "csat"): _mean_score(3.8, 0.9, 5),
    ("transactional", "ces"): _mean_score(5.2, 1.2, 7),
}


def answers(company, metrics=("csat", "ces")):
    """Good scores of single touchpoints: survey_type, touchpoint, metric, score, invited_at, order_no, record_id."""
    files = company.files
    return duckdb.sql(
        f"""select r.survey_type, cast(r.touchpoint as varchar) as touchpoint, r.metric, r.score, i.invited_at,
            i.order_no, r.customer_system || ':' || r.customer_no as record_id
        from '{files}/survey/responses/*.parquet' as r join '{files}/survey/invitations/*.parquet' as i
            using (invitation_no)
        where r.score <> 99 and r.responded_at is not null and r.response_no not like '%X' and r.metric in {metrics}
            and i.invited_at is not null and i.survey_type <> 'pulse'"""
    ).df()


def felt(rows, by):
    """Shift per cell of `by`, pooled over scales: mean of the inverted mean scores, weighted by answers."""
    cells = rows.groupby([*by, "survey_type", "metric"], observed=True)["score"].agg(["mean", "count"]).reset_index()
    cells["shift"] = [
        np.interp(mean, SCALES[kind, metric], GRID)
        for mean, kind, metric in zip(cells["mean"], cells["survey_type"], cells["metric"], strict=True)
    ]
    cells["weighted"] = cells["shift"] * cells["count"]
    pooled = cells.groupby(by, observed=True)[["weighted", "count"]].sum().reset_index()
    return pooled.assign(shift=pooled["weighted"] / pooled["count"])
