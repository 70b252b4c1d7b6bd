"""company.yml is hostile input: what is wrong is refused with file, line, key and remedy; nothing is run."""

import os
from datetime import UTC, date, datetime

import pytest
import yaml

from cx_assets.churn.settings import ChurnSettings
from cx_assets.contracts import load_contracts
from cx_assets.identity.settings import IdentitySettings
from orchestration.dbt.parameters import touchpoint_catalogue
from orchestration.dbt.sources import landing_sources_yaml
from orchestration.declaration.company import CompanyError, load_company
from orchestration.ground.workspace import REPOSITORY, Workspace, WorkspaceError

GOOD = """\
name: shop
title: "Shop"
description: A shop.
currency_code: EUR
time_zone: Europe/Berlin
country_code: DE
as_of: 2018-10-17
owner: team:customer-data
sources:
  crm:
    description: The CRM.
    owner: team:sales
    tables:
      contacts:
        description: One contact.
        path: "crm/contacts*.csv"
        format: csv
        event_time: updated_at
        required: [contact_id]
        options: {delimiter: ";", encoding: latin-1}
        columns: {contact_id: text, updated_at: timestamp, city: {type: text, source_name: "Ort"}}
"""


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "shop"
    (folder / "staging").mkdir(parents=True)
    (folder / "company.yml").write_text(GOOD, encoding="utf-8")
    return Workspace("shop", folder, tmp_path / "source", tmp_path / "state")


def rewrite(workspace, old, new):
    assert old in GOOD
    (workspace.company_dir / "company.yml").write_text(GOOD.replace(old, new, 1), encoding="utf-8")


