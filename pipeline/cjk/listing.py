"""Passes of `pipeline.cjk.context` over several lines: lists of links, the rest after an article, heads and feet."""
from __future__ import annotations

import re

from pipeline.cjk import names
from pipeline.cjk.belonging import CLOCK, akin, only_title
from pipeline.cjk.formulas import is_formula
from pipeline.cjk.furniture import NUMBERED
from pipeline.cjk.linefold import fold
from pipeline.cjk.metavalues import Field
from pipeline.cjk.page import SENTENCE
from pipeline.cjk.rows import row
from pipeline.cjk.view import BULLETS, HEAD_MOST, ITEM, LINK, POPULAR, REOPENS, SOFT, View

LIST_MOST, AFTER_MOST = 25, 10  # lines a list of links, or a rest after the end of an article, may have
FOOT = 4  # lines of furniture below the last paragraph that make the foot of a page
POSTS = 3  # lines of names and dates below the last paragraph: short posts stand between them
NAME = 8  # code points of a line that may be a mere name
ARROWS = "•▪►▶★◆●■»→"
_CELLS = re.compile(r"[ |·\u3000｜丨]+")
_GOODS = re.compile(r"\d[室房厅廳]|[(（][^)）]*[\u3400-\u9fff][^)）]*[)）]")  # so many rooms, half a pound
_HAN = re.compile(r"[\u3400-\u9fff]")
_CONTENTS = re.compile(r"(?:本[文页条][内容]{0,2}|文章|展开)?目[录次](?:导航)?:?(?: ?[\[(]?隐藏[\])]?)?|"
                       r"(?:table of )?contents|on this page")
_CONTENT_WORDS = ("目录", "目次", "contents", "on this page")
_EDIT = re.compile(r" ?[\[［【](?:编辑|編輯|[Ee]dit)[^\]］】]*[\]］】]$")
_ORDINAL = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})*[.、 ]?|[一二三四五六七八九十]{1,3}、|[-•·▪] ?)\s*")
_SITE = re.compile(r".*(?:网站?|论坛|社区|在线|门户|公报|之家|博客|频道|文学城|小说|书院|百科|资讯|"
                   r"\.(?:com|cn|hk|tw|org|net))|[\w. ]+")
_POINTER = re.compile(r"[:>|].*\w")


def settle(view: View) -> None:
    """Find what goes with a list, a head or a foot, by the rules that are switched on."""
    if "related-list" in view.page.classify.judge.rules:
        lists(view)
        links(view)
    if "after-end" in view.page.classify.judge.rules:
        rest(view)
        block(view)
    if "nav" in view.page.classify.judge.rules:
        bars(view)
        masthead(view)
        contents(view)
    echoes(view)


def lists(view: View) -> None:
    """Titles under a heading of links go, at the tail of a page or up to the next furniture."""
    for n in [n for n in view.suspects if view.frame(n)]:
        if not view.flag(n, "opens") or _POINTER.search(view.page.fold(view.live[n])):
            continue
        end, view.opened = n + 1, n
        while end < len(view.live) and end - n <= LIST_MOST and not view.frame(end) and _title_like(view, end):
            end += 1
        if end < len(view.live) and end > n + 1 and ITEM.match(view.text(end)) and not view.frame(end):
            view.spare(n)  # some of the list is text: heading and list stay together
            continue
        bullets = all(view.text(m)[:1] in BULLETS for m in range(n + 1, end))
        if end == len(view.live) or (view.frame(end) and view.rule(end) not in REOPENS) or view.tail(n) or bullets:
            for m in range(n + 1, end):
                view.take(m, "related-list", 0.8, "under a heading of links")


def links(view: View) -> None:
    """Lines with an arrow or a bullet between two lines of furniture are links, below the last paragraph."""
    for n in [n for n in view.suspects if view.frame(n) and view.tail(n)]:
        end = n + 1
        while end < len(view.live) and not view.frame(end) and view.text(end)[:1] in ARROWS and view.loose(end):
            end += 1
        if end > n + 1 and view.frame(end):
            for m in range(n + 1, end):
                view.take(m, "related-list", 0.7, "links between furniture")


def _title_like(view: View, n: int) -> bool:
    line = view.text(n)
    if LINK.fullmatch(line):
        return True
    if "](" in line or not 4 <= len(line) <= 60 or line[-1] in "。;；,，:：" or line[0] in "#|":
        return False
    if line[0] == "《" and not POPULAR.search(view.page.fold(view.live[view.opened])):
        return False
    return not view.body(n) and not NUMBERED.match(fold(line))


def rest(view: View) -> None:
    """Short lines between a closing notice and later furniture go, if no paragraph stands between."""
    for n in [n for n in view.suspects if view.frame(n)]:
        if not view.flag(n, "ends") or view.head(n):
            continue
        most = 60 if view.tail(n) else NAME  # between two articles a longer line may be a title
        end = n + 1
        while end < len(view.live) and end - n <= AFTER_MOST and not view.frame(end) and view.loose(end, most):
            end += 1
        if end < len(view.live) and view.frame(end) and end > n + 1 and view.rule(end) not in REOPENS:
            for m in range(n + 1, end):
                view.take(m, "after-end", 0.7, "between a closing notice and furniture")


