"""Benchmark of predictions: `python -m tests.benchmarks.predict`, which `make bench-predict` calls.

Case `cdnow`: parameters and foresight on the data of the papers, beside the published figures. Case `lifetime`: seconds
from a million purchase histories to what each customer is expected to bring, with intervals.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from cx_assets.lifetime_value.lifetimes import Rules, customer_lifetimes
from cx_assets.lifetime_value.purchasing import BgNbd, Histories, ParetoNbd
from cx_assets.lifetime_value.spending import GammaGamma
from orchestration.ground.workspace import REPOSITORY
from tests.benchmarks.figures import THIS, Figure
from tests.conftest import absent_files, real_data_dir
from tests.cx_assets.lifetime_value.cdnow import WEEKS_39, purchase_days, summary

OUTPUT = REPOSITORY / "data" / "benchmarks" / "predict.json"
PUBLISHED = "published"
WEEK = 7.0
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
        columns=["customer_id", "subscription_id", "billing_interval", "period_count", "is_ended", "recurring_amount"]
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


CASES: dict[str, Callable[[int], list[Figure]]] = {"cdnow": cdnow, "lifetime": lifetime}


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
