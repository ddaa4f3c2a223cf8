"""Which lines are converted, and which are left alone."""
from __future__ import annotations

import pytest

from pipeline.cjk.census import census
from pipeline.cjk.kept import addresses, quoted_japanese
from pipeline.cjk.paragraphs import scripts

SIMP = "这里说的是新书，大家都来看过了，还会再来。"
TRAD = "這裡說的是舊書，大家都來看過了，還會再來。"
JAPANESE = "この本は図書館で借りました。東京の気温は高いです。"


def lines_of(text: str) -> tuple[str, list[str]]:
    found = scripts(text, census(text))
    return found.label, [text[a:b].strip() for a, b in found.traditional]


@pytest.mark.parametrize(("text", "label", "converted"), [
    (SIMP, "Hans", []),
    (TRAD, "Hant", [TRAD]),
    (f"{SIMP}\n{TRAD}\n{SIMP}", "mixed", [TRAD]),
    (f"{SIMP * 30}\n{TRAD}", "mixed", [TRAD]),  # one Traditional paragraph in a Simplified document
    (SIMP + "書" + SIMP, "Hans", []),  # a stray character
    (f"{SIMP * 20}\n說", "Hans", []),
    (f"{SIMP * 20}\n龍應臺\n{SIMP}\n簡體 | 繁體", "Hans", []),
    (f"{SIMP * 20}\n國破山河在\n\n時難別離愁\n獨釣寒江雪", "mixed", ["時難別離愁\n獨釣寒江雪"]),
    (f"{SIMP * 20}\n畢昇、魏徵、乾隆", "Hans", []),
    (f"{TRAD}\n\n{TRAD}", "Hant", [f"{TRAD}\n\n{TRAD}"]),
    (f"{TRAD}\n於是", "Hant", [f"{TRAD}\n於是"]),  # in a Traditional document the neutral lines too
    (f"{TRAD}\n{SIMP}", "mixed", [TRAD]),
    (f"{TRAD * 9}\n{SIMP}", "Hant", [TRAD * 9]),
    (f"{TRAD}\n{JAPANESE}\n{TRAD}", "mixed", [TRAD, TRAD]),
    (JAPANESE, "Jpan", []),
    (f"{JAPANESE}\n東京都知事選挙の結果", "Jpan", []),
    ("한국의 漢字 문화에 대한 글", "Kore", []),
    ("說說说这里過", "mixed", ["說說说这里過"]),
    ("plain text", "none", []),
])
def test_lines(text: str, label: str, converted: list[str]) -> None:
    assert lines_of(text) == (label, converted)


def test_simplified_lines_for_the_other_direction() -> None:
    text = f"{SIMP}\n{TRAD}\n{JAPANESE}"
    assert [text[a:b].strip() for a, b in scripts(text, census(text)).simplified] == [SIMP]
    assert scripts(SIMP, census(SIMP)).simplified == [(0, len(SIMP))]


@pytest.mark.parametrize(("text", "found"), [
    ("他唱了「後の祭り」這首歌", ["後の祭り"]),
    ("動畫《君の名は。》和《千與千尋》", ["君の名は。"]),
    ("他說「這家の店很好，大家都喜歡去那裡吃飯」", []),
    ("沒有引號の字", []),
])
def test_quoted_japanese(text: str, found: list[str]) -> None:
    assert [text[a:b] for a, b in quoted_japanese(text)] == found


@pytest.mark.parametrize(("text", "found"), [
    ("見https://zh.wikipedia.org/wiki/臺灣_島。", ["://zh.wikipedia.org/wiki/臺灣_島"]),
    ("見https://a.com/b查看更多", ["://a.com/b"]),
    ("[臺灣](/society/臺灣社區)與[書](書.md)", ["/society/臺灣社區", "書.md"]),
    ("臺灣 (島)", []),
    ("<https://zh.wikipedia.org/wiki/李昂_(作家)>說", ["://zh.wikipedia.org/wiki/李昂_(作家)"]),
    ("(見https://zh.wikipedia.org/wiki/李昂_(作家))。", ["://zh.wikipedia.org/wiki/李昂_(作家)"]),
    ("(見https://a.com/b)。", ["://a.com/b"]),
    ("https://a.com/b(臺灣)", ["://a.com/b("]),
])
def test_addresses(text: str, found: list[str]) -> None:
    assert [text[a:b] for a, b in addresses(text)] == found
