"""What a company may choose about probabilistic matching; what follows from its data is learnt, not set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

CustomerType = Literal["person", "company"]


@dataclass(frozen=True)
class LinkageSettings:
    """Settings of one linkage.

    Attributes:
        customer_type: Which records are compared; persons and companies have models of their own.
        default_country: ISO 3166-1 alpha-2 code of national telephone and tax numbers without country_code.
        as_of: Observation date; later birth dates are none. None where no date is known.
        threshold: Match probability from which on a pair is a link; None to let the model choose.
        pairs_per_record: Budget of every blocking rule; a rule leaves its largest blocks out until it keeps to it.
        sources_without_duplicates: Source systems in which every customer is one record at most.
        seed: Of the random sample for u.
        sampled_pairs: Random pairs for u.
        trained_pairs: Pairs per session of expectation maximisation, at most.
    """

    customer_type: CustomerType = "person"
    default_country: str = "DE"
    as_of: date | None = None
    threshold: float | None = None
    pairs_per_record: int = 3
    sources_without_duplicates: tuple[str, ...] = ()
    seed: int = 1
    sampled_pairs: int = 500_000
    trained_pairs: int = 2_000_000
