"""Every published number of the small company, worked out by hand from its raw rows."""

from datetime import date
from decimal import Decimal

import pytest

from tests.dbt.company import Company

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)

# One worker builds the company for all of these.


def amount(text: str) -> Decimal:
    return Decimal(text)


def test_activity_by_month(built: Company) -> None:
    rows = built.rows(
        "select activity_month, currency_code, active_customer_count, new_customer_count, order_count, "
        "anonymous_order_count, canceled_order_count, line_count, net_amount, return_amount, shipping_amount, "
        "paid_amount, counted_until_date from marts.mart_finance__activity_by_month order by all"
    )
    zero = amount("0.00")
    assert rows == [
        (JANUARY, "EUR", 1, 1, 1, 0, 0, 2, amount("30.00"), zero, amount("2.00"), amount("32.00"), date(2026, 1, 31)),
        # 30 of o2 less 20 returned; o2's payment has no date and counts with its order.
        (FEBRUARY, "EUR", 1, 1, 1, 0, 0, 2, amount("10.00"), amount("20.00"), zero, amount("29.00"), date(2026, 2, 28)),
        (FEBRUARY, "USD", 1, 1, 1, 0, 0, 1, amount("70.00"), zero, zero, zero, date(2026, 2, 28)),
        # o3 is anonymous and of 1 March in Berlin, o6 is canceled and without lines, o5 lies after the observation.
        # D brought back goods of 25 and bought nothing.
        (MARCH, "EUR", 2, 0, 3, 1, 1, 3, amount("65.00"), amount("25.00"), zero, amount("40.00"), date(2026, 3, 31)),
    ]


def test_customer_360(built: Company) -> None:
    rows = built.rows(
        "select customer_id, order_count, purchase_count, net_amount, return_amount, shipping_amount, "
        "first_purchase_date, last_purchase_date, recency_days, has_marketing_consent, first_seen_date, city "
        "from marts.mart_customer__customer_360 order by customer_id"
    )
    assert rows == [
        (
            *("A", 2, 2, amount("60.00"), amount("20.00"), amount("2.00"), date(2026, 1, 10), date(2026, 3, 29), 2),
            *(
                True,
                date(2025, 12, 5),
            ),
            "Kiel",
        ),
        # Unknown consent counts as no; the record was created after midnight in Berlin. o6 of March was canceled.
        (
            *("B", 2, 1, amount("30.00"), amount("0.00"), amount("0.00"), date(2026, 2, 5), date(2026, 2, 5), 54),
            *(
                False,
                date(2025, 12, 1),
            ),
            "Bonn",
        ),
        # C's order is in dollars, which are not in the amounts of the reporting currency.
        (
            *("C", 1, 1, amount("0.00"), amount("0.00"), amount("0.00"), date(2026, 2, 20), date(2026, 2, 20), 39),
            *(
                True,
                date(2026, 1, 1),
            ),
            None,
        ),
        (
            *("D", 0, 0, amount("-25.00"), amount("25.00"), amount("0.00"), None, None, None),
            False,
            date(2026, 1, 2),
            None,
        ),
    ]


def test_the_mean_purchase_divides_like_by_like(built: Company) -> None:
    """60 of two purchases; 30 of one, the other canceled; dollars alone; a return alone."""
    rows = built.rows(
        "select customer_id, reporting_purchase_count, mean_purchase_amount from marts.mart_customer__customer_360 "
        "order by 1"
    )
    assert rows == [("A", 2, 30.0), ("B", 1, 30.0), ("C", 0, None), ("D", 0, None)]


def test_months_near_the_first_known_order_are_warm_up(built: Company) -> None:
    """60 eligible days after 10 January end on 11 March, after the first of March."""
    assert built.rows("select distinct is_warm_up from marts.mart_finance__activity_by_month") == [(True,)]


def test_a_canceled_order_is_an_order_and_no_purchase(built: Company) -> None:
    assert built.rows(
        "select order_id, is_order, is_purchase, canceled_date from intermediate.int_sales__order "
        "where order_id in ('o2', 'o6') order by 1"
    ) == [("o2", True, True, None), ("o6", True, False, date(2026, 3, 12))]
    rows = built.rows(
        "select customer_id, first_order_date, first_purchase_date, last_purchase_date, order_count, purchase_count, "
        "net_amount, purchase_amount from intermediate.int_value__customer_purchase order by 1"
    )
    january, february, march = date(2026, 1, 10), date(2026, 2, 5), date(2026, 3, 29)
    assert rows == [
        ("A", january, january, march, 2, 2, amount("60.00"), amount("60.00")),
        ("B", february, february, february, 2, 1, amount("30.00"), amount("30.00")),
        ("C", date(2026, 2, 20), date(2026, 2, 20), date(2026, 2, 20), 1, 1, amount("0.00"), amount("0.00")),
        ("D", None, None, None, 0, 0, amount("-25.00"), amount("-25.00")),
    ]


