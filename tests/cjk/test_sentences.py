"""Sentences: where they end, and where they do not."""
from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cjk.sentences import spans

TABLE = [  # | stands where a sentence ends
    # a closing quote or bracket stays with its sentence
    "“你好。”|他说。|“再见！”",
    "「什麼？」|他問。|『好。』」|走了",
    "（他走了。）|后来。",
    "他说\"好。\"|然后走了。|\"真的吗?\"|他问。",
    # several marks are one end
    "谁?!|啊!!!|好",
    "真的吗？！|是。。。|嗯",
    "他……|走了。|我不知道……",
    # what goes on is no end
    "“真好！”的时候，他走了。",
    "他说：“不！”，然后走了。",
    "《怎么办？》是一本书。|好看。",
    "这……，算了。",
    "见 http://a.com/?id=1&b=2 页面。|好。",
    "增长3.5%。|版本2.0发布了。",
    "本周一(12月1日)发布!|好",
    "分号；不是句末，冒号：也不是。",
    # English
    "Mr. Smith went to the U.S. in 2010. |He liked it.",
    "J. K. Rowling wrote it. |I read it.",
    "It rose 3.5 percent. |Why? |谁知道。",
    "He said \"no.\" |Then he left.",
    "Visit www.example.com today. |然后回家。",
    "Use foo.bar, e.g. Qwen, Inc. is fine.",
    "1. First item. |Next.",
    # a new line always ends
    "第一行\n|第二行",
    "1. 苹果\n|2. 梨",
]


@pytest.mark.parametrize("row", TABLE)
def test_table(row: str) -> None:
    text = row.replace("|", "")
    assert [text[a:b] for a, b in spans(text)] == [piece.strip() for piece in row.split("|")]


@given(st.text(st.sampled_from("他好走 \n\t。！？!?.…”“\"')）Aa1的，\r\u3000")))
def test_sentences_cover_all_but_white_space(text: str) -> None:
    found = list(spans(text))
    assert all(a < b for a, b in found)
    assert all(b <= c for (_, b), (c, _) in pairwise(found))
    assert "".join(text[a:b] for a, b in found).split() == [] or (
        "".join("".join(text[a:b].split()) for a, b in found) == "".join(text.split()))
    assert all("\n" not in text[a:b] for a, b in found)


def test_no_sentence_takes_quadratic_time() -> None:
    for unit in ("!", "…", "。”", '"', ". ", "a.", "1. ", '!"，'):
        assert sum(b - a for a, b in spans(unit * 100_000)) > 0
