"""A fact is the same made alone or among others, and of a huge text hashed in parts."""
from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cjk import batch, facts, stream
from pipeline.cjk.damage import calm, damaged_spans
from pipeline.cjk.facts import Plan, Table, body, fact
from pipeline.cjk.fold import fold

PIECES = st.lists(st.text(st.sampled_from("天地玄黄宇宙洪荒ＡB1，。\n\ud800\U00020000\ufffd"), max_size=120), max_size=12)


@given(PIECES, st.sampled_from((40, 1 << 15)))
@settings(max_examples=60, deadline=None)
def test_many_at_once_are_as_one_by_one(texts: list[str], size: int) -> None:
    whole, batch.BATCH = batch.BATCH, size
    try:
        docs = [(str(n), text) for n, text in enumerate(texts)]
        assert list(facts.facts(docs, Plan())) == [fact(*doc, Plan()) for doc in docs]
    finally:
        batch.BATCH = whole


def test_a_huge_text_is_known_by_what_it_would_be_known_by_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(2)
    once = "".join(rng.choices("山川日月风雨花草人马牛羊春夏秋冬", k=9_000))
    plain, twice = once[:9_000], "。\n".join(once[i : i + 40] for i in range(0, 9_000, 40))
    texts = {"plain": plain, "twice": twice + "。\n评论\n" + twice, "": "，" * 9_000, "few": "山川" + "，" * 9_000}
    whole = {id: fact(id, text, Plan()) for id, text in texts.items()}
    monkeypatch.setattr(facts, "HUGE", 1_000)
    monkeypatch.setattr(stream, "CHUNK", 256)
    assert {id: fact(id, text, Plan()) for id, text in texts.items()} == whole
    assert len(body(texts["twice"], Plan()).cuts) == 1


def test_anchors_fill_up() -> None:
    row = Table([fact("a", "一二三四五六七八九十" * 2 + "百", Plan())], Plan()).column("anchors")[0]
    assert (row[:2] < row[-1]).all()
    assert (row[2:] == np.uint64(2**64 - 1)).all()


@given(st.text(max_size=300))
@settings(deadline=None)
def test_a_text_is_folded_in_parts(text: str) -> None:
    module = __import__("pipeline.cjk.fold", fromlist=["CHUNK"])
    whole, size = fold(text), module.CHUNK
    module.CHUNK = 7
    try:
        parts = fold(text)
    finally:
        module.CHUNK = size
    assert np.array_equal(whole.codes, parts.codes)
    assert np.array_equal(whole.where, parts.where)


@given(st.lists(st.text(st.sampled_from("天地玄黄，鐧惧害鍏徃鍙戝竷?锟斤拷\ufffdÃ©¤"), max_size=60), max_size=8))
@settings(deadline=None)
def test_calm_texts_have_no_damage(texts: list[str]) -> None:
    assert calm(texts) == [not damaged_spans(text) for text in texts]
