"""Names of persons and publishers, by their shape."""
from __future__ import annotations

import pytest

from pipeline.cjk.names import outlet, person, split_names


@pytest.mark.parametrize("name", ["孟雯", "謝麗容", "欧阳修远", "布莱恩·切斯基", "Helen Marsh", "陳大文",
    "Vincent van Gogh"])
def test_persons(name: str) -> None:
    assert person(name)


@pytest.mark.parametrize("name", ["谢谢", "华商韬略", "高兴", "那么", "公司", "奇点Journal", "helen", "的人",
    "王小明和李四的故事", ""])
def test_no_persons(name: str) -> None:
    assert not person(name)


@pytest.mark.parametrize(("value", "names"), [
    ("张三、李四", ["张三", "李四"]), ("本報記者 王五", ["王五"]), ("王诗涵(wang@example.com)", ["王诗涵"]),
    ("陳大文", ["陳大文"]), ("郑一帆,刘思源,Zhao Min", ["郑一帆", "刘思源", "Zhao Min"]), ("李 明", ["李明"]),
    ("奇點Journal\xa0孟雯", ["奇點Journal", "孟雯"]), ("Tom Adler and Mei Lin", ["Tom Adler", "Mei Lin"]),
    ("李静_NB12345", ["李静"]),
])
def test_names_are_split_and_freed_of_roles(value: str, names: list[str]) -> None:
    assert split_names(value) == names


def test_outlets() -> None:
    assert outlet("江城晚报")
    assert outlet("島嶼新聞")
    assert not outlet("孟雯")
    assert not outlet("他在报社工作过,后来去了电台")
