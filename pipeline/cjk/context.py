"""Neighbours revise what wording alone says of a line.

Each line has a first class by itself (`pipeline.cjk.page`); then its place among the others settles the
doubtful ones.  Two passes of this kind are the idea of jusText (Pomikálek 2011, chapter 3): a doubtful
line between furniture is furniture, the same line between paragraphs is text.
"""
from __future__ import annotations

import re
from collections import Counter

from pipeline.cjk import names
from pipeline.cjk.formulas import is_formula, is_heading
from pipeline.cjk.furniture import NUMBERED, PARTIAL, SURE, WEAK
from pipeline.cjk.headlines import may_head, read_head, read_tail
from pipeline.cjk.likely import Doubt
from pipeline.cjk.linefold import fold
from pipeline.cjk.metalines import Field, Meta
from pipeline.cjk.page import ENGLISH, SENTENCE, Page, Removal

LIST_MOST, AFTER_MOST = 25, 10  # lines a list of links, or a rest after the end of an article, may have
HEAD_MOST = 12  # lines above the first paragraph that still belong to the head of a page
EDGE = 6  # a labelled byline may stand this far from either end, whatever is around it
FOOT = 4  # lines of furniture below the last paragraph that make the foot of a page
NAME = 8  # code points of a line that may be a mere name
ANYWHERE = ("caption", "photo-credit", "reporter-place", "page-link")  # metadata that is sure by its form
SOFT = ("caption", "photo-credit", "image-mark", "ad-label")  # these stand inside articles, too
REOPENS = ("byline", "dateline", "reporter-place", "source")  # the head of another text
ARROWS = "•▪►▶★◆●■»→"
BULLETS = "•·▪►▶★☆◆◎○●■□-"
_CELLS = re.compile(r"[ |·\u3000｜丨]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_ITEM = re.compile(r"(?:[-*+•·] *)?(?:[《〈「]|\[(?:\d|.*\]\())|[-*+] ")
_POPULAR = re.compile(r"往期|猜|大家|热|可能|精[选彩]|排行|最新|most|popular|trending|may also|might")
_SIGNATURE = re.compile(r"[\d〇零一二三四五六七八九十]{4}年[\d一二三四五六七八九十]{1,3}月"
                        r"[\d一二三四五六七八九十]{1,3}日?"
                        r"(?: ?[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?)?|\S{0,4}时间 ?\d{1,2}时\d{1,2}分")
_CONTENTS = re.compile(r"(?:本[文页条][内容]{0,2}|文章|展开)?目录(?:导航)?:?|(?:table of )?contents|on this page")
_CONTENT_WORDS = ("目录", "contents", "on this page")
_ORDINAL = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})*[.、 ]?|[一二三四五六七八九十]{1,3}、|[-•·▪] ?)\s*")
_SITE = re.compile(r".*(?:网站?|论坛|社区|在线|门户|公报|之家|博客|频道|文学城|小说|书院|百科|资讯|"
                   r"\.(?:com|cn|hk|tw|org|net))|[\w. ]+")
_LINK = re.compile(r"(?:[-*+•·] ?)?\[[^\]]*\]\([^)]*\)[。.,;]?")  # a link and nothing else
_MEETING = re.compile(r"(?:地点|时间|会议|出席|列席|缺席|主席|主持|记录|与会)\S{0,4} ?:")
_QUESTION = re.compile(r"(?:q\d{0,2}|问|\d{1,2}) ?[.:、)]|.{4,}\?$")
_POINTER = re.compile(r"[:>|].*\w")


def removals(page: Page) -> list[Removal]:
    """Return the lines to remove, to a fixed point: a second look at what stays finds nothing."""
    if not page.verdicts and not page.metas and not _framed(page):
        return []
    live, doubt = list(range(len(page.lines))), Doubt(page)
    while True:
        view = _View(page, live)
        view.settle()
        for removal in doubt.likely(live, view.found, view.spared):
            view.found.setdefault(removal.line, removal)
        if not view.found:
            return [page.gone[i] for i in sorted(page.gone)]
        page.gone.update(view.found)
        live = [i for i in live if i not in view.found]


