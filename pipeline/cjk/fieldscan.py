"""Read what can be read in a metadata line that has no known shape.

`pipeline.cjk.metalines` reads a line whole or not at all, because that is what tells metadata from text.  Where
something else has told it already, single fields are looked for anywhere in the line.
"""
from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.cjk import names
from pipeline.cjk.dates import match_date
from pipeline.cjk.linefold import fold
from pipeline.cjk.metavalues import Field
from pipeline.cjk.rules import pattern

_ADDRESS = re.compile(r"https?://[\w./?=&%#~:@-]+")
_ACCOUNT = re.compile(r"(?!(?:原创|首发|转载|置顶|时间|日期|更新|发布|发表).{0,3}$)[\u3400-\u9fff]{2,10}")
_PARTS = re.compile(r"[\s|·,;/]+")


def start() -> re.Pattern[str]:
    """Return where a date may begin in a folded line."""
    return pattern("metadata", "date_start")


def scan(line: str) -> tuple[Field, ...]:
    """Return the fields that stand anywhere in a line, then the line itself as a note.

    >>> [f.key for f in scan("财经小屋 2021-09-14 15:12")], scan("财经小屋 2021-09-14 15:12")[0].value
    (['date', 'site', 'notes'], '2021-09-14T15:12')
    """
    return (*_fields(line, fold(line)), Field("notes", line))


def _fields(line: str, folded: str) -> Iterator[Field]:
    rest = folded
    for found in start().finditer(folded):
        if dated := match_date(folded, found.start()):
            yield Field("date", dated[0])
            rest = rest[: found.start()] + " " * (dated[1] - found.start()) + rest[dated[1] :]
            break
    for found in _ADDRESS.finditer(line):
        yield Field("urls", found[0])
        rest = rest[: found.start()] + " " * len(found[0]) + rest[found.end() :]
    for found in pattern("metadata", "role").finditer(rest):
        yield from _people(line[slice(*found.span("who"))], "editors" if found["editor"] else "authors")
        rest = rest[: found.start()] + " " * (found.end() - found.start()) + rest[found.end() :]
    if rest != folded:
        yield from _outlets(line, rest)


def _people(value: str, key: str) -> Iterator[Field]:
    found = names.split_names(value)
    people = [name for name in found if names.person(name)]
    yield from (Field(key, name) for name in people or found if len(name) <= 40 and not names.ordinary(name))


def _outlets(line: str, rest: str) -> Iterator[Field]:
    """Yield the publishers and places among the words that are left."""
    at = 0
    for word in _PARTS.split(rest):
        start = rest.find(word, at) if word else -1
        if start < 0:
            continue
        at = start + len(word)
        if word in names.places():
            yield Field("place", line[start:at])
        elif names.outlet(word) or (start == 0 and _ACCOUNT.fullmatch(word)):
            yield Field("site", line[start:at])
