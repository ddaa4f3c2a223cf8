"""Spam: lines go by several kinds of evidence, pages only when nothing else is left."""
from __future__ import annotations

import random
import re

import pytest

from pipeline.cjk import spamlines
from pipeline.cjk.spamlines import lexicon
from pipeline.document import Document
from pipeline.stages.spam import Spam
from tests.stages.test_rules import ABOVE, BELOW, Decode, clean

BAR = "亚洲免费无码中文在线|国产精品久久久久免费|欧美一级黄片在线播放|日韩人妻一区二区三区"


def done(text: str, **settings: object) -> Document:
    return Document.read("page", text.encode()).after(Decode()).after(Spam(**settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_bar_goes_wherever_it_stands(place: int) -> None:
    lines = [*ABOVE]
    lines.insert(place, BAR)
    doc = done("\n".join(lines))
    assert doc.text == "\n".join(ABOVE)
    assert doc.source.decode() == "\n".join(lines)
    assert doc.patches[-1].edits[0].why == "keyword-bar"


def test_many_pages_at_once_are_what_each_is_alone() -> None:
    texts = ["\n".join(ABOVE), "\n".join([BAR, *ABOVE]), "", BAR, "澳.门.投.注.网 澳门", "\n".join([*ABOVE, BAR]), "a"]
    docs = [Document("page", text) for text in texts]
    assert [list(found) for found in Spam().many(docs)] == [list(Spam()(doc)) for doc in docs]


def test_signs_between_all_characters_are_found_from_any_side() -> None:
    plain = re.compile(r"(?:[\u3400-\u9fff][.·*~_-]){3}|(?:[\u3400-\u9fff] ){7}")
    rng = random.Random(3)
    for _ in range(3000):
        text = "".join(rng.choices("字漢.·-a\n  ", k=rng.randrange(40)))
        assert [m.start() - 1 for m in spamlines._APART.finditer(text)] == [m.start() for m in plain.finditer(text)]


def test_two_lines_at_the_end_go_with_their_line_breaks() -> None:
    assert clean("\n".join([*ABOVE, BAR, BAR + "x"]), "spam") == "\n".join(ABOVE)


@pytest.mark.parametrize("line", [
    "加微❤信 k d 5 2 0 1 3 领取福利", "代开发票,税点低,可验证后付款,联系微信:fp88990011",
    "裸聊私密直播,加扣扣2 8 8 3 3 1 9 9",
    "六合彩特码資料,包中,加LINE:liu6688,24小時在線客服", "澳門新葡京線上娛樂,註冊送彩金,提款秒到賬",
    "急用錢找我!無抵押貸款,當天放款,加微信 kd52013",
    "诚招兼职,日入300,时间自由,+V:jz668899",
])
def test_advertisements_in_both_scripts(line: str) -> None:
    assert clean("\n".join([*ABOVE, line, *BELOW]), "spam") == "\n".join([*ABOVE, *BELOW])


def test_evidence_names_the_score_and_what_was_counted() -> None:
    tag = done("\n".join([*ABOVE, BAR])).tagged("evidence")[0]
    assert float(tag.value.split()[0]) >= 4
    assert "trade 4" in tag.value
    assert "bar 4" in tag.value


def test_a_page_of_spam_is_dropped_with_its_reason() -> None:
    doc = done("\n".join([BAR, "成人影院免费在线观看,最新无码高清资源,手机在线播放无需下载。", "点击进入 永久网址"]))
    assert (doc.fate, doc.why) == ("dropped", "spam-page")


def test_an_article_with_much_spam_keeps_its_text() -> None:
    assert done("\n".join([BAR, *ABOVE, *[BAR + str(i) for i in range(9)], *BELOW])).text == "\n".join([*ABOVE, *BELOW])


def test_words_of_a_report_weigh_against_spam() -> None:
    line = "真人百家乐、时时彩开户注册送彩金,提款秒到账"
    assert lexicon().weigh(line).score - lexicon().weigh("警方查获:" + line).score >= 5


def test_quoted_words_do_not_count() -> None:
    assert lexicon().weigh("页面里塞满了“成人av在线免费观看”“六合彩特码”之类的词").rule == ""


def test_white_space_is_not_touched() -> None:
    text = f"  {ABOVE[0]}  \n\n{BAR}\n\n{ABOVE[1]}  "
    assert done(text).text == f"  {ABOVE[0]}  \n\n{ABOVE[1]}  "


def test_thresholds_are_settings() -> None:
    text = "\n".join([*ABOVE, BAR])
    assert done(text, threshold=99.0).text == text
    with pytest.raises(ValueError, match=r"spam\.page"):
        Spam(page=0).check()
    with pytest.raises(ValueError, match="no rule 'porn'"):
        Spam(off=("porn",)).check()
