"""Requests to one API: where they may go, how fast, and which are tried again. Retries are dlt's; the rest is ours."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from dlt.sources.helpers.requests.retry import Client
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth

from orchestration.connectors.http import answers as http_answers
from orchestration.connectors.pulling import ConnectorError
from orchestration.declaration.field_types import http_url
from orchestration.declaration.http_connections import HttpConnection, TokenAuth
from orchestration.ground.secrets import MissingSecretError, Secret


class ForeignHostError(requests.RequestException):
    """The API points to another host: nothing was sent there."""


@dataclass(frozen=True)
class Request:
    """One request.

    Attributes:
        method: GET or POST.
        url: Path below the base URL, or a whole URL.
        query: Its query.
        body: Sent as JSON; None sends none.
        failure: Field of the answer whose presence says that it is an error whatever its status; None for none.
        headers: Further headers.
        is_delivery: Whether rows are given, not asked for: a good status is all that the answer tells, and a redirect
            is none, since it would make a GET of a POST.
    """

    method: str
    url: str
    query: Mapping[str, Any]
    body: Mapping[str, Any] | None = None
    failure: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_delivery: bool = False


@dataclass(frozen=True)
class Answer:
    """A good answer.

    Attributes:
        url: Where it came from.
        document: Its JSON; None of a delivery.
        next_link: URL of the next page in its Link header; None without one.
    """

    url: str
    document: Any
    next_link: str | None


class HttpSession:
    """An open session with one API; a context manager."""

    def __init__(self, connection: HttpConnection, environ: Mapping[str, str] | None) -> None:
        self._connection = connection
        self._secrets: list[Secret] = []
        self._failure: str | None = None
        self._is_delivery = False
        self._parsed: tuple[requests.Response, Any] | None = None
        try:
            self._base_url = connection.base_url or self._address(connection.base_url_env or "", environ)
            self._auth = self._authentication(environ)
        except MissingSecretError as error:
            raise ConnectorError(str(error)) from None

    def __enter__(self) -> Self:
        """Open it; nothing is sent yet."""
        client = Client(
            request_timeout=self._connection.timeout_seconds,
            raise_for_status=False,
            request_max_attempts=self._connection.max_attempts,
            request_backoff_factor=self._connection.first_wait_seconds,
            request_max_retry_delay=self._connection.longest_wait_seconds,
            retry_condition=self._is_broken,
        )
        self._session = client.session
        guard = _OneHostAdapter(self._base_url, self._connection.requests_per_second)
        self._session.mount("https://", guard)
        self._session.mount("http://", guard)
        self._session.headers.update({"Accept": "application/json", "User-Agent": "cx"})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close."""
        self._session.close()

    def ask(self, request: Request) -> Answer:
        """Send a request, again where it fails in a way that passes.

        Raises:
            requests.RequestException: It keeps failing; an HTTPError for a status that is none of success.
            ValueError: The answer is no JSON, or says in its body that it is an error.
        """
        self._failure, self._is_delivery = request.failure, request.is_delivery
        url = request.url if "://" in request.url else self._base_url + request.url
        response = self._session.request(
            request.method,
            url,
            params=request.query,
            json=request.body,
            auth=self._auth,
            headers=dict(request.headers),
            allow_redirects=not request.is_delivery,
        )
        if response.status_code >= (300 if request.is_delivery else 400):
            # The body is not repeated: it may hold personal data.
            raise requests.HTTPError(f"status {response.status_code}", response=response)
        if request.is_delivery:
            return Answer(str(response.url), None, None)
        try:
            document = self._document(response)
        except ValueError:
            raise ValueError(f"answered no JSON {self._tries}: a login page, a proxy or a body cut short") from None
        if _is_failure(document, request.failure):
            raise ValueError(f"answered {response.status_code} with an error in {request.failure} {self._tries}")
        return Answer(str(response.url), document, response.links.get("next", {}).get("url"))

    def explained(self, error: Exception, address: str) -> ConnectorError:
        """What went wrong with an endpoint, without credentials and without what the answer held."""
        where = f"{urlsplit(self._base_url).netloc}, {address}"
        if isinstance(error, ForeignHostError):
            text = f"{where}: {error}"
        elif isinstance(error, requests.HTTPError) and error.response is not None:
            status = error.response.status_code
            advice = {401: "check the token", 403: "the token may not read it", 404: "check the endpoint"}
            text = f"{where} answered {status}: {advice.get(status, self._tries)}"
        elif isinstance(error, requests.RequestException):
            text = f"{where} could not be read {self._tries} ({type(error).__name__})"
        elif str(error).startswith("answered"):
            text = f"{where} {error}"
        else:
            text = f"{where}: {error}"
        for secret in self._secrets:
            text = secret.masked(text)
        return ConnectorError(text)

    @property
    def _tries(self) -> str:
        return f"after {self._connection.max_attempts} attempts"

    def _is_broken(self, response: requests.Response | None, error: BaseException | None) -> bool:
        """A good status with a body that is no JSON (cut short, a page for people), or that tells of an error."""
        if response is None or not response.ok or self._is_delivery:
            return False
        try:
            return _is_failure(self._document(response), self._failure)
        except ValueError:
            return True

    def _document(self, response: requests.Response) -> Any:
        """Its JSON, read once."""
        if self._parsed is None or self._parsed[0] is not response:
            self._parsed = (response, _json_of(response))
        return self._parsed[1]

    def _address(self, variable: str, environ: Mapping[str, str] | None) -> str:
        secret = Secret.read(variable, environ)
        try:
            return http_url(secret.reveal())
        except ValueError as error:
            raise ConnectorError(f"{variable}: {error}") from None

    def _authentication(self, environ: Mapping[str, str] | None) -> AuthBase | None:
        auth = self._connection.auth
        if auth is None:
            return None
        if isinstance(auth, TokenAuth):
            token = self._secret(auth.token_env, environ)
            return _HeaderAuth(auth.header, f"{auth.prefix} {token.reveal()}" if auth.prefix else token.reveal())
        user, password = self._secret(auth.user_env, environ), self._secret(auth.password_env, environ)
        return HTTPBasicAuth(user.reveal().encode(), password.reveal().encode())

    def _secret(self, variable: str, environ: Mapping[str, str] | None) -> Secret:
        secret = Secret.read(variable, environ)
        self._secrets.append(secret)
        return secret


