"""A company of two days: the evening of the first, the files of the second, and what an unkilled second day publishes.

The tests that kill the job start from here.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from orchestration.ground import lock
from orchestration.ground.workspace import Workspace
from orchestration.landing.loads.manifest import Manifest
from orchestration.landing.loads.manifests import read_manifests
from orchestration.publication.generations import Generation, current_generation
from tests.conftest import ROOT, company_environment, only_one_worker, run_company
from tests.warm import WarmRun, run_cx

COMPANY = ROOT / "data" / "companies" / "sample"
SCALE = 0.001  # the smallest at which a churn model is trained
FIRST_DAY = "2026-06-20T06:00:00+00:00"
SECOND_DAY = "2026-07-02T06:00:00+00:00"
JOINING_CONTACT = "K99999999"
IDENTITY_TABLES = ("record_customer", "ledger", "customer_redirect")

Contents = dict[str, tuple[int, str]]


def contents(generation: Generation) -> Contents:
    """Rows and checksum of every published table."""
    return {table.table: (table.rows, table.checksum) for table in generation.tables}


@dataclass(frozen=True)
class Outcome:
    """What a day ended with: the publication, and the identity tables, whose history nothing can make again."""

    snapshot_id: str
    published: Contents
    identity: Contents


class TwoDays:
    """The company in a folder of one test file: put back to the evening of the first day before every case."""

    def __init__(self, prepared: Path, folder: Path) -> None:
        self.prepared = prepared
        self.source = prepared / "source"
        self.state_root = folder / "state"
        self.workspace = Workspace.from_environment(environ=self.environment())
        told = json.loads((prepared / "outcomes.json").read_text(encoding="utf-8"))
        self.first, self.second = (_outcome(told[day]) for day in ("first", "second"))
        self.seconds_of_work = float(told["seconds_of_work"])
        self._first_evening = folder / "first_evening"
        self._parse()

    def environment(self, **more: str) -> dict[str, str]:
        return {**company_environment(COMPANY, self.source, self.state_root, clock=SECOND_DAY), **more}

    def _parse(self) -> None:
        """Let dbt read the project in this folder once, or every run after a restore would read all of it anew."""
        shutil.copytree(self.prepared / "first_evening", self.state_root, symlinks=True)
        environment = self.environment(PYTHONPATH=str(ROOT))
        subprocess.run([sys.executable, "-c", "import orchestration.definitions"], env=environment, check=True)
        shutil.move(self.state_root, self._first_evening)

    def restore(self) -> None:
        shutil.rmtree(self.state_root, ignore_errors=True)
        shutil.copytree(self._first_evening, self.state_root, symlinks=True)

    def published(self) -> Generation:
        found = current_generation(self.workspace.published_dir)
        assert found is not None
        return found

    def manifests(self) -> list[Manifest]:
        return read_manifests(self.workspace)

    def query(self, query: str) -> list[tuple[object, ...]]:
        """Rows from the private warehouse; nobody may be at work."""
        with duckdb.connect(str(self.workspace.warehouse_path), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def in_warehouse(self, schema: str) -> set[str]:
        """Of which day the tables of a schema are that the second day changes: first, second; views have no day."""
        views = {f"{schema}.{name}" for (name,) in self.query("select view_name from duckdb_views()")}
        found = set()
        for table, second in self.second.published.items():
            first = self.first.published[table]
            if first != second and table.startswith(f"{schema}.") and table not in views:
                [digest] = self.query(f"select count(*), coalesce(sum(hash(t)), 0)::varchar from {table} as t")
                found.add({first: "first", second: "second"}[digest])
        return found

    def readable_rows(self) -> int:
        """What a reader gets now, table by table; raises if anything published cannot be read."""
        with duckdb.connect(str(self.workspace.published_dir / "current.duckdb"), read_only=True) as connection:
            tables = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
            return sum(
                connection.execute(f'select count(*) from "{schema}"."{table}"').fetchall()[0][0]
                for schema, table in tables
            )

    def assert_first_day_is_served(self) -> None:
        assert contents(self.published()) == self.first.published
        self.assert_what_is_served_is_whole()

    def assert_what_is_served_is_whole(self) -> None:
        served = self.published()
        assert contents(served) in (self.first.published, self.second.published)
        assert self.readable_rows() == sum(table.rows for table in served.tables if not table.is_restricted)

    def assert_next_run_completes(self) -> None:
        run_company(COMPANY, self.source, self.state_root, clock=SECOND_DAY)
        self.assert_second_day_is_whole()

    def assert_second_day_is_whole(self) -> None:
        assert outcome_of(self.workspace) == self.second
        self.assert_what_is_served_is_whole()
        status = run_cx("status", "--json", environment=self.environment())
        assert json.loads(status.stdout)["is_running"] is False


def prepare(shared_dir: Path) -> Path:
    """Both days run once for all test files: source, first_evening (a state root), outcomes.json."""
    folder = shared_dir / "two_days"
    with only_one_worker(folder) as is_first:
        if is_first:
            _prepare(folder)
    return folder


def _prepare(folder: Path) -> None:
    from cx_assets import sample_company

    source, state_root = folder / "source", folder / "state"
    sample_company.generate(source, scale=SCALE, seed=7)
    held_back = _hold_back(source, folder / "second_day")
    run_company(COMPANY, source, state_root, clock=FIRST_DAY)
    workspace = Workspace.from_environment(environ=company_environment(COMPANY, source, state_root))
    first = outcome_of(workspace)
    shutil.copytree(state_root, folder / "first_evening", symlinks=True)
    for path in held_back:
        shutil.move(folder / "second_day" / path.name, path)
    _write_joining_contact(workspace, source)
    process = WarmRun("run", environment=company_environment(COMPANY, source, state_root, clock=SECOND_DAY))
    wait_until_at_work(process, workspace)
    started = time.monotonic()
    assert process.wait() == 0
    told = {
        "first": asdict(first),
        "second": asdict(outcome_of(workspace)),
        "seconds_of_work": time.monotonic() - started,
    }
    (folder / "outcomes.json").write_text(json.dumps(told), encoding="utf-8")


def wait_until_at_work(process: WarmRun, workspace: Workspace) -> None:
    """Until the first step begins: while dbt reads its project nothing can be broken."""
    while process.poll() is None:
        holder = lock.read_holder(workspace.lock_path)
        if holder.pid == process.pid and holder.run_id:
            return
        time.sleep(0.02)


def outcome_of(workspace: Workspace) -> Outcome:
    served = current_generation(workspace.published_dir)
    assert served is not None
    with duckdb.connect(str(workspace.warehouse_path), read_only=True) as connection:
        identity = {}
        for table in IDENTITY_TABLES:
            query = f"select count(*), sum(hash(t))::varchar from identity.{table} as t"
            identity[table] = connection.execute(query).fetchall()[0]
    return Outcome(served.snapshot_id, contents(served), identity)


def _outcome(told: dict[str, object]) -> Outcome:
    published, identity = (
        {table: tuple(found) for table, found in told[name].items()} for name in ("published", "identity")
    )
    return Outcome(str(told["snapshot_id"]), published, identity)


def _hold_back(source: Path, aside: Path) -> list[Path]:
    """June's orders and lines, also the late ones, are files of their own; its answers are cut off the year's file."""
    aside.mkdir()
    answers = source / "survey" / "responses" / "responses_2026.parquet"
    june = answers.with_name("responses_2026_june.parquet")
    with duckdb.connect() as connection:
        connection.execute(f"create table answer as from '{answers}'")
        for path, condition in ((answers, "<"), (june, ">=")):
            connection.execute(
                f"copy (from answer where responded_at {condition} timestamp '2026-06-01') to '{path}' (format parquet)"
            )
    held_back = [source / "shop" / table / f"{table}_2026-06.parquet" for table in ("orders", "lines")] + [june]
    held_back += sorted((source / "shop" / "late_lines").glob("*.csv"))
    for path in held_back:
        shutil.move(path, aside / path.name)
    return held_back


def _write_joining_contact(workspace: Workspace, source: Path) -> None:
    """A new CRM record with the loyalty card of one customer and all that is known of another: the two become one."""
    told = "given_name, family_name, birth_date, email, phone, street_address, postal_code"
    with duckdb.connect(str(workspace.warehouse_path), read_only=True) as connection:
        customers = """from intermediate.int_identity__current_record
            join identity.record_customer using (record_id)
            join marts.mart_customer__customer_360 as customer using (customer_id)
            where customer.customer_type = 'person' and order_count > 0 and response_count > 0
                and known_to_at is null and source_system = 'crm' and record_count = 1 and {}
            order by customer_id limit 1"""
        [(one, card)] = connection.execute(
            "select customer_id, source_person_id " + customers.format("source_person_id is not null and phone is null")
        ).fetchall()
        is_known = " and ".join(f"{name} is not null" for name in told.split(", "))
        [(given, family, born, email, phone, street, postal_code)] = connection.execute(
            f"select {told} " + customers.format(f"{is_known} and customer_id <> ?"), [one]
        ).fetchall()
    names = (source / "crm" / "contacts.csv").read_text(encoding="utf-8").split("\n", 1)[0].split(";")
    contact = {
        "kontakt_nr": JOINING_CONTACT,
        "karten_nr": card.removeprefix("card:"),
        "art": "P",
        "vorname": given,
        "nachname": family,
        "geburtsdatum": born.strftime("%d.%m.%Y"),
        "email": email,
        "telefon": phone,
        "strasse": street,
        "plz": postal_code,
        "land": "DE",
        "angelegt_am": "30.06.2026 12:00:00",
        "geaendert_am": "30.06.2026 12:00:00",
    }
    lines = [";".join(names), ";".join(contact.get(name, "") for name in names)]
    (source / "crm" / "contacts_second_day.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
