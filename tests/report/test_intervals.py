"""Intervals beside published values and beside the marts' own formulas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.intervals import difference, net_promoter_score, share


def test_wilson_is_that_of_newcombe() -> None:
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3: 81 of 263 and 15 of 148.
    first, second = share(81, 263), share(15, 148)
    assert (round(first.low, 4), round(first.high, 4)) == (0.2553, 0.3662)
    assert (round(second.low, 4), round(second.high, 4)) == (0.0624, 0.1605)


@pytest.mark.parametrize(
    ("later", "earlier", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_a_difference_of_shares_is_method_10(
    later: tuple[int, int], earlier: tuple[int, int], low: float, high: float
) -> None:
    found = difference(share(*later), share(*earlier))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_an_nps_by_hand() -> None:
    # 50 promoters and 20 detractors of 100: p = 50.75/103, d = 20.75/103, half = 1.96 sqrt((p + d - (p-d)^2)/103).
    found = net_promoter_score(50, 20, 100)
    assert found.value == 30
    assert (found.low, found.high) == pytest.approx((14.051, 44.201), abs=0.002)


@given(st.integers(0, 400), st.integers(1, 400), st.integers(0, 400), st.integers(1, 400))
def test_a_difference_lies_within_its_bounds_and_turns_with_its_sides(a: int, n: int, b: int, m: int) -> None:
    first, second = share(min(a, n), n), share(min(b, m), m)
    there, back = difference(first, second), difference(second, first)
    assert there.low <= there.value <= there.high
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


@pytest.mark.parametrize("counts", [(1, 0), (3, 2), (-1, 2)])
def test_no_share_of_nothing(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="is no share"):
        share(*counts)
