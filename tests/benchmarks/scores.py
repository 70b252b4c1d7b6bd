"""Benchmark of scores: `python -m tests.benchmarks.scores`, which `make bench-scores` calls.

Speed beside one hand-written statement that writes the same rows; how often the intervals hold the truth; how often a
change is claimed where there is none, and found where there is one; how much of a planted bias the weights remove.
Judged is the models' own SQL, as dbt compiles it, on answers drawn from known populations. The case `drivers` is in
`scores_drivers`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from cx_assets.feedback.weights import response_weights
from orchestration.ground.workspace import REPOSITORY
from tests.benchmarks import scores_money
from tests.benchmarks.comparison import compare
from tests.benchmarks.figures import RIVAL, THIS, Figure, machine_facts
from tests.benchmarks.hand_written.run import FOLDER as HAND_WRITTEN
from tests.benchmarks.scores_drivers import driver_figures
from tests.dbt.company import Company
from tests.dbt.compiled import CompiledModels
from tests.dbt.small_company import complete_company

OUTPUT = REPOSITORY / "data" / "benchmarks" / "scores.json"
AS_OF = date(2026, 6, 30)
TOUCHPOINTS = [f"touchpoint {number}" for number in range(12)]
CHANNELS = ["email", "sms", "app", "web"]
CATEGORIES = [f"category {number}" for number in range(14)]
SEGMENTS = ["champions", "loyal", "promising", "at_risk", "hibernating"]
CUTS = ["touchpoint+channel", "touchpoint+segment"]
Case = Callable[[], list[Figure]]


def compiled_company(folder: Path) -> Company:
    """The small company with the sample company's cuts, built, so that its SQL is compiled."""
    company = complete_company(folder / "company")
    company.parameters |= {"feedback_combined_cuts": CUTS, "minimum_answers": 30}
    company.dbt("run", "--select", "+mart_experience__score_change")
    return company


def models_of(company: Company, connection: duckdb.DuckDBPyConnection, catalog: str = ":memory:") -> CompiledModels:
    """The models over empty tables, on the benchmark's observation date."""
    models = CompiledModels(connection, company, catalog)
    models.fill("core.dim_observation", [{"as_of_date": AS_OF, "snapshot_sequence": 1}])
    return models


def answers(points: np.ndarray, *, customer: np.ndarray, touchpoint: np.ndarray, day: np.ndarray) -> pd.DataFrame:
    """Counted NPS answers, one for each element.

    Args:
        points: 1 promoter, 0 passive, -1 detractor.
        customer: Number of the customer.
        touchpoint: Names.
        day: Days before the observation date.
    """
    rows = np.arange(len(points))
    return pd.DataFrame(
        {
            "response_id": rows.astype(str),
            "question_id": "q",
            "record_id": customer.astype(str),
            "survey_type": "transactional",
            "touchpoint": touchpoint,
            "channel": "email",
            "product_category": "unknown",
            "metric": "nps",
            "scale_min": 0.0,
            "scale_max": 10.0,
            "score": np.choose(points + 1, [3.0, 8.0, 10.0]),
            "answer_point": points,
            "responded_date": pd.Timestamp(AS_OF) - pd.to_timedelta(day, unit="D"),
            "answer_fate": "counted",
        }
    )


def bridge(customers: Iterable[int]) -> pd.DataFrame:
    """Every customer is a record of its own."""
    ids = pd.Series(sorted(set(customers))).astype(str)
    return pd.DataFrame({"record_id": ids, "customer_id": ids, "is_current": True})


