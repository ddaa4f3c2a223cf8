"""The folded key: what does not count when copies are compared, and that it maps back to the text."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cjk import fold as module
from pipeline.cjk.fold import fold, key

SAME = [
    ("script", "頭髮發黃，後來裏面乾了", "头发发黄，后来里面干了"),
    ("variants of one character", "裡面的羣衆喫麵", "裏面的群眾吃面"),
    ("width", "ＡＢＣ　１２３％", "abc 123%"),
    ("half-width kana", "ｶﾗｵｹ", "カラオケ"),
    ("case", "OpenAI の GPT", "openai の gpt"),
    ("punctuation", "“他说：好！”", "「他说，好」"),
    ("white space and line ends", "一 二\u3000三\r\n四\u200b五", "一二三四五"),
    ("compatibility ideographs and radicals", "\uf9d1⼀⼆", "六一二"),
]
DIFFERENT = [
    ("another character", "买入", "卖出"),
    ("another number", "增长5%", "增长6%"),
    ("a word more", "不同意", "同意"),
    ("kana that differ", "カ", "キ"),
]


@pytest.mark.parametrize(("what", "one", "other"), SAME, ids=[row[0] for row in SAME])
def test_does_not_count(what: str, one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(("what", "one", "other"), DIFFERENT, ids=[row[0] for row in DIFFERENT])
def test_counts(what: str, one: str, other: str) -> None:
    assert key(one) != key(other)


def test_texts_without_letters_have_an_empty_key() -> None:
    assert [key(t) for t in ("", " \n", "……！？", "😀★", "\ufffd")] == ["", "", "", "", ""]


def test_folding_twice_changes_nothing() -> None:
    """The key of a key is the key: an index keeps keys and compares them with those of new texts."""
    table = module._table()
    letters = np.flatnonzero(table)
    assert (table[table[letters]] == table[letters]).all()


@given(st.text(max_size=60))
def test_every_character_of_the_key_has_its_place(text: str) -> None:
    folded = fold(text)
    assert (np.diff(folded.where) > 0).all()
    for code, place in zip(folded.codes.tolist(), folded.where.tolist(), strict=True):
        assert key(text[place]) == chr(code)


@given(st.text(max_size=30), st.text(max_size=30))
def test_the_key_of_two_texts_is_their_keys(one: str, other: str) -> None:
    assert key(one + other) == key(one) + key(other)


def test_lone_surrogates_and_private_planes_do_no_harm() -> None:
    assert key("中\ud800文\U000f0000\U0010ffff") == "中文"
