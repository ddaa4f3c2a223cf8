"""The stage: which text it changes, what it records, and its settings."""
from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.document import Document
from pipeline.edits import undo
from pipeline.stages.simplify import Simplify

SEEDS = Path(__file__).parents[2] / "seeds"
SIMP = "这里说的是新书，大家都来看过了，还会再来。"
TRAD = "這裡說的是舊書，大家都來看過了，還會再來。"


def document(text: str) -> Document:
    """Return a document whose text is `text` already, as if it had been decoded."""
    return Document("test", text)


def after(text: str, stage: Simplify = Simplify()) -> Document:  # noqa: B008 (immutable)
    return document(text).after(stage)


def seed(number: str) -> str:
    (path,) = SEEDS.glob(f"{number}_*")
    return path.read_text(encoding="utf-8", errors="replace")


def script(doc: Document) -> str:
    return doc.tagged("script")[-1].value


@pytest.mark.parametrize("number", ["000", "004"])
def test_simplified_seeds_do_not_change(number: str) -> None:
    text = seed(number)
    doc = after(text)
    assert doc.text == text
    assert script(doc) == "Hans"
    assert doc.patches[-1].edits == ()


@pytest.mark.parametrize(("number", "label", "there", "gone"), [
    ("001", "Hant-s2t", ["阿里为什么着急打千问这场仗", "象征着", "移动互"], ["為", "著急", "幺", "這"]),
    ("002", "Hant-OpenCC",
     ["新的大模型被发布", "更多只是概念", "开发者群体", "去伪存真",
      "这才是真正的收入大头", "了解到", "反复"],
     ["爲", "羣", "衆", "纔", "僞", "髮", "隻", "於"]),
    ("003", "Hant-s2t", ["紧接着", "标志着", "意味着", "随着", "小游戏", "背后"], ["著", "與", "裡"]),
])
def test_traditional_seeds(number: str, label: str, there: list[str], gone: list[str]) -> None:
    text = seed(number)
    doc = after(text)
    assert script(doc) == label
    assert [words for words in there if words not in doc.text] == []
    assert [char for char in gone if char in doc.text] == []
    assert len(doc.text) == len(text)
    assert undo(doc.text, doc.patches[-1].edits) == text
    assert after(doc.text).text == doc.text


def test_one_edit_for_a_run_of_paragraphs_and_one_for_each_correction() -> None:
    text = f"{TRAD}\n\n{TRAD}"
    assert [(e.start, e.end, e.why, e.codec) for e in after(text).patches[-1].edits] == [
        (0, 43, "tw2s", "1:1")]
    text = f"{TRAD}\n看著顯著的進步"
    found = [(e.was, e.now, e.why) for e in after(text, Simplify(variant="t2s")).patches[-1].edits]
    assert found == [(TRAD[:-1], "这里说的是旧书，大家都来看过了，还会再来", "t2s"), ("著", "着", "zhe"),
                     ("顯著的進", "显著的进", "t2s")]


@pytest.mark.parametrize(("text", "label", "why"), [
    ("為什麼群眾在屋裡看著我？", "Hant-TW", "tw2s"),
    ("為什麼羣眾在屋裏看着我？衞生署説過。", "Hant-HK", "hk2s"),
    ("爲什麼羣衆在屋裏看着我？", "Hant-OpenCC", "t2s"),
    ("優于此項的方法后來出現了，為什么？", "Hant-s2t", "t2s"),
])
def test_the_census_chooses_the_conversion(text: str, label: str, why: str) -> None:
    doc = after(text)
    assert script(doc) == label
    assert why in {e.why for e in doc.patches[-1].edits}
    fixed = after(text, Simplify(variant="t2s"))
    assert {"tw2s", "hk2s"}.isdisjoint(e.why for e in fixed.patches[-1].edits)


def test_only_the_traditional_paragraphs_of_a_mixed_document() -> None:
    doc = after(f"{SIMP}\n{TRAD}\n{SIMP}")
    assert script(doc) == "mixed"
    assert doc.text == f"{SIMP}\n这里说的是旧书，大家都来看过了，还会再来。\n{SIMP}"


