"""cx identity on made-up persons: what is explained, told, written for people and read back."""

from __future__ import annotations

import csv
import json
import stat
from datetime import date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from typer.testing import CliRunner

from cx_assets.identity.evidence import Decisions, Kept, weigh
from cx_assets.identity.resolution import resolve
from cx_assets.identity.settings import IdentitySettings
from cx_assets.identity.tables import CUSTOMER_REDIRECT, LEDGER, LINK, MATCH_MODEL, RECORD_CUSTOMER, REVIEW_PAIR
from orchestration.cli.main import app
from orchestration.ground import lock
from orchestration.ground.workspace import Workspace
from orchestration.warehouse.database import Replacement, Warehouse
from tests.cx_assets.identity.linkage.persons import made_up_persons
from tests.orchestration.landing.conftest import TABLE, Shop


def cx(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["identity", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def _persons() -> pd.DataFrame:
    """Made-up persons; a family; a namesake with another e-mail address; a firm; a name that would be a formula."""
    home = {
        "source_system": "crm", "customer_type": "person", "family_name": "Zander", "email": "zander@post.de",
        "phone": "+491729000001", "street_address": "Uferweg 3", "postal_code": "10001", "city": "Berlin",
        "country_code": "DE",
    }  # fmt: skip
    added = [
        home | {"record_id": "f1", "given_name": "Sigrid", "birth_date": "1961-02-03"},
        home | {"record_id": "f2", "given_name": "Malte", "birth_date": "1993-08-09"},
        {"record_id": "firm", "source_system": "erp", "customer_type": "company", "company_name": "Zander GmbH"},
    ]
    frame = pd.concat([made_up_persons(), pd.DataFrame(added)], ignore_index=True)
    frame = frame.assign(tax_number=None, source_person_id=None, created_at=pd.NaT)
    frame.loc[frame["record_id"] == "s003", "street_address"] = "=1+1"
    return frame


def _build(warehouse: Warehouse, *, matching: str = "probabilistic") -> None:
    """Two snapshots: s001 comes with the second, in which p005 and s005 are parted and f1 and f2 joined."""
    persons, kept = _persons(), Kept()
    decided = Decisions(must_link=[("f1", "f2")], cannot_link=[("p005", "s005")])
    warehouse.prepare("Europe/Berlin")
    history = RECORD_CUSTOMER.typed(pd.DataFrame())
    ledgers = []
    for number, records, decisions in (
        (1, persons[persons["record_id"] != "s001"], Decisions()),
        (2, persons, decided),
    ):
        with duckdb.connect() as con:
            evidence = weigh(
                con, records, kept, decisions, settings=IdentitySettings(matching=matching), default_country="DE",
                as_of=date(2024, 5, 30), snapshot_sequence=number,
            )  # fmt: skip
        known_at = datetime(2024, 6, number, 6)  # noqa: DTZ001
        found = resolve(evidence, history, known_at=known_at, snapshot_sequence=number, snapshot_id=f"s{number}")
        history, kept = found.record_customer, evidence.kept
        ledgers.append(found.ledger)
    # A pair below the threshold, so that there is one to look at whatever the weights are.
    near = {
        "record_id_a": "p003", "record_id_b": "s007", "customer_type": "person", "match_weight": 1.5,
        "match_probability": 0.7388, "agreed_fields": "place", "differing_fields": "given_name,family_name",
    }  # fmt: skip
    ids = history[history["known_to_at"].isna()].set_index("record_id")["customer_id"]
    review = near | {"customer_id_a": ids["p003"], "customer_id_b": ids["s007"], "reason": "below the threshold"}
    is_learnt = matching == "probabilistic"
    links = [*kept.links.to_dict("records"), *([near | {"is_near_miss": True}] if is_learnt else [])]
    with warehouse.connect() as connection:
        connection.execute("create schema intermediate")
        connection.register("persons", persons)
        connection.execute("create table intermediate.int_identity__current_record as select * from persons")
    warehouse.replace(
        Replacement(RECORD_CUSTOMER, history),
        Replacement(LEDGER, pd.concat(ledgers)),
        Replacement(CUSTOMER_REDIRECT, found.customer_redirect),
        Replacement(MATCH_MODEL, kept.models),
        Replacement(LINK, LINK.typed(pd.DataFrame(links))),
        Replacement(REVIEW_PAIR, REVIEW_PAIR.typed(pd.DataFrame([review] if is_learnt else []))),
    )


@pytest.fixture(scope="module")
def state_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("state")
    folder = root / "shop" / "warehouse"
    _build(Warehouse(folder / "cx.duckdb", folder / "lock"))
    return root


def _enter(monkeypatch: pytest.MonkeyPatch, shop: Shop, state_root: Path) -> None:
    assert shop.company.name == "shop"
    for name, value in {
        "CX_COMPANY": "shop",
        "CX_COMPANY_DIR": shop.root / "shop",
        "CX_STATE_ROOT": state_root,
        "CX_CLOCK": "2024-06-03T06:00:00Z",
    }.items():
        monkeypatch.setenv(name, str(value))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_root: Path) -> Shop:
    """A company whose configuration is its own, over the state that the tests share."""
    shop = Shop(tmp_path, TABLE)
    _enter(monkeypatch, shop, state_root)
    folder = shop.root / "shop" / "identity"
    folder.mkdir()
    (folder / "must_link.csv").write_text("record_id_a,record_id_b,reason\nf1,f2,moved in")
    (folder / "cannot_link.csv").write_text("record_id_a,record_id_b,reason\r\np005,s005,two of a name\r\n")
    return shop


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def _customer(record: str) -> str:
    """The record's customer of now."""
    with duckdb.connect(str(Workspace.from_environment().warehouse_path), read_only=True) as connection:
        row = connection.execute(
            "select customer_id from identity.record_customer where record_id = ? and known_to_at is null", [record]
        ).fetchone()
    assert row is not None
    return str(row[0])


def test_one_customer_is_explained_and_its_data_masked(shop: Shop) -> None:
    text = cx("explain", "p000", "s000")
    lines = _lines(text)
    customer = _customer("p000")
    assert lines[0] == (
        f"record p000 (customer {customer}) and record s000 (customer {customer}) are one customer now."
    )
    # Two letters of the family name swapped, no e-mail.
    assert "A p000  A***  compared as a***" in lines
    assert "B s000  -  compared as -" in lines
    [link] = [line for line in lines if line.startswith("p000 + s000: ") and "bits" in line]
    assert "given_name, family_name, birth_date, phone, street, place agree" in link
    assert link.endswith("; followed")
    assert [line.split(maxsplit=1)[1] for line in lines if "family_name:" in line] == [
        "family_name: same but for a typing error"
    ]
    assert "p000 + s000: phone (weighed with the names beside it)" in lines
    assert "Decisions that name them: none" in lines
    for shown in ("Amsel", "Asmel", "amsel0@post.de", "+4917012"):
        assert shown not in text


def test_the_bits_of_the_fields_add_up(shop: Shop) -> None:
    text = cx("explain", "p000", "s000")
    [_, table] = text.split("Weight of p000 + s000, in bits:\n")
    bits = [float(line.split()[0]) for line in table.splitlines()[:10]]
    [link] = [line for line in _lines(text) if line.startswith("p000 + s000: ") and "bits" in line]
    assert sum(bits[:-1]) == pytest.approx(bits[-1], abs=0.5)  # ten rounded numbers
    assert f"{bits[-1]:.1f} bits" in link


def test_values_are_shown_to_who_asks(shop: Shop) -> None:
    lines = _lines(cx("explain", "p000", "s000", "--show-personal-data"))
    assert "A p000  Amsel  compared as amsel" in lines
    assert "B s000  Asmel  compared as asmel" in lines


def test_a_decision_against_the_data_is_told(shop: Shop) -> None:
    text = cx("explain", "s005", _customer("p005"))
    assert "are two customers now" in text
    assert "not followed between the two customers: declared not to be one customer" in text
    assert "p005 + s005: cannot_link" in _lines(text)
    joined = cx("explain", "f2", "f1")
    assert "are one customer now" in joined
    assert "taken for two of one household" in joined
    assert "f1 + f2: must_link" in _lines(joined)


def test_pairs_that_were_never_compared_are_said_to_be_that(shop: Shop) -> None:
    text = cx("explain", "p010", "p200")
    assert "never compared: they have no blocking key in common; the strongest would weigh -" in text
    assert "together, without how rare the equal values are" in text
    assert "never compared: a company and a person" in cx("explain", "p010", "firm")


def test_a_near_miss_is_a_link_below_the_threshold(shop: Shop) -> None:
    [line] = [line for line in _lines(cx("explain", "p003", "s007")) if "1.5 bits" in line and "probability" in line]
    assert line.endswith("place agree; given_name, family_name differ; below the threshold")


def test_two_records_of_one_customer_and_the_customer_without_a_record(shop: Shop) -> None:
    customer = _customer("p000")
    assert "are one customer now" in cx("explain", customer, "s000")
    assert "the same records" in cx("explain", customer, customer, code=2)
    assert "the same records" in cx("explain", "p000", "p000", code=2)


def test_the_life_of_a_record_and_of_a_customer(shop: Shop) -> None:
    first, second = _customer("p005"), _customer("s005")
    lines = _lines(cx("history", "s005"))
    assert lines[0] == f"Record s005 belongs to customer {second}."
    assert f"2024-06-01 06:00 to 2024-06-02 06:00: {first}" in lines
    assert f"2024-06-02 06:00 to now: {second}" in lines
    split = f"2024-06-02 06:00  1 record left {first} for {second}; because declared not to be one customer"
    assert lines[-1] == split
    assert split in _lines(cx("history", first))


def test_an_id_that_was_given_up_leads_to_the_one_in_use(shop: Shop) -> None:
    kept = _customer("f1")
    periods = [period for record in ("f1", "f2") for period in json.loads(cx("history", record, "--json"))["periods"]]
    [gone] = {period["customer_id"] for period in periods} - {kept}
    lines = _lines(cx("history", gone))
    assert lines[0] == f"Customer {gone} was given up; {kept} is in use now."
    assert lines[-1] == f"2024-06-02 06:00  {gone} was merged into {kept}, with 1 record; by a decision"
    assert f"{gone} was given up: {kept} is in use now." in cx("explain", gone, "p000")


def test_pairs_to_look_at_and_the_file_for_people(shop: Shop, tmp_path: Path) -> None:
    assert _lines(cx("review"))[0] == (
        "p003 + s007: 1.5 bits, probability 0.7388. below the threshold. Agree: place. Differ: given_name, family_name."
    )
    assert [row["record_id_b"] for row in json.loads(cx("review", "--json"))] == ["s007"]
    path = tmp_path / "pairs.csv"
    assert "1 of 1 pair(s)" in cx("review", "--output", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(encoding="utf-8-sig", newline="") as file:
        [row] = list(csv.DictReader(file))
    assert (row["record_id_a"], row["record_id_b"], row["decision"]) == ("p003", "s007", "")
    assert (row["given_name_a"], row["given_name_b"]) == ("Dieter", "H.")
    assert row["phone_a"].startswith("'+49")
    assert "may hold decisions" in cx("review", "--output", str(path), code=2)


def _decide(shop: Shop, path: Path, rows: str, code: int = 0) -> str:
    path.write_text(f"record_id_a,record_id_b,decision\n{rows}", encoding="utf-8")
    return cx("decide", str(path), "--by", "anna", code=code)


def test_decisions_are_appended_once(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "decided.csv"
    rows = "p003,s007,Same\np010,nobody,different\np011,p012,\nf2,f1,same\n"
    text = _decide(shop, path, rows)
    assert "1 pair(s) added to must_link.csv, 1 to cannot_link.csv; 1 stood there already, 1 are open." in text
    assert "1 pair(s) name a record that is not there" in text
    assert "The next cx run follows them." in text
    folder = shop.root / "shop" / "identity"
    must_link = (folder / "must_link.csv").read_bytes()
    assert must_link == (b"record_id_a,record_id_b,reason\nf1,f2,moved in\np003,s007,decided on 2024-06-03 by anna\n")
    assert shop.company.must_link() == [("f1", "f2"), ("p003", "s007")]
    assert shop.company.cannot_link() == [("p005", "s005"), ("p010", "nobody")]
    again = _decide(shop, path, rows)
    assert "0 pair(s) added to must_link.csv, 0 to cannot_link.csv; 3 stood there already" in again
    assert "next cx run" not in again
    assert (folder / "must_link.csv").read_bytes() == must_link
    assert sorted(file.name for file in folder.iterdir()) == ["cannot_link.csv", "must_link.csv"]


def test_contradictions_and_malformed_rows_write_nothing(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "decided.csv"
    folder = shop.root / "shop" / "identity"
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    # f1 and f2 stand as one: f2 = p001 and p001 apart from f1 cannot both be.
    text = _decide(shop, path, "f2,p001,same\np001,f1,different\n", code=2)
    assert "Nothing was written: cannot_link says that p001 and f1 are two customers" in text
    assert "p005 and s005" in _decide(shop, path, "s005,p005,same\n", code=2)
    assert "row 3: the decision is 'maybe'" in _decide(shop, path, "p003,s007,same\np001,p002,maybe\n", code=2)
    assert "row 2: give two different record ids" in _decide(shop, path, "p003,,same\n", code=2)
    assert "cannot be read" in cx("decide", str(tmp_path / "absent.csv"), code=2)
    path.write_bytes("record_id_a,record_id_b,decision\nM\xfcller,b,same\n".encode("latin-1"))
    assert "save it as CSV UTF-8" in cx("decide", str(path), code=2)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_what_cannot_be_answered_is_said(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_root: Path
) -> None:
    for command in (("explain", "nobody", "p000"), ("history", "nobody")):
        assert "no record and no customer has the id 'nobody'" in cx(*command, code=2)
    with lock.held(state_root / "shop" / "warehouse" / "lock", run_id=None, started_at=None):
        assert "A run is active" in cx("review", code=75)
        (tmp_path / "d.csv").write_text("record_id_a,record_id_b,decision\np020,p021,different\n")
        assert "not looked up, as a run is active" in cx("decide", str(tmp_path / "d.csv"))
    monkeypatch.setenv("CX_STATE_ROOT", str(tmp_path / "empty"))
    for command in (("explain", "p000", "s000"), ("history", "p000"), ("review",)):
        assert "Nothing has been built yet: cx run builds it." in cx(*command, code=2)
    monkeypatch.setenv("CX_COMPANY_DIR", str(tmp_path / "absent"))
    assert "check --company or CX_COMPANY_DIR" in cx("review", code=2)


def test_a_warehouse_of_an_earlier_release_is_said_to_be_that(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "old" / "shop" / "warehouse"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "cx.duckdb")) as connection:
        connection.execute("create table of_old (a int)")
    monkeypatch.setenv("CX_STATE_ROOT", str(tmp_path / "old"))
    assert "cx run builds it" in cx("review", code=2)


def test_exact_matching_explains_by_identifiers_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(tmp_path, TABLE, {"identity": {"matching": "exact"}})
    folder = tmp_path / "exact" / "shop" / "warehouse"
    _build(Warehouse(folder / "cx.duckdb", folder / "lock"), matching="exact")
    _enter(monkeypatch, shop, tmp_path / "exact")
    text = cx("explain", "p001", "s001")
    assert "are one customer now" in text
    assert "p001 + s001: email (proof)" in _lines(text)
    assert "never compared: nothing is learnt of records of a person" in text
    assert "Matching is exact" in text
    assert "there are no pairs to review" in cx("review")
