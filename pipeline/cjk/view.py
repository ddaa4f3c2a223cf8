"""The lines of a page that are still there, and what is asked of them by the passes of `pipeline.cjk.context`."""
from __future__ import annotations

import re
from functools import cached_property

from pipeline.cjk.furniture import SURE
from pipeline.cjk.headlines import may_head, read_head
from pipeline.cjk.linefold import fold
from pipeline.cjk.metavalues import Field
from pipeline.cjk.page import ENGLISH, Page, Removal

HEAD_MOST = 12  # lines above the first paragraph that still belong to the head of a page
EDGE = 6  # a labelled byline may stand this far from either end, whatever is around it
SOFT = ("caption", "photo-credit", "image-mark", "ad-label")  # these stand inside articles, too
REOPENS = ("byline", "dateline", "reporter-place", "source")  # the head of another text
BULLETS = "•·▪►▶★☆◆◎○●■□-"
ITEM = re.compile(r"(?:[-*+•·] *)?(?:[《〈「]|\[(?:\d|.*\]\())|[-*+] ")
LINK = re.compile(r"(?:[-*+•·] ?)?\[[^\]]*\]\([^)]*\)[。.,;]?")  # a link and nothing else
POPULAR = re.compile(r"往期|猜|大家|热|可能|精[选彩]|排行|最新|most|popular|trending|may also|might")
SIGNATURE = re.compile(r"[\d〇零一二三四五六七八九十]{4}年[\d一二三四五六七八九十]{1,3}月"
                       r"[\d一二三四五六七八九十]{1,3}日?"
                       r"(?: ?[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?)?|\S{0,4}时间 ?\d{1,2}时\d{1,2}分")


class View:
    """One pass over the lines that are still there; lines are known by their place `n` among them."""

    def __init__(self, page: Page, live: list[int]) -> None:
        self.page, self.live, self.opened = page, live, 0
        self.found: dict[int, Removal] = {}
        self.spared: set[int] = set()  # headings of books and notes, with what stands under them
        self.own: set[int] = set()  # lines that belong to the text by what stands beside them
        place = {i: n for n, i in enumerate(live)} if page.gone else range(len(live))
        self.suspects = [place[i] for i in sorted(page.verdicts) if i not in page.gone]
        self.metas = [place[i] for i in sorted(page.metas) if i not in page.gone]
        others = {*page.gone, *page.metas, *(i for i, verdict in page.verdicts.items() if verdict.level == SURE)}
        self.bodies = [n for n, i in enumerate(live) if page.shaped[i] and i not in others]
        self.first, self.last = (self.bodies[0], self.bodies[-1]) if self.bodies else (len(live), -1)

    @cached_property
    def article(self) -> str:
        """The paragraphs of running text."""
        lines = (self.page.lines[self.live[n]] for n in self.bodies)
        return "\n".join(self.page.source[line.start : line.end] for line in lines)

    def rule(self, n: int) -> str:
        """Return the rule that takes the line at `n`, or an empty string."""
        return self.found[self.live[n]].rule if self.frame(n) else ""

    def flag(self, n: int, name: str) -> bool:
        """Tell whether the rule that takes the line at `n` has a flag (`opens`, `ends`)."""
        rules, rule = self.page.classify.judge.rules, self.rule(n)
        return rule in rules and bool(rules[rule].table.get(name))

    def text(self, n: int) -> str:
        return self.page.texts[self.live[n]]

    def plain(self, n: int) -> bool:
        """Tell whether there is a line at `n` of which nothing is suspected."""
        if not 0 <= n < len(self.live):
            return False
        i = self.live[n]
        return bool(self.page.texts[i]) and i not in self.page.verdicts and i not in self.page.metas

    def frame(self, n: int) -> bool:
        """Tell whether the line at `n` goes; the edge of the text is no furniture."""
        return 0 <= n < len(self.live) and self.live[n] in self.found

    def body(self, n: int) -> bool:
        return not self.frame(n) and self.page.body(self.live[n])

    def take(self, n: int, rule: str, score: float, saw: str, fields: tuple[Field, ...] = ()) -> None:
        """Let the line at `n` go, unless it is one that stays."""
        if self.live[n] not in self.own:
            self.found.setdefault(self.live[n], Removal(self.live[n], rule, score, saw, fields))

    def keep(self, n: int) -> None:
        """Let the line at `n` stay, whatever takes it."""
        self.found.pop(self.live[n], None)
        self.own.add(self.live[n])
        self.spared.add(self.live[n])

    def head(self, n: int) -> bool:
        return n < min(self.first, HEAD_MOST) if self.last >= 0 else n < 4

    def tail(self, n: int) -> bool:
        return n > self.last if self.last >= 0 else n >= len(self.live) - 3

    def edge(self, n: int) -> bool:
        return n < EDGE or n >= len(self.live) - EDGE

    def beside(self, n: int) -> int:
        """Return how many of the two neighbours are furniture that stands around articles, not in them."""
        return sum(1 for m in (n - 1, n + 1) if self.frame(m) and self.rule(m) not in SOFT)

    def fields(self, rule: str, n: int) -> tuple[Field, ...]:
        """Return what furniture says beside itself: the platform's name, a licence line."""
        if rule == "licence":
            return (Field("licences", self.text(n)),)
        if n < HEAD_MOST and self.last >= 0 and may_head(self.text(n)) and (meta := read_head(self.text(n))):
            return meta.fields  # 发表于 2020-03-01 | 阅读次数 35: the counter must not take the date along
        name = self.page.classify.judge.platform(rule, self.text(n))
        return (Field("platform", name),) if name else ()

    def loose(self, n: int, most: int = 60) -> bool:
        """Tell whether a line has the shape of a link or a name: short, or with a bullet, and no sentence."""
        line = self.text(n)
        if not line or line[-1] in "。;；，," or ENGLISH.fullmatch(line) or SIGNATURE.fullmatch(fold(line)):
            return False
        return (len(line) <= 80 and line[0] in BULLETS) or (len(line) <= most and not self.body(n))

    def spare(self, n: int) -> None:
        """Keep a heading with all that stands under it up to the next furniture or paragraph."""
        del self.found[self.live[n]]
        end = n + 1
        while end < len(self.live) and not self.frame(end) and (self.loose(end) or ITEM.match(self.text(end))):
            end += 1
        self.spared.update(self.live[n:end])
