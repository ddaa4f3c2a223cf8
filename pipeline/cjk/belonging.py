"""Is a line that its words would take part of the text, by what stands beside it?

A poem speaks of logging out, a table of prices has a head of names, a tutorial quotes buttons under a colon, a chat
has times.  Each question here is asked only of a line that is about to go, and looks at the few lines around it.
"""
from __future__ import annotations

import re
from bisect import bisect_left

from pipeline.cjk import names
from pipeline.cjk.formulas import is_formula, is_heading
from pipeline.cjk.furniture import NUMBERED, SURE
from pipeline.cjk.linefold import fold
from pipeline.cjk.surroundings import kinship
from pipeline.cjk.view import BULLETS, HEAD_MOST, SIGNATURE, View

AROUND, VERSES = 4, 3  # lines above and below a verse that are looked at; how many of them must be verses beyond doubt
VERSE = 16  # code points of the longest verse
ROWS, CELLS = 3, 4  # lines with equally many cells that make a table; cells that need few numbers to make one
QUOTED = 6  # the longest run of lines under a colon that are quoted
TITLE, KINDRED = 4, 3  # code points of a title at least; step of its kinship with the article
SPOKEN = 3  # lines of a name and a time that make a chat
STATED = ("repost", "copyright", "licence", "disclaimer", "contact-ad")
_QUESTION = re.compile(r"(?:q\d{0,2}|问|\d{1,2}) ?[.:、)]|.{4,}\?$")
_SAYS = re.compile(r"[的了是在我你妳他她它不沒没有着著過过把被讓让像和與就也都還还]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_VERSE = re.compile(r"[\u3400-\u9fff][^\d:：|/_。；;]*")
_CELLS = re.compile(r"[ \t\u3000]+")
_MENU = re.compile(r"[|>＞›»：:￥$]|\S[ \u3000]+\S+[ \u3000]+\S+[ \u3000]+\S")
_DIGIT = re.compile(r"\d")
_SPEAKS = re.compile(r"(\S{1,6}) \d{1,2}[:：]\d\d")
_CLOCK = re.compile(r"\d{1,2}[:：]\d\d(?:[ —–-]|$)")
_LABEL = re.compile(r"\S{0,6}(?:时间|時間|日期)")
_BOOK = re.compile(r"(?:出版社?|出版年|出版者|书名|isbn|页数|装帧|装订|定价|开本|副标题|原作名|规格|语言|作者简介) ?[:：]")
_ITEM = re.compile(r"[,，、].*[^,，、]")
_NUMERAL = re.compile(r"[(（]?([一二三四五六七八九十]{1,3}|\d{1,2})[)）、.．]")
_ORDER = "一二三四五六七八九十"


def plain(view: View, n: int) -> bool:
    """Tell whether there is a line at `n` of which nothing is suspected."""
    if not 0 <= n < len(view.live):
        return False
    i = view.live[n]
    return bool(view.page.texts[i]) and i not in view.page.verdicts and i not in view.page.metas


def belongs(view: View, n: int, rule: str) -> bool:
    """Tell whether the line at `n`, which `rule` takes for its words, is part of the text.

    公司简介 over a paragraph is the heading of that paragraph; a notice ends with whom to call.
    """
    line = view.text(n)
    if is_heading(line):
        return _spoken(view, n + 1)
    if rule == "site-links" and _signed(view, n):
        return True
    if rule in STATED and _clause(view, n):
        return True
    return (verse(view, n) and not view.flag(n, "opens")) or chat(view, n) or introduced(view, n)


def near_text(view: View, n: int) -> bool:
    """Tell whether the lines beside a line make it a verse, a part of a chat, a quotation, or a row of a table."""
    return verse(view, n) or chat(view, n) or introduced(view, n) or row(view, n)


def _spoken(view: View, n: int) -> bool:
    """Tell whether a line is a paragraph, a question, a point with a comma: what stands above it is its heading."""
    if n >= len(view.live):
        return False
    line = view.text(n)
    return view.body(n) or (view.live[n] not in view.page.verdicts and (
        bool(_QUESTION.match(view.page.fold(view.live[n]))) or (line[:1] in BULLETS and bool(_ITEM.search(line)))))


def _signed(view: View, n: int) -> bool:
    """Tell whether a signature with its date stands right below: a notice ends with whom to call."""
    below = range(n + 1, min(n + 4, len(view.live)))
    return any(SIGNATURE.fullmatch(view.page.fold(view.live[m]).strip()) for m in below)


def _clause(view: View, n: int) -> bool:
    """Tell whether a line is the third or a later clause of a notice whose other clauses are text."""
    found = _NUMERAL.match(view.text(n))
    if not found or not NUMBERED.match(fold(view.text(n))):
        return False
    place = int(found[1]) if found[1].isdigit() else _ORDER.find(found[1]) + 1
    return place >= 3 and all(plain(view, m) and _NUMERAL.match(view.text(m)) for m in (n - 1, n - 2))


def verse(view: View, n: int) -> bool:
    """Tell whether a line stands among verses: short lines without full stops that say something."""
    if len(view.text(n)) > VERSE or not (_verse(view, n - 1) or _verse(view, n + 1)):
        return False
    line = view.text(n)
    if not _VERSE.fullmatch(line) or view.page.texts.count(line) > 1:
        return False
    around = [m for m in range(max(0, n - AROUND), min(len(view.live), n + AROUND + 1)) if m != n]
    verses = [m for m in around if _verse(view, m)]
    if 2 * len(verses) < len(around) or not verses or not verses[0] < n < verses[-1]:
        return False
    if any((v := view.page.verdicts.get(view.live[m])) and v.level == SURE for m in around):
        return False
    return sum(1 for m in verses if _SAYS.search(view.text(m))) >= VERSES


def _verse(view: View, n: int) -> bool:
    if not 0 <= n < len(view.live):
        return False
    i = view.live[n]
    line = view.page.texts[i]
    return 0 < len(line) <= VERSE and i not in view.page.verdicts and i not in view.page.metas and bool(
        _VERSE.fullmatch(line))


def chat(view: View, n: int) -> bool:
    """Tell whether a line is what somebody says in a chat, or the name and the time above that."""
    above = view.text(n - 1) if n else ""
    if not (above[-1:].isdigit() and _SPEAKS.fullmatch(above)) and not _SPEAKS.fullmatch(view.text(n)):
        return False
    said = [found[1] for text in view.page.texts if (found := _SPEAKS.fullmatch(text))]
    return len(said) >= SPOKEN and 2 * len(set(said)) <= len(said)


def introduced(view: View, n: int) -> bool:
    """Tell whether a paragraph that ends with a colon introduces a line, and the text goes on below."""
    at = bisect_left(view.bodies, n)
    if not 0 < at < len(view.bodies) or view.bodies[at] - view.bodies[at - 1] > QUOTED + 1 or n == view.bodies[at]:
        return False
    return view.text(view.bodies[at - 1])[-1:] in (":", "：")


def row(view: View, n: int) -> bool:
    """Tell whether a line is a row of a table without rules, or its head: as many cells as the lines beside it."""
    cells = _CELLS.split(view.text(n))
    if len(cells) < 2:
        return False
    start = end = n
    while start and _count(view, start - 1) == len(cells):
        start -= 1
    while end + 1 < len(view.live) and _count(view, end + 1) == len(cells):
        end += 1
    others = [m for m in range(start, end + 1) if m != n and plain(view, m)]
    if len(others) + 1 < ROWS or 2 * len(others) < end - start + 1:
        return False
    told = sum(1 for m in others if _DIGIT.search(view.text(m)))
    if len(cells) >= CELLS:
        return 2 * told >= len(others)
    first = [_CELLS.split(view.text(m))[0] for m in (n, *others)]
    return all(map(names.person, first)) if len(cells) == 2 else told == len(others) and bool(_DIGIT.search(view.text(n)))


def _count(view: View, n: int) -> int:
    line = view.text(n)
    return len(_CELLS.split(line)) if line and line[-1] not in "。；;" else 0


def titled(view: View, n: int) -> bool:
    """Tell whether a line above the article is its title: it speaks of the same things, or no other line could be it."""
    line = view.text(n)
    if n >= min(view.first, HEAD_MOST) or len(line) < TITLE or _MENU.search(line):
        return False
    if is_formula(line) or kinship(line, view.article) >= KINDRED:
        return True
    return not any(m != n and plain(view, m) and len(view.text(m)) >= TITLE and not view.frame(m)
                   for m in range(min(view.first, HEAD_MOST)))


def dated(view: View, n: int) -> bool:
    """Tell whether a date is part of the text: above a programme or a chat, or the value of a label over it."""
    if n and len(view.text(n - 1)) <= 8 and plain(view, n - 1) and _LABEL.fullmatch(view.text(n - 1)):
        return True
    below = [view.text(m) for m in range(n + 1, min(len(view.live), n + 4)) if plain(view, m)]
    return len(below) >= 2 and (sum(1 for line in below if _CLOCK.match(line)) >= 2)


def bookish(view: View, n: int) -> bool:
    """Tell whether a byline stands among the data of a book: its publisher, its price, its pages."""
    return any(0 <= m < len(view.live) and _BOOK.match(view.page.fold(view.live[m])) for m in (n - 1, n + 1))
