"""A learned opinion on the lines of a page: probabilities of text, furniture, metadata and spam.

Linear models (multinomial logistic regression) that ``benchmarks/learn_lines.py`` fits to labelled pages: the
first weighs what a line shows by itself (`pipeline.cjk.line_features`); two more weigh what stands around it
(`pipeline.cjk.surroundings`), given what was thought of all lines before.  Their weights are data,
``data/rules/line_weights.npz``.
"""
from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.line_features import covered, features, grams
from pipeline.cjk.linefold import fold, squeeze
from pipeline.cjk.surroundings import CLASSES, Around, Facet

Floats = npt.NDArray[np.float32]
Sums = tuple[float, float, float, float]
STEP = 24  # weights are stored as steps of 1/24, at most 5.3
_KEPT = ("end:", "is:", "cover", "cells", "column", "link")  # what the surroundings want to know of a line's wording
_SHOWN = 4  # words that an explanation names


class Opinion(NamedTuple):
    """What is thought of one line: the probabilities of text, furniture, metadata and spam."""

    text: float
    furniture: float
    metadata: float
    spam: float

    @property
    def label(self) -> str:
        """The likeliest class: T, B, M or S."""
        return CLASSES[max(range(4), key=self.__getitem__)]


TEXT = Opinion(0.9991, 0.0003, 0.0003, 0.0003)
FURNITURE = Opinion(0.0003, 0.9991, 0.0003, 0.0003)
METADATA = Opinion(0.0003, 0.0003, 0.9991, 0.0003)


class Weights(NamedTuple):
    """A linear model: the place of each feature's name, and a row of weights for each; row 0 is everybody's.

    Weights count steps of 1/24, as whole numbers once they come from the file: their sums are exact in any order.
    """

    places: Mapping[str, int]
    rows: Floats

    def sums(self, found: Iterable[str]) -> Sums:
        """Return the sums of the weights of features for T, B, M, S; what is everybody's is not among them."""
        places = self.places
        known = [at for f in found if (at := places.get(f))]
        t, b, m, s = self.rows.take(known, axis=0).sum(axis=0).tolist() if known else (0.0, 0.0, 0.0, 0.0)
        return t, b, m, s

    def pack(self, name: str) -> dict[str, npt.NDArray[np.generic]]:
        """Return the model as two arrays, the names as UTF-8 and the weights as steps."""
        steps = np.clip(np.round(self.rows), -127, 127).astype(np.int8)
        return {f"{name}_names": np.frombuffer("\n".join(self.places).encode(), np.uint8), f"{name}_steps": steps}

    @classmethod
    def unpack(cls, name: str, data: Mapping[str, npt.NDArray[np.generic]]) -> Weights:
        """Return the model that `pack` wrote."""
        keys = data[f"{name}_names"].tobytes().decode().split("\n")
        return cls({key: i for i, key in enumerate(keys)}, data[f"{name}_steps"].astype(np.float32))


@cache
def models() -> tuple[Weights, tuple[Weights, ...]]:
    """Return the model of wording and the models of surroundings, in the order in which they are asked."""
    with (files("pipeline") / "data" / "rules" / "line_weights.npz").open("rb") as stream, np.load(stream) as data:
        return Weights.unpack("wording", data), (Weights.unpack("around1", data), Weights.unpack("around2", data))


@cache
def _everybody() -> tuple[Sums, ...]:
    """Return the constant row of each model, that of wording first."""
    wording, around = models()
    return tuple(_sums(model.rows[0]) for model in (wording, *around))


def _sums(row: Floats) -> Sums:
    t, b, m, s = row.tolist()
    return t, b, m, s


@lru_cache(maxsize=1 << 15)
def _facet(which: int, named: Facet) -> Sums:
    """Return what a part of the surroundings weighs in one of their models."""
    facet, key = named
    return models()[1][which].sums(facet(*key))


@lru_cache(maxsize=1 << 12)
def _rules(which: int, said: tuple[str, ...]) -> Sums:
    """Return what the rules' opinion weighs in a model; 0 is the model of wording."""
    wording, around = models()
    return (wording, *around)[which].sums(said)


def softmax(parts: Iterable[Sums]) -> Opinion:
    """Return the probabilities that belong to sums of weights."""
    t = b = m = s = 0.0
    for part in parts:
        t += part[0]
        b += part[1]
        m += part[2]
        s += part[3]
    most = max(t, b, m, s)
    t, b, m, s = (math.exp((x - most) / STEP) for x in (t, b, m, s))
    total = t + b + m + s
    return Opinion(t / total, b / total, m / total, s / total)


class Look(NamedTuple):
    """What a line shows by itself: the features that its surroundings ask for, and its sums of weights."""

    kept: tuple[str, ...]
    sums: Sums


@lru_cache(maxsize=1 << 14)
def look(line: str) -> Look:
    """Return what one line shows; furniture repeats from page to page, so it is remembered."""
    found = features(squeeze(fold(line)))
    return Look(tuple(f for f in found if f.startswith(_KEPT)), models()[0].sums(found))


def by_wording(line: str) -> Opinion:
    """Return what is thought of a line by itself.

    >>> by_wording("请登录后发表评论").label
    'B'
    """
    return softmax((_everybody()[0], look(line).sums))


@lru_cache(maxsize=1 << 12)
def words(line: str, of: int) -> str:
    """Return the words of a line that weighed most for class `of` (its place in TBMS) and against text.

    >>> words("本楼已被折叠,点此查看", 1) != ""
    True
    """
    model, folded = models()[0], squeeze(fold(line))
    known = sorted((word for word in covered(folded)[1] if len(word) > 1), key=lambda word: (-len(word), word))
    places = ((f[1:].strip("^$ "), model.places[f]) for f in sorted(grams(folded)) if f in model.places)
    found = sorted(((float(model.rows[at][of] - model.rows[at][0]), word) for word, at in places), reverse=True)
    shown: list[str] = []
    for word in (*known, *(word for weight, word in found if weight > 0 and len(word) > 1)):
        if not any(word in other or other in word for other in shown):
            shown.append(word)
    return " ".join(shown[:_SHOWN])


def opinions(lines: Sequence[str], body: Sequence[bool], said: Sequence[tuple[str, ...]],
             asked: Sequence[Opinion | None]) -> list[Opinion]:
    """Return what is thought of each line of a page, its surroundings considered.

    `body` tells which lines have the form of a paragraph, `said` holds features of what the rules say of each
    line, `asked` an opinion on those that are not asked about.
    """
    looks = [look(line) if known is None else None for line, known in zip(lines, asked, strict=True)]
    constant, *others = _everybody()
    first = [softmax((constant, found.sums, _rules(0, rules))) if found else known or TEXT
             for found, rules, known in zip(looks, said, asked, strict=True)]
    if not any(looks):
        return first
    page = Around(lines, body, [found.kept if found else () for found in looks], first)
    thought = first
    for which, constant in enumerate(others):
        seen = page.facets(thought, asked)
        thought = [softmax((constant, _rules(which + 1, rules), *(_facet(which, one) for one in found)))
                   if found else opinion for found, rules, opinion in zip(seen, said, thought, strict=True)]
    return thought
