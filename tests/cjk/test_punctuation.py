"""Half-width marks that become full-width, and those that must not."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cjk.punctuation import full_width

CHANGES = [
    ("今天,3:00见(老地方)!", "今天，3:00见（老地方）！"),
    ("Qwen 3,基础模型(Qwen)系列", "Qwen 3，基础模型（Qwen）系列"),
    ("比分3:2,他说:“好!”", "比分3:2，他说：“好！”"),
    ("他走了.\n他走了...", "他走了。\n他走了……"),
    ("什么是AI?我们;你说?!", "什么是AI？我们；你说？！"),
    ("更新(2024年,2.5 Max),Qwen 3缩短", "更新（2024年，2.5 Max），Qwen 3缩短"),
    ("见https://a.com/b?c=1,谢谢", "见https://a.com/b?c=1，谢谢"),
    ("共计1,000元,约2.5%", "共计1,000元，约2.5%"),
]
STAYS = ["", "plain, text!", "A,B,C 中文", "f(x)=3,000 是值", "https://a.com/x,b?c=(1)文", "![](a)图",
         "[链接](http://a.b/c)", "约翰.史密斯", "1.概述", "&nbsp;中",
         "Beijing (北京), the capital", "C:\\中", "表情:)", "第3.2节", "12:30",
         "a@b.com,c", "“你好”，他说。", "(abc", "中文)", "3:2", "a(b)c 中",
         "https://a.org/wiki/File:高美_1.jpg"]


def changed(text: str) -> str:
    out, at = "", 0
    for start, end, now in full_width(text):
        out += text[at:start] + now
        at = end
    return out + text[at:]


@pytest.mark.parametrize(("text", "expected"), CHANGES)
def test_changes(text: str, expected: str) -> None:
    assert changed(text) == expected


@pytest.mark.parametrize("text", [*STAYS, *(after for _, after in CHANGES)])
def test_stays(text: str) -> None:
    assert full_width(text) == []


@given(st.text(alphabet="中a1,.:;!?()（），。：”“ \n&/[]", max_size=25))
def test_twice_is_once(text: str) -> None:
    once = changed(text)
    assert changed(once) == once
