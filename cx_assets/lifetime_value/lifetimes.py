"""From purchase histories and contracts to what each customer is expected to bring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cx_assets.lifetime_value.contracts import contract_model
from cx_assets.lifetime_value.likelihood import Fit
from cx_assets.lifetime_value.purchasing import BgNbd, Histories, ParetoNbd, PurchaseModel
from cx_assets.lifetime_value.spending import GammaGamma
from cx_assets.lifetime_value.tables import CUSTOMER_LIFETIME, LIFETIME_MODEL

Floats = NDArray[np.float64]
_WEEK = 7.0
_YEAR = 365.25
_MOST_FITTED = 10_000
"""Customers that parameters are fitted to: with so many they are known to a few percent."""
_MOST_JUDGED = 100_000
"""Customers that a model is judged on, drawn where there are more: shares are known to a third of a percent."""
_CHUNK = 20_000
_PARTS_OF_HORIZON = 4
INTERVAL_DAYS = {"week": 7.0, "month": _YEAR / 12, "quarter": _YEAR / 4, "year": _YEAR}
LEAST_CONTRACTS, LEAST_ENDED = 50, 15


@dataclass(frozen=True)
class Rules:
    """When there is a model, and what it looks ahead to; see the settings of the same names.

    Attributes:
        draws: Sets of parameters and outcomes that intervals are made of.
        seed: Of all that is drawn.
    """

    horizon_days: int = 365
    yearly_discount_rate: float = 0.1
    minimum_customers: int = 200
    draws: int = 200
    seed: int = 0


@dataclass(frozen=True)
class Lifetimes:
    """Rows of scores.customer_lifetime and scores.lifetime_model."""

    customers: pd.DataFrame
    models: pd.DataFrame


@dataclass(frozen=True)
class _Models:
    """What was fitted on one day; None where it was refused."""

    purchases: PurchaseModel | None
    spending: GammaGamma | None
    rows: dict[str, dict[str, Any]]


def customer_lifetimes(
    customers: pd.DataFrame, contracts: pd.DataFrame, *, as_of: date, rules: Rules | None = None
) -> Lifetimes:
    """Fit on the observation date and on the day before the judged ones; expect, and judge.

    Args:
        customers: One row per customer and cut: customer_id, is_judged (the earlier cut), cut_date, repeat_count,
            recency_days, age_days, purchase_count (purchase days, one more than repeat_count), net_amount (reporting
            currency, returns taken off, possibly negative or null), and for the earlier cut later_purchase_count and
            later_net_amount.
        contracts: One row per contract: customer_id, billing_interval, period_count (full billing intervals so far),
            open_days (of the interval that runs), is_ended, is_canceled (given notice, and running still),
            recurring_amount (reporting currency; null in another).
        as_of: Observation date.
        rules: When there is a model.

    Returns:
        Both tables. Without models the customers have nulls, and the models' rows say why.
    """
    rules = rules or Rules()
    now = customers[~customers["is_judged"]].sort_values("customer_id", ignore_index=True)
    models = _fitted(now, rules)
    rows = _expected(now, models, rules, rules.horizon_days)
    _judge(customers[customers["is_judged"]].sort_values("customer_id", ignore_index=True), models.rows, as_of, rules)
    renewed, contract_rows = _renewals(contracts, rules)
    if len(renewed):
        rows = rows.merge(renewed, on="customer_id", how="outer").sort_values("customer_id", ignore_index=True)
    return Lifetimes(CUSTOMER_LIFETIME.typed(rows), LIFETIME_MODEL.typed([*models.rows.values(), *contract_rows]))


def _histories(rows: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    return tuple(rows[name].to_numpy(np.float64) for name in ("repeat_count", "recency_days", "age_days"))  # type: ignore[return-value]


def _amounts(rows: pd.DataFrame) -> tuple[Floats, Floats]:
    """Purchase days and their mean amount; a count of 0 where it is not positive or not known."""
    count = rows["purchase_count"].to_numpy(np.float64)
    mean = rows["net_amount"].to_numpy(np.float64) / np.maximum(count, 1)
    known = np.isfinite(mean) & (mean > 0)
    return np.where(known, count, 0), np.where(known, mean, 0)


def _fitted(rows: pd.DataFrame, rules: Rules) -> _Models:
    repeats = int((rows["repeat_count"] > 0).sum())
    told: dict[str, Any] = {"customer_count": len(rows), "repeat_count": repeats, "fitted_count": 0}
    refused = {part: {"part": part, "status": "refused", **told} for part in ("purchases", "spending")}
    least = rules.minimum_customers
    if len(rows) < least or repeats < least // 2:
        reason = (
            f"{len(rows)} customers with a purchase, {repeats} of them with a second: {least} and {least // 2} are"
            " needed."
        )
        return _Models(None, None, {part: {**row, "reason": reason} for part, row in refused.items()})
    longest = int(rows["age_days"].max())
    if longest < rules.horizon_days / 2:
        reason = f"The longest history has {longest} days, half of the {rules.horizon_days} days ahead are needed."
        return _Models(None, None, {part: {**row, "reason": reason} for part, row in refused.items()})
    drawn = rows
    if len(rows) > _MOST_FITTED:
        chosen = np.random.default_rng(rules.seed).choice(len(rows), _MOST_FITTED, replace=False)
        drawn = rows.iloc[np.sort(chosen)]
    purchases, of_purchases = _likelier(Histories.of(*_histories(drawn)))
    if purchases is None:
        reason = "No purchase model settled: customers buy or leave all alike."
        return _Models(None, None, {part: {**row, "reason": reason} for part, row in refused.items()})
    found = {"purchases": {**refused["purchases"], **of_purchases, "fitted_count": len(drawn)}}
    counts, means = _amounts(drawn)
    paying = counts > 0
    _, all_means = _amounts(rows)
    row = {**refused["spending"], "repeat_count": int((all_means > 0).sum())}
    if paying.sum() < least // 2:
        return _Models(purchases, None, {**found, "spending": {**row, "reason": "Too few customers with an amount."}})
    if np.ptp(means[paying]) == 0:
        return _Models(purchases, None, {**found, "spending": {**row, "reason": "All customers spend the same."}})
    spending = GammaGamma.fitted(counts[paying], means[paying])
    if not spending.fit.is_settled or not spending.has_mean:
        reason = "The spending model did not settle, or a few amounts are so large that no mean can be expected."
        return _Models(purchases, None, {**found, "spending": {**row, "reason": reason}})
    row |= {"status": "fitted", "model": "gamma_gamma", "parameters": _told(spending.fit)}
    row |= {"fitted_count": int(paying.sum()), "loglik": spending.fit.loglik}
    if np.ptp(counts[paying]) > 0:
        row["count_amount_correlation"] = float(np.corrcoef(counts[paying], means[paying])[0, 1])
    return _Models(purchases, spending, {**found, "spending": row})


def _likelier(histories: Histories) -> tuple[PurchaseModel | None, dict[str, Any]]:
    """The purchase model of higher likelihood; both have four parameters."""
    fitted = [kind.fitted(histories, _WEEK) for kind in (BgNbd, ParetoNbd)]
    settled = sorted((model for model in fitted if model.fit.is_settled), key=lambda model: -model.fit.loglik)
    if not settled:
        return None, {}
    best = settled[0]
    return best, {
        "status": "fitted",
        "model": best.name,
        "parameters": _told(best.fit),
        "loglik": best.fit.loglik,
        "rival_loglik": settled[1].fit.loglik if len(settled) > 1 else None,
    }


def _told(fit: Fit) -> str:
    low, high = fit.intervals()
    return ", ".join(
        f"{name} {value:.4g} ({least:.4g} to {most:.4g})"
        for name, value, least, most in zip(fit.names, fit.values, low, high, strict=True)
    )


def _expected(rows: pd.DataFrame, models: _Models, rules: Rules, days: int) -> pd.DataFrame:
    """Expectations and intervals of each customer; sums over all of them go into the models' rows."""
    made = rows[["customer_id"]].copy()
    if models.purchases is None:
        return made
    histories = Histories(*_histories(rows), np.ones(len(rows)))
    made["model"] = models.purchases.name
    made["alive_probability"] = np.clip(models.purchases.alive(histories), 0, 1)
    ends = np.linspace(0, days, _PARTS_OF_HORIZON + 1)
    reached = np.column_stack([models.purchases.expected(histories, end) for end in ends[1:]])
    made["expected_purchase_count"] = reached[:, -1]
    counts, means = _amounts(rows)
    each = None if models.spending is None else models.spending.expected(counts, means)
    if each is not None:
        later = (1 + rules.yearly_discount_rate) ** (-(ends[1:] + ends[:-1]) / 2 / _YEAR)
        made["expected_purchase_amount"] = each
        made["expected_amount"] = reached[:, -1] * each
        made["discounted_amount"] = (np.diff(reached, axis=1, prepend=0) @ later) * each
    totals: dict[str, list[Floats]] = {"purchases": [], "spending": []}
    bounds: dict[str, list[Floats]] = {"purchase_count": [], "amount": []}
    for bought, spent in _drawn(histories, counts, means, models, rules, days):
        totals["purchases"].append(bought.sum(axis=0))
        bounds["purchase_count"].append(_bounds(bought))
        if spent is not None:
            totals["spending"].append(spent.sum(axis=0))
            bounds["amount"].append(_bounds(spent))
    for name, parts in bounds.items():
        if parts:
            made[[f"{name}_low", f"{name}_high"]] = np.vstack(parts)
    for part, column in (("purchases", "expected_purchase_count"), ("spending", "expected_amount")):
        if totals[part]:
            low, high = np.quantile(np.sum(totals[part], axis=0), [0.025, 0.975])
            sums = {"expected_total": float(made[column].sum()), "total_low": float(low), "total_high": float(high)}
            models.rows[part] |= sums
    return made