def block(view: View) -> None:
    """Short lines between the furniture at the foot of a page go, where furniture is at least half of it."""
    if view.last < 0:
        return
    below = range(view.last + 1, len(view.live))
    foot = [n for n in below if view.frame(n) and view.rule(n) not in (*SOFT, *REOPENS, "forum")]
    posts = sum(1 for n in below if view.frame(n) and view.rule(n) in (*REOPENS, "forum"))
    if posts >= POSTS or len(foot) < FOOT or 2 * len(foot) < foot[-1] - foot[0] + 1:
        return
    if any(is_formula(view.text(n)) for n in range(view.last + 1, foot[-1]) if not view.frame(n)):
        return  # headings such as 参考文献: the foot holds parts of the article
    for n in range(foot[0] + 1, foot[-1]):
        if not view.frame(n) and view.loose(n, 40):
            view.take(n, "after-end", 0.6, "between furniture at the foot")


def bars(view: View) -> None:
    """A bar of unknown cells above the article is a menu, if there is other furniture around it."""
    head = range(min(view.first, HEAD_MOST))
    around = sum(1 for n in head if view.frame(n))
    for n in head if view.last >= 0 and around else ():
        cells = _CELLS.split(view.text(n))
        if view.frame(n) or (around < 2 and not view.beside(n)):
            continue
        if len(cells) < 5 or max(map(len, cells)) > 10 or SENTENCE.search(view.text(n)):
            continue
        if sum(1 for cell in cells if any(map(str.isdigit, cell))) >= 2 or max(map(len, cells)) == 1:
            continue  # the name of a product, a heading set with blanks
        if _GOODS.search(view.text(n)) or CLOCK.match(view.text(n)) or row(view, n) or akin(view, n) or (
                only_title(view, n)):
            continue  # the head of a table, an entry of a programme, a title
        han = sum(1 for cell in cells if _HAN.search(cell))
        if 3 * han >= 2 * len(cells) and 2 * sum(map(names.person, cells)) < len(cells):
            view.take(n, "nav", 0.6, f"{len(cells)} cells above the article")


def masthead(view: View) -> None:
    """The site's name on the first line goes, if its menu follows and a longer title stands below."""
    n = next((m for m in range(min(view.first, 3)) if not view.frame(m)), -1)
    if n < 0 or view.rule(n + 1) not in ("nav", "breadcrumb", "login", "prev-next", "pagination", "related") or any(
            view.rule(m) == "breadcrumb" for m in range(n)) or is_formula(view.text(n)):
        return
    line = view.text(n)
    if not 2 <= len(line) <= 20 or SENTENCE.search(line) or not any(
            not view.frame(m) and len(view.text(m)) > len(line) for m in range(n + 2, min(view.first, HEAD_MOST))):
        return
    if names.outlet(line) or _SITE.fullmatch(fold(line)) or (view.frame(n + 2) and view.rule(n + 2) not in SOFT):
        view.take(n, "nav", 0.6, "above the menu")


def contents(view: View) -> None:
    """A table of contents goes, if all its entries stand again on the page, which has other furniture."""
    told = view.last >= 0 and len(view.found) >= 3 and any(w in view.page.folded for w in _CONTENT_WORDS)
    for n in range(len(view.live)) if told else ():
        if len(view.text(n)) > 14 or not _CONTENTS.fullmatch(view.page.fold(view.live[n])):
            continue
        entries, end = [], n + 1
        while end < len(view.live) and end - n <= LIST_MOST:
            if not view.frame(end):
                if not _again(view, end, n):
                    break
                entries.append(end)
            end += 1
        for m in (n, *entries) if len(entries) >= 2 else ():
            view.take(m, "nav", 0.8, "contents that stand again")


def _again(view: View, n: int, start: int) -> bool:
    """Tell whether the entry at `n` of the contents at `start` stands elsewhere as a heading."""
    entry = _ORDINAL.sub("", view.text(n), count=1)
    places = (*range(max(0, start - 200), start), *range(n + 1, min(len(view.live), n + 400)))
    return 2 <= len(entry) <= 40 and any(
        not view.frame(m) and _EDIT.sub("", _ORDINAL.sub("", view.text(m), count=1)) == entry for m in places)


def echoes(view: View) -> None:
    """A title that stands again below furniture goes the first time; an account's name goes to the metadata."""
    echo = "title-echo" in view.page.classify.judge.rules
    later: dict[str, int] = {}
    top = min(view.first, HEAD_MOST, len(view.live)) if view.last >= 0 else 0
    for n in reversed(range(top)):
        line = view.text(n)
        if not line or view.frame(n):
            continue
        if echo and line in later and len(line) >= 4 and any(view.frame(m) for m in range(n + 1, later[line])):
            view.take(n, "title-echo", 0.9, "stands again below")
        elif _account(view, n, line):
            key = "authors" if names.person(line) else "site"
            view.take(n, "account", 0.8, "between title and date", (Field(key, line),))
        later[line] = n


def _account(view: View, n: int, line: str) -> bool:
    """Tell whether a head line is the publishing account: short, below the title, above the date."""
    if "account" not in view.page.classify.reader.on or not n or not view.frame(n + 1):
        return False
    if len(line) > 16 or SENTENCE.search(line):
        return False
    if view.rule(n + 1) != "dateline" or not any(not view.frame(m) for m in range(n)):
        return False
    badge = view.rule(n - 1) == "wiki"
    return badge or names.outlet(line) or any(f.value == line for r in view.found.values() for f in r.fields)
