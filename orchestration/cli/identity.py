"""`cx identity`: why records are one customer, the life of an id, the pairs to look at, and people's decisions.

What is said is worked out in cx_assets.identity.stewardship; how it looks is in identity_text.
"""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.exits import EXIT_BUSY, EXIT_USAGE, fail
from orchestration.ground import lock
from orchestration.ground.workspace import Workspace, WorkspaceError, memory_limit

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from cx_assets.identity.stewardship.explanation import State
    from cx_assets.identity.stewardship.sheet import Decided
    from orchestration.declaration.company import Company

_SHOWN_PAIRS = 20
_MOST_SHEET_BYTES = 100 << 20

app = typer.Typer(help="Who is who: explain customers, review pairs, decide about them.", no_args_is_help=True)
CompanyOption = Annotated[str | None, typer.Option("--company", help="Company to work on (CX_COMPANY).")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
IdArgument = Annotated[str, typer.Argument(help="Id of a record or a customer.")]


def _company(name: str | None) -> tuple[Workspace, Company]:
    from orchestration.declaration.company import CompanyError, load_company

    try:
        workspace = Workspace.from_environment(name)
        return workspace, load_company(workspace)
    except (WorkspaceError, CompanyError) as error:
        raise fail(str(error), EXIT_USAGE) from None


@contextmanager
def _warehouse(workspace: Workspace) -> Iterator[duckdb.DuckDBPyConnection]:
    """The last build, to read; it must not be at work."""
    import duckdb

    from orchestration.warehouse.database import Warehouse

    if lock.is_locked(workspace.lock_path):
        raise fail("A run is active: identity can be asked after it.", EXIT_BUSY)
    if not workspace.warehouse_path.exists():
        raise fail("Nothing has been built yet: cx run builds it.", EXIT_USAGE)
    warehouse = Warehouse(
        workspace.warehouse_path,
        workspace.lock_path,
        memory_limit=memory_limit(),
        landing_dir=workspace.landing_dir,
    )
    try:
        with warehouse.connect(read_only=True) as connection:
            yield connection
    except duckdb.CatalogException:
        raise fail("The last build has no identity as this release knows it: cx run builds it.", EXIT_USAGE) from None


def _state(connection: duckdb.DuckDBPyConnection, company: Company, held: pd.DataFrame) -> State:
    from cx_assets.identity.stewardship.explanation import State

    def frame(query: str) -> pd.DataFrame:
        return connection.execute(query).df()

    return State(
        frame("select * from intermediate.int_identity__current_record order by record_id"),
        held.set_index("record_id")["customer_id"],
        frame("select * from identity.match_model"),
        frame("select * from identity.link"),
        frame("select * from identity.review_pair"),
        company.must_link(),
        company.cannot_link(),
    )


@app.command()
def explain(
    id_a: IdArgument,
    id_b: IdArgument,
    company: CompanyOption = None,
    show_personal_data: Annotated[
        bool, typer.Option("--show-personal-data", help="Print the records' values instead of masking them.")
    ] = False,
) -> None:
    """Explain why two records, or the records of two customers, are one customer or are not."""
    import duckdb

    from cx_assets.identity.settings import IdentitySettings
    from cx_assets.identity.stewardship.explanation import explain as explained
    from cx_assets.identity.stewardship.ids import UnknownIdError, named
    from orchestration.cli import identity_text
    from orchestration.snapshots.snapshot import latest_snapshot

    workspace, chosen = _company(company)
    settings = chosen.settings(IdentitySettings)
    with _warehouse(workspace) as connection:
        held = connection.execute("select * from identity.record_customer").df()
        redirects = connection.execute("select * from identity.customer_redirect").df()
        try:
            left, right = named(id_a, held, redirects), named(id_b, held, redirects)
        except UnknownIdError as error:
            raise fail(f"{error}.", EXIT_USAGE) from None
        state = _state(connection, chosen, held[held["known_to_at"].isna()])
    left, right = left.beside(right), right.beside(left)
    if not left.records or not right.records:
        raise fail("Both ids stand for the same records: name two records of it, or two customers.", EXIT_USAGE)
    snapshot = latest_snapshot(workspace)
    with duckdb.connect() as scratch:
        told = explained(
            scratch, left.records, right.records, state, settings=settings, default_country=chosen.country_code,
            as_of=snapshot.as_of_date if snapshot else None,
        )  # fmt: skip
    for line in identity_text.explanation_lines(left, right, told, is_shown=show_personal_data):
        typer.echo(line)
    if settings.matching == "exact":
        typer.echo("\nMatching is exact (company.yml): equal identifiers and decisions alone join records.")


@app.command()
def history(id: IdArgument, company: CompanyOption = None, as_json: JsonOption = False) -> None:
    """Tell the life of a customer id or a record: created, joined, merged, split, retired, and why."""
    from cx_assets.identity.stewardship.ids import UnknownIdError
    from cx_assets.identity.stewardship.life import life_of
    from orchestration.cli import identity_text

    workspace, _ = _company(company)
    mine = "(record_id = $id or customer_id = $id)"
    with _warehouse(workspace) as connection:
        frames = [
            connection.execute(query, {"id": id}).df()
            for query in (
                f"select * from identity.record_customer where {mine} or (known_to_at is null and customer_id in"
                " (select customer_id from identity.customer_redirect where old_customer_id = $id))",
                "select * from identity.ledger where record_id = $id or other_customer_id = $id or customer_id in"
                f" (select customer_id from identity.record_customer where {mine})",
                "select * from identity.customer_redirect where old_customer_id = $id",
            )
        ]
    try:
        life = life_of(id, *frames)
    except UnknownIdError as error:
        raise fail(f"{error}.", EXIT_USAGE) from None
    if as_json:
        told = {
            "kind": life.kind,
            "customer_id": life.customer_id,
            "periods": json.loads(life.periods.to_json(orient="records", date_format="iso")),
            "events": json.loads(life.events.to_json(orient="records", date_format="iso")),
        }
        typer.echo(json.dumps(told, indent=1))
        return
    for line in identity_text.life_lines(id, life):
        typer.echo(line)


@app.command()
def review(
    company: CompanyOption = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Maximum number of pairs (default: 20 on the terminal, all in a file).")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="Write a CSV for people, with both records' personal data.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the pairs that a person should decide about, most important first; `decide` reads the CSV back."""
    from cx_assets.identity.stewardship.sheet import review_sheet

    workspace, _ = _company(company)
    with _warehouse(workspace) as connection:
        pairs = connection.execute(
            "select * from identity.review_pair order by match_weight desc, record_id_a, record_id_b"
        ).df()
        has_model = connection.execute("select 1 from identity.match_model limit 1").fetchone() is not None
        shown = pairs.head(limit or (len(pairs) if output else _SHOWN_PAIRS))
        connection.register("shown_pairs", shown[["record_id_a", "record_id_b"]])
        records = connection.execute(
            "select * from intermediate.int_identity__current_record where record_id in"
            " (select record_id_a from shown_pairs union select record_id_b from shown_pairs)"
        ).df()
    if output is not None:
        _write_new(output.expanduser(), review_sheet(shown, records))
        typer.echo(
            f"{len(shown)} of {len(pairs)} pair(s) in {output}, which holds personal data. Write same or different into"
            f" the column decision, then: cx identity decide {output}"
        )
    elif as_json:
        typer.echo(json.dumps(json.loads(shown.to_json(orient="records")), indent=1))
    else:
        _print_pairs(shown, len(pairs), has_model=has_model)


def _print_pairs(shown: pd.DataFrame, count: int, *, has_model: bool) -> None:
    from orchestration.cli.quarantine import printable

    if not has_model:
        typer.echo(
            "Nothing is learnt of the records (exact matching, or too few of them): there are no pairs to review."
        )
        return
    for row in shown.itertuples(index=False):
        agreed, differing = (
            names.replace(",", ", ") if isinstance(names, str) and names else "nothing"
            for names in (row.agreed_fields, row.differing_fields)
        )
        typer.echo(
            f"{printable(str(row.record_id_a))} + {printable(str(row.record_id_b))}: {row.match_weight:.1f} bits,"
            f" probability {row.match_probability:.4f}. {row.reason}. Agree: {agreed}. Differ: {differing}."
        )
    typer.echo(f"{len(shown)} of {count} pair(s).")


def _write_new(path: Path, text: str) -> None:
    """Write a file that only its owner may read; one that stands there may hold decisions, so it stays."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise fail(f"{path} stands there already and may hold decisions: name another file.", EXIT_USAGE) from None
    except OSError as error:
        raise fail(f"{path} cannot be written: {error.strerror}.", EXIT_USAGE) from None


@app.command()
def decide(
    file: Annotated[Path, typer.Argument(help="CSV of `cx identity review --output`, its column decision filled in.")],
    company: CompanyOption = None,
    by: Annotated[str | None, typer.Option(help="Who decided (default: the user of this machine).")] = None,
) -> None:
    """Read people's decisions back into the company's must_link.csv and cannot_link.csv; the next run follows them."""
    from cx_assets.identity.decisions import ContradictoryDecisionsError
    from orchestration.declaration.company import CompanyError
    from orchestration.declaration.decisions import append_decisions

    workspace, chosen = _company(company)
    decided = _read_sheet(file.expanduser())
    unknown = _unknown_count(workspace, decided)
    now = workspace.now()
    reason = f"decided on {now.date()} by {by or getpass.getuser()}"
    try:
        # A lock of its own: a run reads the files, two people may write them.
        with lock.held(workspace.lock_path.with_name("decisions.lock"), run_id=None, started_at=now.isoformat()):
            appended = append_decisions(chosen, decided.same, decided.different, reason=reason)
    except lock.WarehouseBusyError:
        raise fail("Somebody else's decisions are being written: try again.", EXIT_BUSY) from None
    except (ContradictoryDecisionsError, CompanyError) as error:
        raise fail(f"Nothing was written: {error}.", EXIT_USAGE) from None
    except OSError as error:
        raise fail(f"The decisions cannot be written: {error.strerror}.") from None
    typer.echo(
        f"{appended.same_count} pair(s) added to must_link.csv, {appended.different_count} to cannot_link.csv;"
        f" {appended.standing_count} stood there already, {decided.blank_count} are open."
    )
    if unknown is None:
        typer.echo("Whether the records are known was not looked up, as a run is active.")
    elif unknown:
        typer.echo(f"{unknown} pair(s) name a record that is not there; they hold once it is.")
    if appended.same_count or appended.different_count:
        typer.echo("The next cx run follows them.")


def _read_sheet(path: Path) -> Decided:
    from cx_assets.identity.stewardship.sheet import SheetError, read_sheet

    try:
        if path.stat().st_size > _MOST_SHEET_BYTES:
            raise fail(f"{path} is too large to be a sheet of pairs.", EXIT_USAGE)
        return read_sheet(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise fail(f"{path} cannot be read: {error.strerror}.", EXIT_USAGE) from None
    except UnicodeDecodeError:
        raise fail(f"{path} is not UTF-8: save it as CSV UTF-8.", EXIT_USAGE) from None
    except SheetError as error:
        raise fail(f"Nothing was written: {path.name}, {error}.", EXIT_USAGE) from None


def _unknown_count(workspace: Workspace, decided: Decided) -> int | None:
    """Decided pairs that name a record which is not there now; None while a run holds the warehouse."""
    if lock.is_locked(workspace.lock_path):
        return None
    with _warehouse(workspace) as connection:
        rows = connection.execute("select record_id from identity.record_customer where known_to_at is null").fetchall()
    there = {row[0] for row in rows}
    return sum(1 for a, b in (*decided.same, *decided.different) if a not in there or b not in there)
