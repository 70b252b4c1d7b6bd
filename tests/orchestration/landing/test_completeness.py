"""How far feeds are complete: strays move nothing, silence is judged by a feed's own habit, the date waits."""

from datetime import date, timedelta

import pytest

from orchestration.snapshots.completeness import SnapshotError, check_date, complete_until, feed_of_days

JUNE_30 = date(2026, 6, 30)


def daily(until=JUNE_30, days=60, rows=5, every=1):
    """The last `days` days up to a date, each with as many rows."""
    return [(until - timedelta(days=back), rows) for back in range((days - 1) * every, -1, -every)]


def feed(days, entity="sales_order", source="shop", *, is_ended=False):
    return feed_of_days(source, entity, ["table"], days, is_ended=is_ended)


def until(*feeds, bearable=7):
    return complete_until(feeds, bearable)


def test_a_contact_after_the_last_order_moves_nothing():
    orders, lines = feed(daily()), feed(daily(), "transaction_line")
    contacts = feed(daily(date(2026, 7, 10)), "interaction", "crm")
    assert until(orders, lines, contacts) == (JUNE_30, True)


@pytest.mark.parametrize("stray", [date(2026, 12, 6), date(2026, 7, 16)])
def test_a_lone_row_far_beyond_all_others_is_a_stray(stray):
    found = feed([*daily(), (stray, 1)])
    assert (found.complete_until_date, found.stray_row_count, found.latest_event_date) == (JUNE_30, 1, stray)
    assert found.row_count == 301


def test_days_and_months_that_were_swapped_are_strays_while_they_are_few():
    # 5 June and 6 June written the other way round: 6 May is a day like any other, 5 and 6 December are not.
    found = feed([*daily(rows=200), (date(2026, 8, 6), 40), (date(2026, 12, 6), 40)])
    assert (found.complete_until_date, found.stray_row_count) == (JUNE_30, 80)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        # A fortnight of holidays, and one day more than that would be needed.
        ([*daily(), (date(2026, 7, 14), 1)], date(2026, 7, 14)),
        # More than one row in a hundred.
        ([*daily(), (date(2026, 12, 6), 4)], date(2026, 12, 6)),
        # A shop that sells once a month: 40 days are less than three times its usual 30.
        ([*daily(every=30, days=12), (date(2026, 8, 9), 1)], date(2026, 8, 9)),
        # Nine days are too few to call the tenth a stray; ten are enough.
        ([*daily(days=9), (date(2026, 12, 6), 1)], date(2026, 12, 6)),
        ([*daily(days=10), (date(2026, 12, 6), 1)], JUNE_30),
        ([(JUNE_30, 1)], JUNE_30),
        ([], None),
    ],
)
def test_what_is_a_stray_and_what_is_not(days, expected):
    assert feed(days).complete_until_date == expected


def test_a_mistyped_early_row_makes_no_long_silence_usual():
    found = feed([(date(1926, 5, 1), 1), *daily(), (date(2026, 12, 6), 1)])
    assert (found.complete_until_date, found.usual_silence_days) == (JUNE_30, 0)


def test_a_feed_that_is_late_holds_the_date_back_by_its_own_habit():
    web = feed(daily())
    assert until(web, feed(daily(date(2026, 6, 27)), source="till")) == (date(2026, 6, 27), True)
    # Closed on Sundays: one day without a row is usual, so that Sunday the 28th counts as one.
    weekdays = [(day, rows) for day, rows in daily(date(2026, 6, 27)) if day.weekday() != 6]
    assert until(web, feed(weekdays, source="till")) == (date(2026, 6, 28), True)


def test_a_feed_that_is_usually_silent_holds_nothing_back():
    wholesale = feed(daily(date(2026, 6, 20), days=12, every=15), source="wholesale")
    assert until(feed(daily()), wholesale) == (JUNE_30, True)


def test_a_feed_that_stays_away_stops_the_run_until_it_is_said_to_have_ended():
    web, till = feed(daily()), feed(daily(date(2026, 6, 22)), "transaction_line", "till")
    with pytest.raises(
        SnapshotError, match=r"till\.transaction_line ends on 2026-06-22.*ended: \[till\.transaction_line\]"
    ):
        until(web, till)
    assert until(web, till, bearable=8) == (date(2026, 6, 22), True)
    ended = feed(daily(date(2026, 6, 22)), "transaction_line", "till", is_ended=True)
    assert until(web, ended) == (JUNE_30, True)


def test_a_feed_of_a_few_days_is_not_judged():
    young = feed(daily(days=3), source="till")
    assert until(young) == (JUNE_30, False)
    # Beside one that is, it neither leads nor holds back.
    assert until(young, feed(daily(date(2026, 6, 28)))) == (date(2026, 6, 28), True)


def test_without_orders_the_feed_that_reaches_furthest_leads():
    answers, contacts = feed(daily(), "survey_response"), feed(daily(date(2026, 6, 1)), "interaction")
    assert until(answers, contacts) == (JUNE_30, False)
    assert until() == (None, False)
    assert until(feed([])) == (None, False)


def test_a_date_beyond_the_orders_is_refused_by_name():
    feeds = [feed(daily())]
    check_date(date(2026, 7, 7), JUNE_30, feeds, 7)
    with pytest.raises(SnapshotError, match=r"would be 2026-07-08.*until 2026-06-30.*max_days_behind: 8"):
        check_date(date(2026, 7, 8), JUNE_30, feeds, 7)
