"""A learned opinion on the lines of a page: probabilities of text, furniture, metadata and spam.

Linear models (multinomial logistic regression) that ``benchmarks/learn_lines.py`` fits to labelled pages: the
first weighs what a line shows by itself (`pipeline.cjk.line_features`); two more weigh what stands around it
(`pipeline.cjk.surroundings`), given what was thought of all lines before.  Their weights are data,
``data/rules/line_weights.npz``.
"""
from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import repeat
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.line_features import covered, features, grams
from pipeline.cjk.linefold import fold, squeeze
from pipeline.cjk.surroundings import CLASSES, Around, Facet

Sums = tuple[int, int, int, int]
STEP = 24  # weights are stored as steps of 1/24, at most 5.3
_KEPT = ("end:", "is:", "cover", "cells", "column", "link")  # what the surroundings want to know of a line's wording
_ZEROS = repeat(0)
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


BITS = 16  # of one class in a sum: 257 features of 127 steps fit


@dataclass(frozen=True)
class Weights:
    """A linear model: for each feature's name four weights as one number; the name "" is everybody's.

    Weights count steps of 1/24, as whole numbers, 16 bits for each class, so that one sum adds all four:
    several numbers in a machine word, as in Lamport, "Multiple Byte Processing with Full-Word Instructions" (1975).
    """

    packed: Mapping[str, int]

    @classmethod
    def of(cls, names: Iterable[str], rows: npt.NDArray[np.floating]) -> Weights:
        """Return the model with these names and a row of steps for each; steps are rounded, at most 127.

        Names that weigh nothing are left out, but for the first, which is everybody's.
        """
        steps = np.clip(np.round(rows), -127, 127).astype(np.int64)
        packed = steps @ (1 << BITS * np.arange(4, dtype=np.int64))
        return cls({name: weighs for name, weighs in zip(names, packed.tolist(), strict=True) if weighs or not name})

    def sums(self, found: Iterable[str]) -> Sums:
        """Return the sums of the weights of features for T, B, M, S; what is everybody's is not among them."""
        return _four(sum(map(self.packed.get, found, _ZEROS)))

    def steps(self, name: str) -> Sums:
        """Return the weights of one feature, zeros if it has none."""
        return _four(self.packed.get(name, 0))

    def rows(self) -> npt.NDArray[np.int8]:
        """Return the steps of all features, a row for each."""
        return np.array([_four(packed) for packed in self.packed.values()], np.int8)

    def pack(self, name: str) -> dict[str, npt.NDArray[np.generic]]:
        """Return the model as two arrays, the names as UTF-8 and the weights as steps."""
        names = np.frombuffer("\n".join(self.packed).encode(), np.uint8)
        return {f"{name}_names": names, f"{name}_steps": self.rows()}

    @classmethod
    def unpack(cls, name: str, data: Mapping[str, npt.NDArray[np.generic]]) -> Weights:
        """Return the model that `pack` wrote."""
        return cls.of(data[f"{name}_names"].tobytes().decode().split("\n"), data[f"{name}_steps"].astype(np.float32))


def _four(packed: int) -> Sums:
    """Return the four signed numbers that are packed in one.

    >>> _four(5 + (-3 << 16) + (2 << 48))
    (5, -3, 0, 2)
    """
    half, mask = 1 << BITS - 1, (1 << BITS) - 1
    t = (packed + half & mask) - half
    packed = packed - t >> BITS
    b = (packed + half & mask) - half
    packed = packed - b >> BITS
    m = (packed + half & mask) - half
    return t, b, m, packed - m >> BITS


@cache
def models() -> tuple[Weights, tuple[Weights, ...]]:
    """Return the model of wording and the models of surroundings, in the order in which they are asked."""
    with (files("pipeline") / "data" / "rules" / "line_weights.npz").open("rb") as stream, np.load(stream) as data:
        return Weights.unpack("wording", data), (Weights.unpack("around1", data), Weights.unpack("around2", data))


@cache
def _everybody() -> tuple[Sums, ...]:
    """Return the constant row of each model, that of wording first."""
    wording, around = models()
    return tuple(model.steps("") for model in (wording, *around))


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
    t = b = m = s = 0
    for part in parts:
        t += part[0]
        b += part[1]
        m += part[2]
        s += part[3]
    most = max(t, b, m, s)
    powers = [math.exp((x - most) / STEP) for x in (t, b, m, s)]
    total = sum(powers)
    return Opinion(*(power / total for power in powers))


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
    weights = ((f[1:].strip("^$ "), model.steps(f)) for f in sorted(grams(folded)))
    found = sorted(((steps[of] - steps[0], word) for word, steps in weights), reverse=True)
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
