"""Free texts say what the truth says of them, and agree with the scores and with what happened, on five seeds."""

import re

import duckdb
import numpy as np
import pytest

from cx_assets.sample_company.names import LANGUAGES
from cx_assets.sample_company.parameters import TOUCHPOINTS
from cx_assets.sample_company.verbatims import NEGATIVE, POSITIVE, TOPICS, Occasion, verbatims
from cx_assets.sample_company.voice_parameters import WordShares

NOTHING_SPECIAL = WordShares(1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
# A word of each that stands in no other reason.
GERMAN = {
    "late_delivery": "zu spät|Termin wurde nicht gehalten",
    "low_service": "abgewimmelt|nicht verstanden",
    "open_complaint": "immer noch offen|noch lange nicht",
    "price": "teuer geworden|die Hälfte|Preis ist unschlagbar",
}


def _texts(company):
    """All texts with their truth; broken rows have no truth."""
    answers = company.files / "survey" / "responses" / "*.parquet"
    return duckdb.sql(
        f"""select r.metric, r.score, r.survey_type, cast(r.touchpoint as varchar) as touchpoint, r.verbatim,
            r.language, r.invitation_no, t.* from '{answers}' as r
        join '{company.truth_files}/verbatim.parquet' as t
            on t.response_id = 'survey:' || r.response_no and t.question_id = r.question
        where r.responded_at is not null and r.score <> 99"""
    ).df()


def _about(language, touchpoint, sentiment, event, wording):
    arrays = (
        np.atleast_1d(np.asarray(values, np.int64)) for values in (language, touchpoint, sentiment, event, wording)
    )
    return Occasion(*np.broadcast_arrays(*arrays))


def test_every_text_has_a_truth_and_the_other_way_round(voice_company):
    answers = voice_company.files / "survey" / "responses" / "*.parquet"
    [[texts]] = duckdb.sql(
        f"""select count(*) from '{answers}' where verbatim is not null and response_no not like '%X'"""
    ).fetchall()
    truth = voice_company.truth("verbatim")
    assert len(truth) == len(_texts(voice_company)) == texts
    assert not truth.duplicated(["response_id", "question_id"]).any()


def test_sentiment_is_that_of_the_score(voice_company):
    texts = _texts(voice_company)
    limits = {"nps": (6, 9), "csat": (2, 4), "ces": (3, 6)}
    low = texts["score"] <= texts["metric"].map(lambda name: limits[name][0])
    high = texts["score"] >= texts["metric"].map(lambda name: limits[name][1])
    assert (texts["sentiment"] == high.astype(int) - low.astype(int)).all()


def test_the_text_about_an_occasion_is_about_its_touchpoint(voice_company):
    texts = _texts(voice_company)
    single = texts[texts["survey_type"] == "transactional"]
    assert (single["topics"].str[0] == single["touchpoint"]).all()
    assert set(texts["topics"].explode()) == set(TOPICS)


@pytest.mark.parametrize("topic", GERMAN)
def test_words_name_the_topic(voice_company, topic):
    texts = _texts(voice_company)
    german = texts[(texts["language"] == "de")]
    # A slip may have spoilt the word, in 0.12 of the texts at most.
    said = german["verbatim"].str.contains(GERMAN[topic])
    known = german["topics"].map(lambda topics: topic in topics)
    assert known.sum() > 5
    assert (said & ~known).sum() == 0
    assert (said & known).sum() > 0.8 * known.sum()


def test_texts_about_late_parcels_follow_late_parcels(voice_company):
    files = voice_company.files
    late = duckdb.sql(
        f"""select i.invitation_no, o.delivered_at > o.promised_at as is_late
        from '{files}/survey/invitations/*.parquet' as i
        join '{files}/shop/orders/*.parquet' as o using (order_no) where cast(i.touchpoint as varchar) = 'delivery'
            and i.invitation_no not like '%X' and o.order_no not like '%X' and o.status is not null"""
    ).df().drop_duplicates("invitation_no").set_index("invitation_no")["is_late"]  # fmt: skip
    texts = _texts(voice_company).query("survey_type == 'transactional' and touchpoint == 'delivery'")
    is_late = texts["invitation_no"].map(late)
    told = texts["topics"].map(lambda topics: "late_delivery" in topics)
    known = is_late.notna()
    assert (told[known] == (is_late[known].astype(bool) & (texts["sentiment"][known] < 0))).all()
    assert told.sum() > 5


def test_shares_are_the_stated_ones(voice_company):
    texts = _texts(voice_company)
    shares = WordShares()
    negative, not_neutral = texts[texts["sentiment"] < 0], texts[texts["sentiment"] != 0]
    urgent = negative["urgency"] == "urgent"
    for flags, share in (
        (texts["has_personal_data"], shares.personal_data),
        (negative["is_sarcastic"], shares.sarcastic),
        (urgent, shares.urgent),
        (not_neutral["is_mixed"], shares.mixed),
    ):
        assert abs(flags.mean() - share) < 4 * np.sqrt(share * (1 - share) / len(flags))
    assert not texts.loc[texts["sentiment"] >= 0, "is_sarcastic"].any()
    assert (texts.loc[texts["sentiment"] >= 0, "urgency"] == "low").all()


def test_personal_data_stand_where_the_truth_says_so(voice_company):
    texts = _texts(voice_company)
    mail = texts["verbatim"].str.contains(r"[\w.-]+@[\w-]+\.alt")
    assert (mail == texts["has_personal_data"]).all()
    assert texts["verbatim"].str.contains(r"N\d{10}").equals(mail)
    assert texts["verbatim"].str.contains(r"\+49 30 1\d{6}").equals(mail)


@pytest.mark.parametrize("language", range(len(LANGUAGES)))
def test_there_are_hundreds_of_sentences_in_each_language(language):
    touchpoint, sentiment, wording = np.meshgrid(np.arange(len(TOUCHPOINTS)), np.arange(3), np.arange(12))
    about = _about(language, touchpoint.ravel(), sentiment.ravel(), -1, wording.ravel())
    texts = verbatims(np.random.default_rng(1), about, NOTHING_SPECIAL).text.to_pylist()
    # 12 touchpoints, 3 sentiments, 4 openings, 3 closings, and a reason beside them.
    assert len(set(texts)) == 432
    assert len({part for text in texts for part in re.split(r"(?<=[.!]) ", text)}) >= 150


def test_a_text_put_together_by_hand():
    delivery, late = TOPICS.index("delivery"), TOPICS.index("late_delivery")
    # Wording 4 is the second opening with the second closing, wording 0 the first with the empty one.
    about = _about(0, delivery, [NEGATIVE, POSITIVE], [late, -1], [4, 0])
    made = verbatims(np.random.default_rng(1), about, NOTHING_SPECIAL)
    bad, good = made.text.to_pylist()
    assert bad in {
        "Die Lieferung: sehr enttäuschend. Das Paket kam Tage zu spät. So verliert man Kunden.",
        "Die Lieferung: sehr enttäuschend. Der zugesagte Termin wurde nicht gehalten. So verliert man Kunden.",
    }
    assert good == "Die Lieferung war hervorragend. Gut verpackt und genau zum Termin da."
    assert made.topics.to_pylist() == [["delivery", "late_delivery"], ["delivery"]]
    assert made.sentiment.tolist() == [-1, 1]
    assert made.urgency.tolist() == [1, 0]


def test_sarcasm_says_the_reason_and_an_aside_the_opposite():
    app = TOPICS.index("app")
    sarcastic = verbatims(np.random.default_rng(1), _about(1, app, NEGATIVE, -1, 0), WordShares(1, 0, 1, 0, 0, 0, 0, 0))
    assert sarcastic.text.to_pylist()[0].startswith("The app: what a masterpiece. ")
    assert sarcastic.is_sarcastic.tolist() == [True]
    mixed = verbatims(np.random.default_rng(1), _about(1, app, POSITIVE, -1, 0), WordShares(1, 0, 0, 0, 1, 0, 0, 0))
    assert re.match(r"The app was excellent\. Done with two taps\. (But:|On the other hand:) ", mixed.text[0].as_py())
    [topics] = mixed.topics.to_pylist()
    assert topics[0] == "app"
    assert topics[1] in {"website", "store", "product", "price"}
