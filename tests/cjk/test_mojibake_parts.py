"""The parts of mojibake repair: their examples, and laws of misreading and of composed changes."""
from __future__ import annotations

import doctest
import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cjk.changes import Change, applied, compose
from pipeline.cjk.damage import align_sound, damage_score
from pipeline.cjk.gate import BLOCK, alarms, look, looks
from pipeline.cjk.misreading import TWO_BYTE, misread, unread

MODULES = ("belief", "byte_lattice", "byte_moves", "byte_options", "byte_places", "byte_units", "changes",
           "damage", "escapes", "exact", "gaps", "gate", "gate_tables", "guesses", "injection",
           "lookalikes", "lossy", "lost_bytes", "misreading", "model", "model_rows", "model_tables", "repair", "separators", "slips", "told", "likeliest_words")
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=30)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_the_docstrings_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"pipeline.cjk.{name}")).failed == 0


@given(HAN, st.sampled_from(sorted(TWO_BYTE)))
def test_what_was_read_without_loss_comes_back(text: str, codec: str) -> None:
    shown = misread(text.encode(), codec, "w2")
    if "\ufffd" not in shown:
        assert unread(shown, codec) == text.encode()


@st.composite
def rounds(draw: st.DrawFn) -> tuple[str, list[Change], list[Change]]:
    text = draw(st.text("abcdef", min_size=1, max_size=20))
    first = draw(changes(len(text)))
    return text, first, draw(changes(len(applied(text, first))))


@st.composite
def changes(draw: st.DrawFn, size: int) -> list[Change]:
    borders = sorted(draw(st.lists(st.integers(0, size), max_size=8, unique=True)))
    return [Change(a, b, draw(st.text("xyz", max_size=3)), "w") for a, b in zip(borders[::2], borders[1::2], strict=False)]


@given(rounds())
def test_composed_changes_do_what_both_rounds_do(case: tuple[str, list[Change], list[Change]]) -> None:
    text, first, second = case
    assert applied(text, compose(text, first, second)) == applied(applied(text, first), second)


def test_a_sound_copy_heals_a_damaged_one() -> None:
    sound = "會議決定明年三月以前完成全部工程，並且公布費用。"
    damaged = sound.replace("三月以前", "三月\ufffd\ufffd前")
    assert [now for _, _, now in align_sound(damaged, sound)] == ["以"]
    assert damage_score(damaged) > damage_score(sound) == 0.0


def test_a_question_is_not_healed_by_a_statement() -> None:
    """The same words with another mark are another sentence unless a byte slip explains the difference."""
    assert align_sound("他說明年三月以前一定完成?我們都很期待結果", "他說明年三月以前一定完成。我們都很期待結果") == []


SHOWN = ("这里是正常的文字", "鐧惧害鍏徃鍙戝竷", "ä½ å¥½ä¸–ç•Œ", "é", "€", "锟斤拷", "ab ", "\n", "\U0001f600", "\ud83d")


@given(st.lists(st.lists(st.sampled_from(SHOWN), max_size=8).map("".join), max_size=6))
def test_texts_looked_at_together_look_as_they_do_alone(texts: list[str]) -> None:
    together = list(looks(texts))
    assert together == [look(text) for text in texts]
    assert all(not signs.alarms or alarms(text) for text, signs in zip(texts, together, strict=True))


def test_long_texts_are_looked_at_alone() -> None:
    texts = ["好" * 9, "这里是正常的文字。" * (BLOCK // 9) + "鐧惧害鍏徃鍙戝竷", "鐧惧害鍏徃鍙戝竷", "好" * (BLOCK - 70), ""]
    assert list(looks(texts)) == [look(text) for text in texts]
    assert [len(signs.alarms) for signs in looks(texts)] == [0, 1, 1, 0, 0]
