"""Employees of the units: answers to the quarterly survey as German CSV, interviews of leavers as JSON Lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from cx_assets.sample_company import defects
from cx_assets.sample_company.behaviour import Flags, logistic
from cx_assets.sample_company.columns import chosen, decode, formatted, joined, numbers, padded, whole
from cx_assets.sample_company.files import csv_lines, json_lines, write_lines
from cx_assets.sample_company.morale import UNITS, Morale
from cx_assets.sample_company.parameters import PERIOD_COUNT, PERIOD_DAYS
from cx_assets.sample_company.timeline import DAY, HOUR, Floats, Ints, period_start, stream, to_utc
from cx_assets.sample_company.voice_parameters import WorkforceRates

WAVE_PERIODS = 3
_UNIT_SHARES = np.array([0.20, 0.16, 0.34, 0.09, 0.09, 0.06, 0.06])
_ROLES = ("specialist", "assistant", "team lead", "trainee")
_ROLE_EDGES = [0.55, 0.85, 0.93]
_LOCAL = "%d.%m.%Y %H:%M:%S"
_ISO = "%Y-%m-%dT%H:%M:%S"
# Comments by score: 0-6, 7-8, 9-10.
_COMMENTS = (
    "Zu wenig Leute für zu viel Arbeit.|Entscheidungen werden uns nicht erklärt.|Die Programme stürzen ständig ab.|"
    "Niemand hört uns zu.|Die Stimmung war schon besser.",
    "Im Großen und Ganzen in Ordnung.|Das Team ist gut, die Abläufe sind es nicht.|Es könnte mehr Lob geben.",
    "Ein tolles Team.|Ich komme gern zur Arbeit.|Gute Führung und klare Ziele.|Hier darf man etwas bewegen.",
)
_REASON_TEXTS = {
    "pay": "Woanders wird besser bezahlt.|Seit Jahren keine Gehaltserhöhung.",
    "workload": "Die Überstunden waren nicht mehr zu schaffen.|Zu viele Schichten mit zu wenigen Leuten.",
    "management": "Von der Leitung kam keine Unterstützung.|Entscheidungen ohne uns, jedes Mal.",
    "tools": "Mit diesen Programmen kann man nicht arbeiten.|Die Kassen und Geräte fielen dauernd aus.",
    "moving": "Umzug in eine andere Stadt.|Die Familie zieht weg.",
    "dismissed": "Der Vertrag wurde nicht verlängert.|Die Stelle fiel weg.",
}
_REASONS = tuple(_REASON_TEXTS)


@dataclass(frozen=True)
class _Seats:
    """Who sits where in a period: number of the employee, first day (local), role; replaced as people leave."""

    unit: Ints
    employee: Ints
    since: Ints
    role: Ints


def write_workforce(
    target: Path, seed: int, scale: float, morale: Morale, rates: WorkforceRates, broken: defects.Defects
) -> dict[str, int]:
    """Write `workforce/enps.csv` and `workforce/exit_interviews.jsonl`, both in the order of time.

    Returns:
        Good rows by table.
    """
    sizes = np.maximum(rates.smallest_unit, np.round(rates.employees_at_scale_one * scale * _UNIT_SHARES)).astype(int)
    rng = stream(seed, "employees")
    unit = np.repeat(np.arange(len(UNITS)), sizes)
    since = period_start(0) // DAY - 1 - rng.exponential(1500, len(unit)).astype(np.int64)
    seats = _Seats(unit, np.arange(len(unit)), since, _roles(rng, len(unit)))
    answers, leavers = [], []
    for period in range(PERIOD_COUNT):
        felt = morale.in_period(period)[unit]
        if period % WAVE_PERIODS == 0:
            answers.append(_answers(rng, period, seats, felt, rates))
        gone = _leavers(rng, period, seats, felt, rates)
        leavers.append(gone)
        seats = _replaced(rng, seats, gone)
    # Numbers say nothing about who came first.
    pseudonym = 100_000 + stream(seed, "employee numbers").permutation(int(seats.employee.max()) + 1)
    counts = {"workforce__enps": _write_answers(target, _all(answers), pseudonym, broken)}
    return counts | {"workforce__exit_interviews": _write_interviews(target, _all(leavers), pseudonym, broken)}


def _all(parts: list[dict[str, Ints]]) -> dict[str, Ints]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _roles(rng: np.random.Generator, size: int) -> Ints:
    return np.searchsorted(_ROLE_EDGES, rng.random(size), side="right")


def _points(rng: np.random.Generator, mean: float, felt: Floats, rates: WorkforceRates) -> Ints:
    latent = mean + rates.enps_per_morale * felt + rates.enps_noise * rng.standard_normal(len(felt))
    return np.clip(np.round(latent), 0, 10).astype(np.int64)


def _answers(
    rng: np.random.Generator, period: int, seats: _Seats, felt: Floats, rates: WorkforceRates
) -> dict[str, Ints]:
    place = np.flatnonzero(rng.random(len(felt)) < rates.answer_share)
    day = rng.integers(0, 14, len(place))
    score = _points(rng, rates.enps_mean, felt[place], rates)
    energy = 3.4 + 0.4 * felt[place] + 0.8 * rng.standard_normal(len(place))
    return {
        "employee": seats.employee[place],
        "unit": seats.unit[place],
        "role": seats.role[place],
        "answered": period_start(period) + day * DAY + 7 * HOUR + rng.integers(0, 11 * HOUR, len(place)),
        "enps": score,
        "engagement": np.clip(np.round(energy), 1, 5).astype(np.int64),
        "comment": np.where(rng.random(len(place)) < rates.comment_share, rng.integers(0, 60, len(place)), -1),
    }


def _leavers(
    rng: np.random.Generator, period: int, seats: _Seats, felt: Floats, rates: WorkforceRates
) -> dict[str, Ints]:
    is_voluntary = rng.random(len(felt)) < logistic(rates.leave_base + rates.leave_per_morale * felt)
    is_dismissed = ~is_voluntary & (rng.random(len(felt)) < rates.dismissed_share)
    place = np.flatnonzero(is_voluntary | is_dismissed)
    day = period_start(period) // DAY + rng.integers(0, PERIOD_DAYS, len(place))
    frequency = np.array([share for _, share in rates.reasons])
    follows = np.array([name != "moving" for name, _ in rates.reasons])
    weights = frequency * np.exp(rates.reason_per_morale * felt[place, None] * follows)
    edges = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    reason = (rng.random(len(place))[:, None] > edges).sum(axis=1)
    return {
        "place": place,
        "employee": seats.employee[place],
        "unit": seats.unit[place],
        "role": seats.role[place],
        "left": day,
        "tenure": np.maximum(day - seats.since[place], 0),
        "held": (day - rng.integers(0, 10, len(place))) * DAY + 9 * HOUR + rng.integers(0, 7 * HOUR, len(place)),
        "is_voluntary": is_voluntary[place].astype(np.int64),
        "reason": np.where(is_voluntary[place], reason, _REASONS.index("dismissed")),
        "points": _points(rng, rates.enps_mean - 1.5, felt[place], rates),
        "is_interviewed": (rng.random(len(place)) < rates.interviewed_share).astype(np.int64),
        "wording": rng.integers(0, 2, len(place)),
    }


def _replaced(rng: np.random.Generator, seats: _Seats, gone: dict[str, Ints]) -> _Seats:
    """Somebody new on each seat that became free, from the next day on."""
    place = gone["place"]
    employee, since, role = seats.employee.copy(), seats.since.copy(), seats.role.copy()
    employee[place] = employee.max() + 1 + np.arange(len(place))
    since[place] = gone["left"] + 1
    role[place] = _roles(rng, len(place))
    return _Seats(seats.unit, employee, since, role)


def _write_answers(target: Path, rows: dict[str, Ints], pseudonym: Ints, broken: defects.Defects) -> int:
    order = np.argsort(rows["answered"], kind="stable")
    rows = {name: values[order] for name, values in rows.items()}
    size = len(order)
    number = padded(np.arange(size) + 1, 7)
    texts = [_comment(bucket, wording) for bucket in range(3) for wording in range(60)]
    bucket = np.searchsorted([7, 9], rows["enps"], side="right")
    comment = decode(texts, bucket * 60 + np.maximum(rows["comment"], 0), rows["comment"] < 0)
    is_second = np.tile([False, True], size)
    twice = {name: np.repeat(values, 2) for name, values in rows.items()}
    nothing = pa.nulls(2 * size, pa.string())
    columns = {
        "antwort_nr": joined("M", whole(number.take(pa.array(np.repeat(np.arange(size), 2))))),
        "frage": decode(["weiterempfehlung", "engagement"], is_second.astype(np.int64)),
        "pseudonym": joined("P", numbers(pseudonym[twice["employee"]])),
        "bereich": decode(list(UNITS), twice["unit"]),
        "taetigkeit": decode(_ROLES, twice["role"]),
        "beantwortet_am": formatted(twice["answered"], _LOCAL),
        "kennzahl": decode(["enps", "engagement"], is_second.astype(np.int64)),
        "punkte": joined(numbers(np.where(is_second, twice["engagement"], twice["enps"])), ",0"),
        "freitext": chosen(is_second, nothing, whole(comment.take(pa.array(np.repeat(np.arange(size), 2))))),
    }
    kinds = {
        "off_scale_score": defects.renumbered(defects.replaced(7, "99,0"), "M"),
        "impossible_date": defects.replaced(5, "30.02.2025 09:00:00"),
        "surplus_fields": defects.surplus_fields,
    }
    lines = broken.lines("workforce__enps", csv_lines(columns), kinds)
    write_lines(target / "workforce" / "enps.csv", ";".join(columns), lines)
    return 2 * size


def _comment(bucket: int, wording: int) -> str:
    texts = _COMMENTS[bucket].split("|")
    return texts[wording % len(texts)]


def _write_interviews(target: Path, rows: dict[str, Ints], pseudonym: Ints, broken: defects.Defects) -> int:
    kept: Flags = rows["is_interviewed"] == 1
    order = np.flatnonzero(kept)[np.argsort(rows["left"][kept], kind="stable")]
    rows = {name: values[order] for name, values in rows.items()}
    texts = [text for reason in _REASONS for text in _REASON_TEXTS[reason].split("|")]
    columns = {
        "interview_no": joined("E", padded(np.arange(len(order)) + 1, 6)),
        "employee": joined("P", numbers(pseudonym[rows["employee"]])),
        "unit": decode(list(UNITS), rows["unit"]),
        "role": decode(_ROLES, rows["role"]),
        "last_day": formatted(rows["left"] * DAY, "%Y-%m-%d"),
        "held_at": formatted(to_utc(rows["held"]), _ISO),
        "tenure_days": pa.array(rows["tenure"]),
        "reason": decode(_REASONS, rows["reason"]),
        "recommend": pa.array(rows["points"]),
        "answer": decode(texts, rows["reason"] * 2 + rows["wording"]),
        "own_notice": pa.array(rows["is_voluntary"] == 1),
    }
    kinds = {
        "cut_off_json": defects.cut_off,
        "impossible_date": defects.json_value("last_day", '"2025-02-30"'),
        "off_scale_score": defects.renumbered(defects.json_value("recommend", "99"), "E0"),
    }
    lines = broken.lines("workforce__exit_interviews", json_lines(columns), kinds)
    write_lines(target / "workforce" / "exit_interviews.jsonl", None, lines)
    return len(order)
