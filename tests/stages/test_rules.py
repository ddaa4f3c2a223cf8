"""Every rule carries examples of what it must catch and what it must leave; here they are run."""
from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.cjk.rules import Rule, active, rules
from pipeline.document import Document
from pipeline.edits import Edit
from pipeline.stages.boilerplate import Boilerplate
from pipeline.stages.spam import Spam

ABOVE = ("昨天上午,两艘小型清淤船驶入护城河北段,标志着老城区河道整治工程进入最后阶段。",
         "据水务局介绍,工程全长四公里有余,预计清理淤泥十二万立方米,年底以前完工。")
BELOW = ("沿线居民最关心的是气味问题。项目负责人表示,淤泥将用密闭车辆运走,不在岸边晾晒。",)
STAGES = {"boilerplate": Boilerplate(), "spam": Spam()}
HEADS = {"title-echo", "breadcrumb"}  # rules whose place is above the article


class Decode:
    """Reads UTF-8."""

    name = "decode"

    def __call__(self, doc: Document) -> Iterator[Edit]:
        yield Edit(0, doc.text, doc.text.encode("latin-1").decode("utf-8"), "utf-8", "latin-1>utf-8")


def clean(text: str, stage: str) -> str:
    doc = Document.read("page", text.encode()).after(Decode())
    return doc.after(STAGES[stage]).text


def cases(kind: str) -> list[tuple[Rule, str]]:
    return [(rule, text) for rule in rules() for text in getattr(rule, kind)]


def named(case: object) -> str:
    return case.id if isinstance(case, Rule) else str(case)[:20]


@pytest.mark.parametrize(("rule", "text"), cases("catch"), ids=named)
def test_a_rule_catches_its_examples(rule: Rule, text: str) -> None:
    if rule.id == "spam-page":
        assert clean(text, rule.stage) == ""
        return
    page = [*ABOVE, text] if "\n" in text else [*ABOVE, text, *BELOW]
    kept = [*ABOVE] if "\n" in text else [*ABOVE, *BELOW]
    if rule.id == "title-echo":
        title = text.split("\n")[1]
        page, kept = [text, title, *ABOVE], [title, *ABOVE]
    elif rule.id in ("byline", "editor", "source", "dateline", "hashtags"):
        page, kept = [*ABOVE, text], [*ABOVE]
    assert clean("\n".join(page), rule.stage) == "\n".join(kept)


@pytest.mark.parametrize(("rule", "text"), cases("leave"), ids=named)
@pytest.mark.parametrize("place", ["middle", "end", "alone"])
def test_a_rule_leaves_its_counterexamples(rule: Rule, text: str, place: str) -> None:
    page = "\n".join({"middle": [*ABOVE, text, *BELOW], "end": [*ABOVE, *BELOW, text], "alone": [text]}[place])
    assert clean(page, rule.stage) == page


def test_ids_are_unique_and_every_rule_is_explained() -> None:
    found = rules()
    assert len({rule.id for rule in found}) == len(found) >= 40
    assert all(len(rule.about) > 10 and rule.leave for rule in found)


def test_a_rule_that_is_off_catches_nothing() -> None:
    text = "\n".join([*ABOVE, "分享到: 微信 微博 QQ空间", *BELOW])
    doc = Document.read("page", text.encode()).after(Decode())
    assert doc.after(Boilerplate()).text != text
    off = Boilerplate(off=("share-bar",)).off
    assert "share-bar" not in {rule.id for rule in active("boilerplate", off)}


def test_an_unknown_rule_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="boilerplate: there is no rule 'share-bra'"):
        Boilerplate(off=("share-bra",)).check()