@pytest.mark.parametrize("text", ["", "plain text", "これは図書館の本です。", "東京の気温", "서울의 날씨",
                                  SIMP, f"{SIMP}書"])
def test_left_alone(text: str) -> None:
    assert after(text).text == text


def test_text_without_han_has_no_tag() -> None:
    assert after("plain text").patches == ()
    assert script(after("これは図書館の本です。")) == "Jpan"


def test_japanese_titles_in_traditional_text_stay() -> None:
    assert after("他們說喜歡「後の祭り」這首歌，後來還會唱。").text == "他们说喜欢「後の祭り」这首歌，后来还会唱。"


def test_addresses_stay() -> None:
    assert after("這裡說明：https://zh.wikipedia.org/wiki/臺灣，[書](/臺灣書)").text == \
        "这里说明：https://zh.wikipedia.org/wiki/臺灣，[书](/臺灣書)"


def test_protected_quotations_stay() -> None:
    text = "他說「體」字在這裡寫作「体」，還會寫「後來」嗎？"
    stage = Simplify(protect=("「[^」]*」",))
    assert after(text, stage).text == "他说「體」字在这里写作「体」，还会写「後來」吗？"
    assert after(text).text == "他说「体」字在这里写作「体」，还会写「后来」吗？"


def test_exceptions_of_the_user(tmp_path: Path) -> None:
    table = tmp_path / "mine.tsv"
    table.write_text("# 注\n後來\t後來\n舊書\t老书籍\t长一点\n", encoding="utf-8")
    doc = after(f"{TRAD}\n後來還會說。", Simplify(exceptions=(table,)))
    assert doc.text == "这里说的是老书籍，大家都来看过了，还会再来。\n後來还会说。"
    assert ("舊書", "老书籍", "exception") in [(e.was, e.now, e.why) for e in doc.patches[-1].edits]
    assert undo(doc.text, doc.patches[-1].edits) == f"{TRAD}\n後來還會說。"


@pytest.mark.parametrize(("content", "message"), [
    ("後來\n", r"mine\.tsv, line 1"), ("後來\t\n", r"line 1"), ("a\tb\na\tc\n", r"lines 1 and 2")])
def test_a_broken_exceptions_file_is_an_error(tmp_path: Path, content: str, message: str) -> None:
    table = tmp_path / "mine.tsv"
    table.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        Simplify(exceptions=(table,))


@pytest.mark.parametrize("settings", [
    {"variant": "t2x"}, {"vocabulary": "yes"}, {"punctuation": "half"}, {"protect": ("(",)}])
def test_settings_that_do_not_exist(settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=f"simplify.{next(iter(settings))}"):
        Simplify(**settings)  # type: ignore[arg-type]


def test_vocabulary_has_its_own_offsets() -> None:
    text = "這個伺服器的網路資訊，核心程式在隨身碟裡。"
    doc = after(text, Simplify(vocabulary="mainland"))
    assert doc.text == "这个服务器的网络信息，核心程序在U盘里。"
    assert undo(doc.text, doc.patches[-1].edits) == text
    at = doc.text.index("里。")
    assert doc.trace(at, at + 1) == (text.index("裡"), text.index("裡") + 1)
    assert after(text).text == "这个伺服器的网路资讯，核心程式在随身碟里。"


def test_the_other_direction() -> None:
    doc = after(f"{SIMP}\n{TRAD}", Simplify(variant="s2tw"))
    assert doc.text == f"這裡說的是新書，大家都來看過了，還會再來。\n{TRAD}"
    assert [(e.why, e.codec) for e in doc.patches[-1].edits] == [("s2tw", "1:1")]