def test_a_company_loads_with_its_defaults(workspace):
    company = load_company(workspace)
    assert (company.as_of, company.minimum_answers, company.max_quarantined_share) == (date(2018, 10, 17), 30, 0.05)
    churn = company.settings(ChurnSettings)
    assert (churn.horizon_days, churn.eligible_days, churn.training_cuts) == (30, 180, 6)
    assert company.settings(IdentitySettings).identifiers == ("source_person_id", "email", "phone", "tax_number")
    assert [item.landing_name for item in company.tables()] == ["crm__contacts"]
    item = company.table("crm", "contacts")
    assert (item.owner, item.table.options.delimiter, item.table.options.quote) == ("team:sales", ";", '"')
    assert item.table.columns["city"].source_name == "Ort"
    with pytest.raises(CompanyError, match=r"no table crm\.nobody"):
        company.table("crm", "nobody")


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ('title: "Shop"', "title: !!python/object/apply:os.system [touch /hacked]", 2, "python/object"),
        ('title: "Shop"', "title: !!python/name:os.system x", 2, "python/name"),
        ('title: "Shop"', 'title: "Shop"\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]', 4, "aliases"),
        ('title: "Shop"', "title: " + "[" * 5000, None, "recursion"),
        ('title: "Shop"', "title: " + "x" * 1_100_000, None, "larger than 1,048,576 bytes"),
        ("name: shop", "name: other", None, "'other'"),
        ("name: shop", 'name: "shop\\n"', 1, "name"),
        ("name: shop", "name: 'shop; drop table x'", 1, "name"),
        ("currency_code: EUR", "currency_code: euro", 4, "currency_code"),
        ("country_code: DE", "country_code: NO", 6, "country_code"),
        ("time_zone: Europe/Berlin", "time_zone: Mars/Olympus", 5, "no IANA time zone"),
        ("as_of: 2018-10-17", "as_of: tomorrow", 7, "as_of"),
        ("owner: team:customer-data", "owner: 'customer data'", 8, "owner"),
        (
            "owner: team:customer-data",
            "owner: team:customer-data\nchurn: {horizon: 3}",
            9,
            "churn.horizon: unknown key",
        ),
        ("owner: team:customer-data", "owner: team:data\nmax_quarantined_share: 5", 9, "max_quarantined_share"),
        ("owner: team:customer-data", "owner: team:data\ncolour: red", 9, "colour: unknown key"),
        ("owner: team:customer-data", "owner: team:data\nname: shop", 9, "given twice"),
        ("  crm:", "  crm__x:", 10, "crm__x"),
        ("  crm:", "  'crm; drop schema core':", 10, "crm; drop"),
        ("  crm:", "  'a\"; drop':", 10, 'a"; drop'),
        ("  crm:", '  "crm\\n":', 10, "sources.crm"),
        ("      contacts:", "      'my contacts':", 14, "my contacts"),
        ("      contacts:", "      Contacts:", 14, "Contacts"),
        ('path: "crm/contacts*.csv"', 'path: "../secrets.csv"', 16, "no .."),
        ('path: "crm/contacts*.csv"', 'path: "a/../../b.csv"', 16, "no .."),
        ('path: "crm/contacts*.csv"', 'path: "../../etc/*"', 16, "no .."),
        ('path: "crm/contacts*.csv"', 'path: "crm/**/../../x"', 16, "no .."),
        ('path: "crm/contacts*.csv"', 'path: "crm/a**.csv"', 16, "** only as a whole folder"),
        ('path: "crm/contacts*.csv"', 'path: "/etc/passwd"', 16, "no absolute path"),
        ('path: "crm/contacts*.csv"', 'path: "~/x.csv"', 16, "no absolute path"),
        ('path: "crm/contacts*.csv"', 'path: "C:/x.csv"', 16, "no absolute path"),
        ('path: "crm/contacts*.csv"', 'path: "s3://bucket/x.csv"', 16, "no URL"),
        ('path: "crm/contacts*.csv"', 'path: "a\\0.csv"', 16, None),
        ('path: "crm/contacts*.csv"', 'path: ""', 16, "path"),
        ("format: csv", "format: xlsx", 17, "format"),
        ("event_time: updated_at", "event_time: contact_id", 14, "must be a date or timestamp"),
        ("event_time: updated_at", "event_time: seen_at", 14, "'seen_at', which is not among its columns"),
        ("required: [contact_id]", "required: [nobody]", 14, "'nobody', which is not among its columns"),
        ("encoding: latin-1", "encoding: klingon", 20, "unknown encoding"),
        ("encoding: latin-1", "encoding: rot13", 20, "not an encoding of text"),
        ('delimiter: ";"', 'delimiter: ";;"', 20, "delimiter"),
        ('delimiter: ";"', 'delimiter: "\\n"', 20, "must be a sign"),
        ('delimiter: ";"', 'delimiter: "1"', 20, "must be a sign"),
        ('delimiter: ";"', 'delimiter: "\\0"', 20, "must be a sign"),
        ('delimiter: ";"', "delimiter: '\"'", 20, "must differ"),
        ("owner: team:sales", "owner: \"{{env_var('HOME')}}@a.org\"", 12, "{{"),
        ("format: csv", "format: parquet", 14, "mean nothing for parquet"),
        ("contact_id: text,", "'x\" int); drop table y; --': text, contact_id: text,", 21, "drop table"),
        ("contact_id: text,", "contact_id: varchar,", 21, "contact_id"),
        ("updated_at: timestamp", "_load_id: text, updated_at: timestamp", 21, "_load_id"),
        ("description: One contact.", "description: \"{{ env_var('HOME') }}\"", 15, "{{"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(workspace, old, new, line, told):
    rewrite(workspace, old, new)
    with pytest.raises(CompanyError) as error:
        load_company(workspace)
    message = str(error.value)
    assert str(workspace.company_dir / "company.yml") in message
    if line is not None:
        assert f"line {line}" in message
    assert told is None or told in message
    assert not os.path.exists("/hacked")


def test_an_absent_file_says_where_to_look(workspace):
    (workspace.company_dir / "company.yml").unlink()
    with pytest.raises(CompanyError, match="CX_COMPANY_DIR"):
        load_company(workspace)


def test_staging_models_by_entity(workspace):
    staging = workspace.company_dir / "staging"
    for name in ("stg_web__lead.sql", "stg_crm__lead.sql", "stg_crm_north__sales_order.sql"):
        (staging / name).write_text("select 1")
    models = load_company(workspace).staging_models()
    assert models["lead"] == ["stg_crm__lead", "stg_web__lead"]
    assert models["sales_order"] == ["stg_crm_north__sales_order"]
    assert models["payment"] == []
    assert models.keys() == load_contracts().keys()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("stg_crm__leads.sql", "unknown entity 'leads'"),
        ("stg_crm_lead.sql", "one double underscore"),
        ("Stg_crm__lead.sql", "lower case"),
        ("stg_a__b__lead.sql", "unknown entity"),
    ],
)
def test_a_staging_file_with_another_name_is_refused(workspace, name, told):
    (workspace.company_dir / "staging" / name).write_text("select 1")
    with pytest.raises(CompanyError, match=told):
        load_company(workspace).staging_models()


def test_a_company_of_which_nothing_is_mapped_lands_but_does_not_run(workspace):
    (workspace.company_dir / "staging").rmdir()
    company = load_company(workspace)
    assert not any(company.staging_models().values())
    with pytest.raises(CompanyError, match="staging has no staging model"):
        company.check_mapped()


def test_must_link_pairs(workspace):
    company = load_company(workspace)
    assert company.must_link() == []
    path = workspace.company_dir / "identity" / "must_link.csv"
    path.parent.mkdir()
    path.write_text('record_id_a,record_id_b,reason\ncrm:1,shop:9,"said so, twice"\n\ncrm:2,shop:8,call\n')
    assert company.must_link() == [("crm:1", "shop:9"), ("crm:2", "shop:8")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b\n",
        "record_id_a,record_id_b,reason\na,,x\n",
        "record_id_a,record_id_b,reason\na,a,x\n",
        "record_id_a,record_id_b,reason\na,b\n",
    ],
)
def test_a_malformed_must_link_is_refused(workspace, text):
    path = workspace.company_dir / "identity" / "must_link.csv"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(CompanyError, match=r"must_link\.csv"):
        load_company(workspace).must_link()


