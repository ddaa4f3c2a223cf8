"""Fit the linear models of `pipeline.cjk.learned`: multinomial logistic regression with an L2 penalty, by L-BFGS."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from pipeline.cjk.learned import STEP, Weights

Array = npt.NDArray[np.float64]
CLASSES = 4
FREE = 1e-3  # the penalty of the constant


class Task(NamedTuple):
    """Rows of features with their classes and weights, and how rare and how costly a feature may be."""

    rows: Sequence[Iterable[str]]
    classes: npt.NDArray[np.int64]
    weights: Array
    rarest: int
    penalties: tuple[float, float]  # of sequences of units, of all else
    iterations: int = 70


def names(rows: Sequence[Iterable[str]], rarest: int) -> list[str]:
    """Return the features that stand in at least `rarest` rows; the constant comes first."""
    seen = Counter(f for row in rows for f in set(row))
    return ["", *sorted(f for f, n in seen.items() if n >= rarest)]


def matrix(rows: Sequence[Iterable[str]], keys: Sequence[str]) -> Any:
    """Return the features as a sparse matrix of ones; the constant stands in every row."""
    places = {key: i for i, key in enumerate(keys)}
    found: list[int] = []
    ends = [0]
    for row in rows:
        found += [0, *sorted(places[f] for f in set(row) if f in places)]  # sums in one order, on every run
        ends.append(len(found))
    return csr_matrix((np.ones(len(found)), np.array(found, np.int32), np.array(ends)), shape=(len(rows), len(keys)))


def fit(task: Task, keep: npt.NDArray[np.bool_] | None = None) -> Weights:
    """Return the model of a task, or of those of its rows that `keep` marks."""
    at = np.arange(len(task.rows)) if keep is None else keep.nonzero()[0]
    rows = [task.rows[i] for i in at]
    keys = names(rows, task.rarest)
    table, known, weight = matrix(rows, keys), task.classes[at], task.weights[at]
    flipped = table.T.tocsr()
    penalty = np.array([[FREE if not k else task.penalties[0] if k[0] == "=" else task.penalties[1]] for k in keys])
    truth = np.eye(CLASSES)[known]

    def loss(flat: Array) -> tuple[float, Array]:
        w = flat.reshape(len(keys), CLASSES)
        sums = table @ w
        sums -= sums.max(axis=1, keepdims=True)
        power = np.exp(sums)
        total = power.sum(axis=1)
        missed = float((weight * (np.log(total) - (sums * truth).sum(axis=1))).sum() + 0.5 * (penalty * w * w).sum())
        return missed, (flipped @ ((power / total[:, None] - truth) * weight[:, None]) + penalty * w).ravel()

    best = minimize(loss, np.zeros(len(keys) * CLASSES), jac=True, method="L-BFGS-B",
                    options={"maxiter": task.iterations, "maxcor": 10})
    return Weights.of(keys, best.x.reshape(len(keys), CLASSES) * STEP)


def probabilities(model: Weights, rows: Sequence[Iterable[str]]) -> Array:
    """Return the probabilities of the classes for each row."""
    sums = matrix(rows, list(model.packed)) @ (model.rows() / STEP)
    power = np.exp(sums - sums.max(axis=1, keepdims=True))
    return np.asarray(power / power.sum(axis=1, keepdims=True))


def unseen(task: Task, folds: npt.NDArray[np.int64]) -> Array:
    """Return, for each row, the probabilities by a model that was fitted without its fold; fold -1 is in every fit."""
    out = np.zeros((len(task.rows), CLASSES))
    for fold in np.unique(folds[folds >= 0]):
        away = folds == fold
        model = fit(task._replace(iterations=50), ~away)
        out[away] = probabilities(model, [task.rows[i] for i in away.nonzero()[0]])
    return out
