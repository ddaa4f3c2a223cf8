"""Every word is jieba's word: on real pages, on made-up blocks, with and without user words."""
from __future__ import annotations

import logging
import random
import re
from pathlib import Path

import jieba
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.cjk import jieba_tables, segmenter
from pipeline.cjk.lattice import LONGEST_ISLAND
from pipeline.cjk.route import FOREIGN, Lexicon, UserWord
from pipeline.cjk.segmenter import Segmenter
from pipeline.cjk.trie import VALUE_MASK

SEEDS = sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))
WORDS = ["通义千问", "千问", "大模型", "阿里云", "人工", "工智", "C端", "Qwen3", "了的", "一个人", "的", "万相2.6",
         "α波", "是不"]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> jieba.Tokenizer:
    jieba.setLogLevel(logging.ERROR)
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = str(tmp_path_factory.mktemp("jieba"))
    tokenizer.initialize()
    return tokenizer


def with_words(plain: jieba.Tokenizer, words: list[UserWord]) -> jieba.Tokenizer:
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = dict(plain.FREQ), plain.total, True
    for word, frequency, _ in words:
        tokenizer.add_word(word, frequency)
    return tokenizer


def seed(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig")


@pytest.mark.parametrize("hmm", [True, False])
@pytest.mark.parametrize("path", SEEDS, ids=lambda p: p.stem)
def test_seeds(path: Path, hmm: bool, plain: jieba.Tokenizer) -> None:
    text = seed(path)
    assert Segmenter(hmm).words(text) == plain.lcut(text, HMM=hmm)


PIECES = [
    "赞赞赞赞赞", "Qwen3-VL-235B", "5.3k", "3.14.15", "1.2a%", "50%%", "a--b", "AT&T", "c++", "C#", "AA制", "T恤",
    "卡拉OK", "5G",
    "中华人民共和国", "结婚的和尚未结婚的", "囧", "龘", "㐀", "𠀀", "ー", "ｱ",
    "Ａ", "\r\n", "\r", "\n", "\u3000", "\xa0", "\x1c",
    "。", "，", "“",
    "+", "#", "&", ".", "_", "%", "-", "0", "9", "a", "Z",
    "é", "ſ", "\U0001f600", "\ud800", "乾隆年間", "於是",
    "後來", "显著", "是不是", "的的的",
    "人人人", "一一", "北京大学生", "南京市长江大桥", "γ射线", "·",
]


HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FD6), max_size=4)


@pytest.mark.parametrize("hmm", [True, False])
@settings(max_examples=120, deadline=None)
@example(pieces=["%", "a", "%", ".", "5"])
@given(pieces=st.lists(st.sampled_from(PIECES) | HAN))
def test_made_up_text(hmm: bool, pieces: list[str], plain: jieba.Tokenizer) -> None:
    text = "".join(pieces)
    assert Segmenter(hmm).words(text) == plain.lcut(text, HMM=hmm)


def test_long_islands_and_equal_sums_are_decided_as_jieba_does(plain: jieba.Tokenizer) -> None:
    rng = random.Random(5)
    for unit in ("人人", "一一", "天天", "看看", "中国人民", "赞", "研究生命起源"):
        text = unit * (2 * LONGEST_ISLAND // len(unit)) + "，" + "".join(rng.choices(unit + "的", k=300))
        for hmm in (True, False):
            assert Segmenter(hmm).words(text) == plain.lcut(text, HMM=hmm)


def test_borders_of_chunks_do_not_show(plain: jieba.Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    text = seed(SEEDS[4]) + "\r\n"
    whole = Segmenter().words(text)
    for size in (1, 7, 64, 1000):
        monkeypatch.setattr(segmenter, "CHUNK", size)
        assert Segmenter().words(text) == whole
        assert Segmenter().segmented(text) == shown(whole)


@pytest.mark.parametrize("hmm", [True, False])
def test_user_words(hmm: bool, plain: jieba.Tokenizer) -> None:
    rng = random.Random(7)
    text = seed(SEEDS[0]) + seed(SEEDS[3])
    han = re.findall(r"[\u4e00-\u9fd5A-Za-z0-9.+%-]+", text)
    cuts = [(w, rng.randrange(len(w)), rng.randrange(2, 6)) for w in rng.choices(han, k=400)]
    words = [UserWord(w[i : i + n], rng.choice([None, None, 3, 5000, 10**9])) for w, i, n in cuts]
    words += [UserWord(w) for w in WORDS] + [UserWord("龘龘"), UserWord("hello world", 5), UserWord("大" * 20)]
    fast, slow = Segmenter(hmm, words), with_words(plain, words)
    assert fast.lexicon.total == slow.total
    assert fast.words(text + "大" * 45) == slow.lcut(text + "大" * 45, HMM=hmm)


def test_a_word_of_frequency_zero_is_never_a_word(plain: jieba.Tokenizer) -> None:
    from jieba import finalseg

    words = [UserWord("模型", 0), UserWord("生成", 0), UserWord("角色扮演", 0)]
    try:
        slow = with_words(plain, words)
        for hmm in (True, False):
            assert Segmenter(hmm, words).words(seed(SEEDS[0])) == slow.lcut(seed(SEEDS[0]), HMM=hmm)
    finally:
        finalseg.Force_Split_Words.clear()


def test_frequencies_are_those_of_the_dictionary(plain: jieba.Tokenizer) -> None:
    lexicon, rng = Lexicon(), random.Random(3)
    assert lexicon.total == plain.total
    for word in [*rng.sample(sorted(plain.FREQ), 3000), *FOREIGN, "不在词典里", "x", "γ线", "射线γ"]:
        assert lexicon.frequency(word) == plain.FREQ.get(word), word
    links = jieba_tables.load().links
    values = jieba_tables.load().frequencies[(links & VALUE_MASK) >> 1]
    inside = [n for word, n in plain.FREQ.items() if n and word not in FOREIGN]
    assert np.count_nonzero(values) == len(inside)
    assert int(values.sum()) == sum(inside)


def test_model_is_that_of_jieba() -> None:
    from jieba.finalseg import emit_P, start_P, trans_P

    from pipeline.cjk.hmm import BEFORE, START, STEP

    states = jieba_tables.STATES
    assert [start_P[s] for s in states] == START.ravel().tolist()
    for choice in (0, 1):
        for after, before in enumerate(BEFORE[choice]):
            assert trans_P[states[before]][states[after]] == STEP[choice, after, 0]
    emit = jieba_tables.load().emit
    for row, state in zip(emit, states, strict=True):
        for place, value in enumerate(row.tolist(), jieba_tables.HAN[0]):
            assert emit_P[state].get(chr(place), jieba_tables.NEVER) == value


def shown(words: list[str]) -> str:
    """Join words as the segmented text has them."""
    lines: list[list[str]] = [[]]
    for word in words:
        if word.isspace():
            lines += [[] for _ in range(word.count("\n"))]
        else:
            lines[-1].append(word)
    return "\n".join(" ".join(line) for line in lines)


@pytest.mark.parametrize("text", ["", "\n", " ", "你好，世界！\n再见。", "\n\n a  b\u3000中 国\r\n人\n", "a\n \n",
                                  "\ud800中"])
def test_segmented(text: str, plain: jieba.Tokenizer) -> None:
    assert Segmenter().segmented(text) == shown(plain.lcut(text))
