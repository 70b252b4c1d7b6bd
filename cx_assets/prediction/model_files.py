"""A model as two files, model.txt (LightGBM's text) and card.json; whole or refused, and loading runs no code."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

FORMAT_VERSION = 1
_MODEL_FILE = "model.txt"
_CARD_FILE = "card.json"

Model = TypeVar("Model")


class ModelFileError(ValueError):
    """A model's files are missing, cut short, changed or of another format."""


def save(plain: dict[str, Any], booster_text: str, directory: Path) -> Path:
    """Write a model; the directory appears whole or not at all.

    A directory that already holds this very model is left alone; one that is damaged or holds another is
    replaced. A reader of the old one may find it gone for an instant in that case only.

    Args:
        plain: All of the model but its trees, as plain JSON values; `features` lists the columns that the
            trees read, in their order.
        booster_text: The trees in LightGBM's text format.
        directory: The model's own directory, usually named by its id; its parents are made.

    Returns:
        The directory.
    """
    directory = Path(directory)
    plain = {"format_version": FORMAT_VERSION, **plain}
    plain["content_hash"] = _content_hash(plain, booster_text)
    if _holds(directory, plain["content_hash"]):
        return directory
    directory.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
    try:
        _write(fresh / _MODEL_FILE, booster_text)
        _write(fresh / _CARD_FILE, json.dumps(plain, indent=1, sort_keys=True, allow_nan=False))
        fresh.chmod(0o755)
        if directory.exists():
            shutil.rmtree(directory)
        fresh.rename(directory)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    _sync(directory.parent)
    return directory


def load(directory: Path, build: Callable[[dict[str, Any], str], Model]) -> Model:
    """Read a model and verify that it is what was written.

    Args:
        directory: As given to save.
        build: Makes the model of what was given to save: plain values and trees.

    Returns:
        What build made.

    Raises:
        ModelFileError: A file is missing, cut short, changed or of another format, build found a part missing
            or wrong, or the trees read other features than the card names.
    """
    plain, booster_text = _read(Path(directory))
    try:
        model, named = build(plain, booster_text), list(plain["features"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"{directory}: {_CARD_FILE} lacks a part or has a wrong one: {error}") from error
    found = _booster_features(booster_text)
    if found != named:
        raise ModelFileError(f"{directory}: the trees read {found}, the card names {named}")
    return model


def _read(directory: Path) -> tuple[dict[str, Any], str]:
    try:
        booster_text = (directory / _MODEL_FILE).read_bytes().decode()
        plain = json.loads((directory / _CARD_FILE).read_bytes())
    except OSError as error:
        raise ModelFileError(f"{directory}: a file of the model cannot be read: {error}") from error
    except ValueError as error:
        raise ModelFileError(f"{directory}: a file of the model is cut short or not text: {error}") from error
    if not isinstance(plain, dict) or plain.get("format_version") != FORMAT_VERSION:
        raise ModelFileError(f"{directory}: {_CARD_FILE} is not of format {FORMAT_VERSION}")
    if plain.get("content_hash") != _content_hash(plain, booster_text):
        raise ModelFileError(f"{directory}: the files are not those that were written: their hash differs")
    return plain, booster_text


def _holds(directory: Path, content_hash: str) -> bool:
    """Whether the directory holds the model whole; a damaged one does not, and save replaces it."""
    try:
        plain, _ = _read(directory)
    except ModelFileError:
        return False
    return bool(plain["content_hash"] == content_hash)


def _content_hash(plain: dict[str, Any], booster_text: str) -> str:
    rest = {name: value for name, value in plain.items() if name != "content_hash"}
    digest = hashlib.sha256(json.dumps(rest, sort_keys=True).encode())
    digest.update(booster_text.encode())
    return digest.hexdigest()


def _booster_features(booster_text: str) -> list[str]:
    line = next((line for line in booster_text.splitlines() if line.startswith("feature_names=")), "")
    return line.removeprefix("feature_names=").split()


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(directory: Path) -> None:
    """Make the rename itself survive a power cut."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
