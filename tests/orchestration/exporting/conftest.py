"""One generation for the tests that only read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.publication.targets.protocol import FinishedGeneration
from tests.orchestration.exporting.made import make_warehouse, publish_generation


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """The warehouse behind the generation."""
    return make_warehouse(tmp_path)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Where it is published."""
    return tmp_path / "published"


@pytest.fixture
def generation(warehouse: Path, published: Path) -> FinishedGeneration:
    """The first generation."""
    return publish_generation(warehouse, published)
