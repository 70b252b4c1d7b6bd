"""Where a database is: its URL taken apart before any driver sees it, because drivers quote what they cannot read."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from orchestration.connectors.pulling import ConnectorError
from orchestration.ground.secrets import MissingSecretError, Secret


@dataclass(frozen=True)
class DatabaseAddress:
    """Host, user and database of one connection; the password never shows in a representation.

    Attributes:
        secret: The URL.
        host, port, user, database: Its parts.
        password: Its password, empty without one.
        settings: What stands behind its question mark.
    """

    secret: Secret = field(repr=False)
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    settings: dict[str, str] = field(repr=False)

    @classmethod
    def read(
        cls,
        variable: str,
        environ: Mapping[str, str] | None,
        *,
        schemes: tuple[str, ...],
        default_port: int,
        known_settings: frozenset[str],
    ) -> "DatabaseAddress":
        """Read and check the URL in an environment variable.

        Raises:
            ConnectorError: It is not set, or no URL of this kind; the message does not repeat it.
        """
        form = f"{schemes[0]}://user:password@host:port/database"
        wrong = ConnectorError(
            f"{variable} holds no URL such as {form}; write special characters of the password as %40 and so on"
        )
        try:
            secret = Secret.read(variable, environ)
        except MissingSecretError as error:
            raise ConnectorError(str(error)) from None
        try:
            url = urlsplit(secret.reveal())
            port = url.port or default_port
            settings = dict(parse_qsl(url.query, strict_parsing=bool(url.query)))
        except ValueError:
            raise wrong from None
        database = unquote(url.path.removeprefix("/"))
        if url.scheme not in schemes or not url.hostname or not database or url.netloc.count("@") > 1:
            raise wrong
        if unknown := sorted(set(settings) - known_settings):
            allowed = ", ".join(sorted(known_settings))
            raise ConnectorError(f"{variable} has {len(unknown)} unknown setting(s) behind ?; known are {allowed}")
        return cls(
            secret, url.hostname, port, unquote(url.username or ""), unquote(url.password or ""), database, settings
        )

    def postgres_arguments(self) -> dict[str, Any]:
        """Arguments of psycopg.connect."""
        return {
            "host": self.host,
            "port": self.port,
            "user": self.user or None,
            "password": self.password or None,
            "dbname": self.database,
            **self.settings,
        }

    def mysql_arguments(self) -> dict[str, Any]:
        """Arguments of pymysql.connect."""
        return {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            # Bytes: the driver takes text for Latin-1 and fails at the first other letter.
            "password": self.password.encode(),
            "database": self.database,
            "ssl": ssl.create_default_context() if self.settings.get("tls") == "verify" else None,
        }