def _framed(page: Page) -> bool:
    """Tell whether one of the first or last lines could be metadata by its place."""
    ends = (*range(min(EDGE, len(page.lines))), *range(max(EDGE, len(page.lines) - 3), len(page.lines)))
    return any(may_head(page.text(i)) for i in ends)


class _View:
    """One pass over the lines that are still there; lines are known by their place `n` among them."""

    def __init__(self, page: Page, live: list[int]) -> None:
        self.page, self.live, self.opened = page, live, 0
        self.found: dict[int, Removal] = {}
        self.spared: set[int] = set()  # headings of books and notes, with what stands under them
        place = {i: n for n, i in enumerate(live)} if page.gone else range(len(live))
        self.suspects = [place[i] for i in sorted(page.verdicts) if i not in page.gone]
        self.metas = [place[i] for i in sorted(page.metas) if i not in page.gone]
        others = {*page.gone, *page.metas, *(i for i, verdict in page.verdicts.items() if verdict.level == SURE)}
        bodies = [n for n, i in enumerate(live) if page.shaped[i] and i not in others]
        self.first, self.last = (bodies[0], bodies[-1]) if bodies else (len(live), -1)

    def settle(self) -> None:
        """Find the lines that go in this pass."""
        self.sure()
        self.meta()
        self.placed()
        self.weak()
        if "related-list" in self.page.classify.judge.rules:
            self.lists()
            self.links()
        if "after-end" in self.page.classify.judge.rules:
            self.rest()
            self.block()
        if "nav" in self.page.classify.judge.rules:
            self.bars()
            self.masthead()
            self.contents()
        self.echoes()

    def rule(self, n: int) -> str:
        """Return the rule that takes the line at `n`, or an empty string."""
        return self.found[self.live[n]].rule if self.frame(n) else ""

    def flag(self, n: int, name: str) -> bool:
        """Tell whether the rule that takes the line at `n` has a flag (`opens`, `ends`)."""
        rules, rule = self.page.classify.judge.rules, self.rule(n)
        return rule in rules and bool(rules[rule].table.get(name))

    def text(self, n: int) -> str:
        return self.page.texts[self.live[n]]

    def frame(self, n: int) -> bool:
        """Tell whether the line at `n` goes; the edge of the text is no furniture."""
        return 0 <= n < len(self.live) and self.live[n] in self.found

    def body(self, n: int) -> bool:
        return not self.frame(n) and self.page.body(self.live[n])

    def take(self, n: int, rule: str, score: float, saw: str, fields: tuple[Field, ...] = ()) -> None:
        self.found.setdefault(self.live[n], Removal(self.live[n], rule, score, saw, fields))

    def head(self, n: int) -> bool:
        return n < min(self.first, HEAD_MOST) if self.last >= 0 else n < 4

    def tail(self, n: int) -> bool:
        return n > self.last if self.last >= 0 else n >= len(self.live) - 3

    def edge(self, n: int) -> bool:
        return n < EDGE or n >= len(self.live) - EDGE

    def beside(self, n: int) -> int:
        """Return how many of the two neighbours are furniture that stands around articles, not in them."""
        return sum(1 for m in (n - 1, n + 1) if self.frame(m) and self.rule(m) not in SOFT)

    def _fields(self, rule: str, n: int) -> tuple[Field, ...]:
        """Return what furniture says beside itself: the platform's name, a licence line."""
        if rule == "licence":
            return (Field("licences", self.text(n)),)
        if n < HEAD_MOST and self.last >= 0 and may_head(self.text(n)) and (meta := read_head(self.text(n))):
            return meta.fields  # 发表于 2020-03-01 | 阅读次数 35: the counter must not take the date along
        name = self.page.classify.judge.platform(rule, self.text(n))
        return (Field("platform", name),) if name else ()

    # -- the passes -----------------------------------------------------------------------------

    def sure(self) -> None:
        for n in self.suspects:
            verdict = self.page.verdicts[self.live[n]]
            if verdict.level == SURE and not (verdict.saw != "pattern" and self._item(n)):
                self.take(n, verdict.rule, verdict.score, verdict.saw, self._fields(verdict.rule, n))
                if self.flag(n, "opens") and self._bibliography(n):
                    self._spare(n)
                elif self._belongs(n, verdict.rule):
                    del self.found[self.live[n]]
                    self.spared.add(self.live[n])

    def _belongs(self, n: int, rule: str) -> bool:
        """Tell whether a line is part of the text by what stands below it.

        公司简介 over a paragraph is the heading of that paragraph; a notice ends with whom to call.
        """
        if is_heading(self.text(n)):
            return self._spoken(n + 1)
        return rule == "site-links" and self._signed(n)

    def _spoken(self, n: int) -> bool:
        """Tell whether a line is a paragraph or a question: what stands above it is its heading."""
        return n < len(self.live) and (self.body(n) or (
            self.live[n] not in self.page.verdicts and bool(_QUESTION.match(self.page.fold(self.live[n])))))

    def _signed(self, n: int) -> bool:
        """Tell whether a signature with its date stands right below: a notice ends with whom to call."""
        below = range(n + 1, min(n + 4, len(self.live)))
        return any(_SIGNATURE.fullmatch(self.page.fold(self.live[m]).strip()) for m in below)

    def _spare(self, n: int) -> None:
        """Keep a heading with all that stands under it up to the next furniture or paragraph."""
        del self.found[self.live[n]]
        end = n + 1
        while end < len(self.live) and not self.frame(end) and (self._loose(end) or _ITEM.match(self.text(end))):
            end += 1
        self.spared.update(self.live[n:end])

    def _bibliography(self, n: int) -> bool:
        """Tell whether books, notes or numbered items follow a heading: then it is a heading of the text."""
        after = self.text(n + 1) if n + 1 < len(self.live) else ""
        if _POPULAR.search(self.page.fold(self.live[n])) and not NUMBERED.match(fold(after)):
            return False
        return bool(after) and not _LINK.fullmatch(after) and bool(_ITEM.match(after) or NUMBERED.match(fold(after)))

    def meta(self) -> None:
        """Metadata goes at the head, at the tail, beside furniture, or when it is sure by its form."""
        labels = Counter(self.page.metas[self.live[n]].label[:3] for n in self.metas)
        values = {f for r in self.page.gone.values() for f in r.fields}
        for _ in range(2):
            for n in self.metas:
                meta = self.page.metas[self.live[n]]
                if self.frame(n) or (meta.rule == "caption" and self._listed(n)):
                    continue
                near = self.beside(n)
                sure = meta.level == SURE and self._placed(n, meta, labels, values)
                if sure or (meta.level == WEAK and near and (self.head(n) or self.tail(n)) and self._tagged(n, meta)):
                    self.take(n, meta.rule, 1.0 if meta.level == SURE else 0.4 + 0.2 * near, "", meta.fields)
                    values.update(meta.fields)

    def placed(self) -> None:
        """Between the title and the first paragraph, and right below the last, looser shapes are metadata, too."""
        if self.last < 0 or "dateline" not in self.page.classify.reader.on:
            return
        above = [n for n in range(min(self.first, HEAD_MOST)) if not self.frame(n)]
        titled = False
        for n in above:
            line = self.text(n)
            meta = read_head(line) if may_head(line) and not self._minutes(n) else None
            if meta is not None and (titled or meta.rule == "dateline" or meta.label == "board"):
                self.take(n, meta.rule, 0.8, "between title and text", meta.fields)
            titled = titled or (meta is None and len(line) >= 4)
        for n in range(self.last + 1, min(self.last + 3, len(self.live))):
            if not self.frame(n) and (meta := read_tail(self.text(n))) is not None:
                self.take(n, meta.rule, 0.7, "below the text", meta.fields)

    def _minutes(self, n: int) -> bool:
        """Tell whether a line stands beside the place or the people of a meeting, whose date it would be."""
        beside = (self.live[m] for m in (n - 1, n + 1, n + 2) if 0 <= m < len(self.live))
        return any(_MEETING.match(self.page.fold(i)) for i in beside)

    def _placed(self, n: int, meta: Meta, labels: Counter[str], values: set[Field]) -> bool:
        """Tell whether a line of metadata stands where metadata stands, or has said the same before."""
        if meta.rule in ANYWHERE or (meta.fields and values.issuperset(meta.fields)):
            return True
        return labels[meta.label[:3]] < 3 and bool(self.edge(n) or self.head(n) or self.tail(n) or self.beside(n))

    def _tagged(self, n: int, meta: Meta) -> bool:
        """A hash and a word may be a heading, a bare date a signature's: one must stand below, one above."""
        if meta.rule == "dateline":
            return self.head(n)
        return meta.rule != "hashtags" or (self.tail(n) and self.last >= 0)

    def _listed(self, n: int) -> bool:
        """Tell whether the mark before a line is a list's bullet: its neighbours have it too."""
        mark = self.text(n)[0]
        return mark in "▲△▼▽" and any(0 <= m < len(self.live) and self.text(m)[:1] == mark for m in (n - 1, n + 1))

    def weak(self) -> None:
        """Suspicions go beside furniture, or three in a row; numbers alone prove nothing."""
        weak = [n for n in self.suspects if not self.frame(n) and self._suspicious(n) and not self._headed(n)]
        members = set(weak)
        for n in weak:
            if n - 1 not in members:
                run = [n]
                while run[-1] + 1 in members:
                    run.append(run[-1] + 1)
                self._run(run)

    def _suspicious(self, n: int) -> bool:
        verdict = self.page.verdicts[self.live[n]]
        placed = not verdict.saw.startswith(PARTIAL) or self.head(n) or self.tail(n)
        return verdict.level == WEAK and placed and not self._item(n)

    def _headed(self, n: int) -> bool:
        """Tell whether a line is a heading that texts have, above a line that nothing is suspected of."""
        return n + 1 < len(self.live) and is_heading(self.text(n)) and self.live[n + 1] not in self.page.verdicts

    def _item(self, n: int) -> bool:
        """Tell whether a line is an item of a Markdown list of which another item is text beyond suspicion."""
        mark = self.text(n)[:2]
        return mark in ("- ", "* ", "+ ") and any(
            self.text(m)[:2] == mark and self.live[m] not in self.page.verdicts
            for m in (n - 1, n + 1) if 0 <= m < len(self.live))

    def _run(self, run: list[int]) -> None:
        verdicts = [self.page.verdicts[self.live[n]] for n in run]
        words = sum(1 for v in verdicts if v.saw != "numbers" and not v.saw.startswith(PARTIAL))
        near = sum(1 for m in (run[0] - 1, run[-1] + 1) if self.frame(m) and self.rule(m) not in SOFT)
        outside = self.head(run[0]) or self.tail(run[0])
        if near or (len(run) >= 3 and words >= 2 and (outside or words >= 4)):
            for n, verdict in zip(run, verdicts, strict=True):
                if verdict.saw != "numbers" or outside or near == 2 or words:
                    score = min(1.0, verdict.score + 0.2 * (near + len(run) // 3))
                    self.take(n, verdict.rule, score, verdict.saw, self._fields(verdict.rule, n))

    def lists(self) -> None:
        """Titles under a heading of links go, at the tail of a page or up to the next furniture."""
        for n in [n for n in self.suspects if self.frame(n)]:
            if not self.flag(n, "opens") or _POINTER.search(self.page.fold(self.live[n])):
                continue
            end, self.opened = n + 1, n
            while end < len(self.live) and end - n <= LIST_MOST and not self.frame(end) and self._title_like(end):
                end += 1
            if end < len(self.live) and end > n + 1 and _ITEM.match(self.text(end)) and not self.frame(end):
                self._spare(n)  # some of the list is text: heading and list stay together
                continue
            bullets = all(self.text(m)[:1] in BULLETS for m in range(n + 1, end))
            if end == len(self.live) or (self.frame(end) and self.rule(end) not in REOPENS) or self.tail(n) or bullets:
                for m in range(n + 1, end):
                    self.take(m, "related-list", 0.8, "under a heading of links")

    def links(self) -> None:
        """Lines with an arrow or a bullet between two lines of furniture are links, below the last paragraph."""
        for n in [n for n in self.suspects if self.frame(n) and self.tail(n)]:
            end = n + 1
            while end < len(self.live) and not self.frame(end) and self.text(end)[:1] in ARROWS and self._loose(end):
                end += 1
            if end > n + 1 and self.frame(end):
                for m in range(n + 1, end):
                    self.take(m, "related-list", 0.7, "links between furniture")

    def _title_like(self, n: int) -> bool:
        line = self.text(n)
        if _LINK.fullmatch(line):
            return True
        if "](" in line or not 4 <= len(line) <= 60 or line[-1] in "。;；,，:：" or line[0] in "#|":
            return False
        if line[0] == "《" and not _POPULAR.search(self.page.fold(self.live[self.opened])):
            return False
        return not self.body(n) and not NUMBERED.match(fold(line))

    def rest(self) -> None:
        """Short lines between a closing notice and later furniture go, if no paragraph stands between."""
        for n in [n for n in self.suspects if self.frame(n)]:
            if not self.flag(n, "ends") or self.head(n):
                continue
            most = 60 if self.tail(n) else NAME  # between two articles a longer line may be a title
            end = n + 1
            while end < len(self.live) and end - n <= AFTER_MOST and not self.frame(end) and self._loose(end, most):
                end += 1
            if end < len(self.live) and self.frame(end) and end > n + 1 and self.rule(end) not in REOPENS:
                for m in range(n + 1, end):
                    self.take(m, "after-end", 0.7, "between a closing notice and furniture")

    def block(self) -> None:
        """Short lines between the furniture at the foot of a page go, where furniture is at least half of it."""
        if self.last < 0:
            return
        below = range(self.last + 1, len(self.live))
        foot = [n for n in below if self.frame(n) and self.rule(n) not in (*SOFT, *REOPENS)]
        if len(foot) < FOOT or 2 * len(foot) < foot[-1] - foot[0] + 1:
            return
        if any(is_formula(self.text(n)) for n in range(self.last + 1, foot[-1]) if not self.frame(n)):
            return  # headings such as 参考文献: the foot holds parts of the article
        for n in range(foot[0] + 1, foot[-1]):
            if not self.frame(n) and self._loose(n, 40):
                self.take(n, "after-end", 0.6, "between furniture at the foot")

    def bars(self) -> None:
        """A bar of unknown cells above the article is a menu, if there is other furniture around it."""
        head = range(min(self.first, HEAD_MOST))
        around = sum(1 for n in head if self.frame(n))
        for n in head if self.last >= 0 and around else ():
            cells = _CELLS.split(self.text(n))
            if self.frame(n) or (around < 2 and not self.beside(n)):
                continue
            if len(cells) < 5 or max(map(len, cells)) > 10 or SENTENCE.search(self.text(n)):
                continue
            if sum(1 for cell in cells if any(map(str.isdigit, cell))) >= 2:
                continue  # the name of a product
            han = sum(1 for cell in cells if _HAN.search(cell))
            if 3 * han >= 2 * len(cells) and 2 * sum(map(names.person, cells)) < len(cells):
                self.take(n, "nav", 0.6, f"{len(cells)} cells above the article")

    def masthead(self) -> None:
        """The site's name on the first line goes, if its menu follows and a longer title stands below."""
        n = next((m for m in range(min(self.first, 3)) if not self.frame(m)), -1)
        if n < 0 or self.rule(n + 1) not in ("nav", "breadcrumb", "login", "prev-next", "pagination", "related"):
            return
        line = self.text(n)
        if not 2 <= len(line) <= 20 or SENTENCE.search(line) or not any(
                not self.frame(m) and len(self.text(m)) > len(line) for m in range(n + 2, min(self.first, HEAD_MOST))):
            return
        if names.outlet(line) or _SITE.fullmatch(fold(line)) or (self.frame(n + 2) and self.rule(n + 2) not in SOFT):
            self.take(n, "nav", 0.6, "above the menu")

    def contents(self) -> None:
        """A table of contents goes, if all its entries stand again on the page, which has other furniture."""
        told = self.last >= 0 and len(self.found) >= 3 and any(w in self.page.folded for w in _CONTENT_WORDS)
        for n in range(len(self.live)) if told else ():
            if len(self.text(n)) > 14 or not _CONTENTS.fullmatch(self.page.fold(self.live[n])):
                continue
            entries, end = [], n + 1
            while end < len(self.live) and end - n <= LIST_MOST:
                if not self.frame(end):
                    if not self._again(end, n):
                        break
                    entries.append(end)
                end += 1
            for m in (n, *entries) if len(entries) >= 2 else ():
                self.take(m, "nav", 0.8, "contents that stand again")

    def _again(self, n: int, start: int) -> bool:
        """Tell whether the entry at `n` of the contents at `start` stands elsewhere as a heading."""
        entry = _ORDINAL.sub("", self.text(n), count=1)
        places = (*range(max(0, start - 200), start), *range(n + 1, min(len(self.live), n + 400)))
        return 2 <= len(entry) <= 40 and any(
            not self.frame(m) and _ORDINAL.sub("", self.text(m), count=1) == entry for m in places)

    def _loose(self, n: int, most: int = 60) -> bool:
        """Tell whether a line has the shape of a link or a name: short, or with a bullet, and no sentence."""
        line = self.text(n)
        if not line or line[-1] in "。;；，," or ENGLISH.fullmatch(line) or _SIGNATURE.fullmatch(fold(line)):
            return False
        return (len(line) <= 80 and line[0] in BULLETS) or (len(line) <= most and not self.body(n))

    def echoes(self) -> None:
        """A title that stands again below furniture goes the first time; an account's name goes to the metadata."""
        echo = "title-echo" in self.page.classify.judge.rules
        later: dict[str, int] = {}
        top = min(self.first, HEAD_MOST, len(self.live)) if self.last >= 0 else 0
        for n in reversed(range(top)):
            line = self.text(n)
            if not line or self.frame(n):
                continue
            if echo and line in later and len(line) >= 4 and any(self.frame(m) for m in range(n + 1, later[line])):
                self.take(n, "title-echo", 0.9, "stands again below")
            elif self._account(n, line):
                key = "authors" if names.person(line) else "site"
                self.take(n, "account", 0.8, "between title and date", (Field(key, line),))
            later[line] = n

    def _account(self, n: int, line: str) -> bool:
        """Tell whether a head line is the publishing account: short, below the title, above the date."""
        if "account" not in self.page.classify.reader.on or not n or not self.frame(n + 1):
            return False
        if len(line) > 16 or SENTENCE.search(line):
            return False
        if self.rule(n + 1) != "dateline" or not any(not self.frame(m) for m in range(n)):
            return False
        badge = self.rule(n - 1) == "wiki"
        return badge or names.outlet(line) or any(f.value == line for r in self.found.values() for f in r.fields)
