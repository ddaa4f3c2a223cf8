"""The learned opinion: its weights are sound, its features are named, and its guards hold."""
from __future__ import annotations

import doctest
import importlib

import numpy as np
import pytest

from benchmarks.clean import count, pages
from pipeline.cjk import guards
from pipeline.cjk.learned import BITS, TEXT, Weights, by_wording, models, opinions, words
from pipeline.cjk.line_features import features, units

FURNITURE = ["扫码加入读者交流群", "登录后查看更多回复", "本站所有内容均为网友上传", "Sign up for our newsletter", "上一章 书页 下一章"]
SPAM = ["上门洗浴 学生妹包夜 加薇:abc8899", "百家乐开户送58 真人荷官 提款秒到", "代开各地发票 先验后付 扣扣三三零九"]
PLAIN = ["他把灯关了,屋里只剩下雨声。", "第三条 本办法所称建筑垃圾,是指拆除各类建筑物产生的弃土。", "锅里放油,下葱花炒香,再倒入两碗水。"]


@pytest.mark.parametrize("name", ["learned", "line_features", "surroundings", "guards", "headlines", "fieldscan", "formulas",
                                  "spamlines"])
def test_the_examples_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"pipeline.cjk.{name}")).failed == 0


@pytest.mark.parametrize(("line", "label"), [*((x, "B") for x in FURNITURE), *((x, "S") for x in SPAM), *((x, "T") for x in PLAIN)])
def test_lines_it_has_not_seen(line: str, label: str) -> None:
    assert by_wording(line).label == label


def test_weights_survive_their_file() -> None:
    model = Weights.of(["", "=甲"], np.array([[12, 0, 0, -12.4], [24, -24, 48, -200]]))
    again = Weights.unpack("a", model.pack("a"))
    assert again == model
    assert again.steps("") == (12, 0, 0, -12)
    assert again.sums(["=甲", "=乙", "=甲"]) == (48, -48, 96, -254)


def test_no_line_has_so_many_features_that_a_sum_could_overflow() -> None:
    line = "".join(chr(0x4E00 + 7 * i) for i in range(120)) + "|分享_登录1/2,新闻 share:★①88%。" * 10
    assert len(features(line[:400])) * 127 < 1 << BITS - 1


def test_what_is_shipped_is_small_and_named() -> None:
    wording, around = models()
    assert 10_000 < len(wording.packed) < 120_000
    assert len(around) == 2
    assert all(model.rows().shape == (len(model.packed), 4) for model in (wording, *around))
    assert "=转载" in wording.packed


def test_an_empty_line_counts_as_text_and_order_matters_not_to_features() -> None:
    found = opinions(["", *PLAIN], [False, True, True, True], [(), (), (), ()], [TEXT, None, None, None])
    assert found[0] == TEXT
    assert sorted(features("分享到微信")) == sorted(features("分享到微信"))
    assert "".join(units("已有 12 人")) == "已有 00 人"


def test_an_explanation_names_words_of_the_line() -> None:
    assert all(word in "登录后查看更多回复" for word in words("登录后查看更多回复", 1).split())


def test_a_list_goes_whole_or_not_at_all() -> None:
    items = ["更多", "·一", "·二", "·三", "段落"]
    assert set(guards.whole_lists(items, {0, 1, 2})) == {1, 2, 3}
    assert set(guards.whole_lists(items, {1, 2, 3})) == {1, 2, 3}
    assert set(guards.whole_lists(items, {0, 1, 2, 3})) == set()


def test_one_title_stays() -> None:
    head = ["首页 新闻 体育", "怎样关闭推送广告", "分享"]
    assert set(guards.titles(head, [0.1, 0.4, 0.1], {0, 1, 2})) == {1}
    assert set(guards.titles([*head, "关广告"], [0.1, 0.4, 0.1, 0.9], {0, 1, 2})) == set()
    assert set(guards.kindred(head, "推送广告太多了,怎样关闭")) == {1}
    assert set(guards.kindred(head, "别的事情")) == set()


def test_pages_by_people_who_had_not_seen_the_rules() -> None:
    """A floor under what the weights were fitted to; what they do on new authors is in docs/boilerplate.md."""
    counts = count(pages("authors_dev"), show=False)
    assert counts["B gone"] >= 0.87 * counts["B seen"]
    assert counts["S gone"] >= 0.93 * counts["S seen"]
    assert counts["lost"] <= 0.0035 * counts["chars"]
