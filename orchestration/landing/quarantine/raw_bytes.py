"""Text and the bytes that it was read from: what cannot be decoded is kept as surrogates and can be written back."""

import codecs
import re

KEEP_BYTES = "cx_keep_bytes"
"""Error handler: each byte that cannot be decoded becomes one surrogate, U+DC00 plus the byte.

It is `surrogateescape` for encodings of any width: that one knows no bytes below 128, which UTF-16 has in its halves.
"""
_KEPT = re.compile("([\udc00-\udcff]+)")
_MARKS = {"utf-16": codecs.BOM_UTF16_BE, "utf-32": codecs.BOM_UTF32_BE}


def _keep(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(KEEP_BYTES, _keep)


def byte_encoding(encoding: str, start: bytes) -> str:
    """Encoding of a record, given the first bytes of the file: utf-16 becomes utf-16-le or utf-16-be."""
    mark = _MARKS.get(encoding)
    return encoding if mark is None else f"{encoding}-{'be' if start.startswith(mark) else 'le'}"


def raw_bytes(text: str, encoding: str) -> bytes:
    """The bytes that gave a text, those included that could not be decoded."""
    pieces = _KEPT.split(text)
    return b"".join(
        bytes(ord(character) - 0xDC00 for character in piece)
        if number % 2
        else piece.encode(encoding, "backslashreplace")
        for number, piece in enumerate(pieces)
    )


def decoded(raw: bytes, encoding: str) -> str:
    """Text of a record's bytes; what cannot be decoded is kept as surrogates."""
    return raw.decode(encoding, KEEP_BYTES)
