"""Loyalty: members buy as much more as stated, heavy buyers are members more often, and the ledger's points add up."""

from collections import defaultdict

import duckdb
import numpy as np
import pytest

from cx_assets.sample_company.behaviour import Behaviour, Experience
from cx_assets.sample_company.loyalty import Memberships
from cx_assets.sample_company.parameters import PERIOD_COUNT, parameters
from cx_assets.sample_company.people import population
from cx_assets.sample_company.points import Accounts
from cx_assets.sample_company.programmes import LoyaltyProgramme

SEEDS = (1, 2, 3, 4, 5)


def _orders(*, is_null):
    """Orders of active members and of other active customers, and what their rates let expect without an effect."""
    p = parameters(is_null=is_null)
    found = np.zeros((2, 2))
    shares = []
    for seed in SEEDS:
        people = population(seed, 0.02, p, 12)
        behaviour, members = Behaviour(seed, people, p), Memberships(seed, people, p)
        for period in range(PERIOD_COUNT):
            behaviour.prepare(period, Experience.empty(people.size))
            behaviour.enter(period)
            growth = members.growth(period)
            members.enter(period, behaviour.active)
            counts, _ = behaviour.order_counts(period, growth)
            expected = behaviour.rates(period, np.ones(people.size)) * behaviour.presence(period)
            for row, group in enumerate((members.period < period, members.period == PERIOD_COUNT)):
                found[row] += counts[group].sum(), expected[group].sum()
        is_member = members.period < PERIOD_COUNT
        shares.append([is_member[people.rate_class == number].mean() for number in range(8)])
    return found[:, 0] / found[:, 1], 1 / np.sqrt(found[:, 1]), np.mean(shares, axis=0)


def test_members_buy_four_percent_more_and_heavy_buyers_are_members():
    (members, others), (error, other_error), shares = _orders(is_null=False)
    assert abs(members - 1.04) < 4 * error
    assert abs(others - 1.0) < 4 * other_error
    assert members - others > 4 * np.hypot(error, other_error)
    assert (np.diff(shares) > 0).all()
    assert shares[7] > 2 * shares[0]


def test_in_the_null_company_membership_changes_nothing():
    (members, others), (error, other_error), shares = _orders(is_null=True)
    assert abs(members - 1.0) < 4 * error
    assert abs(others - 1.0) < 4 * other_error
    # Who joins is no effect: it stays.
    assert shares[7] > 2 * shares[0]


def test_points_are_used_from_the_oldest_month_and_expire_after_eighteen():
    accounts = Accounts(2, LoyaltyProgramme())
    nothing = np.zeros(2, np.int64)
    accounts.gain(600, np.array([800, 300]), nothing)
    accounts.gain(601, np.array([400, 0]), np.array([0, -500]))
    assert accounts.balance().tolist() == [1_200, -200]
    accounts.use(602, np.array([1_000, 0]))
    assert accounts.balance().tolist() == [200, -200]
    accounts.gain(602, np.array([0, 350]), nothing)
    assert accounts.balance().tolist() == [200, 150]
    # What 600 earned is used up; of 601's 400 there are 200 left, of 602's 350 what the debt left.
    assert accounts.expire(618).tolist() == [0, 0]
    assert accounts.expire(619).tolist() == [200, 0]
    assert accounts.expire(620).tolist() == [0, 150]
    assert accounts.balance().tolist() == [0, 0]


def test_the_tier_follows_the_points_of_twelve_months():
    accounts = Accounts(3, LoyaltyProgramme())
    accounts.gain(600, np.array([999, 1_000, 3_500]), np.array([0, 0, -500]))
    assert accounts.tier().tolist() == [0, 1, 2]
    nothing = np.zeros(3, np.int64)
    for month in range(601, 612):
        accounts.gain(month, nothing, nothing)
    assert accounts.tier().tolist() == [0, 1, 2]
    accounts.gain(612, nothing, nothing)
    assert accounts.tier().tolist() == [0, 0, 0]


def _ledger(company):
    """Good entries with the true customer, in the order of the ledger."""
    who = company.truth("record_customer").set_index("record_id")["true_customer_id"]
    rows = duckdb.sql(
        f"""select customer_system || ':' || customer_no as record_id, *
        from '{company.files}/loyalty/ledger_*.parquet' where entry_no not like '%X' order by entry_no"""
    ).df()
    return rows.assign(customer=rows["record_id"].map(who))


