"""The law of mojibake repair: a repair, misread again as its record says, gives the damaged text back."""
from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.cjk.belief import Repair
from pipeline.cjk.gate import look
from pipeline.cjk.misreading import TWO_BYTE, misread
from pipeline.cjk.repair import repairs

POLICIES = ("w1", "w2", "j1", "del", "w2?", "j1?")
PYTHON = {"utf-8": "utf-8", "gbk": "gbk", "big5": "cp950"}
PHRASES = ("今天天气很好，", "我们一起去公园", "散步吧。", "他们没有", "經濟發展", "「公司」", "說明", "2024年3月", "第 7 條",
           "的", "是不是", "在台灣", "老师说：", "“好”", "AI 技术", "不知道", "——", "，", "。", "龘", "恭喜发财", "被")
TEXTS = st.lists(st.one_of(st.sampled_from(PHRASES), st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5),
                                                            max_size=2)), min_size=2, max_size=12).map("".join)


def shown_as(data: bytes, read: str, policy: str) -> str:
    """Misread bytes: the two-byte charsets by policy, the others byte by byte; gb18030 loses nothing."""
    if read in TWO_BYTE:
        return misread(data, read, policy or "w2")
    if read == "gb18030":
        return data.decode("gb18030", "replace")
    python = read.replace("-", "_")
    one = [(b, bytes((b,)).decode(python, "replace")) for b in data]
    return "".join(chr(b) if c == "\ufffd" and not policy else c for b, c in one)


def gives_back(r: Repair, shown: str, follow: str) -> bool:
    """Does the repair show the damage again?  The first bytes of what follows may have a part in its last mark."""
    text = r.whole
    steps = [step.split(" read as ") for step in r.channel.split(", ")]
    was = shown[r.start : r.end]
    for tail in ("", follow[:1], follow[:2]):
        now, after = text + tail, tail
        try:
            for write, read in steps:
                now, after = (shown_as(t.encode(PYTHON[write]), read, r.policy) for t in (now, after))
        except UnicodeError:
            continue
        if now == was + after:
            return True
    return False


def lawful(shown: str) -> None:
    found = repairs(shown, look(shown))
    for r, after in zip(found, [*found[1:], None], strict=False):
        touching = after is not None and after.start == r.end
        follow = after.now if after is not None and touching else shown[r.end :]
        if r.exact and not all(c == "\ufffd" for c in r.now):
            assert gives_back(r, shown, follow), (shown, r)


LAW = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("read", sorted(TWO_BYTE))
@LAW
@given(TEXTS, st.sampled_from(POLICIES), st.sampled_from(sorted(PYTHON)))
def test_what_was_guessed_shows_the_damage_again(read: str, text: str, policy: str, write: str) -> None:
    data = text.encode(PYTHON[write], "ignore")
    lawful("前文：" + misread(data, read, policy) + "，后文。")


@pytest.mark.parametrize("read", ["latin-1", "cp1252", "cp437", "mac-roman"])
@LAW
@given(TEXTS, st.sampled_from(sorted(PYTHON)))
def test_what_one_byte_charsets_lost_is_not_invented(read: str, text: str, write: str) -> None:
    lawful(text.encode(PYTHON[write], "ignore").decode(read.replace("-", "_"), "replace"))


@LAW
@example("2024年3月2024年3月老师说：", "gb18030")  # marks without candidates before one that has some
@given(TEXTS, st.sampled_from(["latin_1", "gb18030"]))
def test_layers_are_undone_in_their_order(text: str, first: str) -> None:
    lawful(text.encode().decode(first, "replace").encode().decode("gb18030", "replace"))


def test_a_lost_byte_is_not_filled_against_the_bytes_beside_it() -> None:
    """不 is E4 B8 8D, and 8D with the byte after it would have been shown; 一, E4 B8 80, loses its last byte."""
    shown = "今天天气很好，我们一起去公园散步吧。".encode().decode("gbk", "replace")
    found = repairs(shown, look(shown))
    assert not any("不起" in r.now for r in found)
    assert any("一起" in r.whole for r in found)
