"""The sample company "Nordlicht": an invented retailer whose truth is known."""

from cx_assets.sample_company.company import Summary, generate
from cx_assets.sample_company.parameters import DEFAULT_SEED, EMBEDDED_SCALE

__all__ = ["DEFAULT_SEED", "EMBEDDED_SCALE", "Summary", "generate"]