def _bounds(drawn: NDArray[Any]) -> Floats:
    """2.5% and 97.5% of each row's draws: rows x 2."""
    ordered = np.sort(drawn, axis=1)
    count = drawn.shape[1]
    # One of count + 1 places is as likely as another for what comes: so many must lie on either side.
    places = [max(0, int(np.floor(0.025 * (count + 1))) - 1), min(count - 1, int(np.ceil(0.975 * (count + 1))) - 1)]
    return np.asarray(ordered[:, places], dtype=np.float64)


def _drawn(
    histories: Histories, counts: Floats, means: Floats, models: _Models, rules: Rules, days: int
) -> Iterator[tuple[NDArray[np.int64], Floats | None]]:
    """Purchases and amounts as they may come, customers in parts: customers x draws."""
    if models.purchases is None:
        return
    rng = np.random.default_rng(rules.seed)
    of_purchases = models.purchases.fit.drawn(rules.draws, rng)
    of_spending = None if models.spending is None else models.spending.fit.drawn(rules.draws, rng)
    for start in range(0, len(counts), _CHUNK):
        part = slice(start, start + _CHUNK)
        some = Histories(histories.repeats[part], histories.recency[part], histories.age[part], histories.weight[part])
        # A day with a purchase is one purchase.
        bought = np.minimum(models.purchases.simulated(some, days, of_purchases, rng), days)
        if models.spending is None or of_spending is None:
            yield bought, None
        else:
            yield bought, models.spending.simulated(counts[part], means[part], bought, of_spending, rng)


