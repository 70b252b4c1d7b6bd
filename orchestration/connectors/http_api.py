"""HTTP APIs that answer in JSON: pages to JSON Lines. Paging and retries are dlt's; what may be sent where is ours.

Nested objects become dotted names (`embedded.store`), an exploded list one line per element. Pages that come twice are
left to the landing, which drops equal rows; what can be missing is asked for again.
"""

import json
import time
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.requests import Client
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import APIKeyAuth
from dlt.sources.helpers.rest_client.paginators import (
    BasePaginator,
    HeaderLinkPaginator,
    JSONLinkPaginator,
    JSONResponseCursorPaginator,
    OffsetPaginator,
    PageNumberPaginator,
    SinglePagePaginator,
)
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth

from orchestration.connections import (
    CursorPaging,
    HttpConnection,
    LinkPaging,
    OffsetPaging,
    PagePaging,
    TokenAuth,
    http_url,
)
from orchestration.connectors.pulling import ConnectorError, DayTotal, Pulled, PullRequest, day_total
from orchestration.declared_tables import LandingTable
from orchestration.secrets import MissingSecretError, Secret


class ForeignHostError(requests.RequestException):
    """The API points to another host: nothing was sent there."""


class HttpConnector:
    """One session with one API."""

    def __init__(self, connection: HttpConnection, environ: Mapping[str, str] | None = None) -> None:
        self._connection = connection
        self._secrets: list[Secret] = []
        try:
            self._base_url = connection.base_url or self._address(connection.base_url_env or "", environ)
            self._auth = self._authentication(environ)
        except MissingSecretError as error:
            raise ConnectorError(str(error)) from None

    def __enter__(self) -> Self:
        """Open the session; nothing is sent yet."""
        client = Client(
            request_timeout=self._connection.timeout_seconds,
            raise_for_status=False,
            request_max_attempts=self._connection.max_attempts,
            request_backoff_factor=self._connection.first_wait_seconds,
            request_max_retry_delay=self._connection.longest_wait_seconds,
            retry_condition=_is_broken,
        )
        self._session = client.session
        guard = _OneHostAdapter(self._base_url, self._connection.requests_per_second)
        self._session.mount("https://", guard)
        self._session.mount("http://", guard)
        self._client = RESTClient(
            self._base_url,
            headers={"Accept": "application/json", "User-Agent": "cx"},
            auth=self._auth,
            session=self._session,
            # Given, so that nothing is looked up in files of other programs; bodies may hold personal data.
            config=RuntimeConfiguration(http_show_error_body=False),
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close."""
        self._session.close()

    def pull(self, request: PullRequest, folder: Path) -> Pulled:
        """Records of the endpoint, from the lower bound of the cursor on where the API takes one.

        An upper bound is not sent: more rows than asked for do no harm.

        Raises:
            ConnectorError: The API refuses, answers no JSON, points elsewhere, or keeps holding rows back.
        """
        path = folder / "rows.jsonl"
        parameters: dict[str, Any] = dict(request.table.table.parameters)
        cursor = request.table.table.cursor
        if cursor is not None and cursor.parameter is not None and request.low is not None:
            low = request.low
            parameters[cursor.parameter] = low if isinstance(low, int) else low.isoformat().replace("+00:00", "Z")
        count = self._write(request.table, parameters, path)
        return Pulled(path, "jsonl", count)

    def keys(self, table: LandingTable, folder: Path) -> Pulled:
        """Keys of all records; an API has no shorter way than to ask for the records.

        Raises:
            ConnectorError: As for `pull`.
        """
        import csv

        records, path = folder / "keys.jsonl", folder / "keys.csv"
        count = self._write(table, dict(table.table.parameters), records)
        with records.open(encoding="utf-8") as lines, path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow(table.source_key)
            for line in lines:
                record = json.loads(line)
                writer.writerow([_text(record.get(name)) for name in table.source_key])
        return Pulled(path, "csv", count)

    def totals(self, table: LandingTable, zone: str) -> list[DayTotal] | None:
        """The API's own totals by day, where company.yml says where they are; they are of a moment after the pull.

        Raises:
            ConnectorError: As for `pull`, or an entry is not as declared.
        """
        totals = table.table.reconcile.totals if table.table.reconcile else None
        if totals is None:
            return None
        try:
            found = []
            pages = self._client.paginate(
                totals.endpoint, paginator=SinglePagePaginator(), data_selector=totals.records or "$"
            )
            for page in pages:
                if totals.records is not None and _field(page.response.json(), totals.records) is None:
                    raise ValueError
                for entry in page:
                    day = _day(entry, totals.day)
                    amount = _field(entry, totals.amount) if totals.amount else None
                    found.append(day_total(day, _field(entry, totals.count), amount))
            return found
        except requests.RequestException as error:
            raise self._explained(error, table) from None
        except (ValueError, ArithmeticError):
            raise ConnectorError(f"{totals.endpoint} tells no totals by day as company.yml declares them") from None

    def rows_on(self, table: LandingTable, days: Collection[date | None], zone: str, folder: Path) -> Pulled:
        """All records: an API has no common way to ask for days.

        Raises:
            ConnectorError: As for `pull`.
        """
        path = folder / "days.jsonl"
        return Pulled(path, "jsonl", self._write(table, dict(table.table.parameters), path))

    def columns(self, table: LandingTable) -> list[str]:
        """Names of the fields on the first page; none when it holds no record.

        Raises:
            ConnectorError: As for `pull`.
        """
        try:
            records, _ = next(self._pages(table, dict(table.table.parameters)), ([], None))
        except (requests.RequestException, ValueError) as error:
            raise self._explained(error, table) from None
        rows = (row for record in records for row in _rows(record, table.table.explode) if isinstance(row, dict))
        return list(dict.fromkeys(name for row in rows for name in row))

    def _write(self, table: LandingTable, parameters: dict[str, Any], path: Path) -> int:
        """Write all records; ask anew when the API's own total says that some are missing."""
        missing = 0
        for _ in range(self._connection.max_attempts):
            written, distinct, total = self._write_once(table, parameters, path)
            missing = 0 if total is None else total - distinct
            if missing <= 0:
                return written
        raise ConnectorError(f"{table.address} says that it has {missing} more records than its pages hold; try later")

    def _write_once(self, table: LandingTable, parameters: dict[str, Any], path: Path) -> tuple[int, int, int | None]:
        written, total = 0, None
        distinct: set[int] = set()
        try:
            with path.open("w", encoding="utf-8") as file:
                for records, stated in self._pages(table, parameters):
                    total = stated if stated is not None else total
                    for record in records:
                        if total is not None:
                            distinct.add(hash(json.dumps(record, sort_keys=True)))
                        for row in _rows(record, table.table.explode):
                            file.write(_line(row))
                            written += 1
        except (requests.RequestException, ValueError) as error:
            raise self._explained(error, table) from None
        return written, len(distinct), total

    def _pages(self, table: LandingTable, parameters: dict[str, Any]) -> Iterator[tuple[list[Any], int | None]]:
        seen: set[str] = set()
        pages = self._client.paginate(
            table.address,
            params={**parameters, **self._page_size()},
            paginator=self._paginator(),
            data_selector=table.table.records or "$",
        )
        for page in pages:
            document = page.response.json()
            if table.table.records is not None and _field(document, table.table.records) is None:
                raise ValueError(f"the answer has no field {table.table.records}")
            url = str(page.response.request.url)
            if url in seen:
                raise ValueError("its pages lead back to one that was read already")
            seen.add(url)
            total = _field(document, table.table.total) if table.table.total else None
            yield [record for record in page if record is not None], total if isinstance(total, int) else None

    def _page_size(self) -> dict[str, int]:
        paging = self._connection.paging
        if isinstance(paging, PagePaging) and paging.size_parameter:
            return {paging.size_parameter: paging.size}
        return {}

    def _paginator(self) -> BasePaginator:
        paging = self._connection.paging
        if isinstance(paging, PagePaging):
            return PageNumberPaginator(base_page=paging.first_page, page_param=paging.page_parameter, total_path=None)
        if isinstance(paging, OffsetPaging):
            return OffsetPaginator(
                limit=paging.limit,
                offset_param=paging.offset_parameter,
                limit_param=paging.limit_parameter,
                total_path=None,
            )
        if isinstance(paging, CursorPaging):
            return JSONResponseCursorPaginator(cursor_path=paging.next_field, cursor_param=paging.parameter)
        if isinstance(paging, LinkPaging):
            return JSONLinkPaginator(paging.next_field) if paging.next_field else HeaderLinkPaginator()
        return SinglePagePaginator()

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
            value = f"{auth.prefix} {token.reveal()}" if auth.prefix else token.reveal()
            return APIKeyAuth(name=auth.header, api_key=value, location="header")
        user, password = self._secret(auth.user_env, environ), self._secret(auth.password_env, environ)
        return HTTPBasicAuth(user.reveal().encode(), password.reveal().encode())

    def _secret(self, variable: str, environ: Mapping[str, str] | None) -> Secret:
        secret = Secret.read(variable, environ)
        self._secrets.append(secret)
        return secret

    def _explained(self, error: Exception, table: LandingTable) -> ConnectorError:
        where = f"{urlsplit(self._base_url).netloc}, {table.address}"
        tries = f"after {self._connection.max_attempts} attempts"
        if isinstance(error, ForeignHostError):
            text = f"{where}: {error}"
        elif isinstance(error, requests.HTTPError) and error.response is not None:
            status = error.response.status_code
            advice = {401: "check the token", 403: "the token may not read it", 404: "check the endpoint"}
            text = f"{where} answered {status}: {advice.get(status, tries)}"
        elif isinstance(error, requests.JSONDecodeError):
            text = f"{where} answered no JSON {tries}: a login page, a proxy or a body cut short"
        elif isinstance(error, requests.RequestException):
            text = f"{where} could not be read {tries} ({type(error).__name__})"
        else:
            text = f"{where}: {error}"
        for secret in self._secrets:
            text = secret.masked(text)
        return ConnectorError(text)


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


def _is_broken(response: requests.Response | None, error: BaseException | None) -> bool:
    """A good status with a body that is no JSON: cut short, or a page for people."""
    if response is None or not response.ok:
        return False
    try:
        response.json()
    except ValueError:
        return True
    return False


def _field(document: Any, dotted: str) -> Any:
    for name in dotted.split("."):
        document = document.get(name) if isinstance(document, dict) else None
    return document


def _day(entry: Any, dotted: str) -> date | None:
    """An entry's day; null is the day of rows without one. Raises ValueError where it has no such field."""
    *path, name = dotted.split(".")
    holder = _field(entry, ".".join(path)) if path else entry
    if not isinstance(holder, dict) or name not in holder:
        raise ValueError
    return None if holder[name] is None else date.fromisoformat(str(holder[name]))


def _rows(record: Any, explode: str | None) -> Iterator[Any]:
    """The record flattened, or one row per element of its exploded list, with the record's other fields."""
    if not isinstance(record, dict):
        yield record
        return
    if explode is None:
        yield _flat(record)
        return
    elements = _field(record, explode)
    outer = {name: value for name, value in _flat(record).items() if name != explode}
    for position, element in enumerate(elements if isinstance(elements, list) else [], start=1):
        inner = element if isinstance(element, dict) else {"value": element}
        yield {**outer, f"{explode}.position": position, **_flat(inner, f"{explode}.")}


def _flat(record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _line(row: Any) -> str:
    text = json.dumps(row, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which no file in UTF-8 can hold
        text = json.dumps(row)
    return text + "\n"


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
