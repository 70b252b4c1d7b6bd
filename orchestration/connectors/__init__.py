"""Connectors: rows of one table of a database or an API, written to a passing file that the landing then reads.

Objects of a bucket are files already: `open_storage` finds and fetches them.

A connector asks and writes; it keeps no state. What was asked for before is told by the manifests (`landing.pull`).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestration.connectors.pulling import Connector, ConnectorError, DayTotal, Pulled, PullRequest
from orchestration.declaration.connections import DatabaseConnection, ObjectStorageConnection
from orchestration.declaration.http_connections import HttpConnection
from orchestration.declaration.tables import Source

if TYPE_CHECKING:
    from orchestration.connectors.objects.storage import ObjectStorage

__all__ = ["Connector", "ConnectorError", "DayTotal", "PullRequest", "Pulled", "open_connector", "open_storage"]


def open_connector(source: Source, environ: Mapping[str, str] | None = None) -> Connector:
    """Connect to a database or an API; close it after use (it is a context manager).

    Raises:
        ConnectorError: It cannot be reached, or a credential is not set.
    """
    connection = source.connection
    if isinstance(connection, HttpConnection):
        from orchestration.connectors.http.api import HttpConnector

        return HttpConnector(connection, environ)
    if not isinstance(connection, DatabaseConnection):
        raise TypeError("files need no connector")
    if connection.kind == "postgres":
        from orchestration.connectors.databases.postgres import PostgresConnector

        return PostgresConnector(connection, environ)
    from orchestration.connectors.databases.mysql import MysqlConnector

    return MysqlConnector(connection, environ)


def open_storage(source: Source, environ: Mapping[str, str] | None = None) -> "ObjectStorage":
    """The bucket of a source; nothing is sent yet, and nothing needs to be closed.

    Raises:
        ConnectorError: A credential or an address is not set, or no address.
    """
    if not isinstance(source.connection, ObjectStorageConnection):
        raise TypeError("the source lies in no bucket")
    from orchestration.connectors.objects.storage import ObjectStorage

    return ObjectStorage(source.connection, environ)
