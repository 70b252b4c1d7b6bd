"""Mean and covariance of ratings of which some are missing, and how far they may be off.

A touchpoint that was not used has no rating. Leaving out all who did not use everything would leave nobody, and a zero
would be an invented answer; so the covariance is estimated by maximum likelihood of a multivariate normal from what
everyone did rate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_EM_STEPS = 6
_ROUNDS = 25
_TOLERANCE = 1e-5
_LENGTHS = (1.0, 0.5, 0.25, 0.12, 0.06)
_SMALLEST_EIGENVALUE = 1e-6


class NotSettledError(ArithmeticError):
    """The likelihood's maximum was not reached: what stands there would be no estimate."""


@dataclass(frozen=True)
class Estimate:
    """Maximum-likelihood moments of standardised columns.

    Attributes:
        moments: Mean, then the upper triangle of E[z z'], row by row.
        influence: Rows x moments: what each row adds to the estimate, times the number of rows.
        columns: Number of columns.
    """

    moments: Floats
    influence: Floats
    columns: int

    @property
    def covariance(self) -> Floats:
        """Columns x columns."""
        return covariances(self.moments[None], self.columns)[0]

    def resampled(self, weights: Floats) -> Floats:
        """Covariances of weighted samples: samples x columns x columns.

        One Newton step from the estimate, as for a one-step bootstrap; exact where nothing is missing.

        Args:
            weights: Samples x rows, how often each row was drawn; no sample is empty.
        """
        moved = (weights @ self.influence) / weights.sum(axis=1, keepdims=True)
        return covariances(self.moments + moved, self.columns)

    def covariance_influence(self, first: int) -> Floats:
        """Rows x columns: what each row adds to the covariances of one column with all, times the rows."""
        at = _triangle_index(self.columns)[first]
        mean = self.moments[: self.columns]
        of_mean = self.influence[:, : self.columns]
        products = self.influence[:, self.columns + at]
        return products - of_mean[:, [first]] * mean - of_mean * mean[first]


def estimate(values: Floats, *, ridge: float = 0.0) -> Estimate:
    """Fit a multivariate normal to rows with missing values, under "missing at random".

    EM over patterns of missing columns, then Newton steps with EM's rate matrix, which also gives the influence of each
    row on the estimate.

    Args:
        values: Rows x columns, standardised by their observed mean and deviation; nan is missing.
            Every row has one value.
        ridge: Share of the rows that is added as rows of uncorrelated columns, where values are missing. Without them,
            pairs of columns that few rows have together can make the likelihood's maximum a perfect fit.

    Raises:
        ValueError: A row or a column has no value.
        NotSettledError: The last of the rounds still moved the estimate.

    Source:
        Dempster, Laird and Rubin (1977), JRSS B 39; Little and Rubin (2002), chapter 11. Rate matrix and Newton step:
        Louis (1982), JRSS B 44; with complete data it is zero and the bootstrap is the ordinary one. Ridge prior:
        Schafer (1997), 5.2; Honaker, King and Blackwell (2011), Journal of Statistical Software 45(7): up to 1%.
    """
    present = ~np.isnan(values)
    if not present.any(axis=1).all() or not present.any(axis=0).all():
        raise ValueError("a row or a column has no value")
    patterns = _Patterns.of(values, present)
    columns = values.shape[1]
    variance = np.maximum(np.nanvar(values, axis=0), _SMALLEST_EIGENVALUE)
    moments = _packed(np.nanmean(values, axis=0), np.diag(variance))
    kept = 1.0 if present.all() else 1 / (1 + ridge)
    prior = (1 - kept) * _packed(np.zeros(columns), np.eye(columns))
    for _ in range(_EM_STEPS if not present.all() else 2):
        moments = kept * patterns.expected(moments).mean + prior
    for _ in range(_ROUNDS):
        step = patterns.expected(moments)
        gap = kept * step.mean + prior - moments
        if np.abs(gap).max() < _TOLERANCE:
            break
        newton = np.linalg.solve(np.eye(len(moments)) - kept * patterns.rate(moments, step), gap)
        lengths = [length for length in _LENGTHS if _is_inside(moments + length * newton, columns)]
        moments = moments + lengths[0] * newton if lengths else moments + gap
    else:
        raise NotSettledError(f"the covariances still moved by {np.abs(gap).max():.1g} after {_ROUNDS} rounds")
    step = patterns.expected(moments)
    speed = kept * np.linalg.inv(np.eye(len(moments)) - kept * patterns.rate(moments, step))
    return Estimate(moments, (patterns.rows(values, present, step) - step.mean) @ speed.T, columns)


def covariances(moments: Floats, columns: int) -> Floats:
    """Covariance matrices of packed moments, the nearest positive ones: sets x columns x columns."""
    mean = moments[:, :columns]
    at = _triangle_index(columns)
    raw = moments[:, columns + at] - mean[:, :, None] * mean[:, None, :]
    size, axes = np.linalg.eigh(raw)
    if size.min() >= _SMALLEST_EIGENVALUE:
        return raw
    fixed = np.maximum(size, _SMALLEST_EIGENVALUE)
    return (axes * fixed[:, None, :]) @ axes.transpose(0, 2, 1)


def _triangle_index(columns: int) -> NDArray[np.int64]:
    """Place of each pair of columns in the packed upper triangle."""
    at = np.zeros((columns, columns), np.int64)
    upper = np.triu_indices(columns)
    at[upper] = np.arange(len(upper[0]))
    return np.maximum(at, at.T)