def speed(company: Company, folder: Path, answer_count: int) -> list[Figure]:
    """Seconds of both systems on the same answers, over every period and cut, and whether their rows are equal."""
    rng = np.random.default_rng(20261130)
    warehouse, rival = folder / "this.duckdb", folder / "rival.duckdb"
    customers = answer_count // 6
    metric = rng.choice(["nps", "csat", "ces"], answer_count, p=[0.2, 0.6, 0.2])
    scale_max = pd.Series(metric).map({"nps": 10.0, "csat": 5.0, "ces": 7.0}).to_numpy()
    scale_min = np.where(metric == "nps", 0.0, 1.0)
    day = pd.Timestamp(AS_OF) - pd.to_timedelta(rng.integers(0, 1095, answer_count), unit="D")
    ids = np.arange(answer_count).astype(str)
    touchpoint = rng.choice(TOUCHPOINTS, answer_count)
    channel = rng.choice(CHANNELS, answer_count)
    invitations = pd.DataFrame(
        {"invitation_id": ids, "survey_type": "transactional", "touchpoint": touchpoint, "channel": channel}
        | {"order_id": ids, "invited_date": day}
    )
    responses = pd.DataFrame(
        {"response_id": ids, "question_id": "q", "invitation_id": ids, "survey_type": "transactional"}
        | {"record_id": rng.integers(0, customers, answer_count).astype(str), "metric": metric}
        | {"score": np.floor(scale_min + rng.random(answer_count) ** 0.6 * (scale_max - scale_min + 1))}
        | {"scale_min": scale_min, "scale_max": scale_max, "responded_at": day, "responded_date": day}
    )
    lines = pd.DataFrame(
        {"line_id": ids, "order_id": ids, "line_type": "sale", "net_amount": 10.0}
        | {"product_id": rng.integers(0, len(CATEGORIES), answer_count).astype(str)}
    )
    products = pd.DataFrame({"product_id": [str(n) for n in range(len(CATEGORIES))], "category_name": CATEGORIES})
    people = bridge(range(customers))
    rfm = pd.DataFrame({"customer_id": people["customer_id"], "rfm_segment": rng.choice(SEGMENTS, len(people))})
    known = rng.random(answer_count) < 0.8
    weights = pd.DataFrame({"invitation_id": ids, "weight": np.round(rng.lognormal(0, 0.4, answer_count), 4)})[known]
    given = {
        "core.fct_survey_invitation": invitations,
        "core.fct_survey_response": responses,
        "core.fct_transaction_line": lines,
        "core.dim_product": products,
        "core.bridge_record_customer": people,
        "scores.customer_rfm": rfm,
        "scores.answer_weight": weights,
    }
    seconds = {}
    with duckdb.connect() as connection:
        connection.execute("set threads = 2; set memory_limit = '4GB'; set preserve_insertion_order = false")
        connection.execute("set temp_directory = $1", [str(folder / "this.spill")])
        models = models_of(company, connection, str(warehouse))
        for table, rows in given.items():
            models.fill(table, rows)
        began = time.perf_counter()
        models.build("core", "fct_invitation_outcome")
        models.build("core", "fct_answer")
        models.build("intermediate", "int_experience__response_cell")
        models.build("intermediate", "int_experience__score_cell")
        models.build("marts", "mart_experience__score")
        seconds[THIS] = time.perf_counter() - began
    with duckdb.connect(str(rival)) as connection:
        connection.execute("set threads = 2; set memory_limit = '4GB'; set preserve_insertion_order = false")
        connection.execute("set temp_directory = $1", [str(folder / "rival.spill")])
        connection.execute(f"attach '{warehouse}' as this (read_only)")
        connection.execute("create schema core; create schema given; create schema marts")
        for table in given:
            name = table.replace("scores.", "given.")
            connection.execute(f"create table {name} as from this.{table}")
        connection.execute("detach this")
        connection.execute("set variable as_of = $1", [AS_OF])
        marts = (HAND_WRITTEN / "40_marts.sql").read_text(encoding="utf-8")
        connection.execute(
            "\n".join(part for part in marts.split(";") if "create macro" in part).replace("create", ";create")
        )
        began = time.perf_counter()
        connection.execute((HAND_WRITTEN / "50_scores.sql").read_text(encoding="utf-8"))
        seconds[RIVAL] = time.perf_counter() - began
    [compared] = compare(warehouse, rival, ["marts.mart_experience__score"])
    case = "marts"
    return [
        *(Figure(case, system, "seconds", round(value, 2), "s") for system, value in seconds.items()),
        Figure(case, THIS, "ratio", round(seconds[THIS] / seconds[RIVAL], 2), "times"),
        Figure(case, THIS, "rows", compared.this_count, "rows"),
        Figure(case, THIS, "differing_rows", compared.only_this + compared.only_rival, "rows"),
    ]


