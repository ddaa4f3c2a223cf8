"""Is a line that its words would take part of the text, by what stands beside it?

A poem speaks of logging out, a table of prices has a head of names, a tutorial quotes buttons under a colon, a chat
has times.  Each question here is asked only of a line that is about to go, and looks at the few lines around it.
"""
from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter

from pipeline.cjk.formulas import is_formula, is_heading
from pipeline.cjk.furniture import NUMBERED, SURE
from pipeline.cjk.linefold import fold
from pipeline.cjk.page import SENTENCE, VERSE, Page
from pipeline.cjk.rows import alike, field, row
from pipeline.cjk.surroundings import kinship
from pipeline.cjk.view import BULLETS, HEAD_MOST, ITEM, SIGNATURE, View

AROUND, VERSES = 4, 3  # lines above and below a verse that are looked at; how many of them must be verses beyond doubt
WIDTH = 24  # code points of a line in text of a fixed width, at least
QUOTED = 6  # the longest run of lines under a colon that are quoted
QUOTING = 10  # code points of a line above items that are text, at least
INTRODUCES = 14  # code points of a line that introduces them, at least
TITLE, KINDRED = 4, 3  # code points of a title at least; step of its kinship with the article
SPOKEN = 3  # lines of a name and a time that make a chat
SPEECHES, NAME = 2, 4  # speeches beyond suspicion that make a dialogue; code points of a speaker's name at most
STATED = ("repost", "copyright", "licence", "disclaimer", "contact-ad", "cookie")
_QUESTION = re.compile(r"(?:q\d{0,2}|问|\d{1,2}) ?[.:、)]|.{4,}\?$")
_SAYS = re.compile(r"[的了是在我你妳他她它不沒没有着著過过把被讓让像和與就也都還还]")
_TELLS = re.compile(r"[有是把了让]|如下|包括|通常|一般")  # more than a label says
_MENU = re.compile(r"[|>＞›»：:￥$]|\S[ \u3000]+\S+[ \u3000]+\S+[ \u3000]+\S")
_SPEAKS = re.compile(r"(\S{1,6}) \d{1,2}[:：]\d\d|"  # as chats are shown, and as they are exported
                     r"\d{4}[-./]\d{1,2}[-./]\d{1,2} \d{1,2}:\d\d(?::\d\d)? (\S.{0,11})")
CLOCK = re.compile(r"\d{1,2}[:：]\d\d(?:[ —–-]|$)")
_VALUE = re.compile(r"^\S{1,8}[ :：\u3000]+\S*\d|\d{1,2}[:：]\d\d ?[—–~～至-]")  # a row of a table: 锅深 9.5cm; hours
_SPEECH = re.compile(r"(?:\S{1,10}[:：] ?)?[“「『‘].{4,}[”」』’]")  # somebody says it
_SENTENCE = re.compile(r"[。！？!?]$")
_LABEL = re.compile(r"(?![发發更刊上创創建录錄修提])\S{0,6}(?:时间|時間|日期)")
_SPEAKER = re.compile(r"([^:：\s]{1,8})[:：](?!//)\S")
_RANGE = re.compile(r"\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日? ?[–—~～至-] ?(?:\d{4}[-./年])?\d{1,2}[-./月]\d{1,2}日?")
_DAY = re.compile(r"(?:[\d〇零一二三四五六七八九十]{4}年)?(?:[\d一二三四五六七八九十]{1,3}[月日]){2}")
_ITEM = re.compile(r"[,，、].*[^,，、]")
_NUMERAL = re.compile(r"[(（]?([一二三四五六七八九十]{1,3}|\d{1,2})[)）、.．]")
_POINT = re.compile(r"[一二三四五六七八九十]{1,3}[、.．].{2,20}$")  # the heading of a part: 三、Cookie 之使用
_STOPS = "。！？；：…”」!?;:"
_ORDER = "一二三四五六七八九十"


