"""Credentials from the environment, and text from which they have been taken out. Nothing here prints or stores one."""

import base64
import html
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

MASK = "***"
_SHORTEST = 4
"""Shorter values are not masked inside a message: a password `a` would blot out every word."""


class MissingSecretError(RuntimeError):
    """An environment variable that a connection names is not set."""


@dataclass(frozen=True)
class Secret:
    """A value that never shows in a representation.

    Attributes:
        name: Environment variable that it came from.
    """

    name: str
    _value: str = field(repr=False)

    @classmethod
    def read(cls, name: str, environ: Mapping[str, str] | None = None) -> "Secret":
        """The value of an environment variable.

        Raises:
            MissingSecretError: It is not set or blank.
        """
        value = (os.environ if environ is None else environ).get(name, "").strip()
        if not value:
            raise MissingSecretError(f"the environment variable {name} is not set: company.yml names it")
        return cls(name, value)

    def reveal(self) -> str:
        """The value itself, for the library that connects."""
        return self._value

    def masked(self, text: str) -> str:
        """Text without the secret, without its parts when it is a URL, and without their common encodings."""
        for form in sorted(self._forms(), key=len, reverse=True):
            text = text.replace(form, MASK)
        return text

    def _forms(self) -> set[str]:
        forms: set[str] = set()
        for part in self._parts():
            raw = part.encode()
            in_urls = {quote(part), quote(part, safe=""), quote_plus(part)}
            forms |= {part, *in_urls, *(_ESCAPE.sub(lambda found: found[0].lower(), form) for form in in_urls)}
            forms |= {json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1]}
            forms |= {repr(part)[1:-1], html.escape(part)}
            # Base64 of a text that holds the secret at any of three offsets shares its middle with one of these.
            for offset in range(3):
                whole = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
                forms |= {middle := whole[-(-offset * 4 // 3) : -1 or None], middle.translate(_URL_SAFE)}
        return {form for form in forms if len(form) >= _SHORTEST}

    def _parts(self) -> set[str]:
        parts = {self._value}
        try:
            url = urlsplit(self._value)
            if url.scheme and url.netloc:
                userinfo = url.netloc.rpartition("@")[0]
                parts |= {piece for piece in (userinfo, url.password, unquote(url.password or "")) if piece}
                parts |= {value for _, value in parse_qsl(url.query) if len(value) > _SHORTEST}
        except ValueError:
            pass
        return parts


_ESCAPE = re.compile("%[0-9A-F]{2}")
_URL_SAFE = str.maketrans("+/", "-_")
