"""Shingles agree with sets of strings; sketches agree with shingles."""
from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cjk import shingles as module
from pipeline.cjk.fold import fold, key
from pipeline.cjk.shingles import agreement, distinct, known, shingles, windows
from pipeline.cjk.sketch import bands, estimate, rows_for, signature, sketch

LETTERS = st.text(st.sampled_from("天地玄黄宇宙洪荒a1"), max_size=80)


def strings(text: str, width: int) -> set[str]:
    """The shingles of a text as strings, the slow and plain way."""
    said = key(text)
    return {said[i : i + width] for i in range(max(1, len(said) - width + 1))} if said else set()


@given(LETTERS, LETTERS, st.integers(1, 7))
@settings(deadline=None)  # the first call loads the tables
def test_agreement_is_that_of_the_strings(one: str, other: str, width: int) -> None:
    found = agreement(*(distinct(shingles(fold(t).codes, width)) for t in (one, other)))
    left, right = strings(one, width), strings(other, width)
    if all(len(key(t)) >= width for t in (one, other)):
        assert found == (len(left), len(right), len(left & right))


def test_texts_shorter_than_a_shingle() -> None:
    short = [distinct(shingles(fold(t).codes, 5)) for t in ("天地", "天地", "地天", "")]
    assert agreement(short[0], short[1]).similarity == 1
    assert agreement(short[0], short[2]).similarity == 0
    assert agreement(short[3], short[3]).similarity == 0


def test_long_texts_are_worked_on_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = fold("".join(random.Random(1).choices("天地玄黄宇宙洪荒", k=1000))).codes
    whole = shingles(codes, 5), windows(shingles(codes, 5), 5, 4)
    monkeypatch.setattr(module, "CHUNK", 64)
    parts = shingles(codes, 5), windows(shingles(codes, 5), 5, 4)
    assert all(np.array_equal(a, b) for a, b in zip(whole, parts, strict=True))


def random_sets(size: int, both: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    one = rng.integers(0, 2**63, size, dtype=np.uint64)
    return one, np.concatenate((one[:both], rng.integers(0, 2**63, size - both, dtype=np.uint64)))


@pytest.mark.parametrize("size", [20, 200, 3000])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_sketches_estimate_the_similarity_and_bands_find_it(size: int, share: float) -> None:
    """Pinned to rensa's sketch: unbiased, and as sharp as one permutation a bin, also for small sets."""
    rng, both = np.random.default_rng(size), round(share * size)
    truth = both / (2 * size - both)
    estimates, hits = [], 0
    for _ in range(150):
        a, b = (sketch(s) for s in random_sets(size, both, rng))
        estimates.append(float(estimate(signature(a)[None], signature(b))[0]))
        hits += bool((bands(a, 6) == bands(b, 6)).any())
    assert abs(np.mean(estimates) - truth) < 0.015
    assert np.std(estimates) < 1.3 * (truth * (1 - truth) / 120) ** 0.5
    assert abs(hits / 150 - (1 - (1 - truth**6) ** 20)) < 0.13


def test_a_sketch_does_not_depend_on_order_or_repeats() -> None:
    values = np.random.default_rng(3).integers(0, 2**63, 300, dtype=np.uint64)
    assert np.array_equal(sketch(values), sketch(np.concatenate((values[::-1], values[:50]))))


def test_bands_are_chosen_by_the_threshold() -> None:
    for similarity in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0):
        rows = rows_for(similarity)
        assert 120 % rows == 0
        assert 1 - (1 - similarity**rows) ** (120 // rows) >= 0.99


@pytest.mark.parametrize("size", [0, 1, 60, 900, 9000])
def test_membership_is_that_of_sets(size: int) -> None:
    """Also where several hashes share their first bits, and for nought, which is like an empty shelf."""
    rng = np.random.default_rng(size)
    others = distinct(rng.integers(0, 2**64, size, dtype=np.uint64) >> np.uint64(rng.integers(0, 8)))
    asked = np.concatenate((others[::3], rng.integers(0, 2**63, 200, dtype=np.uint64), np.zeros(1, np.uint64)))
    assert known(asked, others).tolist() == [h in set(others.tolist()) for h in asked.tolist()]
