"""What a site prints on all its pages is furniture, even if no rule knows it; what its texts share is not."""
from __future__ import annotations

import pickle
import random
from collections.abc import Iterator

import pytest

from pipeline.document import Document, Given
from pipeline.edits import Edit
from pipeline.run import run
from pipeline.stages.sitewide import Sitewide, site_of

BODIES = ("小学门口的银杏黄了,放学的孩子捡起叶子夹进课本,说要寄给远方的笔友。",
          "码头边的修船厂还剩三个老师傅,最年轻的也五十八岁了,手上全是桐油的味道。",
          "今年的桂花开得晚,茶馆老板把去年的糖桂花拿出来,一人一小勺,谁也不多给。",
          "县城的第一家书店开在邮局隔壁,书架是店主自己用旧门板钉起来的,不太平。",
          "果农在山脚搭了凉棚,过路的人渴了就停下来吃两个李子,钱放在竹篮里。",
          "老邮差退休那天,把用了二十年的绿色挎包洗干净,挂在自家门后的钉子上。")


class Decode:
    """Reads UTF-8."""

    name = "decode"

    def __call__(self, doc: Document) -> Iterator[Edit]:
        yield Edit(0, doc.text, doc.text.encode("latin-1").decode("utf-8"), "utf-8", "latin-1>utf-8")


def page(number: int, lines: list[str], site: str = "") -> Document:
    row = {"site": site} if site else {"url": f"https://www.example.com/{number}"}
    return Document.read(f"p{number}", "\n".join(lines).encode(), Given(path=f"a/{number}.txt", row=row))


def clean(pages: list[Document], **settings: object) -> list[str]:
    return [doc.text for doc in run(pages, [Decode(), Sitewide(**settings)])]  # type: ignore[arg-type]


def test_lines_at_the_edges_of_many_pages_go() -> None:
    pages = [page(i, ["江城慢生活 · 记录身边的人", f"第{i}个故事的题目", body, "把城市写成一封信", "周三更新 周日休息"])
             for i, body in enumerate(BODIES)]
    assert clean(pages) == [f"第{i}个故事的题目\n{body}" for i, body in enumerate(BODIES)]


def test_the_same_line_between_paragraphs_stays() -> None:
    fill = "河水慢慢涨起来,把石阶淹掉两级,洗衣的人就往上挪两级,谁也不着急。"
    pages = [page(i, [body, *[fill] * 13, "风吹过山岗", *[fill] * 21]) for i, body in enumerate(BODIES)]
    assert all("风吹过山岗" in text for text in clean(pages))


@pytest.mark.parametrize("line", ["第一章 总则", "本办法自发布之日起施行。", "总则", "参考文献", "特此通告。"])
def test_formulas_and_common_headings_stay(line: str) -> None:
    pages = [page(i, [line, f"关于第{i}号事项的规定", body, line]) for i, body in enumerate(BODIES)]
    assert all(text.startswith(line) and text.endswith(line) for text in clean(pages))


def test_a_signature_above_a_date_stays() -> None:
    pages = [page(i, [body, "县公安局", f"2022年9月{i + 1}日"]) for i, body in enumerate(BODIES)]
    assert all("县公安局" in text for text in clean(pages))


def test_few_pages_prove_nothing() -> None:
    pages = [page(i, ["江城慢生活", body]) for i, body in enumerate(BODIES[:4])]
    assert clean(pages) == [doc.text.encode("latin-1").decode() for doc in pages]


def test_documents_without_a_site_have_none() -> None:
    pages = [Document.read(f"p{i}", f"江城慢生活\n{body}".encode(), Given(path=f"a/{i}.txt"))
             for i, body in enumerate(BODIES)]
    assert all(text.startswith("江城慢生活") for text in clean(pages))
    assert not any(text.startswith("江城慢生活") for text in clean(pages, by="folder"))


def test_sites_are_counted_apart() -> None:
    pages = [page(i, ["江城慢生活", body], site=f"s{i % 2}") for i, body in enumerate(BODIES)]
    assert all(text.startswith("江城慢生活") for text in clean(pages))
    assert site_of(pages[0], "site") == "s0"


def test_a_page_of_nothing_else_is_left_alone() -> None:
    pages = [page(i, ["江城慢生活", "把城市写成一封信"]) for i in range(8)]
    assert all(text for text in clean(pages))


def test_settling_does_not_depend_on_order_and_travels() -> None:
    survey = Sitewide()
    facts = [survey.look(page(i, ["江城慢生活", body]).after(Decode())) for i, body in enumerate(BODIES)]
    first = survey.settle(facts, str)
    random.Random(5).shuffle(facts)
    assert survey.settle(facts, str) == first
    assert pickle.loads(pickle.dumps(first)) == first


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match=r"sitewide\.by"):
        Sitewide(by="host").check()
    with pytest.raises(ValueError, match=r"sitewide\.pages"):
        Sitewide(pages=1).check()