def test_customer_360_service_and_answers(built: Company) -> None:
    rows = built.rows(
        "select customer_id, ticket_count, complaint_count, open_ticket_count, interaction_count, "
        "campaign_contact_count, campaign_response_count, last_nps_score, last_nps_date, nps_response_count, "
        "last_csat_score, response_count from marts.mart_customer__customer_360 order by customer_id"
    )
    assert rows == [
        ("A", 2, 1, 2, 2, 2, 1, 3.0, date(2026, 3, 20), 2, 5.0, 3),
        # k2 is held out as control: never contacted.
        ("B", 1, 0, 0, 0, 0, 0, 9.0, date(2026, 3, 3), 1, 2.0, 2),
        ("C", 0, 0, 0, 0, 0, 0, None, None, 0, None, 0),
        ("D", 0, 0, 0, 0, 0, 0, None, None, 0, None, 0),
    ]


def test_order_settlement_keeps_both_totals(built: Company) -> None:
    rows = built.rows(
        "select order_id, line_amount, return_amount, due_amount, paid_amount, difference_amount, is_settled "
        "from marts.mart_finance__order_settlement order by order_id"
    )
    zero = amount("0.00")
    assert rows == [
        # No payment is a refund: what was paid stands beside what was sold, whatever came back later.
        ("b1", amount("-25.00"), amount("25.00"), zero, zero, zero, True),
        # 30 sold and 2 of shipping were paid; 20 came back.
        ("o1", amount("10.00"), amount("20.00"), amount("32.00"), amount("32.00"), zero, True),
        ("o2", amount("30.00"), zero, amount("30.00"), amount("29.00"), amount("-1.00"), False),
        ("o3", amount("40.00"), zero, amount("40.00"), amount("40.00"), zero, True),
        ("o4", amount("50.00"), zero, amount("50.00"), zero, amount("-50.00"), False),
        ("o7", amount("70.00"), zero, amount("70.00"), zero, amount("-70.00"), False),
    ]


def test_scores_with_their_intervals(built: Company) -> None:
    rows = built.rows(
        "select score_month, metric, touchpoint, response_count, favourable_count, detractor_count, score_value, "
        "mean_score, is_suppressed "
        "from marts.mart_experience__score_by_touchpoint_month order by score_month, metric"
    )
    third = pytest.approx(2 / 3)
    assert rows == [
        (FEBRUARY, "ces", "delivery", 2, 1, 0, 0.5, 4.5, True),
        # 5 and 4 of 5 are the top two boxes; the question left out by r8 is no answer.
        (FEBRUARY, "csat", "delivery", 3, 2, 0, third, pytest.approx(11 / 3), False),
        # Two promoters less one detractor of four.
        (MARCH, "nps", "overall", 4, 2, 1, 25.0, 7.5, False),
    ]
    intervals = dict(
        (metric, (low, high))
        for metric, low, high in built.rows(
            "select metric, interval_low, interval_high from marts.mart_experience__score_by_touchpoint_month"
        )
    )
    # Wilson's interval of 2 in 3 is (0.2077, 0.9385).
    assert intervals["csat"] == (pytest.approx(0.2077, abs=5e-5), pytest.approx(0.9385, abs=5e-5))
    # With pseudo-answers: p = 2.75/7, d = 1.75/7, p - d = 1/7, se = sqrt((4.5/7 - 1/49)/7) = 0.29820.
    assert intervals["nps"] == (pytest.approx(-44.16, abs=0.01), pytest.approx(72.73, abs=0.01))


def test_response_shares_with_their_intervals(built: Company) -> None:
    rows = built.rows(
        "select invited_month, survey_type, touchpoint, invited_count, answered_count, response_share, interval_low, "
        "interval_high, is_suppressed, counted_until_date "
        "from marts.mart_experience__response_by_touchpoint_month order by invited_month"
    )
    assert rows == [
        # Wilson's interval of 1 in 1 begins at 1 / (1 + 1.96^2).
        (
            *(FEBRUARY, "transactional", "delivery", 1, 1, 1.0, pytest.approx(0.2065, abs=5e-5), 1.0),
            *(True, date(2026, 2, 28)),
        ),
        # Of the four invitations of March i4 got no answer; the answer r4 belongs to none.
        (
            *(MARCH, "relational", "overall", 4, 3, 0.75),
            *(pytest.approx(0.3006, abs=5e-5), pytest.approx(0.9544, abs=5e-5), False, date(2026, 3, 31)),
        ),
    ]


