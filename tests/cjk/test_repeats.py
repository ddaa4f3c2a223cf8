"""Bodies that stand twice go; what else repeats stays."""
from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.cjk.facts import Plan, body
from pipeline.cjk.fold import key

NEWS = (
    "昨夜的一场大雨让河水涨了两尺，沿岸三个村子的居民在凌晨被叫醒。\n"
    "村支书老周挨家挨户敲门，他说水来得比往年早了整整半个月。到天亮时，最后一批老人已经坐上了去镇中学的汽车。\n"
    "水文站的记录显示，六小时内降雨一百二十毫米，是近十年同期最多的一次。站长表示，上游水库已经提前腾出库容，洪峰会在傍晚通过县城。\n"
    "县里调来了四十台水泵和两支救援队。截至发稿时，没有人员伤亡的报告，被淹的农田约有三百亩，主要种的是水稻和莲藕。\n"
)
TITLE = "大雨让河水提前上涨\n"
OTHER = (
    "县图书馆的夜读活动办到了第三年。每周五晚上七点，馆员把灯调暗，读者围坐在一起，轮流念一段自己喜欢的书。\n"
    "来得最多的是退休教师和放学的中学生。一位老先生带来了他抄写的家书，念到一半停了很久，没有人催他。\n"
)
FRAMES = {
    "nothing": "",
    "a comment box": "\n评论\n暂无评论，快来评价一下吧\n分享到微博\n",
    "a repeated title": "\n正在阅读\n" + TITLE,
    "another text": "\n" + OTHER,
}
SHORT_NEWS = (
    "市气象台今晨发布大风蓝色预警，预计白天阵风可达七级。请市民收好阳台上的花盆和晾晒的衣物，骑车出行注意安全。\n"
    "轮渡公司表示，上午九点以后的班次可能停航，具体时间以码头公告为准。已经购票的旅客可以在原窗口免费改签。"
    "渔船全部回港，岛上的三个养殖场已经加固了网箱。\n"
)
POEM = "".join(
    f"{line}，\n我把灯放在窗台上，\n等你从雪里走回来。\n\n" for line in
    ("风从北边的山口下来", "河面的冰一天比一天厚", "邮差说今年的路断了", "母亲把棉衣又缝了一遍",
     "孩子们在数屋檐的冰凌"))
CHORUS = "啦啦啦 跟我一起唱\n把烦恼都丢进海洋\n明天的太阳照在脸上\n我们还要走很远的路\n一直走到星星升起的地方\n" * 2
LYRICS = f"清晨的列车开过麦田\n你的信还放在我身边\n\n{CHORUS}\n黄昏的站台没有人\n我把车票又数了一遍\n\n{CHORUS}"
LAW = "".join(
    f"第{n}条　{what}，应当向主管部门提出书面申请，并提交下列材料：身份证明；资格证书；场地使用证明；安全管理制度；"
    "主管部门应当自受理之日起二十日内作出决定，不予批准的，应当书面通知申请人并说明理由。"
    "申请人不服的，可以依法申请复议或者提起诉讼。\n"
    for n, what in zip("一二三四五六七八", ("设立培训机构", "变更办学地点", "延长许可期限", "增设分校", "更换负责人",
                                            "停办", "合并", "分立"), strict=True))
TABLE = "".join(f"星期{day}\t上午\t语文\t数学\t英语\n星期{day}\t下午\t体育\t音乐\t自习\n" for day in "一二三四五") * 2
LIST = "".join(f"{n}、打开阀门，检查压力表，确认读数在绿色区域内，然后记录时间并签字。\n" for n in range(1, 13))
QA = "".join(f"问：{q}\n答：请带上身份证和户口簿，到户籍所在地的派出所办理，工作日上午八点半到十一点半可以办理。"
             "材料齐全的当场办结；材料不全的，窗口会一次告知需要补的内容。办理不收任何费用，也不需要预约。\n"
             for q in ("身份证丢了怎么办？", "户口怎么迁？", "孩子怎么上户口？"))
DIALOGUE = "“你吃了吗？”他问。\n“吃了。”她说。\n“吃的什么？”他又问。\n“面。”她说。\n" * 6
FORMS = "".join(
    f"{side}应当在收到货物之日起十五日内验收，逾期视为合格。{side}发现数量短少的，应当在三日内书面通知对方。"
    f"{side}逾期付款的，每日按未付金额的万分之五支付违约金。{side}有权在对方违约时解除合同，并要求赔偿损失。"
    f"{side}变更地址的，应当提前七日通知对方。{side}不得把本合同的权利转让给第三人。\n" for side in ("甲方", "乙方"))
STAY = {
    "a refrain": POEM, "a chorus": LYRICS, "clauses of a law": LAW, "rows of a table": TABLE, "items of a list": LIST,
    "the old and the new wording": "现行条文\n" + LAW + "修正后条文\n" + LAW.replace("二十日", "三十日", 1),
    "answers": QA, "dialogue": DIALOGUE, "sentences with other parties": FORMS,
    "a lead and its text": NEWS[:80] + "\n\n" + NEWS,
}


def clean(text: str, shortest: int = 100) -> str:
    out, at = "", 0
    for cut in body(text, Plan(body=shortest)).cuts:
        out, at = out + text[at : cut.start], cut.end
    return out + text[at:]


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
@pytest.mark.parametrize("copies", [2, 3, 5])
def test_one_copy_of_a_body_stays(frame: str, copies: int) -> None:
    text = TITLE + NEWS + "".join(frame + NEWS for _ in range(copies - 1))
    out = clean(text)
    assert out.startswith(TITLE + NEWS.rstrip())
    assert out.count("村支书老周挨家挨户敲门") == 1
    assert clean(out) == out
    for line in text.splitlines():
        assert line in out


