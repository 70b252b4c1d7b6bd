"""Survey invitations and answers: relational NPS with its drivers, and one question after single occasions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cx_assets.sample_company import defects
from cx_assets.sample_company.behaviour import Experience
from cx_assets.sample_company.columns import category, decode, filled, joined, padded, timestamps, whole
from cx_assets.sample_company.experience import Tickets
from cx_assets.sample_company.files import PartitionedParquet
from cx_assets.sample_company.impressions import (
    MOOD_WEIGHT,
    csat_scores,
    expectation_scores,
    nps_scores,
    occasion_scores,
    relational_impressions,
)
from cx_assets.sample_company.invitations import RELATIONAL, Asked, asked_in
from cx_assets.sample_company.names import LANGUAGES
from cx_assets.sample_company.parameters import TOUCHPOINTS, Parameters
from cx_assets.sample_company.people import Population
from cx_assets.sample_company.purchases import Lines, Orders
from cx_assets.sample_company.records import Records
from cx_assets.sample_company.shop_files import customer_columns, order_numbers
from cx_assets.sample_company.timeline import HOUR, Floats, Ints, stream, to_utc
from cx_assets.sample_company.touchpoint_shifts import TouchpointShifts
from cx_assets.sample_company.verbatims import (
    URGENCIES,
    WORDINGS,
    Occasion,
    Texts,
    relational_events,
    sentiment_of,
    verbatims,
)

_CHANNELS = ("email", "sms", "app")
# How gladly people of each language answer; the mean over customers is close to 1.
_LANGUAGE_ANSWERS = np.array([1.02, 0.95, 0.85, 0.95, 0.95])


@dataclass(frozen=True)
class Given:
    """Invitations that were answered, their numbers and the local seconds of the answer."""

    asked: Asked
    number: pa.Array
    responded: Ints


@dataclass(frozen=True)
class Answers:
    """Answers to one question.

    Attributes:
        metric: nps, csat, ces or expectation.
        rows: Positions in `Given`.
        touchpoint: Index into TOUCHPOINTS, RELATIONAL for the relation as a whole.
        score: Points on the metric's scale.
        topic: Touchpoint that the free text is about; None where none is asked for.
        event: What went wrong there, as `verbatims` numbers it.
    """

    metric: str
    rows: Ints
    touchpoint: Ints
    score: Floats
    topic: Ints | None
    event: Ints | None = None


class SurveyFiles:
    """Writes invitations and responses by year (UTC)."""

    def __init__(
        self, target: Path, seed: int, p: Parameters, broken: defects.Defects, shifts: TouchpointShifts
    ) -> None:
        self._seed, self._p, self._broken, self._shifts = seed, p, broken, shifts
        self._invitations = PartitionedParquet(target / "survey" / "invitations", "invitations", unit="Y")
        self._responses = PartitionedParquet(target / "survey" / "responses", "responses", unit="Y")
        self.counts = {"invitations": 0, "responses": 0, "answers": 0}
        self._words = stream(seed, "words")
        self._truth: list[pa.Table] = []

    def add(
        self,
        period: int,
        people: Population,
        records: Records,
        before: Experience,
        relationship: Floats,
        orders: Orders,
        lines: Lines,
        first_category: Ints,
        tickets: Tickets,
    ) -> tuple[Ints, Ints]:
        """Ask after one period's occasions and take the answers.

        Args:
            period: Period 0-35.
            people: Customers.
            records: Their records.
            before: What they lived through in the period before; it colours relational answers.
            relationship: How close they are to the company; it colours all answers, and who gives them.
            orders: The period's orders.
            lines: Their lines and returns.
            first_category: Category of each order's first article.
            tickets: The tickets that follow.

        Returns:
            Positions of the tickets whose survey was answered, and the local seconds of the answers.
        """
        rng = stream(self._seed, "surveys", period)
        self._words = stream(self._seed, "words", period)
        asked = asked_in(rng, period, people, records, orders, lines, tickets, self._p)
        responded = asked.invited + 120 + (rng.exponential(18 * HOUR, len(asked.invited))).astype(np.int64)
        gladly = self._p.answer_share * _LANGUAGE_ANSWERS[people.language[asked.customer]]
        close = np.where(asked.ticket < 0, relationship[asked.customer], 0.0)
        gladly = gladly * np.exp(self._p.effects.relationship_answering * close)
        answers = (rng.random(len(responded)) < gladly * 0.98) & (responded < asked.answer_before)
        number = whole(joined(f"I{period:02d}-", padded(np.arange(len(responded)) + 1, 7)))
        self._write_invitations(rng, asked, number, records, orders)
        rows = np.flatnonzero(answers)
        given = Given(asked.take(rows), number.take(pa.array(rows)), responded[rows])
        mood = people.mood + self._p.effects.relationship_impression / MOOD_WEIGHT * relationship
        self._write_answers(rng, given, people, mood, records, before, (orders.channel, first_category))
        of_ticket = rows[asked.ticket[rows] >= 0]
        return asked.ticket[of_ticket], responded[of_ticket]

    def _write_invitations(
        self, rng: np.random.Generator, asked: Asked, number: pa.Array, records: Records, orders: Orders
    ) -> None:
        no_order = asked.order < 0
        rows = pa.table(
            {
                "invitation_no": number,
                "survey": _survey_names(asked.touchpoint),
                "survey_type": _survey_types(asked.touchpoint),
                **customer_columns(records, asked.record),
                "order_no": order_numbers(orders).take(pa.array(np.maximum(asked.order, 0), mask=no_order)),
                "touchpoint": _touchpoints(asked.touchpoint),
                "channel": category(_CHANNELS, np.searchsorted([0.7, 0.85], rng.random(len(number)), side="right")),
                "invited_at": timestamps(to_utc(asked.invited)),
            }
        )
        self.counts["invitations"] += rows.num_rows
        kinds = {
            "missing_time": {"invited_at": pa.scalar(None, pa.timestamp("us"))},
            "unknown_survey_type": {"survey_type": pa.scalar("pulse")},
        }
        self._invitations.add(*self._broken.rows_of("survey__invitations", rows, asked.invited, "invitation_no", kinds))

    def _write_answers(
        self,
        rng: np.random.Generator,
        given: Given,
        people: Population,
        mood: Floats,
        records: Records,
        before: Experience,
        of_order: tuple[Ints, Ints],
    ) -> None:
        self.counts["responses"] += len(given.responded)
        asked = given.asked
        own_mood, mood = people.mood[asked.customer], mood[asked.customer]
        effects = self._p.effects
        shift = effects.bad_shift
        style = np.array(effects.language_styles)[people.language[asked.customer]]
        occasion = np.flatnonzero(asked.touchpoint != RELATIONAL)
        touchpoint = asked.touchpoint[occasion]
        moved = self._shifts.at(asked.customer[occasion], touchpoint, asked.invited[occasion])
        order, who = asked.order[occasion], asked.customer[occasion]
        channel, product = (np.where(order >= 0, values[np.maximum(order, 0)], -1) for values in of_order)
        moved = moved + self._shifts.of_cell(touchpoint, channel, product, who) + style[occasion]
        score, is_ces = occasion_scores(rng, touchpoint, asked.is_bad[occasion], mood[occasion], shift, moved)
        event = asked.event[occasion]
        for metric, here in (("csat", ~is_ces), ("ces", is_ces)):
            points, about = score[here].astype(float), touchpoint[here]
            answers = Answers(metric, occasion[here], about, points, about, event[here])
            self._write(rng, given, answers, people, records)
        relation = np.flatnonzero(asked.touchpoint == RELATIONAL)
        who, when = asked.customer[relation], asked.invited[relation]
        moved = self._shifts.at(who[:, None], np.arange(len(TOUCHPOINTS)), when[:, None])
        impression, used = relational_impressions(rng, before, who, mood[relation], shift, moved)
        nps = nps_scores(rng, impression, used, effects, style[relation])
        topic = np.where(nps >= 9, np.where(used, impression, -9).argmax(1), np.where(used, impression, 9).argmin(1))
        event = relational_events(topic, who, before)
        overall = Answers("nps", relation, np.full(len(relation), RELATIONAL), nps.astype(float), topic, event)
        self._write(rng, given, overall, people, records)
        csat = csat_scores(impression + style[relation, None])
        for code, name in enumerate(TOUCHPOINTS):
            here = used[:, code]
            rows = relation[here]
            self._write(
                rng, given, Answers("csat", rows, np.full(len(rows), code), csat[here, code], None), people, records
            )
            if name in effects.expectations:
                expected = expectation_scores(rng, effects.expectations[name], own_mood[rows], style[rows])
                answers = Answers("expectation", rows, np.full(len(rows), code), expected, None)
                self._write(rng, given, answers, people, records)

    def _write(
        self, rng: np.random.Generator, given: Given, answers: Answers, people: Population, records: Records
    ) -> None:
        """Pass on the answers to one question."""
        rows, size, metric = answers.rows, len(answers.rows), answers.metric
        if not size:
            return
        asked, number = given.asked.take(rows), given.number.take(pa.array(rows))
        language = people.language[asked.customer]
        silent = np.ones(size, bool) if answers.topic is None else rng.random(size) >= self._p.verbatim_share
        wording = rng.integers(0, WORDINGS, size)
        verbatim = pa.nulls(size, pa.string())
        response = joined("R", pc.utf8_slice_codeunits(number, 1))
        question = filled(joined(f"{metric}_", _touchpoints(answers.touchpoint).cast(pa.string())), metric)
        if answers.topic is not None and answers.event is not None:
            said = np.flatnonzero(~silent)
            sentiment = sentiment_of(metric, answers.score[said].astype(np.int64))
            about = Occasion(language[said], answers.topic[said], sentiment, answers.event[said], wording[said])
            texts = verbatims(self._words, about, self._p.words)
            verbatim = texts.text.take(pa.array(np.maximum(np.cumsum(~silent) - 1, 0), mask=silent))
            self._remember(response.take(pa.array(said)), question.take(pa.array(said)), texts)
        table = pa.table(
            {
                "response_no": response,
                "question": question,
                "invitation_no": number,
                "survey": _survey_names(asked.touchpoint),
                "survey_type": _survey_types(asked.touchpoint),
                **customer_columns(records, asked.record),
                "touchpoint": _touchpoints(answers.touchpoint),
                "channel": category(_CHANNELS, np.searchsorted([0.7, 0.85], rng.random(size), side="right")),
                "responded_at": timestamps(to_utc(given.responded[rows])),
                "metric": pa.array([metric] * size),
                "score": pa.array(answers.score),
                "verbatim": verbatim,
                "language": category(LANGUAGES, language, silent),
            }
        )
        self.counts["answers"] += size
        kinds = {
            "off_scale_score": {"score": pa.scalar(99.0)},
            "missing_time": {"responded_at": pa.scalar(None, pa.timestamp("us"))},
        }
        broken = self._broken.rows_of("survey__responses", table, given.responded[rows], "response_no", kinds)
        self._responses.add(*broken)

    def _remember(self, response: pa.Array, question: pa.Array, texts: Texts) -> None:
        self._truth.append(
            pa.table(
                {
                    "response_id": joined("survey:", response),
                    "question_id": question,
                    "topics": texts.topics,
                    "sentiment": texts.sentiment,
                    "urgency": decode(URGENCIES, texts.urgency),
                    "has_personal_data": texts.has_personal_data,
                    "is_sarcastic": texts.is_sarcastic,
                    "is_mixed": texts.is_mixed,
                }
            )
        )

    def truth(self) -> pa.Table:
        """What is true of each free text so far, one row per text."""
        return pa.concat_tables(self._truth)

    def close_before(self, local: int | None) -> None:
        """Write what is complete."""
        self._invitations.close_before(local)
        self._responses.close_before(local)


def _survey_names(touchpoint: Ints) -> pa.DictionaryArray:
    return category(("relation", *[f"after_{name}" for name in TOUCHPOINTS]), touchpoint + 1)


def _survey_types(touchpoint: Ints) -> pa.DictionaryArray:
    return category(("relational", "transactional"), (touchpoint >= 0).astype(np.int64))


def _touchpoints(touchpoint: Ints) -> pa.DictionaryArray:
    return category(TOUCHPOINTS, np.maximum(touchpoint, 0), touchpoint < 0)
