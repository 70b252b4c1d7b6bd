"""Benchmark of predictions: `python -m tests.benchmarks.predict`, which `make bench-predict` calls.

Case `cdnow`: parameters and foresight on the data of the papers, beside the published figures. Case `has_left`: how
well the probability of still being a customer orders those whom the sample company's generator has let go, beside
recency.
Case `lifetime`: seconds from a million purchase histories to what each customer is expected to bring, with intervals.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from cx_assets.lifetime_value.lifetimes import Rules, customer_lifetimes
from cx_assets.lifetime_value.purchasing import BgNbd, Histories, ParetoNbd
from cx_assets.lifetime_value.spending import GammaGamma
from cx_assets.sample_company import generate
from cx_assets.sample_company.timeline import END_DATE
from orchestration.ground.workspace import REPOSITORY
from tests.benchmarks.figures import THIS, Figure
from tests.benchmarks.money_cohorts import compiled_company, empty_models, fill
from tests.conftest import absent_files, real_data_dir
from tests.cx_assets.lifetime_value.cdnow import WEEKS_39, purchase_days, summary

OUTPUT = REPOSITORY / "data" / "benchmarks" / "predict.json"
PUBLISHED = "published"
WEEK = 7.0
SEEDS = (401, 402, 403)
PAPERS = {
    "bg_nbd": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "loglik": -9582.4, "correlation": 0.626},
    "pareto_nbd": {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669, "loglik": -9595.0, "correlation": 0.630},
    "gamma_gamma": {"p": 6.25, "q": 3.74, "v": 15.44},
}


def cdnow(_: int) -> list[Figure]:
    """What this finds on CDNOW, and what the papers print."""
    if absent := absent_files("cdnow"):
        raise SystemExit(f"left out: {absent}")
    customers = summary(purchase_days(real_data_dir("cdnow")))
    columns = (customers[name].to_numpy() for name in ("repeat_count", "recency_days", "age_days"))
    seen = Histories(*columns, np.ones(len(customers)))
    found: dict[str, dict[str, float]] = {}
    for kind in (BgNbd, ParetoNbd):
        model = kind.fitted(Histories.of(seen.repeats, seen.recency, seen.age), WEEK)
        expected = model.expected(seen, WEEKS_39)
        found[kind.name] = dict(zip(model.fit.names, model.fit.values, strict=True))
        found[kind.name]["loglik"] = model.fit.loglik
        found[kind.name]["correlation"] = float(np.corrcoef(expected, customers["later_count"])[0, 1])
    paying = customers[customers["repeat_mean"] > 0]
    spending = GammaGamma.fitted(paying["repeat_count"].to_numpy(), paying["repeat_mean"].to_numpy())
    found["gamma_gamma"] = dict(zip(spending.fit.names, spending.fit.values, strict=True))
    return [
        Figure("cdnow", system, f"{model}_{name}", round(float(values[model][name]), 4), "as published")
        for model, names in PAPERS.items()
        for name in names
        for system, values in ((THIS, found), (PUBLISHED, PAPERS))
    ]


def has_left(_: int) -> list[Figure]:
    """Companies of seeds that no model was made on, 90 days before their end: who has left by the planted truth.

    Identity is taken from the truth and broken rows are left out, as in the case `money` of the benchmark of scores.
    """
    cut = pd.Timestamp(END_DATE) - pd.Timedelta(days=90)
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        company = compiled_company(folder)
        for seed in SEEDS:
            files, truth = folder / f"files_{seed}", folder / f"truth_{seed}"
            generate(files, scale=0.02, seed=seed, truth=truth)
            with empty_models(company, folder / f"{seed}.duckdb") as connection:
                fill(connection, files, truth)
                for model in ("int_sales__order", "int_experience_value__customer_day"):
                    [path] = (company.folder / "target" / "compiled").rglob(f"{model}.sql")
                    sql = path.read_text(encoding="utf-8")
                    connection.execute(f"create or replace table intermediate.{model} as {sql}")
                rows = connection.execute(
                    _KNOWN_ON, {"cut": cut.date(), "departures": f"{truth}/departure.parquet"}
                ).df()
            columns = [rows[column].to_numpy(np.float64) for column in ("repeats", "recency", "age")]
            model = ParetoNbd.fitted(Histories.of(*columns), WEEK)
            gone = (pd.to_datetime(rows["left_on"]) <= cut).to_numpy()
            said = 1 - model.alive(Histories(*columns, np.ones(len(rows))))
            found.append((roc_auc_score(gone, said), roc_auc_score(gone, rows["silence"]), said.mean(), gone.mean()))
    mean = np.mean(found, axis=0)
    return [
        Figure("has_left", THIS, "auc", round(float(mean[0]), 4), "share"),
        Figure("has_left", "recency", "auc", round(float(mean[1]), 4), "share"),
        Figure("has_left", THIS, "said", round(float(mean[2]), 4), "share"),
        Figure("has_left", "planted", "left", round(float(mean[3]), 4), "share"),
    ]


_KNOWN_ON = """
    with history as (
        select customer_id, min(day_date) as first_date, max(day_date) as last_date, count(*) - 1 as repeats
        from intermediate.int_experience_value__customer_day
        where purchase_count > 0 and day_date <= $cut group by customer_id
    )
    select repeats, last_date - first_date as recency, $cut - first_date as age, $cut - last_date as silence, left_on
    from history left join read_parquet($departures) on true_customer_id = customer_id"""


def histories(count: int, seed: int = 0) -> pd.DataFrame:
    """Histories of so many customers over three years on both cuts, as int_lifetime_value__customer has them."""
    rng = np.random.default_rng(seed)
    rate, staying = rng.gamma(1.2, 1 / 60, count), rng.exponential(900, count)
    first = rng.integers(1, 1095, count)
    cuts = []
    for age_at, is_judged in ((0, False), (365, True)):
        age = first - age_at
        lived = np.minimum(age, staying)
        repeats = np.where(age > 0, rng.poisson(rate * np.maximum(lived, 0)), 0)
        # The last of so many purchases at random moments.
        recency = np.floor(np.where(repeats > 0, lived * rng.random(count) ** (1 / np.maximum(repeats, 1)), 0))
        rows = pd.DataFrame(
            {
                "customer_id": np.arange(count).astype(str),
                "cut_date": pd.Timestamp("2026-06-30") - pd.Timedelta(days=age_at),
                "is_judged": is_judged,
                "repeat_count": repeats,
                "recency_days": recency,
                "age_days": age,
                "purchase_count": repeats + 1,
                "net_amount": (repeats + 1) * rng.gamma(3, 20, count),
                "later_purchase_count": rng.poisson(rate * 100) if is_judged else np.nan,
                "later_net_amount": rng.gamma(3, 20, count) if is_judged else np.nan,
            }
        )
        cuts.append(rows[age >= 0])
    return pd.concat(cuts, ignore_index=True)


def lifetime(customers: int) -> list[Figure]:
    """Seconds and memory for so many customers, both fits and the judgement included."""
    rows = histories(customers)
    contracts = pd.DataFrame(
        columns=[
            "customer_id",
            "billing_interval",
            "period_count",
            "open_days",
            "is_ended",
            "is_canceled",
            "recurring_amount",
        ]
    )
    began = time.perf_counter()
    made = customer_lifetimes(rows, contracts, as_of=date(2026, 6, 30), rules=Rules(draws=100))
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Figure("lifetime", THIS, "customers", len(made.customers), "customers"),
        Figure("lifetime", THIS, "seconds", round(seconds, 1), "s"),
        Figure("lifetime", THIS, "peak", round(peak), "MiB"),
    ]


CASES: dict[str, Callable[[int], list[Figure]]] = {"cdnow": cdnow, "has_left": has_left, "lifetime": lifetime}


def main() -> None:
    """Print the table and write the figures; figures of cases that were not run stay."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=[*CASES, "all"], default="all")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    given = parser.parse_args()
    chosen = list(CASES) if given.case == "all" else [given.case]
    kept = json.loads(given.output.read_text(encoding="utf-8")) if given.output.is_file() else []
    figures = [figure for name in chosen for figure in CASES[name](given.customers)]
    print("| case | system | metric | value | unit |\n| --- | --- | --- | ---: | --- |")
    for figure in figures:
        print(f"| {figure.case} | {figure.system} | {figure.metric} | {figure.value:,} | {figure.unit} |")
    given.output.parent.mkdir(parents=True, exist_ok=True)
    rows = [row for row in kept if row["case"] not in chosen] + [asdict(figure) for figure in figures]
    given.output.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