class _HeaderAuth(AuthBase):
    """A credential in a header."""

    def __init__(self, name: str, value: str) -> None:
        self._name, self._value = name, value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add it."""
        request.headers[self._name] = self._value
        return request


class _OneHostAdapter(HTTPAdapter):
    """Sends to the API's own host only, whatever links and redirects say, and no faster than asked."""

    def __init__(self, base_url: str, requests_per_second: float | None) -> None:
        super().__init__()
        self._origin = _origin(base_url)
        self._pause = 1 / requests_per_second if requests_per_second else 0.0
        self._next_at = 0.0

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Refuse another scheme, host or port before anything leaves."""
        if _origin(str(request.url)) != self._origin:
            raise ForeignHostError("it leads to another host; nothing was sent there")
        if self._pause:
            time.sleep(max(0.0, self._next_at - time.monotonic()))
            self._next_at = time.monotonic() + self._pause
        return super().send(request, *args, **kwargs)


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _json_of(response: requests.Response) -> Any:
    """Its JSON; None where it says that it has no content."""
    if response.status_code == 204:
        return None
    try:
        return http_answers.parsed(response.content)
    except UnicodeDecodeError:
        return http_answers.parsed(response.text.encode())  # in the encoding that its header names


def _is_failure(document: Any, failure: str | None) -> bool:
    """Whether the declared field says more than nothing: null, false, 0, an empty text, list or object."""
    return failure is not None and bool(http_answers.field(document, failure))
