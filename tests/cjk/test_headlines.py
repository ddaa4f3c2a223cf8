"""Metadata by its place: what the lines around an article say, and what must stay."""
from __future__ import annotations

import pytest

from pipeline.cjk.headlines import may_head, read_head, read_tail
from pipeline.document import Document
from pipeline.edits import Edit
from pipeline.stages.boilerplate import Boilerplate

TITLE = "护城河清淤进入最后阶段"
TEXT = ("昨天上午,两艘小型清淤船驶入护城河北段,标志着老城区河道整治工程进入最后阶段。",
        "据水务局介绍,工程全长四公里有余,预计清理淤泥十二万立方米,年底以前完工。")

READ = [
    ("来源:本站 编辑:小王", {"editors": ["小王"]}),
    ("财经小屋 2021-09-14 15:12", {"site": "财经小屋", "date": "2021-09-14T15:12"}),
    ("明報記者 鄭詠詩", {"authors": ["鄭詠詩"]}),
    ("原创 林小满 南风杂记 2021-03-04 湖北", {"date": "2021-03-04", "place": "湖北"}),
    ("2022/8/17 11:32（8/17 13:05 更新）", {"date": "2022-08-17T11:32"}),
    ("Date posted: 3 March 2016", {"date": "2016-03-03"}),
    ("日期：2024-05-01", {"date": "2024-05-01"}),
    ("发表于 2020-03-01 | 分类于 随笔 | 阅读次数 35", {"date": "2020-03-01"}),
    ("云岭交警 2022-09-30 17:05 发表于云岭", {"site": "云岭交警", "date": "2022-09-30T17:05"}),
    ("（中央社記者沈佳慧新北17日電）", {}),
]
LEFT = ["他在2021年3月4日回到家乡", "记者:您是什么时候开始学木工的?", "2020年,一切都变了", "编辑部的故事", "作者和他的时代", "时间的来源"]


def clean(*lines: str) -> Document:
    text = "\n".join(lines).encode()
    return Document.read("page", text).after(Decode()).after(Boilerplate())


class Decode:
    """Reads UTF-8."""

    name = "decode"

    def __call__(self, doc: Document) -> list[Edit]:
        return [Edit(0, doc.text, doc.text.encode("latin-1").decode("utf-8"), "utf-8", "latin-1>utf-8")]


@pytest.mark.parametrize(("line", "meta"), READ, ids=[line for line, _ in READ])
def test_a_line_between_title_and_text_goes_to_the_metadata(line: str, meta: dict[str, object]) -> None:
    doc = clean(TITLE, line, *TEXT)
    assert doc.text == "\n".join([TITLE, *TEXT])
    assert doc.meta.get("title") == TITLE
    assert {key: doc.meta.get(key) for key in meta} == meta


@pytest.mark.parametrize(("line", "kept"), [
    ("来源:网络 作者:佚名", {}),
    ("2024-03-05 10:22 来源:本站原创", {"date": "2024-03-05T10:22"}),
    ("来源:网易新闻 作者:admin", {"site": "网易新闻"}),
    ("来源:网络时报 编辑:小王", {"site": "网络时报", "editors": ["小王"]}),
])
def test_a_site_or_person_without_a_name_is_no_metadata(line: str, kept: dict[str, object]) -> None:
    doc = clean(TITLE, line, *TEXT)
    assert doc.text == "\n".join([TITLE, *TEXT])
    assert {key: value for key, value in doc.meta.items() if key in ("site", "authors", "editors", "date")} == kept


@pytest.mark.parametrize("line", LEFT)
def test_a_sentence_or_heading_there_stays(line: str) -> None:
    assert clean(TITLE, line, *TEXT).text == "\n".join([TITLE, line, *TEXT])


@pytest.mark.parametrize("line", [line for line, _ in READ[1:3]])
def test_inside_the_article_the_same_line_stays(line: str) -> None:
    assert clean(TITLE, TEXT[0], line, TEXT[1]).text == "\n".join([TITLE, TEXT[0], line, TEXT[1]])


def test_the_date_of_a_meeting_is_text() -> None:
    lines = ["理事会会议记录", "日期:2022年3月27日上午10时", "地点:会馆二楼", *TEXT]
    assert clean(*lines).text == "\n".join(lines)


def test_the_gate_lets_every_read_line_through() -> None:
    assert all(may_head(line) and read_head(line) for line, _ in READ)


def test_below_the_text_only_roles_and_names_count() -> None:
    assert read_tail("（责任编辑：小马）") is not None
    assert read_tail("记者:谢谢") is None
    assert read_tail("编辑部地址在城东") is None