def test_rows_are_conserved(built: Company) -> None:
    rows = built.rows(
        "select object_name, input_row_count, quarantined_row_count, superseded_row_count, deleted_row_count, "
        "output_row_count, difference_row_count from marts.mart_operations__row_conservation where stage = 'contract' "
        "order by all"
    )
    assert rows == [
        ("campaign_contact", 3, 0, 0, 0, 3, 0),
        ("consent_event", 3, 1, 0, 0, 2, 0),
        ("customer_record", 4, 0, 0, 0, 4, 0),
        ("employee_answer", 4, 2, 0, 0, 2, 0),
        ("exit_interview", 2, 1, 0, 0, 1, 0),
        ("interaction", 3, 0, 0, 0, 3, 0),
        ("interface_metric", 5, 3, 0, 0, 2, 0),
        ("lead", 1, 0, 0, 0, 1, 0),
        ("loyalty_entry", 7, 3, 0, 0, 4, 0),
        ("marketing_spend", 2, 1, 0, 0, 1, 0),
        ("message_sent", 3, 1, 0, 0, 2, 0),
        ("payment", 3, 0, 0, 0, 3, 0),
        ("product", 2, 0, 0, 0, 2, 0),
        ("record_merge", 1, 0, 0, 0, 1, 0),
        ("referral", 4, 2, 0, 0, 2, 0),
        ("sales_order", 8, 0, 1, 0, 7, 0),
        ("subscription", 4, 2, 0, 0, 2, 0),
        ("survey_invitation", 5, 0, 0, 0, 5, 0),
        ("survey_response", 10, 0, 0, 0, 10, 0),
        ("ticket", 3, 0, 0, 0, 3, 0),
        ("transaction_line", 12, 3, 0, 0, 9, 0),
    ]
    reasons = built.rows("select * from marts.mart_operations__quarantine_reason")
    sale = ("contract", "crm", "transaction_line", "sale_not_negative", "A sale has a negative quantity or amount.", 1)
    assert sale in reasons
    assert sorted((entity, rule, count) for _, _, entity, rule, _, count in reasons) == [
        ("consent_event", "action_allowed", 1),
        ("employee_answer", "enps_scale", 1),
        ("employee_answer", "score_on_scale", 1),
        ("exit_interview", "recommend_score_max", 1),
        ("interface_metric", "share_within_one", 1),
        ("interface_metric", "store_rating_scale", 1),
        ("interface_metric", "unit_of_metric", 1),
        ("loyalty_entry", "earn_not_negative", 1),
        ("loyalty_entry", "expire_not_positive", 1),
        ("loyalty_entry", "redeem_not_positive", 1),
        ("marketing_spend", "cost_amount_min", 1),
        ("message_sent", "channel_required", 1),
        ("referral", "converted_has_date", 1),
        ("referral", "converted_not_before_referred", 1),
        ("subscription", "canceled_has_date", 1),
        ("subscription", "ended_not_before_started", 1),
        ("transaction_line", "cost_signed_as_line", 1),
        ("transaction_line", "refund_of_return", 1),
        ("transaction_line", "sale_not_negative", 1),
    ]


def test_a_birth_date_that_cannot_be_is_none_and_counted(built: Company) -> None:
    assert built.rows("select customer_id, birth_date from core.dim_customer_identity order by 1") == [
        ("A", date(2026, 3, 31)),
        ("B", None),
        ("C", None),
        ("D", None),
    ]
    reason = "birth_date lies before 1900-01-01 or after the observation date: the row counts without it."
    assert built.rows("select * from marts.mart_operations__replaced_value") == [
        ("contract", "crm", "customer_record", "birth_date", reason, 2)
    ]


def test_a_customer_is_labelled_by_the_horizon_after_the_cut(built: Company) -> None:
    rows = built.rows(
        "select observation_date, customer_id, is_churned from intermediate.int_churn__customer_feature order by all"
    )
    assert rows == [
        # A's order of 10 January; nothing from 31 January to 1 March.
        (date(2026, 1, 30), "A", True),
        # C's next order is of 1 April, a day after the horizon.
        (date(2026, 3, 1), "A", False),
        # B's order of 10 March was canceled.
        (date(2026, 3, 1), "B", True),
        (date(2026, 3, 1), "C", True),
        (date(2026, 3, 31), "A", None),
        (date(2026, 3, 31), "B", None),
        (date(2026, 3, 31), "C", None),
    ]


