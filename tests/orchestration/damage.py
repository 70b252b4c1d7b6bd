"""What a disk does to a file: cut at sixteen places, and fifty bits flipped, one at a time."""

from __future__ import annotations

import random
from collections.abc import Iterator

CUTS = 16
FLIPS = 50


def flipped(content: bytes, position: int, bit: int) -> bytes:
    """The content with one bit changed."""
    changed = bytearray(content)
    changed[position] ^= 1 << bit
    return bytes(changed)


def damages(content: bytes, rng: random.Random) -> Iterator[bytes]:
    """Sixteen cuts from empty to one byte short, evenly spread, and fifty flips at random places."""
    for number in range(CUTS):
        yield content[: (len(content) - 1) * number // (CUTS - 1)]
    for _ in range(FLIPS):
        yield flipped(content, rng.randrange(len(content)), rng.randrange(8))