def test_punctuation_in_both_scripts() -> None:
    text = "這裡說過,大家(都)來!\n这里,3:00见(3,000元).\nplain, text"
    doc = after(text, Simplify(punctuation="full"))
    assert doc.text == "这里说过，大家（都）来！\n这里，3:00见（3,000元）。\nplain, text"
    assert undo(doc.text, doc.patches[-1].edits) == text
    assert after(doc.text, Simplify(punctuation="full")).text == doc.text


def test_choices_are_listed_once_with_their_number() -> None:
    doc = after("乾隆說過：餅乾和葡萄乾，還會來。\n於是，乾淨。")
    found = {t.value: (t.start, t.end) for t in doc.tagged("ambiguous")}
    assert found == {"乾>乾 1 (干)": (0, 1), "乾>干 3 (乾)": (6, 7), "於>于 1 (於)": (17, 18)}


def test_classical_chinese_is_marked() -> None:
    doc = after("學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？人不知而不慍，不亦君子乎？")
    assert [t.value for t in doc.tagged("evidence")] == ["classical Chinese"]


def test_the_stage_can_be_sent_to_a_worker() -> None:
    stage = pickle.loads(pickle.dumps(Simplify(protect=("a",))))
    assert after(TRAD, stage).text == after(TRAD).text


pieces = st.sampled_from([TRAD, SIMP, "\n", "看著", "後の祭り", "「", "」", "(", ")", ",", "著作權", "網路",
                          "これは図書館の本です。", "abc"])


@example(["這裡說的是舊書，大家都來看過了。", "「", ",", "後の祭り", "「"], "keep", "full")
@example(["(", "(", "這裡說的是舊書，大家都來看過了。", "「", ")", "」"], "keep", "full")
@given(st.lists(pieces, max_size=12), st.sampled_from(["keep", "mainland"]), st.sampled_from(["keep", "full"]))
def test_edits_fit_and_come_back_and_twice_is_once(parts: list[str], vocabulary: str, punctuation: str) -> None:
    text = "".join(parts)
    stage = Simplify(vocabulary=vocabulary, punctuation=punctuation, protect=("「[^」]*」",))
    doc = after(text, stage)
    if doc.patches:
        assert undo(doc.text, doc.patches[-1].edits) == text
    assert after(doc.text, stage).text == doc.text


def test_traditional_quoted_in_a_simplified_line_stays() -> None:
    """Such a line speaks of the other script; a Traditional line with quotations is converted whole."""
    for text in ("他引用原文:「這是繁體」。本文其他部分都是简体字,讨论的是用字的差异。“繁体字‘後’与‘后’不同”,老师说。",
                 "繁体的“門”“馬”“魚”在简体里写作“门”“马”“鱼”,这是教材里说的。"):
        doc = Document("d", text)
        assert doc.after(Simplify()).text == text
    doc = Document("d", "老師說:「這是繁體。」大家都聽懂了,沒有人說話。")
    assert doc.after(Simplify()).text == "老师说:「这是繁体。」大家都听懂了,没有人说话。"


neighbours = st.sampled_from(["《邊城》", "李明著，", "李明著", "2002年", "》", "看著", "乾", "坤為地", "後", "來", "（沈從文著", "）", "\n", "",
                              TRAD, SIMP, "為了", "裡", "群眾", "説", "plain", "これは図書館の本です。", "覆", "蓋", "甚", "麼"])


@settings(deadline=None)
@given(st.lists(st.lists(neighbours, max_size=5).map("".join), max_size=6), st.sampled_from(["auto", "t2s", "s2t"]))
def test_several_at_once_are_each_as_if_alone(texts: list[str], variant: str) -> None:
    stage = Simplify(variant=variant, protect=("看",))
    docs = [document(text) for text in texts]
    assert [list(told) for told in stage.many(docs)] == [list(stage(doc)) for doc in docs]


def test_several_at_once_on_the_seeds() -> None:
    docs = [document(path.read_text(encoding="utf-8", errors="replace")[:n]) for path in sorted(SEEDS.iterdir())
            for n in (100, 700, 10**6)]
    assert [list(told) for told in Simplify().many(docs)] == [list(Simplify()(doc)) for doc in docs]
