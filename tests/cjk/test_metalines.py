"""Metadata lines: all of the line must read as fields, else it is text."""
from __future__ import annotations

import pytest

from pipeline.cjk.metalines import NONE, SURE, WEAK, reader
from pipeline.cjk.metavalues import Field


@pytest.mark.parametrize(("line", "fields"), [
    ("文|奇點Journal 孟雯", [("site", "奇點Journal"), ("authors", "孟雯")]),
    ("2023-08-14 09:32:15 来源:江城晚报 作者:陆一鸣", [("date", "2023-08-14T09:32:15"), ("site", "江城晚报"),
     ("authors", "陆一鸣")]),
    ("发布时间:2022-09-27 16:40 信息来源:县公安局 浏览次数:863", [("date", "2022-09-27T16:40"), ("site", "县公安局")]),
    ("出版:2024-03-18 07:00 更新:2024-03-18 11:42", [("date", "2024-03-18T07:00"), ("modified", "2024-03-18T11:42")]),
    ("〔記者林宜真/彰化報導〕", [("authors", "林宜真"), ("place", "彰化")]),
    ("2024-07-29 18:05 綜合報導/台中報導", [("date", "2024-07-29T18:05"), ("place", "台中")]),
    ("原创 林小满 南风杂记 2020-07-19 21:30", [("authors", "林小满"), ("site", "南风杂记"), ("date",
     "2020-07-19T21:30")]),
    ("记者:何旭 摄像:吴桐 编辑:宋佳", [("authors", "何旭"), ("editors", "宋佳")]),
    ("本文来源:中国青年网 责任编辑:李静_NB12345", [("site", "中国青年网"), ("editors", "李静")]),
    ("(原标题:高校食堂推出“小份菜”)", [("title", "高校食堂推出“小份菜”")]),
    ("发布日期:113-04-26", [("date", "2024-04-26")]),
    ("By Zhang Wen | China Daily | Updated: 2021-05-20 07:58",
     [("authors", "Zhang Wen"), ("site", "China Daily"), ("modified", "2021-05-20T07:58")]),
    ("Posted on October 3, 2018 by Lena", [("date", "2018-10-03"), ("authors", "Lena")]),
    ("本文链接:https://blog.example.org/1/", [("urls", "https://blog.example.org/1/")]),
    ("上图:2025年11月6日,大会在乌镇揭晓。图/新华", [("captions", "2025年11月6日,大会在乌镇揭晓。图/新华")]),
])
def test_lines_of_metadata(line: str, fields: list[tuple[str, str]]) -> None:
    meta = reader()(line)
    assert meta.level == SURE
    assert list(meta.fields) == [Field(*f) for f in fields]


@pytest.mark.parametrize("line", [
    "作者对此持不同意见。", "记者:您是什么时候开始学木工的?", "来源:水库和地下水各占一半,夏季另有雨水补充。",
    "编辑部的来信",
    "标签:贴在瓶身正面,离瓶底两厘米。", "2023年3月5日,他离开了家乡。", "图1 系统结构", "By the river there was a mill.",
    "用户登录成功 2024-03-05", "C# 语言", "文 / 理",
])
def test_text_is_not_metadata(line: str) -> None:
    assert reader()(line).level == NONE


def test_a_bare_date_is_only_a_suspicion() -> None:
    assert reader()("2022年9月27日").level == WEAK