@pytest.mark.parametrize("text", STAY.values(), ids=STAY)
def test_what_is_no_body_stays(text: str) -> None:
    assert clean(text) == text
    assert clean(TITLE + OTHER + text) == TITLE + OTHER + text


def test_a_short_body_twice() -> None:
    assert clean(SHORT_NEWS + "\n扫码关注\n" + SHORT_NEWS) == SHORT_NEWS + "\n扫码关注"


def test_a_body_set_in_other_lines_and_script() -> None:
    """The copy stands in one paragraph, in Traditional characters and with other quotation marks."""
    copy = NEWS.replace("\n", "").replace("来", "來").replace("开", "開").replace("员", "員").replace("，", ",")
    assert clean(NEWS + "\n相关阅读\n" + copy) == NEWS + "\n相关阅读"


def test_a_sentence_of_its_own_in_the_copy_stays() -> None:
    lines = NEWS.splitlines(keepends=True)
    extra = "本报记者赶到时，桥面已经封闭。"
    out = clean(NEWS + "\n打印\n" + lines[0] + lines[1] + extra + "\n" + "".join(lines[2:]))
    assert out.count(extra) == 1
    assert out == NEWS + "\n打印\n" + extra


def test_the_sound_copy_stays() -> None:
    damaged = NEWS.replace("老人", "老\ufffd\ufffd").replace("上游水库", "上\ufffd水库")
    for text in (NEWS + "\n评论\n" + damaged, damaged + "\n评论\n" + NEWS):
        out = clean(text)
        assert "\ufffd" not in out
        assert key(out) in (key(NEWS + "评论"), key("评论" + NEWS))


def test_a_copy_that_breaks_off_goes() -> None:
    assert clean(NEWS + "\n摘要\n" + NEWS[:-30] + "……") == NEWS + "\n摘要"


def test_a_long_text_in_short_lines_printed_twice() -> None:
    """Hard-wrapped pages have short lines; a song whose second half repeats the first has no full stops."""
    said = (NEWS + OTHER + SHORT_NEWS).replace("\n", "")
    wrapped = "\n".join(said[i : i + 16] for i in range(0, len(said), 16))
    assert clean(wrapped + "\n评论\n" + wrapped) == wrapped + "\n评论"
    assert clean(LYRICS * 2) == LYRICS * 2


def test_a_setting_of_nought_leaves_all() -> None:
    assert clean(NEWS * 2, 0) == NEWS * 2


def test_the_seed_with_two_bodies() -> None:
    """Of the two copies, the second damaged in two places, the first stays whole and is the only one."""
    text = next(Path(__file__).parents[2].glob("seeds/001_*.txt")).read_text("utf-8")
    found = body(text, Plan())
    assert len(found.cuts) == 1
    out = clean(text)
    assert out.count("這場戰(zhàn)爭沒有終點") == 1
    assert "作需求。夸克則通過" in out
    assert "??淇藙t" not in out
    assert out.rstrip().endswith("微博")


@pytest.mark.parametrize("number", ["000", "002", "003", "004"])
def test_other_seeds_stay(number: str) -> None:
    text = next(Path(__file__).parents[2].glob(f"seeds/{number}_*.txt")).read_text("utf-8")
    assert clean(text) == text


def test_planted_bodies_of_many_shapes() -> None:
    """Sentences at random, between frames at random: at least 98 in 100 copies go, and nothing else does."""
    rng, found = random.Random(4), 0
    letters = "山川日月风雨花草人马牛羊春夏秋冬东西南北高低远近红黄蓝白读写说听走跑坐立"
    for _ in range(100):
        said = ["".join(rng.choices(letters, k=rng.randrange(12, 50))) + "。" for _ in range(rng.randrange(6, 40))]
        once = "".join(s + rng.choice(("", "\n")) for s in said)
        text = "首页\n" + once + "\n评论区\n" + once + "\n友情链接"
        found += key(clean(text)) in (key("首页" + once + "评论区友情链接"),)
    assert found >= 98


def test_a_sentence_said_many_times_in_one_line_breaks_nothing() -> None:
    """The copy's line holds its home, too."""
    for times in (2, 3, 10, 40):
        said = "今天天气很好，我们去公园玩。" * times
        assert all(0 <= cut.start < cut.end <= len(said) for cut in body(said, Plan()).cuts)


def test_of_three_copies_two_go_and_their_cuts_do_not_overlap() -> None:
    text = (NEWS + OTHER) * 3
    cuts = body(text, Plan()).cuts
    assert all(one.end <= other.start for one, other in pairwise(cuts))
    kept = "".join(c for at, c in enumerate(text) if not any(r.start <= at < r.end for r in cuts))
    assert kept == (NEWS + OTHER).rstrip()


@pytest.mark.parametrize("copies", [2, 3, 10])
@pytest.mark.parametrize("between", ["", "　", "分享到微博。"])
def test_copies_in_one_line_are_cut_on_sentence_edges(copies: int, between: str) -> None:
    said = (NEWS + OTHER).replace("\n", "")
    assert clean(between.join([said] * copies)) == said + between.strip()