def _packed(mean: Floats, covariance: Floats) -> Floats:
    second = covariance + np.outer(mean, mean)
    return np.concatenate([mean, second[np.triu_indices(len(mean))]])


def _is_inside(moments: Floats, columns: int) -> bool:
    mean = moments[:columns]
    raw = moments[columns + _triangle_index(columns)] - np.outer(mean, mean)
    return bool(np.linalg.eigvalsh(raw)[0] > _SMALLEST_EIGENVALUE)


@dataclass(frozen=True)
class _Expected:
    """What is expected of the rows given what they say; patterns x columns (x columns)."""

    mean: Floats
    offset: Floats
    slope: Floats
    spread: Floats
    second: Floats


@dataclass(frozen=True)
class _Patterns:
    """Sums of rows that have the same columns."""

    mask: Floats
    of_row: NDArray[np.int64]
    count: Floats
    first: Floats
    second: Floats

    @classmethod
    def of(cls, values: Floats, present: NDArray[np.bool_]) -> _Patterns:
        mask, of_row, count = np.unique(present, axis=0, return_inverse=True, return_counts=True)
        of_row = of_row.reshape(-1)
        filled = np.where(present, values, 0.0)
        order = np.argsort(of_row, kind="stable")
        starts = np.concatenate([[0], np.cumsum(count)[:-1]])
        ordered = filled[order]
        return cls(
            mask.astype(float),
            of_row,
            count.astype(float),
            np.add.reduceat(ordered, starts, axis=0),
            np.add.reduceat(ordered[:, :, None] * ordered[:, None, :], starts, axis=0),
        )

    def expected(self, moments: Floats) -> _Expected:
        """One E step; its mean is the M step's new moments."""
        columns = self.mask.shape[1]
        mean = moments[:columns]
        covariance = covariances(moments[None], columns)[0]
        both = self.mask[:, :, None] * self.mask[:, None, :]
        hidden = (1 - self.mask)[:, :, None] * np.eye(columns)
        slope = covariance @ (np.linalg.inv(covariance * both + hidden) * both)
        offset = mean - (slope @ (self.mask * mean)[:, :, None])[:, :, 0]
        spread = covariance - slope @ covariance
        known = (slope @ self.first[:, :, None])[:, :, 0]
        crossed = known[:, :, None] * offset[:, None, :]
        second = (
            self.count[:, None, None] * offset[:, :, None] * offset[:, None, :]
            + crossed
            + crossed.transpose(0, 2, 1)
            + slope @ self.second @ slope.transpose(0, 2, 1)
        )
        total = self.count.sum()
        first = (self.count[:, None] * offset + known).sum(axis=0) / total
        products = (second + self.count[:, None, None] * spread).sum(axis=0) / total
        packed = np.concatenate([first, products[np.triu_indices(columns)]])
        return _Expected(packed, offset, slope, spread, second)

    def rows(self, values: Floats, present: NDArray[np.bool_], step: _Expected) -> Floats:
        """Expected moments row by row: rows x moments."""
        upper = np.triu_indices(values.shape[1])
        filled = np.where(present, values, 0.0)
        full = step.offset[self.of_row] + (step.slope[self.of_row] @ filled[:, :, None])[:, :, 0]
        second = full[:, upper[0]] * full[:, upper[1]] + step.spread[:, upper[0], upper[1]][self.of_row]
        return np.hstack([full, second])

    def rate(self, moments: Floats, step: _Expected) -> Floats:
        """EM's rate matrix: share of the information on each moment that is missing."""
        columns = self.mask.shape[1]
        total = self.count.sum()
        firsts = (self.count[:, None] * step.offset + (step.slope @ self.first[:, :, None])[:, :, 0]) / total
        flat = step.spread.reshape(len(self.count), -1)
        shape = (columns,) * 4
        missing = _moment_covariance(
            (self.count @ flat / total).reshape(columns, columns),
            (flat.T @ firsts).reshape(columns, columns, columns),
            ((flat * self.count[:, None]).T @ flat / total).reshape(shape),
            (flat.T @ step.second.reshape(len(self.count), -1) / total).reshape(shape),
        )
        mean = moments[:columns]
        covariance = covariances(moments[None], columns)[0]
        whole = _moment_covariance(
            covariance,
            covariance[:, :, None] * mean,
            np.multiply.outer(covariance, covariance),
            np.multiply.outer(covariance, np.outer(mean, mean)),
        )
        return np.asarray(np.linalg.solve(whole, missing).T, np.float64)


def _moment_covariance(spread: Floats, mixed: Floats, squared: Floats, crossed: Floats) -> Floats:
    """Covariance of (z, products of z) of a normal, from means of C, C_ab m_c, C_ab C_cd and C_ab (m m')_cd."""
    columns = len(spread)
    a, b = np.triu_indices(columns)
    k = np.arange(columns)[:, None]
    lower = mixed[k, a, b] + mixed[k, b, a]
    i, j, c, d = a[:, None], b[:, None], a[None], b[None]
    products = (
        squared[i, c, j, d]
        + squared[i, d, j, c]
        + crossed[j, d, i, c]
        + crossed[j, c, i, d]
        + crossed[i, d, j, c]
        + crossed[i, c, j, d]
    )
    return np.block([[spread, lower], [lower.T, products]])
