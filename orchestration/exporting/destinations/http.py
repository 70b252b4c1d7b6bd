"""A list as JSON batches to an API; requests, retries and the one host are those of `connectors.http.session`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from cx_assets.exports.changes import REMOVE, UPSERT, Operation, as_operations, changes, written
from orchestration.connectors.http.session import HttpSession, Request
from orchestration.connectors.pulling import ConnectorError
from orchestration.declaration.http_connections import HttpConnection, TokenAuth
from orchestration.declaration.settings.exports import HttpDestination as HttpSettings
from orchestration.exporting.acknowledged import Ledger, Sending
from orchestration.exporting.prepared import (
    Delivery,
    ExportError,
    Prepared,
    declaration_hash,
    made_folder,
    private_folder,
)
from orchestration.ground.faults import boundary
from orchestration.ground.secrets import MissingSecretError, Secret


class HttpDestination:
    """An API that takes POSTs; what it acknowledged is kept with the personal data, since keys may be such."""

    def __init__(
        self, published: Path, name: str, settings: HttpSettings, environ: Mapping[str, str] | None = None
    ) -> None:
        self.folder = private_folder(published, name)
        self._name = name
        self._settings = settings
        self._environ = environ

    def is_whole(self, last: Delivery) -> bool:
        """Whether the last delivery was finished, to this address."""
        sending = Ledger(self.folder).last()
        return sending is not None and sending.is_finished and sending.receiver == self._receiver()

    def deliver(self, prepared: Prepared) -> Delivery:
        """Send what is not acknowledged yet, batch by batch, each noted when the API has it."""
        made_folder(self.folder, is_private=True)
        key = prepared.export.key
        ledger = Ledger(self.folder)
        operations = list(as_operations(prepared.rows, key))
        last = ledger.last()
        asked = Sending(
            number=last.number + 1 if last else 1,
            content=hashlib.sha256("".join(operation.digest for operation in operations).encode()).hexdigest(),
            declaration=declaration_hash(prepared.export),
            send=self._settings.send,
            receiver=self._receiver(),
            key=key,
            batch_size=self._settings.batch_size,
        )
        received = ledger.received(last, asked)
        if last is not None and last.is_of(asked):
            sending = last
            plan = [] if last.is_finished else self._plan(operations, received, key)
        else:
            sending = asked
            plan = self._plan(operations, received, key)
            ledger.begin(sending, received, plan)
        already_sent = sending.acknowledged_batches
        if not sending.is_finished:
            sending = self._send(ledger, sending, plan)
            ledger.finish(sending, received, plan)
        delivery = Delivery.of(
            prepared,
            sha256=sending.content,
            sent={
                "batches": sending.acknowledged_batches - already_sent,
                "batches_sent_before": already_sent if plan else 0,
                "upserts": sum(operation.kind == UPSERT for operation in plan),
                "removals": sum(operation.kind == REMOVE for operation in plan),
            },
        )
        delivery.write(self.folder, is_private=True)
        return delivery

    def _plan(self, operations: list[Operation], received: Mapping[str, str], key: Sequence[str]) -> list[Operation]:
        return operations if self._settings.send == "all" else changes(operations, received, key)

    def _send(self, ledger: Ledger, sending: Sending, plan: list[Operation]) -> Sending:
        size = sending.batch_size
        batches = [plan[first : first + size] for first in range(0, len(plan), size)]
        try:
            with HttpSession(self._connection(), self._environ) as session:
                for number in range(sending.acknowledged_batches, len(batches)):
                    self._post(session, sending, number, len(batches), batches[number])
                    boundary("before_acknowledging")
                    sending = ledger.acknowledge(sending)
        except ConnectorError as error:
            raise ExportError(f"{self._name}: {error}") from None
        return sending

    def _post(self, session: HttpSession, sending: Sending, number: int, count: int, batch: list[Operation]) -> None:
        told = [self._name, sending.declaration, sending.content, sending.number, number]
        is_changes = self._settings.send == "changes"
        body = {
            "export": self._name,
            "delivery": sending.number,
            "batch": number + 1,
            "batches": count,
            "rows": [_told(operation, with_kind=is_changes) for operation in batch],
        }
        headers = {"Idempotency-Key": hashlib.sha256(written(told).encode()).hexdigest()}
        try:
            session.ask(Request("POST", "", {}, body, headers=headers, is_delivery=True))
        except requests.HTTPError as error:
            status = error.response.status_code if error.response is not None else 0
            raise ExportError(f"{self._name}: {self._status_told(status)} at batch {number + 1} of {count}") from None
        except requests.RequestException as error:
            raise session.explained(error, f"batch {number + 1} of {count}") from None

    def _status_told(self, status: int) -> str:
        host = urlsplit(self._address()).netloc
        if status in (401, 403):
            return f"{host} answered {status} (check {self._settings.token_env or 'whether it needs a token'})"
        if 300 <= status < 400:
            return f"{host} answered {status}: it leads elsewhere, and nothing is sent there; mend the address"
        return f"{host} answered {status}"

    def _connection(self) -> HttpConnection:
        settings = self._settings
        return HttpConnection(
            kind="http",
            base_url_env=settings.url_env,
            auth=TokenAuth(kind="token", token_env=settings.token_env) if settings.token_env else None,
            timeout_seconds=settings.timeout_seconds,
            max_attempts=settings.max_attempts,
            first_wait_seconds=settings.first_wait_seconds,
            longest_wait_seconds=settings.longest_wait_seconds,
        )

    def _address(self) -> str:
        try:
            return Secret.read(self._settings.url_env, self._environ).reveal()
        except MissingSecretError as error:
            raise ExportError(f"{self._name}: {error}") from None

    def _receiver(self) -> str:
        return hashlib.sha256(self._address().encode()).hexdigest()


def _told(operation: Operation, *, with_kind: bool) -> dict[str, Any]:
    return {"operation": operation.kind, **operation.row} if with_kind else dict(operation.row)
