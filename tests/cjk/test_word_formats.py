"""Vertical and CoNLL-U files hold every word once, at its place."""
from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest

from pipeline.cjk.segmenter import Segmenter
from pipeline.cjk.word_formats import Segmented, conllu, tokens, vertical

SEED = (Path(__file__).parents[2] / "seeds" / "004_8558db06bf7049c2.txt").read_text(encoding="utf-8-sig")
TEXTS = [SEED, "", "\n", "a<b & “c”。\n\n好 吗？ 好。", "……\n……"]


@pytest.mark.parametrize("text", TEXTS, ids=["seed", "empty", "newline", "markup", "dots"])
def test_every_word_is_there_with_its_place(text: str) -> None:
    words = Segmenter().segmented(text)
    found = list(tokens(text, words))
    assert [t.word for t in found] == words.split()
    assert all(text[t.start : t.end] == t.word for t in found)
    rows = [line.split("\t") for line in vertical(Segmented(text, words), {"id": "x"}).splitlines() if "\t" in line]
    assert [(unescape(w), int(a), int(b)) for w, a, b, _ in rows] == found
    rows = [line.split("\t") for line in conllu(Segmented(text, words), "x").splitlines() if "\t" in line]
    assert all(len(row) == 10 for row in rows)
    misc = [dict(part.split("=", 1) for part in row[9].split("|")) for row in rows]
    assert [(row[1], int(m["start_char"]), int(m["end_char"])) for row, m in zip(rows, misc, strict=True)] == found
    for token, m in zip(found, misc, strict=True):
        assert ("SpaceAfter" in m) != text[token.end : token.end + 1].isspace()


def test_structure() -> None:
    text = "他来了。“好！”\n阿里云<新>"
    words = "他 来 了 。 “ 好 ！ ”\n阿里 云 < 新 >"
    terms = [(9, 12, "Alibaba Cloud"), (13, 14, "a|b\tc")]
    assert vertical(Segmented(text, words, terms), {"id": 'a"1"', "title": "<t>"}) == (
        '<doc id="a&quot;1&quot;" title="&lt;t&gt;">\n<p>\n<s>\n他\t0\t1\t-\n来\t1\t2\t-\n了\t2\t3\t-\n'
        "。\t3\t4\t-\n</s>\n<s>\n“\t4\t5\t-\n"
        "好\t5\t6\t-\n！\t6\t7\t-\n”\t7\t8\t-\n</s>\n</p>\n<p>\n<s>\n阿里\t9\t11\tAlibaba Cloud\n"
        "云\t11\t12\tAlibaba Cloud\n&lt;\t12\t13\t-\n新\t13\t14\ta|b c\n&gt;\t14\t15\t-\n</s>\n</p>\n</doc>\n")
    lines = conllu(Segmented(text, words, terms), "a").splitlines()
    assert lines[:4] == ["# newdoc id = a", "# newpar", "# sent_id = a-1", "# text = 他来了。"]
    assert [x[9:] for x in lines if x.startswith("# text")] == ["他来了。", "“好！”", "阿里云<新>"]
    assert lines.count("# newpar") == 2
    assert "4\t新\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No|start_char=13|end_char=14|Term=a/b c" in lines


def test_words_of_another_text_are_refused() -> None:
    with pytest.raises(ValueError, match="'世界' does not stand in the text at 2"):
        list(tokens("你好", "你好 世界"))
    with pytest.raises(ValueError, match="does not stand"):
        list(tokens("你好世界", "你好 界"))


def test_parts_of_speech() -> None:
    doc = Segmented("他来了。\n好", "他 来 了 。\n好", (), "r v ul x\na")
    rows = [line.split("\t") for line in vertical(doc, {}).splitlines() if "\t" in line]
    assert [row[4] for row in rows] == ["r", "v", "ul", "x", "a"]
    rows = [line.split("\t") for line in conllu(doc, "x").splitlines() if "\t" in line]
    assert [row[4] for row in rows] == ["r", "v", "ul", "x", "a"]
