"""Candidates and keepers: the same for any order of facts and any number of shards."""
from __future__ import annotations

import random

import numpy as np
import pytest

from pipeline.cjk import keepers as module
from pipeline.cjk.facts import Plan, Table, fact
from pipeline.cjk.keepers import Measure, copies, families, near
from pipeline.cjk.shingles import Agreement

LETTERS = "山川日月风雨花草人马牛羊春夏秋冬东西南北高低远近红黄蓝白读写说听走跑坐立门窗灯火米面油盐书画琴棋"


def texts() -> dict[str, str]:
    """Forty families: a text, an edited copy, an equal copy, and a text that shares a passage with it."""
    rng = random.Random(1)
    out = {}
    for n in range(40):
        text = "".join(rng.choices(LETTERS, k=400))
        edited = "".join("改" if rng.random() < 0.02 else c for c in text)
        out |= {f"{n}a": text, f"{n}b": edited, f"{n}c": "，".join(text), f"{n}d": text[:200] + "".join(
            rng.choices(LETTERS, k=300))}
    return out


def table(order: list[str] | None = None) -> Table:
    said = texts()
    return Table([fact(id, said[id], Plan()) for id in order or said], Plan())


def test_families_hold_all_that_is_near() -> None:
    one = table()
    found = families(one, np.ones(len(one), bool))
    assert len(found) == 40
    assert all({"a", "c"} <= {one.id(n)[-1] for n in family} for family in found)


def test_copies_do_not_depend_on_order() -> None:
    order = list(texts())
    results = []
    for seed in range(3):
        random.Random(seed).shuffle(order)
        one = table(order)
        results.append(sorted([sorted(one.id(n) for n in group) for group in copies(one)]))
    assert results[0] == results[1] == results[2]
    assert results[0] == sorted([f"{n}a", f"{n}c"] for n in range(40))


def test_ids_are_ordered_by_code_point() -> None:
    ids = ["b", "\U00020000", "a", "\uff21", "中", "\ud800"]
    one = Table([fact(id, "文", Plan()) for id in ids], Plan())
    assert sorted(ids) == [one.id(n) for n in np.argsort(one.by_id).tolist()]


@pytest.mark.parametrize(("alike", "kept"), [
    ({(0, 1), (1, 2)}, {0, 2}), ({(0, 1), (0, 2)}, {0}), ({(1, 2)}, {0, 1}), (set(), {0, 1, 2}),
])
def test_the_better_one_stays_and_chains_do_not_pull(alike: set[tuple[int, int]], kept: set[int]) -> None:
    """Three texts with equal sketches; which of them are alike is given."""
    one = Table([fact(id, texts()["0a"], Plan()) for id in "abc"], Plan())
    measure = Measure(0.8, lambda a, b: Agreement(9, 9, 9 if tuple(sorted((a, b))) in alike else 0))
    removed = list(near(one, [0, 1, 2], 0, measure))
    assert {0, 1, 2} - {r.member for r in removed} == kept
    assert {r.keeper for r in removed} <= kept
    assert list(near(one, [0, 1, 2], 3, measure)) == []


def test_a_crowd_of_templates_is_compared_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CROWD", 3)
    one = Table([fact(str(n), texts()["0a"], Plan()) for n in range(9)], Plan())
    compared = []
    list(near(one, list(range(9)), 0, Measure(0.8, lambda a, b: compared.append((a, b)) or Agreement(9, 9, 0))))
    assert max(sum(pair[0] == n for pair in compared) for n in range(9)) == 3