@pytest.mark.parametrize(
    ("feature", "at_the_end", "on_1_march"),
    [
        ("recency_days", 2, 50),
        ("tenure_days", 80, 50),
        ("purchase_count", 2, 1),
        ("purchase_count_30_days", 1, 0),
        ("purchase_count_90_days", 2, 1),
        ("mean_gap_days", 78.0, None),
        ("sd_gap_days", None, None),
        ("sale_amount_30_days", 50.0, 0.0),
        ("sale_amount_90_days", 80.0, 30.0),
        ("discount_share_365_days", pytest.approx(5 / 85), pytest.approx(5 / 35)),
        ("return_line_count_365_days", 1, 1),
        ("return_amount_365_days", 20.0, 20.0),
        ("late_delivery_count_90_days", 1, 1),
        ("category_count", 2, 2),
        ("ticket_count_90_days", 2, 0),
        ("complaint_count_90_days", 1, 0),
        ("open_ticket_count", 2, 0),
        ("interaction_count_30_days", 1, 0),
        ("store_count_90_days", 1, 1),
        ("campaign_contact_count_90_days", 2, 0),
        ("campaign_response_count_90_days", 1, 0),
        # The newest answer is the detractor's 3 of 10; on 1 March it was the 5 of 5.
        ("last_scaled_score", pytest.approx(0.3), 1.0),
        ("mean_scaled_score_365_days", pytest.approx((1 + 0.3 + 1) / 3), 1.0),
        ("low_score_count_90_days", 1, 0),
    ],
)
def test_features_know_nothing_after_their_cut(
    built: Company, feature: str, at_the_end: float | None, on_1_march: float | None
) -> None:
    rows = built.rows(
        f"select {feature} from intermediate.int_churn__customer_feature where customer_id = 'A' "
        "and observation_date in ('2026-03-31', '2026-03-01') order by observation_date desc"
    )
    assert rows == [(at_the_end,), (on_1_march,)]


def test_the_spine_holds_each_customer_and_cut_of_churn_once(built: Company) -> None:
    rows = built.rows("select * from intermediate.int_feature__spine order by all")
    days = {date(2026, 1, 30): "A", date(2026, 3, 1): "ABC", date(2026, 3, 31): "ABC"}
    assert rows == [("churn", customer, day) for customer in "ABC" for day, seen in days.items() if customer in seen]


def test_campaigns_and_tenure_on_the_observation_date(built: Company) -> None:
    """A got k1 and k3 on 21 March and answered one on the 22nd; B was held out; of C nothing but an order is known."""
    assert built.rows(
        "select customer_id, campaign_contact_count_30_days, campaign_response_count_30_days, "
        "campaign_holdout_count_365_days, campaign_response_share_365_days, campaign_contact_recency_days, "
        "campaign_response_recency_days from intermediate.int_feature__campaign order by 1"
    ) == [("A", 2, 1, 0, 0.5, 10, 9), ("B", 0, 0, 1, None, None, None)]
    assert built.rows(
        "select customer_id, observation_date, tenure_days, event_tenure_days from intermediate.int_feature__tenure "
        "where observation_date >= '2026-03-01' order by 1, 2"
    ) == [
        # In the store on 5 January, the first order on the 10th.
        ("A", date(2026, 3, 1), 50, 55),
        ("A", date(2026, 3, 31), 80, 85),
        ("B", date(2026, 3, 1), 24, 24),
        ("B", date(2026, 3, 31), 54, 54),
        ("C", date(2026, 3, 1), 9, 9),
        ("C", date(2026, 3, 31), 39, 39),
    ]


def test_personal_data_is_in_marked_tables_only(built: Company) -> None:
    texts = [
        (f"{schema}.{table}", column)
        for schema, table, column in built.rows(
            "select table_schema, table_name, column_name from information_schema.columns "
            "where table_schema in ('core', 'marts') and data_type = 'VARCHAR'"
        )
    ]
    holding = set()
    for relation, column in texts:
        personal = (
            "('Anna', 'Berg', 'anna@example.org', '030 1234567', 'Cramer GmbH', '24103', 'Alles gut', 'Danke, Anna', "
            "'n1', 'n2', 'Zu laut', 'Mehr Lohn')"
        )
        if built.rows(f"select 1 from {relation} where {column} in {personal} limit 1"):
            holding.add(relation)
    assert holding == {
        "core.dim_customer_identity",
        "core.fct_survey_verbatim",
        "core.fct_message_text",
        "core.fct_employee_answer",
        "core.fct_exit_interview",
    }


def test_feeds_are_late_by_their_own_habit(built: Company) -> None:
    """The observation date is 31 March; one day of silence is usual."""
    rows = built.rows(
        "select source_name, entity, days_behind, is_late, stray_row_count from "
        "marts.mart_operations__feed_completeness order by all"
    )
    assert rows == [
        ("crm", "sales_order", 0, False, 0),
        ("desk", "ticket", None, None, 0),
        ("old_shop", "sales_order", 2191, False, 0),
        ("shop", "transaction_line", 2, True, 1),
        ("till", "transaction_line", 1, False, 0),
    ]
