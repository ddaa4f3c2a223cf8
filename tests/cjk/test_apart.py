"""Tasks over parts of a corpus give the answer that one process gives over the whole."""
from __future__ import annotations

import doctest
import pickle
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pipeline.cjk import apart, filed, shuffle
from pipeline.cjk.apart import settle_apart
from pipeline.cjk.connected import Question
from pipeline.cjk.corpus import Corpus
from pipeline.cjk.facts import Plan, Table, fact
from pipeline.cjk.partners import ANCHOR, NEW, partners, stars
from pipeline.cjk.settle import Rules, settle
from tests.cjk.test_keepers import LETTERS, texts


@dataclass(frozen=True)
class Box:
    """A shelf in memory."""

    said: tuple[tuple[str, str], ...]

    def __len__(self) -> int:
        return len(self.said)

    def facts(self) -> list[bytes]:
        return [fact(id, text, Plan()) for id, text in self.said]

    def fact(self, n: int) -> bytes:
        return fact(*self.said[n], Plan())

    def text(self, n: int) -> str:
        return self.said[n][1]


def here(tasks: Iterable[Callable[[], Any]]) -> Iterator[Any]:
    """Call tasks as another process would: nothing is shared."""
    return (pickle.loads(pickle.dumps(task))() for task in tasks)


def corpus() -> list[tuple[str, str]]:
    """Families of all sorts: copies, near copies, shared passages, damage, repeats, short texts, a long chain."""
    rng = random.Random(5)
    out = texts()
    for n in range(10):
        text = "".join(rng.choices(LETTERS, k=600))
        out |= {f"r{n}": f"{text}\n{text}", f"s{n}": text[:300], f"x{n}": text[:80] + "�" + text[81:], f"t{n % 3}": "好" * n}
    chain = "".join(rng.choices(LETTERS, k=500))
    for n in range(12):
        out[f"chain{n:02}"] = chain
        at = rng.randrange(400)
        chain = chain[:at] + "".join(rng.choices(LETTERS, k=25)) + chain[at + 25 :]
    return list(out.items())


@pytest.mark.parametrize("small", [False, True], ids=["one partition", "many"])
@pytest.mark.parametrize("partial", ["mark", "cut", "drop", "off"])
@pytest.mark.parametrize("earlier", [0, 30])
def test_apart_is_as_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: bool, partial: str,
                              earlier: int) -> None:
    said = corpus()
    random.Random(2).shuffle(said)
    rules = Rules(partial=partial)
    table = Table([fact(id, text, Plan()) for id, text in said], Plan())
    together = settle(Corpus(table, lambda n: said[n][1], earlier), rules)
    assert len(together) > 100
    if small:
        monkeypatch.setattr(apart, "KEYS", 700)
        monkeypatch.setattr(apart, "TEXTS", 7)
        monkeypatch.setattr(apart, "SHELVES", 2)
        monkeypatch.setattr(shuffle, "TOGETHER", 3)
    cuts = [0, *sorted({earlier, *range(earlier + 13, len(said), 17)} - {0}), len(said)]
    shelves = [Box(tuple(said[a:b])) for a, b in pairwise(cuts)]
    found = settle_apart(shelves, Question(Plan(), rules, int(bool(earlier))), here, tmp_path)
    of = [found.of(n) for n in range(len(shelves) - bool(earlier))]
    assert {id: verdict for verdicts in of for id, verdict in verdicts.items()} == together
    assert [set(verdicts) for verdicts in of] == [
        {id for id, _ in shelf.said} & together.keys() for shelf in shelves[bool(earlier):]]
    assert not [*tmp_path.glob("keys*"), *tmp_path.glob("anchors*"), *tmp_path.glob("pairs*")]


@pytest.mark.parametrize("module", [filed, shuffle], ids=["filed", "shuffle"])
def test_the_examples_run(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.attempted
    assert not found.failed


def test_nothing_to_settle(tmp_path: Path) -> None:
    question = Question(Plan(), Rules(), 0)
    settle_apart([], question, here, tmp_path)
    for said in ((), (("a", "天地玄黄"),)):
        assert settle_apart([Box(said)], question, here, tmp_path).of(0) == {}


def test_the_best_placed_text_is_paired_with_all_others() -> None:
    rows = np.array([(anchor, NEW + np.uint64(place), 0, text) for anchor in range(3)
                     for text, place in ((1, 5), (2, 4), (3, 9))], ANCHOR)
    assert partners(stars(rows))[["best", "other", "count"]].tolist() == [(2, 1, 3), (2, 3, 3)]
    assert not len(partners(stars(rows[:6])))
