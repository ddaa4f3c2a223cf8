"""Tasks over connected texts of a corpus: who goes, and what is said of those that stay.

Each reads the facts and texts it compares and no others, and leaves what it finds in a file (`filed`).  A text's
number is that of its shelf in the upper 32 bits, and its place there in the lower.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.cjk.corpus import Corpus
from pipeline.cjk.facts import Plan, Table
from pipeline.cjk.filed import get, put
from pipeline.cjk.settle import Parting, Rules, removals, verdicts

Numbers = npt.NDArray[np.uint64]


class Shelf(Protocol):
    """Some facts and the texts they are about, by number from 0; sent to other processes."""

    def __len__(self) -> int: ...

    def facts(self) -> list[bytes]: ...

    def fact(self, n: int) -> bytes: ...

    def text(self, n: int) -> str: ...


class Question(NamedTuple):
    """What is asked: facts of which plan, rules, and how many shelves, the first ones, are of earlier corpora."""

    plan: Plan
    rules: Rules
    settled: int


class Texts(NamedTuple):
    """Some texts of a corpus, by ascending number, with the shelves they stand on."""

    numbers: tuple[int, ...]
    shelves: Mapping[int, Shelf]
    question: Question

    def corpus(self) -> Corpus:
        """Return these texts as a corpus of their own; number n there is ``numbers[n]``."""
        places = [(self.shelves[n >> 32], n & 0xFFFFFFFF) for n in self.numbers]
        table = Table((shelf.fact(n) for shelf, n in places), self.question.plan)
        settled = sum(n >> 32 < self.question.settled for n in self.numbers)
        return Corpus(table, lambda n: places[n][0].text(places[n][1]), settled)


@dataclass(frozen=True)
class Remove:
    """A task: who of these texts goes, with whom it goes to, by number; why that is stands in a file then."""

    texts: Texts
    path: Path

    def __call__(self) -> Numbers:
        numbers = self.texts.numbers
        found = {numbers[n]: _renumbered(parting, numbers)
                 for n, parting in removals(self.texts.corpus(), self.texts.question.rules).items()}
        put(self.path, found)
        return np.array([(n, parting.removal.keeper) for n, parting in found.items()], np.uint64).reshape(-1, 2)


@dataclass(frozen=True)
class Decide:
    """A task: writes the verdicts on these texts, each with its id, by number.

    `partings` names the files that say why texts go, each with the numbers of those that are of interest here.
    """

    texts: Texts
    partings: Mapping[Path, Numbers]
    pairs: Numbers
    path: Path

    def __call__(self) -> None:
        place = {number: n for n, number in enumerate(self.texts.numbers)}
        partings = {place[n]: _renumbered(parting, place)
                    for path, numbers in self.partings.items() for n, parting in get(path, numbers.tolist()).items()}
        pairs = [(place[better], place[worse]) for better, worse in self.pairs.tolist()]
        corpus = self.texts.corpus()
        found = verdicts(corpus, self.texts.question.rules, partings, pairs)
        number = {corpus.table.id(n): number for n, number in enumerate(self.texts.numbers)}
        put(self.path, {number[id]: (id, verdict) for id, verdict in found.items()})


def _renumbered(parting: Parting, names: Mapping[int, int] | Sequence[int]) -> Parting:
    removal = parting.removal
    return parting._replace(removal=removal._replace(member=names[removal.member], keeper=names[removal.keeper]))
