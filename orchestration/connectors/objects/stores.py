"""Where a bucket is and how it is opened: credentials from the named variables alone, time-outs and retries bounded.

Each store would look further by itself: for variables and files of other programs, and for the machine's own role. It
is told what to take, or to sign nothing.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, S3Store

from orchestration.connectors.pulling import ConnectorError
from orchestration.declaration.connections import (
    AccessKeyAuth,
    AccountKeyAuth,
    ObjectStorageConnection,
    SasAuth,
    ServiceAccountAuth,
)
from orchestration.declaration.field_types import bucket_url, http_url
from orchestration.ground.secrets import MissingSecretError, Secret

if TYPE_CHECKING:
    from obstore.store import (
        AzureAccessKey,
        AzureConfig,
        AzureSASToken,
        ClientConfig,
        RetryConfig,
        S3Config,
        S3Credential,
    )

_SHORTEST_WAIT_SECONDS = 0.001
"""The library draws each pause from a range, and ends in a panic where that is empty."""


def open_store(
    connection: ObjectStorageConnection, environ: Mapping[str, str] | None
) -> tuple[str, S3Store | GCSStore | AzureStore]:
    """The URL of a bucket or a folder in it, and the store of the bucket; nothing is sent yet.

    Raises:
        ConnectorError: A variable is not set or holds nothing of its kind.
    """
    try:
        url = connection.url or _checked(bucket_url, connection.url_env, environ)
        if problem := connection.problem(url):
            raise ConnectorError(f"{connection.url_env}: {problem}")
        endpoint = connection.endpoint
        if connection.endpoint_env is not None:
            endpoint = _checked(http_url, connection.endpoint_env, environ)
        scheme, _, path = url.partition("://")
        bucket = path.partition("/")[0]
        if scheme == "gs":
            return url, _google(connection, bucket, endpoint, environ)
        if scheme == "abfs":
            return url, _azure(connection, bucket, endpoint, environ)
        return url, _s3(connection, bucket, endpoint, environ)
    except MissingSecretError as error:
        raise ConnectorError(str(error)) from None
    except BaseError:
        raise ConnectorError("the bucket cannot be opened: check auth and endpoint in company.yml") from None


def _s3(
    connection: ObjectStorageConnection, bucket: str, endpoint: str | None, environ: Mapping[str, str] | None
) -> S3Store:
    credential: S3Credential | None = None
    if isinstance(connection.auth, AccessKeyAuth):
        token = connection.auth.session_token_env
        credential = {
            "access_key_id": _key(connection.auth.access_key_env, environ),
            "secret_access_key": Secret.read(connection.auth.secret_key_env, environ).reveal(),
            "token": _key(token, environ) if token else None,
            "expires_at": None,
        }
    # Whatever is said here goes before what AWS_... variables of the environment say.
    config: S3Config = {
        "region": connection.region,
        "virtual_hosted_style_request": False,
        "skip_signature": credential is None,
    }
    if endpoint is not None:
        config |= {"endpoint": endpoint, "aws_endpoint_url_s3": endpoint}
    return S3Store(
        bucket,
        config=config,
        client_options=_client(connection, endpoint),
        retry_config=_retries(connection),
        # A function, because keys given as settings would be joined by a token of AWS_SESSION_TOKEN.
        credential_provider=None if credential is None else lambda: credential,
    )


def _google(
    connection: ObjectStorageConnection, bucket: str, endpoint: str | None, environ: Mapping[str, str] | None
) -> GCSStore:
    if not isinstance(connection.auth, ServiceAccountAuth):
        raise TypeError("Google's store is opened with a service account alone")
    variable = connection.auth.key_env
    key = Secret.read(variable, environ).reveal()
    try:
        is_key = {"client_email", "private_key"} <= set(json.loads(key))
    except (ValueError, TypeError):
        is_key = False
    if not is_key:
        raise ConnectorError(f"{variable} holds no key of a service account: it is the whole JSON file")
    return GCSStore(
        bucket,
        config={"service_account_key": key, **({"base_url": endpoint} if endpoint else {})},
        client_options=_client(connection, endpoint),
        retry_config=_retries(connection),
    )


def _azure(
    connection: ObjectStorageConnection, container: str, endpoint: str | None, environ: Mapping[str, str] | None
) -> AzureStore:
    credential: AzureAccessKey | AzureSASToken | None = None
    if isinstance(connection.auth, AccountKeyAuth):
        credential = {"access_key": _account_key(connection.auth.key_env, environ), "expires_at": None}
    elif isinstance(connection.auth, SasAuth):
        credential = {"sas_token": _signature(connection.auth.token_env, environ), "expires_at": None}
    account = connection.account or ""
    config: AzureConfig = {
        "account_name": account,
        "endpoint": endpoint or f"https://{account}.blob.core.windows.net",
        "skip_signature": credential is None,
    }
    return AzureStore(
        container,
        config=config,
        client_options=_client(connection, endpoint),
        retry_config=_retries(connection),
        credential_provider=None if credential is None else lambda: credential,
    )


def _client(connection: ObjectStorageConnection, endpoint: str | None) -> "ClientConfig":
    timeout = timedelta(seconds=connection.timeout_seconds)
    return {
        "allow_http": endpoint is not None and endpoint.startswith("http://"),
        "timeout": timeout,
        "connect_timeout": min(timeout, timedelta(seconds=10)),
        "user_agent": "cx",
    }


def _retries(connection: ObjectStorageConnection) -> "RetryConfig":
    longest = max(connection.longest_wait_seconds, _SHORTEST_WAIT_SECONDS)
    first = min(max(connection.first_wait_seconds, _SHORTEST_WAIT_SECONDS), longest)
    patience = connection.max_attempts * (connection.timeout_seconds + longest)
    return {
        "max_retries": connection.max_attempts - 1,
        "retry_timeout": timedelta(seconds=patience),
        "backoff": {
            "init_backoff": timedelta(seconds=first),
            "max_backoff": timedelta(seconds=longest),
            "base": 2,
        },
    }


def _checked(check: Callable[[str], str], variable: str | None, environ: Mapping[str, str] | None) -> str:
    secret = Secret.read(variable or "", environ)
    try:
        return check(secret.reveal())
    except ValueError as error:
        raise ConnectorError(f"{variable}: {error}") from None


def _key(variable: str, environ: Mapping[str, str] | None) -> str:
    # The library ends in a panic where a header cannot hold it.
    key = Secret.read(variable, environ).reveal()
    if not re.fullmatch(r"[!-~]+", key):
        raise ConnectorError(f"{variable} holds signs that no key has: copy it again, without blanks and line breaks")
    return key


def _signature(variable: str, environ: Mapping[str, str] | None) -> str:
    token = _key(variable, environ).removeprefix("?")
    if "sig" not in dict(parse_qsl(token)):
        raise ConnectorError(f"{variable} holds no shared access signature: it is sv=...&sig=..., without the URL")
    return token


def _account_key(variable: str, environ: Mapping[str, str] | None) -> str:
    key = _key(variable, environ)
    try:
        base64.b64decode(key, validate=True)
    except binascii.Error:
        raise ConnectorError(f"{variable} holds no key of a storage account: copy it again, to its last sign") from None
    return key
