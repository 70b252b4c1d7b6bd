"""Risk that customers stay away, and how far the model that says so can be trusted."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from report import charts, meanings, pictures, states, tables
from report.context import Context, day_name

TITLE = "Churn risk"
ICON = ":material/person_off:"
ORDER = 40
CHOICES = ("segment",)

MODELS = "marts.mart_prediction__churn_model"
SCORES = "marts.mart_prediction__churn_score"
BINS = "marts.mart_prediction__churn_reliability"
OUTCOMES = "marts.mart_prediction__churn_outcome"
CUSTOMERS = "marts.mart_customer__customer_360"
MODEL_QUERY = f"select * exclude (card) from {MODELS} order by is_current desc, observation_date desc, model_id limit 1"
HISTOGRAM_QUERY = f"""
    select least(cast(floor(score.churn_probability * 10) as bigint), 9) / 10.0 as low, count(*) as customer_count
    from {SCORES} as score left join {CUSTOMERS} as customer using (customer_id)
    where ? is null or customer.rfm_segment = ? group by 1 order by 1"""
SEGMENT_QUERY = f"""
    select coalesce(customer.rfm_segment, 'none') as segment, count(*) as customers,
        round(avg(score.churn_probability), 3) as mean_probability,
        round(sum(score.churn_probability), 1) as expected_to_stay_away
    from {SCORES} as score left join {CUSTOMERS} as customer using (customer_id)
    group by 1 order by mean_probability desc, segment"""
BIN_QUERY = f"""
    select bin, customer_count, mean_probability, observed_share, observed_low, observed_high
    from {BINS} where model_id = ? order by bin"""
OUTCOME_QUERY = f"""
    select observation_date, horizon_days, count(*) as customers, round(avg(churn_probability), 3) as said,
        round(avg(cast(is_churned as integer)), 3) as happened
    from {OUTCOMES} group by 1, 2 order by 1 desc, 2"""
RISK_QUERY = f"""
    select score.customer_id, round(score.churn_probability, 3) as churn_probability, customer.rfm_segment,
        customer.recency_days, customer.purchase_count, cast(customer.net_amount as double) as net_amount
    from {SCORES} as score left join {CUSTOMERS} as customer using (customer_id)
    where ? is null or customer.rfm_segment = ?
    order by score.churn_probability desc, score.customer_id"""


def render(context: Context) -> None:
    """The model in words, who is at risk, and what became of earlier scores."""
    if not states.has_tables(context, MODELS, SCORES, BINS, CUSTOMERS):
        return
    models = context.publication.figures(MODEL_QUERY)
    if models.empty:
        states.empty("No churn model was tried yet.", "The daily job trains one as soon as there are purchases.")
        return
    model = models.iloc[0]
    st.header("The model")
    meanings.links(
        context,
        meanings.Figure("The model and its test", MODELS),
        meanings.Figure("Reliability", BINS),
        meanings.Figure("Probability of each customer", SCORES),
        meanings.Figure("What became of earlier scores", OUTCOMES),
    )
    if model["status"] != "trained":
        st.warning(refusal(model), icon=":material/block:")
        return
    opening, *points, closing = model_lines(model)
    st.markdown("\n".join([opening, *points]) + f"\n\n{closing}")
    _reliability(context, str(model["model_id"]))
    _risk(context, int(model["horizon_days"]))
    _outcomes(context)


def refusal(model: pd.Series) -> str:
    """Why there are no scores, and that this is meant."""
    return (
        f"**There are no churn scores, on purpose.** {model['reason']} A model that cannot be tested is not published: "
        "its numbers would look as sure as good ones. More time or more customers mend it; nothing has failed."
    )


def model_lines(model: pd.Series) -> list[str]:
    """What the model predicts, how well it did on a test, and against recency alone; points begin with a dash."""
    beats = "better than recency alone" if model["auc_difference_low"] > 0 else "not clearly better than recency alone"
    if model["auc_difference_high"] < 0:
        beats = "worse than recency alone"
    tested = pd.Timestamp(model["test_cut_date"]).date()
    return [
        f"It predicts whether a customer makes **no purchase within {model['horizon_days']} days**, for those who "
        f"bought in the last {model['eligible_days']} days. Tested on {model['test_count']:,} customers as of "
        f"{day_name(tested)}, of whom {100 * model['churn_share']:.0f}% stayed away:",
        "- Of two customers, one who stayed away and one who did not, it puts the right one first in "
        f"**{100 * model['auc']:.0f}%** of cases ({100 * model['auc_low']:.0f}% to {100 * model['auc_high']:.0f}%; a "
        f"coin: 50%). That is {beats} ({100 * model['baseline_auc']:.0f}%; difference "
        f"{100 * model['auc_difference_low']:+.1f} to {100 * model['auc_difference_high']:+.1f} points).",
        f"- Its probabilities are off by {100 * model['expected_calibration_error']:.1f} percentage points on average.",
        f"- In the tenth of highest risk {model['lift_top_decile']:.1f} times as many stayed away as in all.",
        "Staying away for a while is not leaving for good; the model knows only the first.",
    ]


def _reliability(context: Context, model_id: str) -> None:
    st.header("Can the probabilities be believed?")
    bins = context.publication.figures(BIN_QUERY, (model_id,))
    if bins.empty:
        states.empty("The model has no reliability table.")
        return
    pictures.draw(charts.reliability(bins))
    inside = int(bins["mean_probability"].between(bins["observed_low"], bins["observed_high"]).sum())
    st.caption(
        f"Each dot is a group of customers of the test. In {inside} of {len(bins)} groups the predicted share lies "
        "within the interval of what happened; on the dashed line both are equal."
    )
    tables.show(bins.round(3), "churn_reliability")


def _risk(context: Context, horizon: int) -> None:
    st.header("Who is at risk")
    chosen = (context.segment, context.segment)
    histogram = context.publication.figures(HISTOGRAM_QUERY, chosen)
    if histogram.empty:
        states.empty("No customer of this segment is scored.", "Only those who bought lately are.")
        return
    pictures.draw(charts.probability_histogram(histogram))
    st.caption(f"Scored customers by probability of no purchase within {horizon} days.")
    tables.show(context.publication.figures(SEGMENT_QUERY), "churn_by_segment", formats={"mean_probability": "percent"})
    with st.expander("Customers, highest risk first"):
        st.caption("For people who care for customers; not for prices, credit or decisions with legal effect.")
        tables.show(
            context.publication.rows(RISK_QUERY, chosen), "churn_customers", formats={"churn_probability": "percent"}
        )


def _outcomes(context: Context) -> None:
    st.header("What became of earlier scores")
    if not states.has_tables(context, OUTCOMES):
        return
    outcomes = context.publication.figures(OUTCOME_QUERY)
    if outcomes.empty:
        states.empty("No score is old enough yet for its horizon to have passed.")
    else:
        tables.show(outcomes, "churn_outcomes", formats={"said": "percent", "happened": "percent"})
