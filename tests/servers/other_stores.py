"""Google's and Azure's stores, as far as they differ from S3: how a request is signed, and how Azure lists.

After Google's reference for the XML API and self-signed tokens, and Azure's for List Blobs, Get Blob and Shared Key.
"""

from __future__ import annotations

import base64
import hmac
import json
from email.utils import format_datetime
from functools import cache
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.servers.object_store import RefusedError, S3Handler

ACCOUNT = "cxtestaccount"
ACCOUNT_KEY = base64.b64encode(b"a key of an account, of 64 bytes, as Azure makes them for tests.").decode()
SAS_TOKEN = "sv=2022-11-02&sr=c&sp=rl&se=2099-01-01T00%3A00%3A00Z&sig=cx%2Ftest%2Bsignature0001%3D"
EMAIL = "reader@cx-test.iam.gserviceaccount.com"


@cache
def _google_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def service_account() -> str:
    """The key file of a service account that the store knows."""
    key = _google_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return json.dumps({"type": "service_account", "client_email": EMAIL, "private_key_id": "0001", "private_key": key})


class GoogleHandler(S3Handler):
    """S3's listing and reading, with a token that the service account signs."""

    def check_signature(self, path: str, query: str) -> None:
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer":
            raise RefusedError(401, "AuthenticationRequired")
        signed, _, signature = token.rpartition(".")
        claims = json.loads(_unpadded(signed.partition(".")[2]))
        try:
            _google_key().public_key().verify(
                _unpadded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            raise RefusedError(403, "SignatureDoesNotMatch") from None
        if claims["iss"] != EMAIL:
            raise RefusedError(403, "AccessDenied")


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class AzureHandler(S3Handler):
    """Signed by the account's key or by what stands behind the question mark; pages by marker."""

    no_bucket = "ContainerNotFound"

    def check_signature(self, path: str, query: str) -> None:
        given = dict(parse_qsl(query, keep_blank_values=True))
        if "sig" in given:
            if not dict(parse_qsl(SAS_TOKEN)).items() <= given.items():
                raise RefusedError(403, "AuthenticationFailed")
            return
        header = self.headers.get("Authorization", "")
        if not header:
            raise RefusedError(401, "NoAuthenticationInformation")
        names = ("Content-Encoding", "Content-Language", "Content-Length", "Content-MD5", "Content-Type", "Date")
        names += ("If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range")
        values = [self.headers.get(name, "") for name in names]
        values[2] = "" if values[2] == "0" else values[2]
        own = sorted(name.lower() for name in self.headers if name.lower().startswith("x-ms-"))
        parameters = [f"{name.lower()}:{value}" for name, value in sorted(given.items())]
        text = "\n".join(
            [
                self.command,
                *values,
                *(f"{name}:{self.headers[name]}" for name in own),
                "\n".join([f"/{ACCOUNT}{path}", *parameters]),
            ]
        )
        signature = base64.b64encode(hmac.digest(base64.b64decode(ACCOUNT_KEY), text.encode(), "sha256")).decode()
        if header != f"SharedKey {ACCOUNT}:{signature}":
            raise RefusedError(403, "AuthenticationFailed")

    def listing(self, bucket: str, query: dict[str, str]) -> None:
        if (query.get("restype"), query.get("comp")) != ("container", "list"):
            raise RefusedError(400, "InvalidQueryParameterValue")
        prefix, marker = query.get("prefix", ""), query.get("marker", "")
        objects = self.store.buckets[bucket]
        found = sorted(key for key in objects if key.startswith(prefix) and key > marker)
        page = found[: self.store.page_size]
        entries = "".join(
            f"<Blob><Name>{escape(key)}</Name><Properties>"
            f"<Last-Modified>{format_datetime(objects[key].modified_at, usegmt=True)}</Last-Modified>"
            # Without the quotes that it has in the header of an answer.
            f"<Etag>{objects[key].etag.strip(chr(34))}</Etag><Content-Length>{len(objects[key].content)}"
            "</Content-Length><Content-Type>text/csv</Content-Type><BlobType>BlockBlob</BlobType></Properties></Blob>"
            for key in page
        )
        more = escape(page[-1]) if len(page) < len(found) else ""
        body = (
            f'<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="{bucket}"><Prefix/>'
            f"<Blobs>{entries}</Blobs><NextMarker>{more}</NextMarker></EnumerationResults>"
        )
        self.answer(200, body.encode(), {"Content-Type": "application/xml"})
