"""Where alerts go: the log always, a webhook when CX_ALERT_WEBHOOK names one. When to alert: see the sensors."""

from __future__ import annotations

import http.client
import json
import logging
import os
import urllib.error
import urllib.request

logger = logging.getLogger("cx.alerts")
TIMEOUT_SECONDS = 10


def send_alert(subject: str, text: str, *, webhook: str | None = None) -> bool:
    """Tell people that something needs them.

    The body is JSON {"subject", "text"}: what chat tools' incoming webhooks and most alert routers take after a
    mapping. The address is never written to a log, since such addresses carry their own secret.

    Args:
        subject: One line.
        text: What happened, since when, and what to do. No personal data.
        webhook: http(s) URL; null takes CX_ALERT_WEBHOOK; none of both only logs.

    Returns:
        True if the webhook took it, False if there is none or it could not be reached (logged, not raised: an alert
        that fails must not fail the run that it tells about).

    Raises:
        ValueError: The webhook is not an http(s) URL.
    """
    logger.error("%s: %s", subject, text)
    address = (webhook or os.environ.get("CX_ALERT_WEBHOOK", "")).strip()
    if not address:
        return False
    if not address.lower().startswith(("http://", "https://")):
        raise ValueError("CX_ALERT_WEBHOOK must be an http or https URL.")
    body = json.dumps({"subject": subject, "text": f"{subject}\n{text}"}).encode()
    try:
        request = urllib.request.Request(address, data=body, headers={"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
            return True
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        # Its text may repeat the address: http.client quotes what it finds malformed.
        logger.error("The alert webhook could not be reached: %s", type(error).__name__)
        return False