def coverage(company: Company, seeds: int) -> list[Figure]:
    """How often the intervals at 95% hold the population's score: each seed is a touchpoint of its own.

    Populations differ in size, level and in how alike the answers of one customer are; customers answer one to five
    times. Cells below the minimum of 30 answers are not judged.
    """
    frames, truth = [], {}
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        count = int(rng.integers(20, 260))
        share = rng.dirichlet([4, 2, 2])
        # Alikeness from none to half: each customer draws own shares around the population's.
        alike = rng.choice([0.0, 0.1, 0.3, 0.5])
        own = rng.dirichlet(share * (1 - alike) / alike, count) if alike else np.tile(share, (count, 1))
        customer = np.repeat(np.arange(count), rng.choice([1, 1, 1, 2, 3, 5], count))
        drawn = rng.random(len(customer))
        borders = own[customer].cumsum(axis=1)
        points = np.where(drawn < borders[:, 0], 1, np.where(drawn < borders[:, 1], 0, -1))
        name = f"{seed}"
        truth[name] = 100 * (share[0] - share[2])
        frames.append(
            answers(
                points,
                customer=customer + seed * 1000,
                touchpoint=np.full(len(customer), name),
                day=np.zeros(len(customer), dtype=int),
            )
        )
    rows = pd.concat(frames, ignore_index=True)
    rows["response_id"] = rows.index.astype(str)
    cells = scored(company, rows)
    cells = cells[(cells["period"] == "month") & (cells["cut"] == "touchpoint") & ~cells["is_suppressed"]]
    real = cells["touchpoint"].map(truth)
    holds = (cells["interval_low"] <= real) & (real <= cells["interval_high"])
    # What the interval would be if every answer were a customer of its own.
    width = (cells["interval_high"] - cells["interval_low"]) * np.sqrt(
        cells["effective_count"] / cells["response_count"]
    )
    middle = (cells["interval_high"] + cells["interval_low"]) / 2
    plain = (real - middle).abs() <= width / 2
    return [
        Figure("intervals", THIS, "coverage", round(float(holds.mean()), 4), "share"),
        Figure("intervals", "answers_as_independent", "coverage", round(float(plain.mean()), 4), "share"),
        Figure("intervals", THIS, "cells", len(cells), "cells"),
    ]


def scored(company: Company, rows: pd.DataFrame) -> pd.DataFrame:
    """mart_experience__score of counted answers."""
    with duckdb.connect() as connection:
        models = models_of(company, connection)
        models.fill("core.fct_answer", rows)
        models.fill("core.bridge_record_customer", bridge(int(one) for one in rows["record_id"]))
        models.build("intermediate", "int_experience__score_cell")
        return connection.execute(models.sql("mart_experience__score")).df()


def changes(company: Company, seeds: int, share_changed: float) -> tuple[float, float]:
    """False discoveries among the changes called so, and the share found of changes of four standard errors.

    Args:
        company: Whose SQL is judged.
        seeds: Worlds; each is a year-before of its own, so that the false-discovery family is one world's touchpoints.
        share_changed: Share of the twenty touchpoints of each world that really change.

    Returns:
        Mean over worlds of false among claimed (0 where nothing is claimed), and found among changed.
    """
    false_shares, found, changed_count = [], 0, 0
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        frames, changed = [], set()
        for number in range(20):
            size = int(rng.integers(120, 400))
            share = rng.dirichlet([8, 4, 4])
            error = np.sqrt((share[0] + share[2] - (share[0] - share[2]) ** 2) * 2 / size)
            later = share.copy()
            if rng.random() < share_changed:
                shift = min(2 * error, share[0] - 0.01, 0.98 - share[2])
                changed.add(str(number))
                later = share + np.array([-shift, 0.0, shift])
            for day, shares in ((40, share), (0, later)):
                points = rng.choice([1, 0, -1], size, p=shares / shares.sum())
                customer = np.arange(size) + 1000 * (2 * number + (day == 0))
                frames.append(
                    answers(points, customer=customer, touchpoint=np.full(size, str(number)), day=np.full(size, day))
                )
        rows = pd.concat(frames, ignore_index=True)
        rows["response_id"] = rows.index.astype(str)
        claimed = _claimed(company, rows)
        false_shares.append(len(claimed - changed) / len(claimed) if claimed else 0.0)
        found += len(claimed & changed)
        changed_count += len(changed)
    return float(np.mean(false_shares)), found / changed_count if changed_count else float("nan")


def _claimed(company: Company, rows: pd.DataFrame) -> set[str]:
    """Touchpoints whose June is called changed from May."""
    with duckdb.connect() as connection:
        models = models_of(company, connection)
        models.fill("core.fct_answer", rows)
        models.fill("core.bridge_record_customer", bridge(int(one) for one in rows["record_id"]))
        models.build("intermediate", "int_experience__score_cell")
        models.build("marts", "mart_experience__score")
        # The family that is judged is that of the touchpoints.
        connection.execute("delete from marts.mart_experience__score where cut <> 'touchpoint' or period <> 'month'")
        made = connection.execute(models.sql("mart_experience__score_change")).df()
    return set(made.loc[(made["compared_with"] == "previous") & (made["verdict"] != "no clear change"), "touchpoint"])


