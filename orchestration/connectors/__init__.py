"""Connectors: rows of one table of a database or an API, written to a passing file that the landing then reads.

A connector asks and writes; it keeps no state. What was asked for before is told by the manifests (`landing.pull`).
"""

from collections.abc import Mapping

from orchestration.connections import DatabaseConnection, HttpConnection
from orchestration.connectors.pulling import Connector, ConnectorError, DayTotal, Pulled, PullRequest
from orchestration.declared_tables import Source

__all__ = ["Connector", "ConnectorError", "DayTotal", "PullRequest", "Pulled", "open_connector"]


def open_connector(source: Source, environ: Mapping[str, str] | None = None) -> Connector:
    """Connect to a source that is no folder of files; close it after use (it is a context manager).

    Raises:
        ConnectorError: It cannot be reached, or a credential is not set.
    """
    connection = source.connection
    if isinstance(connection, HttpConnection):
        from orchestration.connectors.http_api import HttpConnector

        return HttpConnector(connection, environ)
    if not isinstance(connection, DatabaseConnection):
        raise TypeError("a folder of files needs no connector")
    if connection.kind == "postgres":
        from orchestration.connectors.postgres import PostgresConnector

        return PostgresConnector(connection, environ)
    from orchestration.connectors.mysql import MysqlConnector

    return MysqlConnector(connection, environ)
