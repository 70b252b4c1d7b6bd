"""Free text beside survey answers in five languages, in agreement with the score and with what happened.

The parts are in `verbatim_words.yml`; which answers have a text, and what is known of it, is in `surveys`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from cx_assets.sample_company.behaviour import Experience, Flags
from cx_assets.sample_company.columns import decode, joined, padded, whole
from cx_assets.sample_company.names import (
    EMAIL_DOMAINS,
    FAMILY_NAMES,
    GIVEN_NAMES,
    LANGUAGES,
    LATIN_FAMILY_COUNT,
    LATIN_GIVEN_COUNT,
    plain,
)
from cx_assets.sample_company.parameters import TOUCHPOINTS
from cx_assets.sample_company.timeline import Ints
from cx_assets.sample_company.voice_parameters import WordShares

NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2
SENTIMENTS = ("negative", "neutral", "positive")
TOPICS = (*TOUCHPOINTS, "price", "late_delivery", "low_service", "open_complaint")
URGENCIES = ("low", "normal", "high", "urgent")
WORDINGS = 12
"""Pairs of an opening and a closing for each language, touchpoint and sentiment."""
_CLOSINGS = 3
_TOPIC = {name: number for number, name in enumerate(TOPICS)}
_PRICED = [_TOPIC[name] for name in ("advertising", "product", "loyalty_programme")]
_ASIDES = np.array([_TOPIC[name] for name in ("website", "store", "product", "price")])
_EMOJIS = ("😡", "😞", "😐", "🤷", "😊", "👍", "👏", "🙄")
# What a bad occasion is called at its touchpoint, -1 where none goes bad; and in the survey about the relation.
_EVENTS = np.full(len(TOUCHPOINTS), -1)
_EVENTS[[_TOPIC["delivery"], _TOPIC["service_desk"], _TOPIC["complaint"]]] = [
    _TOPIC["late_delivery"], _TOPIC["low_service"], _TOPIC["low_service"]
]  # fmt: skip


@dataclass(frozen=True)
class Occasion:
    """What each text is about (one entry per text).

    Attributes:
        language: Index into `LANGUAGES`.
        touchpoint: Index into `TOUCHPOINTS`.
        sentiment: NEGATIVE, NEUTRAL or POSITIVE, as the score has it.
        event: What went wrong, an index into `TOPICS`; -1 for nothing.
        wording: 0 to WORDINGS - 1.
    """

    language: Ints
    touchpoint: Ints
    sentiment: Ints
    event: Ints
    wording: Ints


@dataclass(frozen=True)
class Texts:
    """Texts and what is true of each.

    Attributes:
        topics: Lists of `TOPICS`: the touchpoint, then the reason or event if it is another, then that of the aside.
        sentiment: -1, 0 or 1 for the whole text; the aside of a mixed one says the opposite.
        urgency: Index into `URGENCIES`.
    """

    text: pa.Array
    topics: pa.Array
    sentiment: Ints
    urgency: Ints
    has_personal_data: Flags
    is_sarcastic: Flags
    is_mixed: Flags


def sentiment_of(metric: str, score: Ints) -> Ints:
    """Sentiment that agrees with a score: detractors, 1-2 of 5 and 1-3 of 7 are negative, the best two positive."""
    low, high = {"nps": (6, 9), "csat": (2, 4), "ces": (3, 6)}[metric]
    return np.where(score <= low, NEGATIVE, np.where(score >= high, POSITIVE, NEUTRAL))


def occasion_events(touchpoint: Ints, is_bad: Flags, is_open: Flags) -> Ints:
    """What went wrong at single occasions, as an index into `TOPICS`, -1 for nothing; a bad complaint may be open."""
    event = np.where(is_bad, _EVENTS[touchpoint], -1)
    return np.where(is_bad & is_open & (touchpoint == _TOPIC["complaint"]), _TOPIC["open_complaint"], event)


def relational_events(touchpoint: Ints, customer: Ints, before: Experience) -> Ints:
    """The same for answers about the relation that are mostly about one touchpoint."""
    event = np.full(len(touchpoint), -1)
    lived = {
        "delivery": (before.late, "late_delivery"),
        "service_desk": (before.low_service, "low_service"),
        "complaint": (before.complaint, "open_complaint"),
    }
    for name, (went_wrong, topic) in lived.items():
        event[went_wrong[customer] & (touchpoint == _TOPIC[name])] = _TOPIC[topic]
    return event


@cache
def _words() -> dict[str, Any]:
    text = Path(__file__).with_name("verbatim_words.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@cache
def _names(kind: str) -> pa.Array:
    """Given ("given") or family ("family") names in Latin letters."""
    return pa.array(GIVEN_NAMES[:LATIN_GIVEN_COUNT] if kind == "given" else FAMILY_NAMES[:LATIN_FAMILY_COUNT])


@cache
def _short(kind: str) -> pa.Array:
    """The same as e-mail addresses have them."""
    return pa.array([plain(name).lower() for name in _names(kind).to_pylist()])


def _misspelt(text: str, rng: np.random.Generator) -> str:
    """The text with two neighbouring letters of a longer word exchanged."""
    words = text.split(" ")
    longer = [at for at, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if longer:
        at = longer[int(rng.integers(len(longer)))]
        cut = int(rng.integers(1, len(words[at]) - 2))
        word = words[at]
        words[at] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return " ".join(words)


@cache
def _pool(part: str) -> pa.Array:
    """All wordings of a part by language, and by what else it depends on; then, misspelt, all once more.

    Openings by touchpoint and sentiment (4 each), closings by sentiment (3), reasons by topic (2 negative, 1 positive,
    the last missing for events), sarcastic openings by touchpoint (3), urgent sentences (2), turns to an aside (2).
    """
    texts: list[str | None] = []
    for language in LANGUAGES:
        words = _words()[language]
        if part == "openings":
            texts += [
                text.format(subject)
                for subject in words["subjects"]
                for sentiment in SENTIMENTS
                for text in words[part][sentiment]
            ]
        elif part == "closings":
            texts += [text or None for sentiment in SENTIMENTS for text in words[part][sentiment]]
        elif part == "reasons":
            for topic in TOPICS:
                reasons = words[part][topic]
                texts += [*reasons["negative"], *reasons.get("positive", [None])]
        elif part == "sarcastic":
            texts += [text.format(subject) for subject in words["subjects"] for text in words[part]]
        else:
            texts += words[part]
    rng = np.random.default_rng(11)
    slips = [None if text is None else _misspelt(text, rng) for text in texts]
    return pa.array([*texts, *slips], pa.string())


def _spoken(part: str, codes: Ints, has_slip: Flags, here: Flags) -> pa.Array:
    """Texts of a part, null where not `here`."""
    pool = _pool(part)
    return decode(pool, codes + has_slip * (len(pool) // 2), ~here)


def _reasons(language: Ints, topic: Ints, sentiment: Ints, chance: np.ndarray) -> Ints:
    """Positions in the pool of reasons."""
    wording = np.where(sentiment == POSITIVE, 2, (chance * 2).astype(np.int64))
    return (language * len(TOPICS) + topic) * 3 + wording


def verbatims(rng: np.random.Generator, about: Occasion, shares: WordShares) -> Texts:
    """One text per occasion: opening, reason, an aside with the opposite sentiment, urgency, personal data, closing."""
    size, language, touchpoint, sentiment = len(about.language), about.language, about.touchpoint, about.sentiment
    draws = rng.random((12, size))
    is_negative = sentiment == NEGATIVE
    has_event = (about.event >= 0) & is_negative
    is_priced = (draws[0] < shares.price) & np.isin(touchpoint, _PRICED) & (sentiment != NEUTRAL)
    topic = np.where(has_event, about.event, np.where(is_priced, _TOPIC["price"], touchpoint))
    has_reason = (sentiment != NEUTRAL) & (has_event | is_priced | (draws[1] < shares.reason))
    is_sarcastic = is_negative & (draws[2] < shares.sarcastic)
    is_mixed = (sentiment != NEUTRAL) & (draws[3] < shares.mixed)
    is_urgent = is_negative & (draws[4] < shares.urgent)
    has_slip = draws[5] < shares.misspelt
    has_emoji = draws[6] < shares.emoji
    has_personal_data = draws[7] < shares.personal_data
    pick = (draws[8] * len(_ASIDES)).astype(np.int64)
    for taken in (touchpoint, topic):
        pick = np.where(_ASIDES[pick] == taken, (pick + 1) % len(_ASIDES), pick)
    aside = _ASIDES[pick]
    at_touchpoint = language * len(TOUCHPOINTS) + touchpoint
    opening = (at_touchpoint * 3 + sentiment) * (WORDINGS // _CLOSINGS) + about.wording // _CLOSINGS
    closing = (language * 3 + sentiment) * _CLOSINGS + about.wording % _CLOSINGS
    no_slip, everywhere = np.zeros(size, bool), np.ones(size, bool)
    reason = _reasons(language, topic, sentiment, draws[9])
    counter = _reasons(language, aside, POSITIVE - sentiment, draws[10])
    either = language * 2 + (draws[11] * 2).astype(np.int64)
    sarcastic = at_touchpoint * 3 + about.wording % 3
    parts = [
        _spoken("openings", opening, has_slip, ~is_sarcastic),
        _spoken("sarcastic", np.where(is_sarcastic, sarcastic, 0), has_slip, is_sarcastic),
        _spoken("reasons", reason, has_slip & (about.wording % 2 == 0), has_reason),
        _spoken("but", either, no_slip, is_mixed),
        _spoken("reasons", counter, no_slip, is_mixed),
        _spoken("urgent", either, no_slip, is_urgent),
        _personal(rng, language, has_personal_data),
        _spoken("closings", closing, no_slip, everywhere),
        decode(_EMOJIS, np.where(is_sarcastic, 6, sentiment * 2) + about.wording % 2, ~has_emoji),
    ]
    text = pc.binary_join_element_wise(*parts, " ", null_handling="skip")
    is_severe = has_event & (about.event != _TOPIC["late_delivery"])
    urgency = np.where(is_urgent, 3, np.where(is_severe, 2, is_negative.astype(np.int64)))
    named = np.stack([touchpoint, np.where(topic != touchpoint, topic, -1), np.where(is_mixed, aside, -1)], axis=1)
    return Texts(whole(text), _lists(named), sentiment - 1, urgency, has_personal_data, is_sarcastic, is_mixed)


def _lists(codes: Ints) -> pa.Array:
    """Lists of `TOPICS` of the codes in each row, without -1."""
    kept = codes >= 0
    offsets = np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), decode(TOPICS, codes[kept]))


def _personal(rng: np.random.Generator, language: Ints, here: Flags) -> pa.Array:
    """Sentences with a made-up name, address, telephone and order number; null where not `here`."""
    rows = np.flatnonzero(here)
    size, spoken = len(rows), language[rows]
    given, family = rng.integers(0, LATIN_GIVEN_COUNT, size), rng.integers(0, LATIN_FAMILY_COUNT, size)
    contact, order = ([_words()[language][part] for language in LANGUAGES] for part in ("contact", "order"))
    mail = joined(
        decode(_short("given"), given), ".", decode(_short("family"), family), "@",
        decode(EMAIL_DOMAINS, rng.integers(0, len(EMAIL_DOMAINS), size)),
    )  # fmt: skip
    name = joined(decode(_names("given"), given), " ", decode(_names("family"), family))
    phone = joined("+49 30 1", padded(rng.integers(0, 10**6, size), 6))
    number = joined(decode(order, spoken), " N", padded(rng.integers(0, 10**9, size), 10))
    sentences = joined(joined(decode(contact, spoken), " ", mail), phone, number, name, separator=", ")
    place = np.cumsum(here) - 1
    return whole(sentences).take(pa.array(np.maximum(place, 0), mask=~here))
