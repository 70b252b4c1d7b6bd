"""Which staging models leave rows out, and what tells the versions of a row apart there."""

import pytest

from orchestration.declaration.company import load_company
from orchestration.declaration.staging_filters import filtered_staging, row_by_row_staging
from orchestration.ground.workspace import Workspace

COMPANY_YML = """
name: kiosk
title: Kiosk
description: A kiosk.
currency_code: EUR
time_zone: UTC
country_code: DE
owner: team:kiosk
sources:
  desk:
    description: The desk.
    tables:
      tickets:
        description: One version of a ticket.
        path: tickets*.csv
        format: csv
        columns: {id: text, shop: text, status: text, opened: timestamp}
      shops:
        description: One shop.
        path: shops.csv
        format: csv
        key: [shop, since]
        columns: {shop: text, since: date, city: text}
"""
TICKET = """
with tickets as (
    {rows}
),

mapped as (
    select
        {key} as ticket_id,
        'desk' as source_system,
        opened as opened_at,
        {{{{ landing_columns({alias}) }}}}
    from {origin}
    {condition}
)

{{{{ conform('ticket', missing=[]) }}}}
"""
LATEST = "{{ latest_landed('desk__tickets', key=['id']) }}"
ALL = "select * from {{ source('landing', 'desk__tickets') }}"
NUMBERED = ALL.replace("*", "*, row_number() over (partition by id order by opened) as n")
FOUND = {"landing": "desk__tickets", "key": ("id",), "is_declared": False}


def company_with(tmp_path, **parts):
    folder = tmp_path / "kiosk"
    (folder / "staging").mkdir(parents=True)
    (folder / "company.yml").write_text(COMPANY_YML)
    given = {"rows": ALL, "key": "'desk:' || id", "alias": "", "origin": "tickets", "condition": "where status <> 'x'"}
    (folder / "staging" / "stg_desk__ticket.sql").write_text(TICKET.format(**given | parts))
    return load_company(Workspace("kiosk", folder, tmp_path / "source", tmp_path / "state"))


def filtered(tmp_path, **parts):
    return filtered_staging(company_with(tmp_path, **parts))


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({}, FOUND),
        ({"rows": LATEST}, FOUND),
        ({"key": "shop || '-' || id"}, FOUND | {"key": ("id", "shop")}),
        ({"condition": ""}, None),
        # One of several rows is picked, perhaps an earlier one on purpose.
        ({"rows": NUMBERED, "condition": "where n = 1"}, None),
        ({"rows": f"{ALL} group by all"}, None),
        # What the key is made of does not stand in the landing.
        ({"key": "md5(other_column)"}, None),
        # An inner join leaves rows out; the key is the counted side's.
        (
            {
                "alias": "'t'",
                "key": "t.id",
                "origin": "tickets as t join {{ source('landing', 'desk__shops') }} as s on t.shop = s.shop",
                "condition": "",
            },
            FOUND,
        ),
        ({"alias": "'t'", "key": "s.city", "origin": "tickets as t left join tickets as s on t.id = s.id"}, None),
        # Declared: the table's own key counts, not the mapping's.
        (
            {"rows": "select * from {{ source('landing', 'desk__shops') }}", "key": "shop"},
            {"landing": "desk__shops", "key": ("shop", "since"), "is_declared": True},
        ),
    ],
)
def test_filters_and_keys_are_read_off_the_mapping(tmp_path, parts, found):
    assert filtered(tmp_path, **parts) == ({} if found is None else {"stg_desk__ticket": found})


@pytest.mark.parametrize(
    ("parts", "is_row_by_row"),
    [
        ({"condition": ""}, True),
        ({"condition": "", "key": "case when shop is null then id else shop || id end"}, True),
        # A filter, a latest version, a window, a group, a join, a subquery, the clock, and a macro that is not known.
        ({}, False),
        ({"condition": "", "rows": LATEST}, False),
        ({"condition": "", "rows": NUMBERED}, False),
        ({"condition": "", "rows": f"{ALL} group by all"}, False),
        (
            {"condition": "", "alias": "'t'", "key": "t.id", "origin": "tickets as t left join tickets as s on true"},
            False,
        ),
        ({"condition": "", "key": "(select max(shop) from tickets)"}, False),
        ({"condition": "", "key": "id || current_date"}, False),
        ({"condition": "", "key": "{{ shortened('id') }}"}, False),
    ],
)
def test_a_mapping_of_single_rows_is_known(tmp_path, parts, is_row_by_row):
    assert row_by_row_staging(company_with(tmp_path, **parts)) == (["stg_desk__ticket"] if is_row_by_row else [])
