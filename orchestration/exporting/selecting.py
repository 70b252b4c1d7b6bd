"""Takes the rows of an export from a finished generation; who is left out is decided in `cx_assets.exports`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
import pandas as pd
from sqlglot import exp

from cx_assets.exports.consent import customers_with_consent, customers_with_open_complaint
from cx_assets.exports.contract import ExportContractError, check_rows
from cx_assets.exports.leaving_out import CONTACT_CHANNELS, Customers, usable_rows
from orchestration.declaration.settings.exports import IDENTITY_TABLE, Export
from orchestration.exporting.prepared import ExportError, Prepared
from orchestration.ground.nearest import near
from orchestration.ground.sql_conditions import plain_condition, rewritten
from orchestration.ground.sql_text import literal, quoted, without_values
from orchestration.publication.generations import DATABASE
from orchestration.publication.targets.protocol import FinishedGeneration, relation

CUSTOMER_ID = "customer_id"
CUSTOMERS = "core.dim_customer"
IDENTITY = IDENTITY_TABLE
CONSENTS = "core.fct_consent_event"
TICKETS = "core.fct_ticket"
RECORDS = "core.bridge_record_customer"


@dataclass(frozen=True)
class _Table:
    """A published table of an opened generation: quoted name and DuckDB's type by column."""

    relation: str
    types: Mapping[str, str]

    def column(self, name: str, *, of: str) -> str:
        """The column's own spelling.

        Raises:
            ExportError: There is none.
        """
        found = next((column for column in self.types if column.lower() == name.lower()), None)
        if found is None:
            raise ExportError(f"{of} has no column {name}.{near(name, self.types)}")
        return found


def is_restricted(export: Export, generation: FinishedGeneration) -> bool:
    """Whether a list holds personal data: a contact, or rows of a table of the restricted publication."""
    return bool(export.contact) or any(
        table.table == export.table and table.is_restricted for table in generation.record.tables
    )


def prepared(name: str, export: Export, generation: FinishedGeneration) -> Prepared:
    """The rows of an export that may leave, checked.

    Raises:
        ExportError: A name is not published, the condition cannot be evaluated, or the rows break the contract.
    """
    try:
        with generation.connect() as connection:
            shut(connection, generation)
            return _prepared(connection, name, export, generation)
    except ExportContractError as error:
        raise ExportError(f"{name}: nothing was delivered: {error}") from None
    except ExportError as error:
        raise ExportError(f"{name}: {error}") from None
    except duckdb.Error as error:
        # Not as its cause: an engine's message quotes values of rows.
        raise ExportError(f"{name}: its rows cannot be selected: {without_values(str(error))}") from None


def shut(connection: duckdb.DuckDBPyConnection, generation: FinishedGeneration) -> None:
    """Attach the restricted side too; from then on nothing but the two files can be read, whatever a condition says."""
    path = generation.folder / "restricted" / DATABASE
    connection.execute(f"attach {literal(path)} as restricted (read_only)")
    connection.execute("set enable_external_access = false; set lock_configuration = true")


def _prepared(
    connection: duckdb.DuckDBPyConnection, name: str, export: Export, generation: FinishedGeneration
) -> Prepared:
    table = _table(connection, export.table, generation)
    own = {target: table.column(source, of=export.table) for source, target in export.columns.items()}
    chosen = [f"t.{quoted(source)} as {quoted(target)}" for target, source in own.items()]
    types = {target: table.types[source] for target, source in own.items()}
    joined = ""
    if export.is_of_customers:
        customer_id = table.column(CUSTOMER_ID, of=export.table)
        if export.contact:
            who = _table(connection, IDENTITY, generation)
            theirs = {target: who.column(source, of=IDENTITY) for source, target in export.contact.items()}
            chosen += [f"who.{quoted(source)} as {quoted(target)}" for target, source in theirs.items()]
            types |= {target: who.types[source] for target, source in theirs.items()}
            joined = f" left join {who.relation} as who on who.customer_id = t.{quoted(customer_id)}"
        chosen.append(f"t.{quoted(customer_id)}")
    query = f"select {', '.join(chosen)} from {table.relation} as t{joined}{_where(export, table)}"
    order = ", ".join(quoted(column) for column in export.key)
    found = connection.execute(f"select * from ({query}) order by {order}").to_arrow_table()
    rows = found.select(list(range(len(types))))
    ids = found.column(len(types)) if export.is_of_customers else None
    reaching = {target: CONTACT_CHANNELS.get(source) for source, target in export.contact.items()}
    channels = {target: channel for target, channel in reaching.items() if channel}
    customers = _customers(connection, export, generation, set(channels.values()))
    usable, left_out = usable_rows(rows, ids, customers, reached_by=list(channels))
    check_rows(usable, key=export.key, max_rows=export.max_rows, empty_is_error=export.empty_is_error)
    record = generation.record
    return Prepared(name, export, record.generation_id, record.as_of_date, usable, types, rows.num_rows, left_out)


def _table(connection: duckdb.DuckDBPyConnection, name: str, generation: FinishedGeneration) -> _Table:
    published = {
        table.table: "restricted" if table.is_restricted else "published" for table in generation.record.tables
    }
    if name not in published:
        raise ExportError(f"nothing is published as {name}.{near(name, published)}")
    schema, _, bare = name.partition(".")
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = ? and schema_name = ? and table_name = ? order by column_index",
        [published[name], schema, bare],
    ).fetchall()
    return _Table(f"{published[name]}.{relation(name)}", dict(columns))


def _where(export: Export, table: _Table) -> str:
    if export.where is None:
        return ""

    def column(name: str) -> exp.Expression:
        return exp.column(exp.to_identifier(table.column(name, of=export.table), quoted=True), table="t")

    return f" where ({rewritten(plain_condition(export.where), column)})"


def _customers(
    connection: duckdb.DuckDBPyConnection, export: Export, generation: FinishedGeneration, reached_by: set[str]
) -> Customers:
    """What is known of customers, as far as the export asks."""
    if not export.is_of_customers:
        return Customers()
    as_of = date.fromisoformat(generation.record.as_of_date)

    def of_customers(name: str, columns: str, condition: str, *values: str) -> pd.DataFrame:
        facts, records = _table(connection, name, generation), _table(connection, RECORDS, generation)
        return connection.execute(
            f"select records.customer_id, {columns} from {facts.relation} as facts"
            f" inner join {records.relation} as records on facts.record_id = records.record_id and records.is_current"
            f" where {condition}",
            list(values),
        ).df()

    known = connection.execute(
        f"select customer_id from {_table(connection, CUSTOMERS, generation).relation}"
    ).fetchall()
    consenting = complaining = None
    if export.purpose is not None:
        events = of_customers(CONSENTS, "occurred_at, occurred_date, channel, action", "purpose = ?", export.purpose)
        channels = {export.channel} if export.channel else reached_by
        consenting = customers_with_consent(events, channels=channels, as_of=as_of)
    if export.leave_out_open_complaints:
        tickets = of_customers(TICKETS, "is_complaint, opened_date, resolved_date", "is_complaint")
        complaining = customers_with_open_complaint(tickets, as_of=as_of)
    return Customers({customer for (customer,) in known}, consenting, complaining)