def belongs(view: View, n: int, rule: str) -> bool:
    """Tell whether the line at `n`, which `rule` takes for its words, is part of the text.

    公司简介 over a paragraph is the heading of that paragraph; a notice ends with whom to call.
    """
    line = view.text(n)
    if is_heading(line):
        return _spoken(view, n + 1)
    if rule == "site-links" and _signed(view, n):
        return True
    if rule in STATED and (_clause(view, n) or (n and view.plain(n - 1) and _POINT.match(view.text(n - 1)))):
        return True
    if introduced(view, n):
        return True
    if not (view.plain(n - 1) or view.plain(n + 1)):
        return False  # among furniture
    return field(view, n) or chat(view, n) or said(view, n) or (verse(view, n) and not view.flag(n, "opens"))


def near_text(view: View, n: int) -> bool:
    """Tell whether the lines beside a line make it a verse, a part of a chat, a quotation, or a row of a table."""
    return verse(view, n) or chat(view, n) or introduced(view, n) or introduces(view, n) or row(view, n) or (
        alike(view, n)) or wrapped(view, n) or bool(_RANGE.fullmatch(view.text(n)))


def introduces(view: View, n: int) -> bool:
    """Tell whether a line ends with a colon above items or a paragraph that are text."""
    line, below = view.text(n), view.text(n + 1) if view.plain(n + 1) else ""
    return len(line) >= QUOTING and line[-1] in ":：" and bool(below) and (
        view.body(n + 1) or bool(ITEM.match(below) or _NUMERAL.match(below)))


def wrapped(view: View, n: int) -> bool:
    """Tell whether a line goes on where the one above it was broken off, as in text with a line's fixed width."""
    width = len(view.text(n - 1)) if view.plain(n - 1) else 0
    if width < WIDTH or view.text(n - 1)[-1] in _STOPS or len(view.text(n)) > width + 2:
        return False
    above = [view.text(m) for m in range(max(0, n - 2 * AROUND), n)]
    return sum(1 for line in above if abs(len(line) - width) <= 2 and line[-1:] not in _STOPS) >= 2


def _spoken(view: View, n: int) -> bool:
    """Tell whether a line is a paragraph, a question, a point with a comma: what stands above it is its heading."""
    if n >= len(view.live):
        return False
    line = view.text(n)
    return view.body(n) or (view.live[n] not in view.page.verdicts and (
        bool(_QUESTION.match(view.page.fold(view.live[n]))) or (line[:1] in BULLETS and bool(_ITEM.search(line)))
        or bool(_VALUE.search(line))))


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
    return place >= 3 and all(view.plain(m) and _NUMERAL.match(view.text(m)) for m in (n - 1, n - 2))


def verse(view: View, n: int) -> bool:
    """Tell whether a line stands among verses: short lines without full stops that say something."""
    verses, live, line = view.page.verses, view.live, view.text(n)
    if len(verses) < VERSES or len(line) > VERSE or verses.isdisjoint(live[max(0, n - 2) : n + 3]):
        return False
    if not "\u3400" <= line[0] <= "\u9fff" or view.page.texts.count(line) > 1:
        return False
    around = [m for m in range(max(0, n - AROUND), min(len(live), n + AROUND + 1)) if m != n]
    near = [m for m in around if live[m] in verses]
    if 2 * len(near) < len(around) or not near or not near[0] < n < near[-1]:
        return False
    if any((v := view.page.verdicts.get(live[m])) and v.level == SURE for m in around):
        return False
    return sum(1 for m in near if _SAYS.search(view.text(m))) >= VERSES


def headed(view: View, n: int) -> bool:
    """Tell whether a heading that texts have stands above a line, or above one that stays for that reason."""
    above = n - 2 if n > 1 and view.live[n - 1] in view.own else n - 1
    return above >= 0 and view.plain(n) and not view.frame(above) and is_heading(view.text(above)) and (
        "完" not in view.text(above))


def chat(view: View, n: int) -> bool:
    """Tell whether a line is what somebody says in a chat, or the name and the time above that."""
    above = view.text(n - 1) if n else ""
    if not _SPEAKS.fullmatch(above) and not _SPEAKS.fullmatch(view.text(n)):
        return False
    said = view.page.once("chat", _chatting)
    return sum(said.values()) >= SPOKEN and 2 * len(said) <= sum(said.values())


