"""Consents: contacts tire as much as stated, and the CRM, the campaigns and the register of consents agree."""

import duckdb
import numpy as np

from cx_assets.sample_company.campaigns import make_campaign
from cx_assets.sample_company.consents import draw_consents
from cx_assets.sample_company.parameters import PERIOD_COUNT, parameters
from cx_assets.sample_company.people import population
from cx_assets.sample_company.records import NEVER
from cx_assets.sample_company.timeline import period_start

SEEDS = (1, 2, 3, 4, 5)


def _withdrawals(*, is_null):
    """Known consents at a period's start and those taken back in it, by contacts in 60 days: rows 0, 1 and 2."""
    p = parameters(is_null=is_null)
    counts = np.zeros((3, 2))
    for seed in SEEDS:
        people, consents = draw_consents(seed, population(seed, 0.02, p, 12), p)
        before = np.zeros(people.size, bool)
        for period in range(PERIOD_COUNT):
            campaign = make_campaign(seed, period, people, consents.may_be_contacted(period, people), p)
            contacted = np.zeros(people.size, bool) if campaign is None else campaign.treated
            at_risk = consents.in_force(period) & (people.joined < period_start(period))
            taken = at_risk & (consents.withdrawn < period_start(period + 1))
            for number in range(3):
                here = contacted.astype(int) + before == number
                counts[number] += (at_risk & here).sum(), (taken & here).sum()
            before = contacted
    return counts


def _log_odds(counts):
    shares = counts[:, 1] / counts[:, 0]
    return np.log(shares / (1 - shares)), 1 / np.sqrt(counts[:, 1])


def test_each_contact_in_sixty_days_adds_the_stated_log_odds():
    odds, errors = _log_odds(_withdrawals(is_null=False))
    for number, stated in enumerate((-5.3, -4.5, -3.7)):
        assert abs(odds[number] - stated) < 4 * errors[number], number
    # Contacts are given at random, so the difference is their effect.
    assert odds[1] - odds[0] > 4 * np.hypot(errors[0], errors[1])


def test_in_the_null_company_contacts_do_not_tire():
    odds, errors = _log_odds(_withdrawals(is_null=True))
    for number in range(3):
        assert abs(odds[number] + 5.3) < 4 * errors[number], number


def test_whoever_joined_without_consent_is_never_asked_to_keep_it():
    p = parameters()
    drawn = population(3, 0.02, p, 12)
    people, consents = draw_consents(3, drawn, p)
    assert (consents.given == drawn.has_consent).all()
    assert (consents.withdrawn[~consents.given] == NEVER).all()
    taken = consents.withdrawn < NEVER
    assert (people.has_consent == (drawn.has_consent & ~taken)).all()
    assert (consents.withdrawn > people.joined).all()
    assert 0.1 < taken.sum() / consents.given.sum() < 0.35


def _events(company):
    """Good entries with the true customer, times in UTC."""
    who = company.truth("record_customer")
    register = duckdb.sql(
        f"""select customer_system || ':' || customer_no as record_id, cast(occurred as timestamp) as occurred_at,
            action, evidence
        from read_json('{company.files}/marketing/consents.jsonl', format = 'newline_delimited',
            ignore_errors = true, columns = {{entry_no: 'varchar', customer_system: 'varchar',
            customer_no: 'varchar', occurred: 'varchar', action: 'varchar', evidence: 'varchar'}})
        where occurred <> '2025-02-30T10:00:00'"""
    ).df()
    return register.merge(who, on="record_id")


def test_the_last_entry_is_what_the_crm_shows(company):
    events = _events(company).sort_values("occurred_at", kind="stable")
    assert len(events) == company.summary.counts["consents"]
    who = company.truth("record_customer").set_index("record_id")["true_customer_id"]
    contacts = duckdb.sql(
        f"""select 'crm:' || kontakt_nr as record_id, werbung from read_csv('{company.files}/crm/contacts.csv',
            delim = ';', quote = '"', all_varchar = true, ignore_errors = true) where werbung in ('J', 'N')"""
    ).df()
    last = events.drop_duplicates("true_customer_id", keep="last").set_index("true_customer_id")["action"]
    shown = contacts["record_id"].map(who).map(last)
    assert (shown.eq("given") == contacts["werbung"].eq("J")).all()


def test_nobody_is_contacted_without_consent_and_the_link_ends_it(company):
    who = company.truth("record_customer").set_index("record_id")["true_customer_id"]
    rows = duckdb.sql(
        f"""select customer_system || ':' || customer_no as record_id, contacted_at, responded_at, response
        from '{company.files}/marketing/contacts_*.parquet'
        where contact_id not like '%X' and customer_no is not null"""
    ).df()
    rows["true_customer_id"] = rows["record_id"].map(who)
    events = _events(company).pivot_table(
        index="true_customer_id", columns="action", values="occurred_at", aggfunc="first"
    )
    joined = rows.merge(events, on="true_customer_id", how="left")
    assert (joined["given"] < joined["contacted_at"]).all()
    assert (joined["withdrawn"].isna() | (joined["withdrawn"] > joined["contacted_at"])).all()
    by_link = joined[joined["response"] == "unsubscribed"]
    # The register is in UTC, the campaign tool on Berlin's clock.
    hours = (by_link["responded_at"] - by_link["withdrawn"]).dt.total_seconds() / 3600
    assert set(hours) == {1.0, 2.0}
    links = _events(company)["evidence"].eq("unsubscribe link").sum()
    assert len(by_link) == links > 50
