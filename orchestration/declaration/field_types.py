"""Types of the values that company.yml may hold: names, addresses and paths, each checked and none converted."""

import re
from functools import cache
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, StringConstraints


def http_url(url: str) -> str:
    """A base URL without credentials.

    Raises:
        ValueError: It is none; the message does not repeat it.
    """
    try:
        parts = urlsplit(url)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError as error:
        raise ValueError("give a URL such as https://api.example.org/v3") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_good:
        raise ValueError("give a URL such as https://api.example.org/v3")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("give the URL without user, password, ? and #: credentials come from the environment")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError("use https: over http anybody on the way reads token and data")
    return url.rstrip("/")


def bucket_url(url: str) -> str:
    """A bucket, or a folder in it, without credentials.

    Raises:
        ValueError: It is none; the message does not repeat it.
    """
    if not re.fullmatch(r"(s3|gs|abfs)://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^\x00-\x1f\\?#*\[\]/]+)*/?", url):
        raise ValueError(
            "give a URL such as s3://bucket/folder, without user, password, wildcards, ? and #: credentials come from"
            " the environment, patterns stand in the path of a table"
        )
    if {".", ".."} & set(url.split("/")):
        raise ValueError("give the URL without . and .. between its slashes")
    return url.rstrip("/")


def _relation(name: str) -> str:
    if not re.fullmatch(r"[^\x00-\x1f\"`\[\];.]{1,63}([.][^\x00-\x1f\"`\[\];.]{1,63})?", name):
        raise ValueError("give a table or view as name or schema.name, without quotes")
    return name


def _api_path(path: str) -> str:
    if not re.fullmatch(r"/[A-Za-z0-9._~/-]*", path) or ".." in path.split("/") or path.startswith("//"):
        raise ValueError("give a path below the base URL that begins with /: no host, no .., no ?")
    return path


EnvironmentName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,80}$")]
BaseUrl = Annotated[str, AfterValidator(http_url)]
BucketUrl = Annotated[str, AfterValidator(bucket_url)]
Relation = Annotated[str, AfterValidator(_relation)]
ApiPath = Annotated[str, AfterValidator(_api_path)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,80}$")]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,60}$")]


def _no_template(text: str) -> str:
    if "{{" in text or "{%" in text or "{#" in text:
        raise ValueError("write it without {{, {% or {#, which dbt would run")
    return text


@cache
def _zones() -> set[str]:
    return available_timezones()


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"{name!r} is no IANA time zone, such as Europe/Berlin")
    return name


# No double underscore: it separates source and table.
SqlName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", min_length=1, max_length=40)]
ColumnName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Owner = Annotated[
    str, StringConstraints(pattern=r"^(team:[a-z0-9_-]+|[^@\s]+@[^@\s]+\.[a-z]+)$"), AfterValidator(_no_template)
]
Prose = Annotated[str, StringConstraints(min_length=1), AfterValidator(_no_template)]
TimeZone = Annotated[str, AfterValidator(_known_zone)]