def test_accounts_hold_what_was_earned_and_not_used(company):
    rows = _ledger(company)
    assert len(rows) == company.summary.counts["loyalty_entries"]
    rows["month"] = rows["booked_at"].dt.year * 12 + rows["booked_at"].dt.month
    some = rows["customer"].drop_duplicates().head(120)
    expired = 0
    for _, account in rows[rows["customer"].isin(some)].groupby("customer"):
        left, debt = defaultdict(int), 0
        for month, entries in account.groupby("month"):
            for old in [key for key in left if key < month - 18]:
                # Nothing may be left of what expired before.
                assert left.pop(old) == 0
            total = entries.groupby("type")["points"].sum().to_dict()
            need = -total.get("redeem", 0)
            assert need <= sum(left.values()) + total.get("adjust", 0) - debt or need == 0
            net = total.get("earn", 0) + total.get("adjust", 0) - debt
            need += max(-net, 0)
            debt = 0
            left[month] = max(net, 0)
            for old in sorted(left):
                taken = min(left[old], need)
                left[old] -= taken
                need -= taken
            debt = need
            assert -total.get("expire", 0) == left.pop(month - 18, 0)
            expired += -total.get("expire", 0)
    assert expired > 0


def test_every_account_begins_with_its_welcome_on_the_day_of_joining(company):
    rows = _ledger(company)
    first = rows.drop_duplicates("customer").set_index("customer")
    welcome = rows[(rows["type"] == "earn") & rows["order_no"].isna()].set_index("customer")
    members = company.truth("loyalty_member").set_index("true_customer_id")["member_since_date"]
    assert set(first.index) == set(members.index) == set(welcome.index)
    assert (welcome["points"] == 100).all()
    dates = welcome["booked_at"].dt.date
    assert (dates == members.dt.date.reindex(dates.index)).all()


def test_an_order_earns_two_points_a_euro_and_its_returns_take_them_back(company):
    lines = f"{company.files}/shop/lines/*.parquet"
    wrong = duckdb.sql(
        f"""with line as (
            select distinct line_no, order_no, line_type, net_amount from '{lines}'
            where line_no not like '%X' and order_no is not null and booked_at < '2026-06-01'
        ), sold as (
            select order_no, cast(floor(sum(net_amount) * 2) as bigint) as points
            from line where line_type = 'sale' group by 1
        ), taken as (
            select order_no, -sum(cast(floor(-net_amount * 2) as bigint)) as points
            from line where line_type = 'return' group by 1
        ), entry as (
            select type, order_no, sum(points) as points from '{company.files}/loyalty/ledger_*.parquet'
            where entry_no not like '%X' and order_no is not null and booked_at < '2026-06-01' group by all
        )
        select count(*) filter (where e.type = 'earn' and e.points <> s.points),
            count(*) filter (where e.type = 'adjust' and e.points <> t.points),
            count(*) filter (where e.type = 'earn') > 10000, count(*) filter (where e.type = 'adjust') > 500
        from entry as e left join sold as s using (order_no) left join taken as t using (order_no)"""
    ).fetchone()
    assert wrong == (0, 0, True, True)


def test_redemptions_come_in_steps_and_expiries_at_the_end_of_a_month(company):
    rows = _ledger(company)
    redeemed = rows[rows["type"] == "redeem"]
    assert (redeemed["points"] % 500 == 0).all()
    assert (redeemed["reward"] == "voucher " + (-redeemed["points"] // 100).astype(str) + " EUR").all()
    expired = rows[rows["type"] == "expire"]
    assert len(expired) > 100
    assert set(expired["booked_at"].dt.strftime("%H:%M:%S")) == {"23:59:59"}
    assert expired["booked_at"].dt.is_month_end.all()
    # Nothing can expire before what July 2023 earned.
    assert str(expired["booked_at"].min()) == "2025-01-31 23:59:59"
    earned = rows[rows["type"] == "earn"]
    months = (earned["expires_at"].dt.year - earned["booked_at"].dt.year) * 12
    months += earned["expires_at"].dt.month - earned["booked_at"].dt.month
    assert (months == 18).all()
    assert set(rows["tier"]) == {"bronze", "silver", "gold"}
    assert rows.loc[rows["booked_at"] < "2023-08-01", "tier"].eq("bronze").all()


@pytest.mark.parametrize("period", [0, 20])
def test_only_active_customers_who_have_bought_join(period):
    p = parameters()
    people = population(4, 0.01, p, 12)
    members = Memberships(4, people, p)
    members.enter(period, np.arange(people.size) % 2 == 0)
    joined = members.period == period
    assert joined.any()
    assert not joined[1::2].any()
    assert (people.join_period[joined] <= period).all()
    assert (members.growth(period) == 1.0).all()
    assert (members.growth(period + 1)[joined] == 1.04).all()
