"""What a disk does to a file: cut at sixteen places, fifty bits flipped one at a time, or no space left for it."""

from __future__ import annotations

import random
import resource
from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def full_disk(largest: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes: the kernel refuses the write, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
