"""Buckets: which objects match a pattern, and their content. What is new among them is decided in `landing`.

The store's own words are never repeated: they quote keys, signatures and whatever the server sends back.
"""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError, InvalidPathError, PreconditionError

from orchestration.connectors.objects.stores import open_store
from orchestration.connectors.pulling import ConnectorError
from orchestration.connectors.source import FileStore, FoundObject
from orchestration.declaration.connections import ObjectStorageConnection

if TYPE_CHECKING:
    from obstore import GetOptions, ObjectMeta

PIECE_BYTES = 16 << 20
"""An object is read by ranges, so that a time-out bounds a piece, and a lost connection repeats no more than that."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WRONG_KEYS = "the store does not know this access key: check auth in company.yml and the variables that it names"
_REGION = "the bucket lies in another region: correct region in company.yml"
_DENIED = "access denied: the credentials need the right to list the bucket and to read its objects"
_ADVICE = {
    "NoSuchBucket": "there is no such bucket: correct url in company.yml",
    "ContainerNotFound": "there is no such container: correct url in company.yml",
    "AccessDenied": f"{_DENIED} (s3:ListBucket, s3:GetObject)",
    "AllAccessDisabled": "access denied: the store has disabled the bucket",
    "AuthenticationFailed": "the store refuses the key or signature: check auth in company.yml and its variables",
    "AuthorizationFailure": "the store refuses the key or signature: check auth in company.yml and its variables",
    "AuthorizationPermissionMismatch": _DENIED,
    "NoAuthenticationInformation": f"{_DENIED}; none are declared",
    "PublicAccessNotPermitted": f"{_DENIED}; none are declared",
    "InvalidAccessKeyId": _WRONG_KEYS,
    "InvalidToken": "the session token is not valid: check session_token_env and renew it",
    "ExpiredToken": "the session token has expired: renew the keys",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key",
    "RequestTimeTooSkewed": "this machine's clock is wrong by more than the store allows: set it",
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "SlowDown": "the store asks to slow down (SlowDown): run again later",
    "ServerBusy": "the store asks to slow down (ServerBusy): run again later",
    "InvalidObjectState": "an object is archived (Glacier): restore it first",
    "BlobArchived": "an object is archived: restore it first",
}
_BY_STATUS = {
    "401": "the store wants other credentials: check auth in company.yml",
    "403": _DENIED,
    "404": "nothing is there: check url and endpoint in company.yml",
    "416": "it is shorter than it was a moment ago: run again",
}


class ObjectStorage(FileStore):
    """One bucket, read only.

    Attributes:
        url: Bucket and folder below which patterns are meant.
    """

    def __init__(self, connection: ObjectStorageConnection, environ: Mapping[str, str] | None = None) -> None:
        self._attempts = connection.max_attempts
        self.url, self._store = open_store(connection, environ)
        scheme, _, path = self.url.partition("://")
        bucket, _, self._folder = path.partition("/")
        self._root = f"{scheme}://{bucket}"

    def find(self, pattern: str) -> list[FoundObject]:
        """Objects that match a glob below the URL, sorted by their names.

        Markers that stand for folders are none.

        Raises:
            ConnectorError: The bucket cannot be listed.
        """
        folder = [part for part in self._folder.split("/") if part]
        parts = list(PurePosixPath(pattern).parts)
        fixed = next((n for n, part in enumerate(parts) if set(part) & set("*?[")), len(parts) - 1)
        try:
            listed = asyncio.run(self._listed("/".join([*folder, *parts[:fixed]]) or None))
        except (BaseError, OSError) as error:
            raise self._explained(error, self.url) from None
        folders = {meta["path"].rpartition("/")[0] for meta in listed}
        matching = [
            FoundObject(
                f"{self._root}/{meta['path']}",
                meta["path"],
                meta["size"],
                (meta["last_modified"] - _EPOCH) // timedelta(microseconds=1) * 1000,
                _bare(meta["e_tag"]),
            )
            for meta in listed
            if _matches(meta["path"].split("/")[len(folder) :], parts)
            and not (meta["size"] == 0 and meta["path"] in folders)
        ]
        return sorted(matching, key=lambda found: found.key)

    def fetch(self, found: FoundObject, path: Path) -> str:
        """Write an object to a file in pieces; its SHA-256.

        Raises:
            ConnectorError: It cannot be read, or is no longer what the listing said.
        """
        digest = hashlib.sha256()
        with path.open("wb") as file:
            for start in range(0, found.bytes, PIECE_BYTES):
                piece = self._piece(found, start, min(start + PIECE_BYTES, found.bytes))
                digest.update(piece)
                file.write(piece)
        return digest.hexdigest()

    def check_readable(self, found: FoundObject) -> None:
        """Read an object's first byte.

        Raises:
            ConnectorError: It cannot be read.
        """
        if found.bytes:
            self._piece(found, 0, 1)

    def _piece(self, found: FoundObject, start: int, end: int) -> memoryview:
        changed = f"{found.url} changed while it was read; run again"
        try:
            piece, size, etag = asyncio.run(self._read(found, start, end))
        except (PreconditionError, FileNotFoundError):
            raise ConnectorError(changed) from None
        except (BaseError, OSError) as error:
            raise self._explained(error, found.url) from None
        # A store that knows no conditions answers all the same.
        if (len(piece), size, etag) != (end - start, found.bytes, found.etag):
            raise ConnectorError(changed)
        return piece

    # Awaited, because a blocking call of the library holds an interrupt back until its last attempt has failed.
    async def _listed(self, prefix: str | None) -> "list[ObjectMeta]":
        pages = obstore.list(self._store, prefix=prefix, chunk_size=1000)
        return [meta async for page in pages for meta in page]

    async def _read(self, found: FoundObject, start: int, end: int) -> tuple[memoryview, int, str | None]:
        options: GetOptions = {"range": (start, end), "if_match": f'"{found.etag}"' if found.etag else None}
        result = await obstore.get_async(self._store, found.key, options=options)
        return memoryview(await result.bytes_async()), result.meta["size"], _bare(result.meta["e_tag"])

    def _explained(self, error: Exception, where: str) -> ConnectorError:
        if isinstance(error, InvalidPathError):
            return ConnectorError(
                f"{where} holds an object whose name has an empty part, . or .. between its slashes: rename it, or give"
                " a folder without it"
            )
        text = str(error)
        if "redirect without LOCATION" in text:  # the library's word for a 301, whose body it does not keep
            return ConnectorError(f"{where}: {_REGION}")
        if "invalid list response" in text:
            return ConnectorError(
                f"{where}: what answers there is no such store: check endpoint and url in company.yml"
            )
        for code in re.findall(r"<Code>(\w+)</Code>", text):
            if code in _ADVICE:
                return ConnectorError(f"{where}: {_ADVICE[code]}")
        if status := re.search(r"status code: (\d{3})", text):
            advice = _BY_STATUS.get(status[1], f"after {self._attempts} attempts")
            return ConnectorError(f"{where}: the store answered {status[1]}: {advice}")
        return ConnectorError(
            f"{where} could not be read after {self._attempts} attempts: no answer in time, or the connection was lost;"
            " check endpoint, network and certificate"
        )


def _bare(etag: str | None) -> str | None:
    """An ETag without the quotes that Azure writes in one answer and not in the other; null for one that is weak."""
    return None if etag is None or etag.startswith("W/") else etag.strip('"') or None


def _matches(parts: list[str], pattern: list[str]) -> bool:
    """Whether a path matches as `Path.glob` means it: `*` within a name, `**` any folders."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_matches(parts[start:], pattern[1:]) for start in range(len(parts)))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])