def _judge(rows: pd.DataFrame, models: dict[str, dict[str, Any]], as_of: date, rules: Rules) -> None:
    """Fit to what was known on the earlier day, and compare with what came: into the models' rows."""
    if rows.empty or models["purchases"]["status"] == "refused":
        return
    then = _fitted(rows, rules)
    if then.purchases is None:
        return
    cut = pd.Timestamp(rows["cut_date"].iloc[0])
    days = (pd.Timestamp(as_of) - cut).days
    if len(rows) > _MOST_JUDGED:
        chosen = np.random.default_rng(rules.seed).choice(len(rows), _MOST_JUDGED, replace=False)
        rows = rows.iloc[np.sort(chosen)].reset_index(drop=True)
    made = _expected(rows, then, rules, days)
    known = rows["age_days"].to_numpy(np.float64) + 1
    for part, expected, bound, actual, so_far in (
        ("purchases", "expected_purchase_count", "purchase_count", "later_purchase_count", "purchase_count"),
        ("spending", "expected_amount", "amount", "later_net_amount", "net_amount"),
    ):
        if expected not in made or models[part]["status"] == "refused":
            continue
        real = rows[actual].fillna(0).to_numpy(np.float64)
        guess = made[expected].to_numpy(np.float64)
        naive = rows[so_far].fillna(0).to_numpy(np.float64) * days / np.maximum(known, days)
        holds = (made[f"{bound}_low"] - 1e-9 <= real) & (real <= made[f"{bound}_high"] + 1e-9)
        models[part] |= {
            "judged_from_date": cut,
            "judged_days": days,
            "judged_customer_count": len(rows),
            "judged_expected": float(guess.sum()),
            "judged_actual": float(real.sum()),
            "judged_coverage": float(holds.mean()),
            "judged_correlation": float(np.corrcoef(guess, real)[0, 1]) if np.ptp(real) > 0 else None,
            "judged_error": float(np.abs(guess - real).mean()),
            "naive_error": float(np.abs(naive - real).mean()),
        }


