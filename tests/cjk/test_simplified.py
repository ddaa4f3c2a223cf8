"""What the corrections change, and what they must leave alone: the table is tests/tables/simplify.tsv."""
from __future__ import annotations

from pathlib import Path

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cjk.opencc_data import choices
from pipeline.cjk.simplified import choices_made, simplify

ROOT = Path(__file__).parents[2]
ROWS = (ROOT / "tests" / "tables" / "simplify.tsv").read_text(encoding="utf-8").splitlines()
TABLE = [row.split("\t")[:3] for row in ROWS if not row.startswith("#")]


@pytest.mark.parametrize(("conversion", "text", "expected"), TABLE)
def test_table(conversion: str, text: str, expected: str) -> None:
    assert simplify(text, conversion).text == expected


@pytest.mark.parametrize(("conversion", "text", "expected"), TABLE)
def test_converting_twice_changes_nothing(conversion: str, text: str, expected: str) -> None:
    assert simplify(expected, conversion).changes == []


KNOWN_FAILURES = [
    ("金昇玟在此", "金昇玟在此"),  # a rare name with 昇 cannot be told from 升
    ("他喜歡看著名的電影", "他喜欢看著名的电影"),
]


@pytest.mark.xfail(strict=True, reason="needs to know the words of the sentence")
@pytest.mark.parametrize(("text", "expected"), KNOWN_FAILURES)
def test_known_failures(text: str, expected: str) -> None:
    assert simplify(text).text == expected


def test_changes_name_their_rule() -> None:
    text = "看著顯著的進步，妳去嗎"
    now, changes = simplify(text)
    assert [(text[c.start : c.end], now[c.start : c.end], c.why) for c in changes] == [
        ("著", "着", "zhe"), ("顯著的進", "显著的进", "t2s"), ("妳", "你", "variant"), ("嗎", "吗", "t2s")]


@given(st.text(alphabet=st.sampled_from(list("著着么瞭藉覆乾隆名作看隨發髮裡說見蓋\n，abc\ud800")), max_size=40))
def test_changes_tell_the_whole_difference(text: str) -> None:
    now, changes = simplify(text, "tw2s")
    assert len(now) == len(text)
    rebuilt, at = "", 0
    for start, end, _ in changes:
        assert at <= start < end
        assert text[start] != now[start]
        assert text[end - 1] != now[end - 1]
        rebuilt += text[at:start] + now[start:end]
        at = end
    assert rebuilt + text[at:] == now


def test_away_from_corrections_it_is_the_package() -> None:
    text = "這份報告說明機關應於期限內將辦理結果函報主管機關備查，並公開於網站。"
    assert simplify(text).text == opencc.OpenCC("t2s").convert(text)


def test_choices() -> None:
    before = "乾隆吃餅乾，又吃葡萄乾"
    found = choices_made(before, simplify(before).text)
    assert sorted((c.char, c.taken, c.others, c.times, c.first) for c in found) == [
        ("乾", "乾", "干", 1, 0), ("乾", "干", "乾", 2, 4)]


def corrections() -> list[tuple[str, str, str]]:
    lines = (ROOT / "pipeline" / "data" / "script" / "corrections.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(rule, *pair.split(">")) for rule, pairs in rows for pair in pairs.split(" ")]  # type: ignore[misc]


def test_corrections_keep_the_length_and_do_not_contradict_one_another() -> None:
    seen: dict[str, str] = {}
    for rule, key, value in corrections():
        assert len(key) == len(value), (rule, key, value)
        assert seen.setdefault(key, value) == value, (rule, key)


def test_each_correction_comes_out_alone_as_it_says() -> None:
    assert [(key, value) for _, key, value in corrections() if simplify(key).text != value] == []


def test_each_rule_is_in_the_document() -> None:
    text = (ROOT / "docs" / "simplify.md").read_text(encoding="utf-8")
    assert [rule for rule in {rule for rule, _, _ in corrections()} if f"`{rule}`" not in text] == []


def test_no_phrase_of_the_package_changes_twice() -> None:
    phrases = "\n".join(choices("TSPhrases.txt"))
    for conversion in ("t2s", "tw2s", "hk2s"):
        once = simplify(phrases, conversion).text
        assert simplify(once, conversion).changes == []