def test_dbt_sources_carry_keys_types_and_owner(workspace):
    document = yaml.safe_load(landing_sources_yaml(load_company(workspace)))
    (source,) = document["sources"]
    (table,) = source["tables"]
    assert (source["name"], source["schema"], table["name"]) == ("landing", "landing", "crm__contacts")
    assert table["config"]["meta"] == {
        "dagster": {"asset_key": ["landing", "crm__contacts"]},
        "owner": "team:sales",
    }
    assert [(column["name"], column["data_type"]) for column in table["columns"]] == [
        ("contact_id", "text"),
        ("updated_at", "timestamp"),
        ("city", "text"),
        ("_load_id", "text"),
        ("_load_sequence", "bigint"),
        ("_source_file", "text"),
        ("_source_row", "bigint"),
        ("_is_deleted", "boolean"),
    ]


def test_the_shipped_companies_load():
    for folder in sorted((REPOSITORY / "data" / "companies").iterdir()):
        if (folder / "company.yml").is_file():
            company = load_company(Workspace.from_environment(folder.name, {}))
            assert any(company.staging_models().values())


def test_defaults_lie_in_the_repository_whatever_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    workspace = Workspace.from_environment(environ={})
    state = REPOSITORY / "data" / "state" / "sample"
    assert workspace.company == "sample"
    assert workspace.company_dir == REPOSITORY / "data" / "companies" / "sample"
    assert workspace.source_dir == state / "source"
    assert workspace.manifests_dir == state / "landing" / "manifests"
    assert workspace.warehouse_path == state / "warehouse" / "cx.duckdb"
    assert workspace.dbt_target_dir == state / "dbt" / "target"


def test_variables_choose_the_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    workspace = Workspace.from_environment(
        environ={"CX_COMPANY": "olist", "CX_COMPANY_DIR": "/a/b", "CX_SOURCE_DIR": "files", "CX_STATE_ROOT": "/s"}
    )
    assert (workspace.company, str(workspace.company_dir), str(workspace.state_dir)) == ("olist", "/a/b", "/s/olist")
    assert workspace.source_dir == tmp_path / "files"
    assert Workspace.from_environment("bakery", {"CX_COMPANY": "olist"}).company == "bakery"


@pytest.mark.parametrize("name", ["../x", "A", "a" * 32, "a;b", "1a", "a b", "a\n"])
def test_a_malformed_company_name_is_refused(name):
    with pytest.raises(WorkspaceError, match="CX_COMPANY"):
        Workspace.from_environment(name, {})


def test_the_clock_can_be_set():
    def moment(text):
        return Workspace.from_environment(environ={"CX_CLOCK": text}).now()

    assert moment("2024-05-01T06:00:00Z") == datetime(2024, 5, 1, 6, tzinfo=UTC)
    assert moment("2024-05-01T06:00:00+02:00") == datetime(2024, 5, 1, 4, tzinfo=UTC)
    assert moment("2024-05-01T06:00") == datetime(2024, 5, 1, 6, tzinfo=UTC)
    assert Workspace.from_environment(environ={}).now().tzinfo is UTC
    with pytest.raises(WorkspaceError, match="CX_CLOCK"):
        moment("yesterday")


CATALOGUE = """\
touchpoints:
  - {name: web shop, stage: consideration, description: The shop., owner: team:web, channels: [web], aliases: [Webshop]}
  - {name: till, stage: purchase, description: Paying., events: [order_placed]}
sources:
"""


def test_the_touchpoint_catalogue_reaches_dbt_in_its_order(workspace):
    rewrite(workspace, "sources:\n", CATALOGUE)
    shop, till = touchpoint_catalogue(load_company(workspace))
    assert shop == {
        "name": "web shop",
        "stage": "consideration",
        "description": "The shop.",
        "owner": "team:web",
        "channels": ["web"],
        "aliases": ["Webshop"],
        "events": [],
    }
    # The company's owner where the touchpoint has none.
    assert (till["name"], till["owner"], till["events"]) == ("till", "team:customer-data", ["order_placed"])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("name: till", "name: Webshop", "'Webshop' stands there twice"),
        ("stage: purchase", "stage: unmapped", "'unmapped' is the stage of events that no touchpoint knows"),
        ("[order_placed]", "[order_paid]", "'order_paid' is no kind of event"),
        ("[order_placed]", "[order_placed, order_placed]", "the kind of event 'order_placed' stands there twice"),
        ("name: till", "name: \"{{ env_var('HOME') }}\"", "{{"),
        ("name: till", "name: ' till'", "name"),
        ("stage: purchase, ", "", "stage"),
        ("description: Paying.", "description: Paying., place: 2", "unknown key"),
    ],
)
def test_an_ambiguous_or_unreadable_catalogue_is_refused(workspace, old, new, told):
    assert old in CATALOGUE
    rewrite(workspace, "sources:\n", CATALOGUE.replace(old, new))
    with pytest.raises(CompanyError) as error:
        load_company(workspace)
    assert told in str(error.value)