def said(view: View, n: int) -> bool:
    """Tell whether a line is what somebody says: all of it in quotation marks, or a speaker's among other speakers'."""
    line = view.text(n)
    if _SPEECH.fullmatch(line):
        return True
    if not (found := _SPEAKER.match(line)) or len(found[1]) > NAME or not _SENTENCE.search(line):
        return False
    spoken = view.page.once("speeches", _speeches)
    return sum(spoken.values()) >= SPEECHES and spoken[found[1]] >= 1


def _chatting(page: Page) -> Counter[str]:
    """Count the names in the lines of a page that show who says something and when."""
    return Counter(found[1] or found[2] for text in page.texts if (found := _SPEAKS.fullmatch(text)))


def _speeches(page: Page) -> Counter[str]:
    """Count the speakers in the lines of a page of which no rule suspects anything."""
    return Counter(found[1] for i, text in enumerate(page.texts)
                   if i not in page.verdicts and i not in page.metas and not page.lines[i].fenced
                   and (found := _SPEAKER.match(text)) and _SENTENCE.search(text))


def introduced(view: View, n: int) -> bool:
    """Tell whether a line that ends with a colon introduces a line, and the text goes on below."""
    top = next((m for m in range(n - 1, max(-1, n - QUOTED - 1), -1) if view.plain(m)), -1)
    line = view.text(top) if top >= 0 else ""
    if not line or line[-1] not in ":：" or not (
            (len(line) >= INTRODUCES and SENTENCE.search(line)) or (len(line) >= QUOTING and _TELLS.search(line))):
        return False
    at = bisect_left(view.bodies, n)
    on = at < len(view.bodies) and 0 < view.bodies[at] - n <= QUOTED
    return on or any(view.plain(m) and view.text(m)[-1] in "。！？" for m in range(n + 1, n + QUOTED + 1))


def titled(view: View, n: int) -> bool:
    """Tell whether a line above the article is its title: it speaks of the same, or no other line could be it."""
    line = view.text(n)
    if n >= min(view.first, HEAD_MOST) or len(line) < TITLE or _MENU.search(line):
        return False
    return is_formula(line) or akin(view, n) or only_title(view, n)


def only_title(view: View, n: int) -> bool:
    """Tell whether no other line above the article could be its title."""
    others = (view.text(m) for m in range(min(view.first, HEAD_MOST))
              if m != n and view.plain(m) and not view.frame(m))
    return not any(len(text) >= TITLE and text[-1] not in "。；;？?！!" and not _MENU.search(text) for text in others)


def akin(view: View, n: int) -> bool:
    """Tell whether a line above the article speaks of what the article speaks of."""
    return n < view.first and kinship(view.text(n), view.article) >= KINDRED


def dated(view: View, n: int) -> bool:
    """Tell whether a date is part of the text: above a programme or a chat, or the value of a label over it."""
    if n and _LABEL.fullmatch(view.text(n - 1)):
        return True
    below = [view.text(m) for m in range(n + 1, min(len(view.live), n + 4)) if view.plain(m)]
    return sum(1 for line in below if CLOCK.match(line)) >= 2 or _talk(view, below)


def _talk(view: View, below: list[str]) -> bool:
    """Tell whether speakers speak in the lines below a date, one of them again and again."""
    said = [found[1] for line in below if (found := _SPEAKER.match(line))]
    return len(said) >= 2 and any(
        sum(1 for text in view.page.texts if text.startswith(who) and _SPEAKER.match(text)) >= SPOKEN for who in said)


def signed(view: View, n: int) -> bool:
    """Tell whether a name stands between the text of a letter and its date: it signs it."""
    if not 0 < n < len(view.live) - 1 or re.search("[:：|/]", view.text(n)):
        return False
    return view.body(n - 1) and bool(_DAY.fullmatch(view.page.fold(view.live[n + 1])))
