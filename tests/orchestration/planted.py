"""Secrets planted for tests, and the forms in which each could leak; written apart from `ground.secrets`."""

from __future__ import annotations

import base64
import html
import json
import random
import string
from urllib.parse import quote, quote_plus

_SIGNS = "-_.~!*+/=@:#%&$ ?\"'\\<>{}[]|^`;,"


def _secret(number: int) -> str:
    chosen = random.Random(number)
    middle = [chosen.choice(string.ascii_letters + string.digits) for _ in range(12)]
    middle += [chosen.choice(_SIGNS) for _ in range(number % 6)]
    middle += ["ß", "€", "ключ"][: max(0, number - 26)]
    chosen.shuffle(middle)
    return f"s{number:02d}{''.join(middle)}x"


SECRETS = [_secret(number) for number in range(30)]


def forms(secret: str) -> set[str]:
    """The secret as it stands, as URLs, JSON, Python, HTML and base64 (at any of three offsets) would write it."""
    encoded = {quote(secret), quote(secret, safe=""), quote_plus(secret)}
    found = {secret, *encoded, *map(_lower_escapes, encoded), html.escape(secret), repr(secret)[1:-1]}
    found |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    raw = secret.encode()
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + raw + b"\0" * (-(offset + len(raw)) % 3)).decode()
        # Only characters that hold bits of the secret alone.
        middle = whole[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]
        found |= {middle, middle.replace("+", "-").replace("/", "_")}
    return found


def leaks(text: str, secrets: list[str]) -> list[str]:
    """Secrets that stand in a text in any form."""
    return [secret for secret in secrets if any(form in text for form in forms(secret))]


def _lower_escapes(text: str) -> str:
    pieces = text.split("%")
    return "%".join([pieces[0], *(piece[:2].lower() + piece[2:] for piece in pieces[1:])])
