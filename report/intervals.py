"""Intervals of scores over several touchpoints, and of the difference between two of them. Pure arithmetic.

The marts hold the interval of each touchpoint and month; what is summed over touchpoints needs its own, by the same
formulas (dbt_project/macros/intervals.sql).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """A value with its bounds at 95%."""

    value: float
    low: float
    high: float

    @property
    def is_beyond_chance(self) -> bool:
        """Whether zero lies outside the bounds; for a difference."""
        return self.low > 0 or self.high < 0


def share(hits: int, total: int) -> Estimate:
    """A share with Wilson's interval.

    Args:
        hits: Favourable answers.
        total: All answers, at least 1.

    Raises:
        ValueError: There are no answers, or more favourable ones than answers.

    Source:
        Wilson (1927); as the macro `wilson`.
    """
    if not 0 <= hits <= total or total < 1:
        raise ValueError(f"{hits} of {total} is no share.")
    middle = hits + Z95**2 / 2
    half = Z95 * sqrt(hits * (total - hits) / total + Z95**2 / 4)
    low = 0.0 if hits == 0 else (middle - half) / (total + Z95**2)
    high = 1.0 if hits == total else (middle + half) / (total + Z95**2)
    return Estimate(hits / total, low, high)


def net_promoter_score(promoters: int, detractors: int, total: int) -> Estimate:
    """An NPS in points with the adjusted Wald interval.

    Args:
        promoters: Answers of 9 and 10.
        detractors: Answers of 0 to 6.
        total: All answers, at least 1.

    Raises:
        ValueError: There are no answers, or fewer than promoters and detractors.

    Source:
        Rocks (2016), The American Statistician 70(4); as the macro `nps_adjusted_wald`.
    """
    if total < 1 or promoters < 0 or detractors < 0 or promoters + detractors > total:
        raise ValueError(f"{promoters} promoters and {detractors} detractors of {total} are no NPS.")
    n = total + 3
    p, d = (promoters + 0.75) / n, (detractors + 0.75) / n
    half = Z95 * sqrt((p + d - (p - d) ** 2) / n)
    value = 100 * (promoters - detractors) / total
    return Estimate(value, 100 * max(-1.0, p - d - half), 100 * min(1.0, p - d + half))


def difference(later: Estimate, earlier: Estimate) -> Estimate:
    """The later value less the earlier one of other answers, with the interval recovered from their bounds.

    For two shares with Wilson's intervals this is Newcombe's method 10.

    Source:
        Newcombe (1998), Statistics in Medicine 17; Zou and Donner (2008), Statistics in Medicine 27.
    """
    value = later.value - earlier.value
    low = value - sqrt(_square(later.value - later.low) + _square(earlier.high - earlier.value))
    high = value + sqrt(_square(later.high - later.value) + _square(earlier.value - earlier.low))
    return Estimate(value, low, high)


def _square(distance: float) -> float:
    # The adjusted NPS interval of few answers may lie to one side of the value.
    return max(0.0, distance) ** 2
