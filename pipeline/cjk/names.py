"""Is this the name of a person, of a publisher, of a place?"""
from __future__ import annotations

import re
from functools import cache

from pipeline.cjk.linefold import fold
from pipeline.cjk.rules import document, pattern

_HAN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[A-Z][\w.'’-]*(?: (?:van|von|de|der|la|al|bin)| [A-Z][\w.'’-]*){0,3}")
_FOREIGN = re.compile(r"[\u3400-\u9fff]{1,8}(?:[·•‧・][\u3400-\u9fff]{1,8}){1,3}")
SPLIT = re.compile(r"[\s、,，;；&＆/／]+|(?<=[\u3400-\u9fff])和(?=[\u3400-\u9fff]{2,3}$)")
_CONTACT = re.compile(r"_[A-Z]{1,4}\d+$|\s*[(（][^()（）]*[@\d][^()（）]*[)）]\s*$|\s+[\w.+-]+@[\w.-]+$")


@cache
def _surnames() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    table = document("metadata")
    compound, others = table["compound_surnames"].split(), table["not_names"].split()
    return frozenset(table["surnames"].strip()), frozenset(compound), frozenset(others)


@cache
def _outlets() -> tuple[str, ...]:
    return tuple(document("metadata")["outlets"].split())


@cache
def places() -> frozenset[str]:
    """Return the names of places that stand beside a date line (folded)."""
    return frozenset(document("metadata")["places"].split())


def nobody(text: str) -> bool:
    """Tell whether a site or a person is named without a name.

    >>> nobody("網絡"), nobody("本站"), nobody("网络时报")
    (True, True, False)
    """
    return fold(text) in _nobodies()


@cache
def _nobodies() -> frozenset[str]:
    return frozenset(document("metadata")["nobody"].split())


def person(text: str) -> bool:
    """Tell whether `text` has the shape of a personal name: 李明, 欧阳修远, 布莱恩·切斯基, Helen Marsh.

    >>> person("謝麗容"), person("谢谢"), person("華商韜略"), person("Helen Marsh")
    (True, False, False, True)
    """
    folded = fold(text)
    if _HAN.fullmatch(folded):
        single, compound, others = _surnames()
        if folded in others:
            return False
        if folded[:2] in compound:
            return 3 <= len(folded) <= 4
        return 2 <= len(folded) <= 3 and folded[0] in single
    return bool(_FOREIGN.fullmatch(text) or (_LATIN.fullmatch(text) and len(text) <= 40))


def nickname(text: str) -> bool:
    """Tell whether `text` is how editors sign who give no name: 小王, 老李, 阿陈, 小编.

    >>> nickname("小王"), nickname("小編"), nickname("老师")
    (True, True, False)
    """
    folded = fold(text)
    if len(folded) != 2 or folded[0] not in "小老阿" or folded in document("metadata")["not_nicknames"].split():
        return False
    return folded == "小编" or folded[1] in _surnames()[0]


def ordinary(text: str) -> bool:
    """Tell whether `text` is a word that only looks like a name (谢谢, 高兴)."""
    return fold(text) in _surnames()[2]


def outlet(text: str) -> bool:
    """Tell whether `text` looks like a publisher: it ends as papers, sites and offices do.

    >>> outlet("江城晚报"), outlet("孟雯")
    (True, False)
    """
    folded = fold(text)
    return 2 <= len(folded) <= 24 and folded.endswith(_outlets()) and not re.search(r"[,。!?:;]", folded)


def clean(value: str) -> str:
    """Return a value without a mail address or number in brackets and without brackets around it."""
    value = _CONTACT.sub("", value.strip())
    return value.strip(" \u3000|｜丨/／-—:：[]【】()（）<>")


def split_names(value: str) -> list[str]:
    """Return the single names of a byline's value, without role words.

    >>> split_names("张三、李四"), split_names("本報記者 王五")
    (['张三', '李四'], ['王五'])
    """
    value = clean(value)
    if _LATIN.fullmatch(value) and " and " not in value:
        return [value]
    names, roles = [], pattern("metadata", "roles")
    for part in re.split(r" and ", value) if re.search(r"[A-Za-z] and [A-Z]", value) else _rejoin(SPLIT.split(value)):
        while not person(part) and (found := roles.search(fold(part))) and found.end() > found.start():
            part = part[found.end():] if not found.start() else part[: found.start()]
        if part := clean(part):
            names.append(part)
    return names


def _rejoin(parts: list[str]) -> list[str]:
    """Put the words of Latin names together again, and a Han name that was set with a blank (李 明)."""
    out: list[str] = []
    for part in filter(None, parts):
        if out and ((part[0].isascii() and out[-1][-1].isascii()) or len(part) == len(out[-1]) == 1):
            out[-1] += (" " if part[0].isascii() else "") + part
        else:
            out.append(part)
    return out