def _renewals(contracts: pd.DataFrame, rules: Rules) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Amounts expected of each customer with running contracts, and a row per billing interval."""
    found, models = [], []
    for interval, rows in contracts[contracts["billing_interval"].isin(INTERVAL_DAYS)].groupby("billing_interval"):
        ended = rows["is_ended"].to_numpy(bool)
        row: dict[str, Any] = {"part": f"contract_{interval}", "status": "refused", "fitted_count": 0}
        row |= {"customer_count": len(rows), "repeat_count": int(ended.sum())}
        models.append(row)
        if len(rows) < LEAST_CONTRACTS or ended.sum() < LEAST_ENDED:
            row["reason"] = (
                f"{len(rows)} contracts, {int(ended.sum())} ended: {LEAST_CONTRACTS} and {LEAST_ENDED} are needed."
            )
            continue
        periods = rows["period_count"].to_numpy(np.float64)
        model = contract_model(np.where(ended, np.maximum(periods, 1), periods), ended)
        if not model.fit.is_settled:
            row["reason"] = "No contract was ever renewed."
            continue
        running = rows[~ended]
        length = INTERVAL_DAYS[str(interval)]
        # The next renewal comes when the interval that runs is over, and so on; a contract given notice has none.
        ahead = int(rules.horizon_days // length) + 1
        due = np.arange(1, ahead + 1) * length - running["open_days"].to_numpy(np.float64)[:, None]
        # Months and years differ in length by a day.
        counts = (due <= rules.horizon_days + 1) & ~running["is_canceled"].to_numpy(bool)[:, None]
        renewed = model.renewals(running["period_count"].to_numpy(np.float64), ahead) * counts
        later = (1 + rules.yearly_discount_rate) ** (-np.maximum(due, 0) / _YEAR)
        amount = running["recurring_amount"].to_numpy(np.float64)
        sums = pd.DataFrame(
            {
                "customer_id": running["customer_id"].to_numpy(),
                "contract_amount": renewed.sum(axis=1) * amount,
                "discounted_contract_amount": (renewed * later).sum(axis=1) * amount,
            }
        )
        row |= {"status": "fitted", "model": model.name, "parameters": _told(model.fit), "fitted_count": len(rows)}
        row |= {"loglik": model.fit.loglik, "expected_total": float(sums["contract_amount"].sum())}
        found.append(sums.dropna())
    if not found:
        return pd.DataFrame(columns=["customer_id", "contract_amount", "discounted_contract_amount"]), models
    return pd.concat(found).groupby("customer_id", as_index=False).sum(), models
