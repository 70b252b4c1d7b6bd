"""An S3 store on loopback: signatures are checked, listings come in pages, reads take ranges and conditions.

How it answers follows Amazon's API reference for ListObjectsV2, GetObject and signature version 4; buckets are part of
the path. What goes wrong, and what happens between two requests, is said by the test.
"""

from __future__ import annotations

import hashlib
import hmac
import ssl
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit
from xml.sax.saxutils import escape

ACCESS_KEY = "AKIACXTESTKEY0000001"
SECRET_KEY = "cx/test+secret/key/of/forty/letters/0001"
SESSION_TOKEN = "cx-session-token/+=0001"


@dataclass
class StoredObject:
    """What the store holds under a key."""

    content: bytes
    modified_at: datetime

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.content, usedforsecurity=False).hexdigest()}"'


@dataclass
class ObjectStore:
    """Buckets and the store's temper.

    Attributes:
        buckets: Objects by bucket and key.
        keys: Secret key by access key; empty lets anybody in.
        token: Session token that must come with every request; null for none.
        page_size: Objects per page of a listing.
        faults: What goes wrong with the next requests, one each: a status with its code, `hang`, `cut` or `html`.
        before: Called with method and key before a request is answered.
        seen: Method, key and range of every request.
    """

    buckets: dict[str, dict[str, StoredObject]] = field(default_factory=lambda: {"shop": {}})
    keys: dict[str, str] = field(default_factory=lambda: {ACCESS_KEY: SECRET_KEY})
    token: str | None = None
    region: str = "eu-central-1"
    page_size: int = 1000
    faults: list[str | tuple[int, str]] = field(default_factory=list)
    hang_seconds: float = 3.0
    before: Callable[[str, str], None] = lambda method, key: None
    ignores_conditions: bool = False
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    _puts: int = 0

    def put(self, key: str, content: str | bytes, bucket: str = "shop") -> None:
        """Write an object; each a second after the one before."""
        self._puts += 1
        moment = datetime(2024, 5, 1, tzinfo=UTC) + timedelta(seconds=self._puts)
        raw = content.encode() if isinstance(content, str) else content
        self.buckets.setdefault(bucket, {})[key] = StoredObject(raw, moment)

    def reads(self) -> list[str]:
        """Keys whose content was asked for, each piece once."""
        return [key for method, key, _ in self.seen if method == "GET" and key]


