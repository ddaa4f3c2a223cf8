"""Alignment: blocks are equal, ascending, and find what two versions of a text share."""
from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cjk.align import align, gaps
from pipeline.cjk.fold import Codes

TEXTS = st.lists(st.integers(1, 6), max_size=120)


def codes(values: list[int]) -> Codes:
    return np.array(values, np.uint32)


@given(TEXTS, TEXTS)
@settings(max_examples=300)
def test_blocks_are_equal_and_ascend(one: list[int], other: list[int]) -> None:
    a = b = 0
    blocks = align(codes(one), codes(other))
    for block in blocks:
        assert block.size > 0
        assert (block.a, block.b) >= (a, b)
        assert block.a >= a
        assert block.b >= b
        a, b = block.a + block.size, block.b + block.size
        assert one[block.a : a] == other[block.b : b]
    rest = sum(g[1] - g[0] for g in gaps(blocks, len(one), len(other)))
    assert rest + sum(block.size for block in blocks) == len(one)


@given(st.integers(0, 10_000))
@settings(max_examples=50)
def test_small_edits_cost_little(seed: int) -> None:
    rng = random.Random(seed)
    one = [rng.randrange(3000) for _ in range(rng.randrange(50, 800))]
    other, edits = list(one), rng.randrange(1, 8)
    for _ in range(edits):
        at, size = rng.randrange(len(other)), rng.randrange(1, 10)
        other[at : at + size] = [rng.randrange(3000) for _ in range(rng.randrange(10))]
    assert sum(block.size for block in align(codes(one), codes(other))) >= len(one) - 25 * edits


def test_long_texts_with_many_edits_are_quick() -> None:
    rng = random.Random(1)
    one = [rng.randrange(3000) for _ in range(100_000)]
    other = [c if rng.random() > 0.003 else 0 for c in one]
    assert sum(block.size for block in align(codes(one), codes(other))) > 98_000
