"""Parts of speech are those of jieba's dictionary."""
from __future__ import annotations

import random

import jieba
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cjk.jieba_tables import segmentable
from pipeline.cjk.postags import tags_of
from pipeline.cjk.segmenter import Segmenter


def test_every_word_of_a_sample_has_its_tag() -> None:
    with jieba.get_dict_file() as lines:
        rows = [line.decode().split() for line in lines]
    tagged = {word: tag for word, _, tag in rows if all(map(segmentable, word))}
    words = random.Random(4).sample(sorted(tagged), 5000)
    assert tags_of(" ".join(words), {}).split() == [tagged[word] for word in words]


def test_what_is_no_word() -> None:
    assert tags_of("2025 3.5 50% Qwen3 龘龘 ， 😀 中国a", {}) == "m m m eng x x x x"


def test_the_users_tags_win() -> None:
    assert tags_of("中国 通义千问", {"通义千问": "nz", "中国": "x1"}) == "x1 nz"


@given(st.text(st.sampled_from("我来到北京，Aa1 \\n\u3000龘")))
def test_tags_are_laid_out_as_the_words(text: str) -> None:
    words = Segmenter().segmented(text)
    tags = tags_of(words, {})
    assert [len(line.split()) for line in words.split("\n")] == [len(line.split()) for line in tags.split("\n")]