class RefusedError(Exception):
    """A request that is answered with an error's code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class S3Handler(BaseHTTPRequestHandler):
    """Answers as S3 does; other stores change what they do otherwise."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    store: ObjectStore
    no_bucket = "NoSuchBucket"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        self.store.seen.append((self.command, key, self.headers.get("Range", "")))
        self.store.before(self.command, key)
        fault = self.store.faults.pop(0) if self.store.faults else None
        try:
            if fault == "hang":
                time.sleep(self.store.hang_seconds)
            if fault == "html":
                self.answer(200, b"<!doctype html><p>Sign in<br>", {"Content-Type": "text/html"})
                return
            if isinstance(fault, tuple):
                raise RefusedError(*fault)
            self.check_signature(parts.path, parts.query)
            if bucket not in self.store.buckets:
                raise RefusedError(404, self.no_bucket)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            if key:
                self.read(self.store.buckets[bucket].get(key), is_cut=fault == "cut")
            else:
                self.listing(bucket, query)
        except RefusedError as refused:
            # As the real one does, the body repeats what was sent.
            sent = escape(self.headers.get("Authorization", ""))
            body = f"<Error><Code>{refused.code}</Code><Message>No.</Message><AWSAccessKeyId>{sent}</AWSAccessKeyId>"
            self.answer(refused.status, f"{body}</Error>".encode(), {"Content-Type": "application/xml"})

    def do_HEAD(self) -> None:
        self.do_GET()

    def listing(self, bucket: str, query: dict[str, str]) -> None:
        if query.get("list-type") != "2":
            raise RefusedError(501, "NotImplemented")
        prefix, token = query.get("prefix", ""), b64decode(query.get("continuation-token", "")).decode()
        found = sorted(key for key in self.store.buckets[bucket] if key.startswith(prefix) and key > token)
        page = found[: self.store.page_size]
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{stored.modified_at:%Y-%m-%dT%H:%M:%S}.000Z</LastModified>"
            f"<ETag>{escape(stored.etag, {chr(34): '&quot;'})}</ETag><Size>{len(stored.content)}</Size>"
            "<StorageClass>STANDARD</StorageClass></Contents>"
            for key in page
            for stored in [self.store.buckets[bucket][key]]
        )
        is_truncated = len(page) < len(found)
        more = b64encode(page[-1].encode()).decode() if is_truncated else ""
        more = f"<NextContinuationToken>{more}</NextContinuationToken>" if more else ""
        body = (
            '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix><KeyCount>{len(page)}</KeyCount>"
            f"<MaxKeys>{self.store.page_size}</MaxKeys><IsTruncated>{str(is_truncated).lower()}</IsTruncated>"
            f"{more}{entries}</ListBucketResult>"
        )
        self.answer(200, body.encode(), {"Content-Type": "application/xml"})

    def read(self, stored: StoredObject | None, *, is_cut: bool) -> None:
        if stored is None:
            raise RefusedError(404, "NoSuchKey")
        wanted = self.headers.get("If-Match")
        if wanted not in (None, "*", stored.etag) and not self.store.ignores_conditions:
            raise RefusedError(412, "PreconditionFailed")
        content, status, headers = stored.content, 200, {}
        if asked := self.headers.get("Range"):
            first, _, last = asked.removeprefix("bytes=").partition("-")
            start, end = int(first), min(int(last) + 1 if last else len(content), len(content))
            if start >= len(content):
                raise RefusedError(416, "InvalidRange")
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
            content, status = content[start:end], 206
        headers |= {"ETag": stored.etag, "Last-Modified": format_datetime(stored.modified_at, usegmt=True)}
        self.answer(status, content, headers, is_cut=is_cut)

    def check_signature(self, path: str, query: str) -> None:
        """Signature version 4, worked out anew from what arrived."""
        if not self.store.keys:
            return
        header = self.headers.get("Authorization", "")
        if not header.startswith("AWS4-HMAC-SHA256 "):
            raise RefusedError(403, "AccessDenied")
        given = dict(item.strip().split("=", 1) for item in header.split(" ", 1)[1].split(","))
        access_key, day, region, service, _ = given["Credential"].split("/")
        if access_key not in self.store.keys:
            raise RefusedError(403, "InvalidAccessKeyId")
        if region != self.store.region:
            raise RefusedError(400, "AuthorizationHeaderMalformed")
        if self.headers.get("x-amz-security-token") != self.store.token:
            raise RefusedError(400, "InvalidToken")
        names = given["SignedHeaders"].split(";")
        canonical = "\n".join(
            [
                self.command,
                path,
                urlencode(sorted(parse_qsl(query, keep_blank_values=True)), quote_via=quote, safe="-_.~"),
                *(f"{name}:{self.headers[name].strip()}" for name in names),
                "",
                given["SignedHeaders"],
                self.headers["x-amz-content-sha256"],
            ]
        )
        scope = f"{day}/{region}/{service}/aws4_request"
        text = (
            f"AWS4-HMAC-SHA256\n{self.headers['x-amz-date']}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        )
        signing = f"AWS4{self.store.keys[access_key]}".encode()
        for step in (day, region, service, "aws4_request", text):
            signing = hmac.digest(signing, step.encode(), "sha256")
        if signing.hex() != given["Signature"]:
            raise RefusedError(403, "SignatureDoesNotMatch")

    def answer(self, status: int, body: bytes, headers: dict[str, str], *, is_cut: bool = False) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body[: len(body) // 2] if is_cut else body)
            self.close_connection = self.close_connection or is_cut
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hung up is no news."""


@contextmanager
def serving(
    store: ObjectStore, certificate: Path | None = None, protocol: type[S3Handler] | None = None
) -> Iterator[str]:
    """Serve on loopback, encrypted with a certificate and its key where one is given; the endpoint."""
    handler = type("Handler", (protocol or S3Handler,), {"store": store})
    server = _Server(("127.0.0.1", 0), handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
