"""Metadata by its place: the lines between a title and the first paragraph, and the one below the last.

There a looser shape is enough than `pipeline.cjk.metalines` asks for: an account's name before a date and a time,
a role before a pen name, the head of a bulletin board's post.  The same line inside an article stays.
"""
from __future__ import annotations

import re
from functools import cache, lru_cache

from pipeline.cjk import names
from pipeline.cjk.dates import match_date
from pipeline.cjk.fieldscan import scan, start
from pipeline.cjk.linefold import fold, squeeze
from pipeline.cjk.metalines import SURE, Meta
from pipeline.cjk.rules import pattern

LONGEST, REST = 70, 12  # code points of a line; letters beside a date that need no explanation
_SENTENCE = re.compile(r"[。!?;…\"“「《]|[,，].*[,，]")
_LETTER = re.compile(r"[^\W\d_]")


def may_head(line: str) -> bool:
    """Tell, without folding, whether a line could be metadata by its place."""
    return 3 < len(line) <= LONGEST and bool(_part("hint").search(line))


@lru_cache(maxsize=1 << 10)
def read_head(line: str) -> Meta | None:
    """Return what a line between title and article says, if it is metadata.

    >>> read_head("财经小屋 2021-09-14 15:12").rule, read_head("他在2021年回到家乡"), read_head("编辑:小王").rule
    ('dateline', None, 'byline')
    """
    folded = squeeze(fold(line))
    if len(folded) > LONGEST or _SENTENCE.search(folded):
        return None
    if _part("board").fullmatch(folded):
        return Meta(SURE, "byline", scan(line), "board")
    if _part("dispatch").fullmatch(folded):
        return Meta(SURE, "byline", scan(line), "head")
    rest, timed = _undated(folded)
    if rest != folded:
        unknown = _LETTER.findall(_part("fields").sub(" ", _part("beside").sub(" ", rest)))
        told = timed or _part("dated").search(folded) or "原创" in folded
        return Meta(SURE, "dateline", scan(line), "head") if told and len(unknown) <= REST else None
    return read_tail(line)


@lru_cache(maxsize=1 << 10)
def read_tail(line: str) -> Meta | None:
    """Return what a line below an article says, if all of it is roles and names."""
    folded = squeeze(fold(line)).strip("()[]【】 ")
    if len(folded) > LONGEST or _SENTENCE.search(folded) or not _part("fields").match(folded):
        return None
    rest = _part("fields").sub(" ", _part("beside").sub(" ", folded))
    left = [word for word in re.split(r"[\s|/,、;()]+", rest) if word]
    if not all(names.person(word) or names.outlet(word) or word in names.places() for word in left):
        return None
    fields = scan(line)
    return Meta(SURE, "byline", fields, "head") if len(fields) > 1 else None  # more than the note


def _undated(folded: str) -> tuple[str, bool]:
    """Return a line without its dates, and whether one of them had a time of day."""
    timed, at, rest = False, 0, ""
    for found in start().finditer(folded):
        if found.start() >= at and (dated := match_date(folded, found.start())):
            rest += folded[at : found.start()] + " "
            timed, at = timed or dated[2], dated[1]
    return rest + folded[at:], timed


@cache
def _part(name: str) -> re.Pattern[str]:
    return pattern("metadata", f"head_{name}")
