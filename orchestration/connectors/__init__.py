"""Connectors: rows of one table of a database or an API, written to a passing file that the landing then reads.

Objects of a bucket are files already: `open_storage` finds and fetches them.

A connector pulls and writes; it keeps no state. What was pulled before is in the manifests (`landing.pulls`).
"""

import pkgutil
from collections.abc import Mapping
from typing import cast

from orchestration.connectors.pulling import ConnectorError, DayTotal, Pulled, PullRequest
from orchestration.connectors.source import SOURCES, Connector, FileStore, FoundObject
from orchestration.declaration.source_kinds import CAPABILITIES
from orchestration.declaration.tables import Source

__all__ = [
    "Connector",
    "ConnectorError",
    "DayTotal",
    "FileStore",
    "FoundObject",
    "PullRequest",
    "Pulled",
    "open_connector",
    "open_storage",
]


def open_connector(source: Source, environ: Mapping[str, str] | None = None) -> Connector:
    """Connect to a database or an API; close it after use (it is a context manager).

    Raises:
        ConnectorError: It cannot be reached, or a credential is not set.
    """
    if CAPABILITIES[source.connection.kind].is_of_files:
        raise TypeError("files need no connector")
    return cast(Connector, _opened(source, environ))


def open_storage(source: Source, environ: Mapping[str, str] | None = None) -> FileStore:
    """The bucket of a source; nothing is sent yet, and nothing needs to be closed.

    Raises:
        ConnectorError: A credential or an address is not set, or no address.
    """
    kind = CAPABILITIES[source.connection.kind]
    if kind.is_local or not kind.is_of_files:
        raise TypeError("the source lies in no bucket")
    return cast(FileStore, _opened(source, environ))


def _opened(source: Source, environ: Mapping[str, str] | None) -> object:
    opened: object = pkgutil.resolve_name(SOURCES[source.connection.kind])(source.connection, environ)
    return opened