def change_figures(company: Company, seeds: int) -> list[Figure]:
    """Worlds without any change, and worlds in which a third of the touchpoints change by four standard errors."""
    null_share, _ = changes(company, seeds, 0.0)
    mixed_share, power = changes(company, seeds, 1 / 3)
    error = 2 * np.sqrt(0.05 * 0.95 / seeds)
    return [
        Figure("changes", THIS, "false_discovery", round(null_share, 4), "share"),
        Figure("changes", THIS, "false_discovery_beside_true_changes", round(mixed_share, 4), "share"),
        Figure("changes", THIS, "allowed_false_discovery", round(0.05 + float(error), 4), "share"),
        Figure("changes", THIS, "power", round(power, 4), "share"),
    ]


def bias_removed(seeds: int) -> list[Figure]:
    """Share of a planted non-response bias that the weights remove.

    Whoever buys often is happier and answers more often; both follow from what is known before the invitation.
    """
    raw_bias, left_bias = [], []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        purchases = rng.poisson(3, 4000)
        is_promoter = rng.random(4000) < 1 / (1 + np.exp(1.5 - 0.5 * purchases))
        is_answered = rng.random(4000) < 1 / (1 + np.exp(2.5 - 0.5 * purchases))
        invitations = pd.DataFrame(
            {"invitation_id": np.arange(4000).astype(str), "survey_type": "transactional", "is_answered": is_answered}
            | {"touchpoint": rng.choice(TOUCHPOINTS, 4000), "channel": rng.choice(CHANNELS, 4000)}
            | {"purchase_count": purchases, "days_since_purchase": rng.integers(1, 400, 4000)}
            | {"earlier_invitation_count": 0, "earlier_answer_count": 0, "earlier_mean_point": np.nan, "days_open": 100}
        )
        weights, _ = response_weights(invitations, largest_weight=5.0)
        weight = weights.set_index("invitation_id")["weight"].reindex(invitations["invitation_id"]).to_numpy()
        truth = is_promoter.mean()
        raw_bias.append(is_promoter[is_answered].mean() - truth)
        left_bias.append(np.average(is_promoter[is_answered], weights=weight[is_answered]) - truth)
    removed = 1 - abs(float(np.mean(left_bias))) / abs(float(np.mean(raw_bias)))
    return [
        Figure("weights", THIS, "bias_removed", round(removed, 4), "share"),
        Figure("weights", THIS, "raw_bias", round(float(np.mean(raw_bias)), 4), "share"),
        Figure("weights", THIS, "bias_left", round(float(np.mean(left_bias)), 4), "share"),
    ]


def cases(company: Callable[[], Company], folder: Path, answer_count: int, seeds: int) -> dict[str, Case]:
    """What can be measured, by name, in the order of running.

    Args:
        company: Whose SQL is judged; asked for by the cases that need it only.
        folder: For the databases of both systems.
        answer_count: Of case `marts`.
        seeds: Of every other case but `money`, whose companies are few and its own.
    """
    return {
        "marts": lambda: speed(company(), folder, answer_count),
        "intervals": lambda: coverage(company(), seeds),
        "changes": lambda: change_figures(company(), seeds),
        "weights": lambda: bias_removed(seeds),
        "drivers": lambda: driver_figures(seeds),
        "money": lambda: scores_money.figures(scores_money.SEEDS, scores_money.NULL_SEEDS),
    }


def keep(figures: list[Figure], path: Path) -> None:
    """Write the figures of one case; those that the file has of other cases stay."""
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    measured = {figure.case for figure in figures}
    rows = [row for row in old if row["case"] not in measured] + [asdict(figure) for figure in figures]
    path.parent.mkdir(parents=True, exist_ok=True)
    # A run that is stopped here leaves the file that was.
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the chosen cases; print and write the figures of each as it ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=1_200_000)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument(
        "--case", type=lambda names: names.split(","), help="such as marts,intervals; all of them unless told"
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known = cases(cache(lambda: compiled_company(folder)), folder, given.answers, given.seeds)
        if unknown := set(given.case or ()) - set(known):
            parser.error(f"no case {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        print("| case | system | metric | value | unit |\n| --- | --- | --- | ---: | --- |")
        for case in given.case or known:
            figures = known[case]()
            keep(figures, given.output)
            for figure in figures:
                row = (figure.case, figure.system, figure.metric, str(figure.value), figure.unit)
                print(f"| {' | '.join(row)} |", flush=True)
    print(machine_facts())


if __name__ == "__main__":
    main()
