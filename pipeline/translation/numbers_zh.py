"""Finds the numbers of a Chinese text: 3800亿, 三分之二, 百分之五, 3亿5000万, 二〇二五年, 90后.

A Chinese numeral inside a word (百度, 四川, 统一) is no number, so a lone numeral counts only before a
measure word, and a magnitude (百千万亿) only behind a numeral.
"""
from __future__ import annotations

import re
from fractions import Fraction

from pipeline.translation.quantity import HARD, MAYBE, SOFT, Quantity, quantity

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2, "俩": 2, "双": 2, "廿": 20}
UNITS = {"十": 10, "百": 100, "千": 1000}
BIG = {"万": 10**4, "亿": 10**8, "兆": 10**12}
N = "零〇○一二三四五六七八九两十百千万亿"
MEASURE = ("个年月日天号时点分秒周岁家名位人款种项次倍届所座条章节款只台架辆艘件份笔篇部套本张支枚颗户口层楼级"
           "类批场轮代季旬度元角块美米吨克斤里公厘毫平立亩公英尺步站期方大分之成折页卷集组对排队国省市县区镇村省")
LATIN = r"(?<![A-Za-z0-9])(?!(?:RMB|CNY|USD|HKD|EUR|TOP|Top|FY|Q|No)\.?\d)[A-Za-z][A-Za-z]*[-.+]?\d[\w.\-]*"
NAME = re.compile(rf"https?://\S+|{LATIN}|\d+(?:\.\d+){{2,}}", re.ASCII)
ARABIC = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
WIDE = str.maketrans("０１２３４５６７８９％．／：萬億兩點倍國後", "0123456789%./:万亿两点倍国后")
LOOSE = re.compile(r"(?<=\d)\s+(?=[十百千万亿个年月日%世])|(?<=世纪)\s+(?=\d)")  # 569 万
WIDE_COMMA = re.compile(r"(?<=\d)，(?=\d{3}(?!\d))")
TENTHS = "成(?![立为功长员本果熟交绩品都就年人语份因型])"
SCALE = r"(?:[十百千]?[万亿]+|[百千])"
NUMBER = re.compile(
    rf"(?P<frac>(?P<under>\d+|百|千|万|[{N}]+)分之(?P<over>{ARABIC}|[{N}]+(?:点[{N}]+)?))"
    rf"|(?P<slash>(?<![\d/])(?P<top>\d+)/(?P<bottom>\d+)(?![\d/]))"
    rf"|(?P<composite>(?:(?:{ARABIC})[万亿]){{2,}}(?:\d+)?|(?:{ARABIC})[万亿]\d+(?=[元人])|(?:{ARABIC})亿零?\d+万)"
    rf"|(?P<arabic>{ARABIC})(?P<scale>余?多?{SCALE})?(?P<latin>[KMBT](?![A-Za-z]))?"
    rf"(?P<after>\s?%|％|‰|个?百分点|{TENTHS}|倍|折)?"
    rf"|(?P<plan>十[一二三四五六]?五(?=[”’」]|规划|期间|时期|计划|末|以来))"
    rf"|(?P<year>[零〇○一二三四五六七八九]{{4}}(?=年))"
    rf"|(?P<han>[{N}]+(?:[点.][零〇○一二三四五六七八九]+[万亿]*)?)(?P<unit>{TENTHS}五?|倍|折|个?百分点)?")
RANGE = re.compile(r"\s*(?:[-–—~～－、/]|至|到|或)+\s*")


def numbers(text: str) -> list[Quantity]:
    """Return the numbers of a Chinese text in order.

    >>> [sorted(map(int, q.values)) for q in numbers("投入3800亿元，用户达5000万")]
    [[380000000000], [50000000]]
    """
    text = WIDE_COMMA.sub(",", LOOSE.sub("", text.translate(WIDE)))
    named = [quantity(MAYBE, m[0], *map(int, re.findall(r"\d{1,18}", m[0]))) for m in NAME.finditer(text)]
    text = NAME.sub(lambda m: "\ufffc" * len(m[0]), text)
    found: list[Quantity] = []
    places: list[tuple[int, int, Fraction]] = []  # where each stands, and the scale behind its digits
    for m in NUMBER.finditer(text):
        one = _read(text, m)
        if one:
            found.append(one[0])
            places.append((m.start(), m.end(), one[1]))
    found += named
    found += [quantity(MAYBE, m[0], Fraction(1, 2)) for m in re.finditer("半", text)]
    found += [quantity(MAYBE, m[0], 2, 4) for m in re.finditer("双|翻[一两]?番|翻倍|倍增|加倍", text)]
    return _share_scales(text, found, places)


def _share_scales(text: str, found: list[Quantity], places: list[tuple[int, int, Fraction]]) -> list[Quantity]:
    """Read 3至5亿 as 3亿至5亿 too."""
    for i in range(len(places) - 2, -1, -1):
        (_, end, mine), (start, _, scale) = places[i], places[i + 1]
        if mine == 1 and scale != 1 and RANGE.fullmatch(text, end, start):
            more = frozenset(v * scale for v in found[i].values)
            found[i] = found[i]._replace(values=found[i].values | more)
            places[i] = (*places[i][:2], scale)
    return found


def _read(text: str, m: re.Match[str]) -> tuple[Quantity, Fraction] | None:
    one = Fraction(1)
    if m["frac"]:
        under, over = _value(m["under"]), _value(m["over"])
        return (quantity(HARD, m[0], over / under), Fraction(1, 100) if under == 100 else one) if under else None
    if m["slash"]:
        top, bottom = int(m["top"]), int(m["bottom"])
        return (quantity(SOFT, m[0], *([Fraction(top, bottom)] if bottom else []), top, bottom), one)
    if m["composite"]:
        return quantity(HARD, m[0], _composite(m["composite"])), Fraction(1)
    if m["arabic"]:
        return _arabic(text, m)
    if m["plan"]:
        return quantity(MAYBE, m[0], _value(m["plan"][:-1]), 5), one
    if m["year"]:
        return quantity(HARD, m[0], int("".join(str(DIGITS[c]) for c in m["year"]))), one
    return _han(text, m)


def _composite(text: str) -> Fraction:
    total, unit = Fraction(0), Fraction(1)
    for digits, scale in re.findall(rf"({ARABIC})([万亿]?)", text):
        value = Fraction(digits.replace(",", ""))
        if scale:
            unit = Fraction(BIG[scale])
            total += value * unit
        else:  # 2万5 is 25,000 in speech; 3亿2000 is rare
            total += value * unit / 10 if len(digits) == 1 and unit == 10**4 else value
    return total


def _arabic(text: str, m: re.Match[str]) -> tuple[Quantity, Fraction]:
    value, scale = Fraction(m["arabic"].replace(",", "")), Fraction(1)
    for c in m["scale"] or "":
        scale *= BIG.get(c, UNITS.get(c, 1))
    values: list[Fraction | int] = [value * scale]
    if m["latin"]:
        values.append(value * {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}[m["latin"]])
    after, before = (m["after"] or "").strip(), text[max(0, m.start() - 4) : m.start()]
    if after in ("%", "％", "百分点", "个百分点"):
        return quantity(HARD, m[0], value / 100), Fraction(1, 100)
    if after == "‰":
        return quantity(HARD, m[0], value / 1000), Fraction(1, 1000)
    values += _by_unit(value, after, before)
    rest = text[m.end() : m.end() + 4]
    grade = SOFT if after == "折" else HARD
    if not text[: m.start()].strip() and re.match(r"[、.．)）]\D", rest + " "):
        grade = MAYBE  # the number of a list
    alone = len(values) == 1 and scale == 1
    if (alone and value == 1 and re.match("[个名位次家天小]", rest)) or (not value and before.endswith(":")) or (
            before.endswith("双")):
        grade = MAYBE  # 1个: a; 20:00: 8 p.m.; 双11: Singles' Day
    values += _by_context(value, before, rest, "民国" in text)
    return quantity(grade, m[0], *values), scale


def _by_unit(value: Fraction, unit: str, before: str) -> list[Fraction | int]:
    """Return what else a value may be called in English by the unit behind it."""
    if unit.startswith("成"):
        return [(value + (Fraction(1, 2) if unit.endswith("五") else 0)) / 10]
    if unit == "倍":
        return [value + 1, value * 100] if re.search("[增长加高升多涨大]了?近?约?超?过?$", before) else [value * 100]
    if unit == "折":
        share = value / (10 if value < 10 else 100)
        return [share, 1 - share]
    return []


def _by_context(value: Fraction, before: str, rest: str, republic: bool) -> list[Fraction | int]:
    """Return the other ways to write a year, a decade or an hour."""
    out: list[Fraction | int] = []
    if before.endswith("民国") or (republic and rest[:1] == "年") or re.match("年[正一二三四五六七八九十0-9]+月", rest):
        out.append(value + 1911)
    if value < 100 and (rest[:1] == "年" or rest[:1] == "后" or rest[:2] == "级") and value.denominator == 1:
        out += [1900 + value, 2000 + value]
    if rest[:2] == "世纪":
        out += [100 * (value - 1) + 10 * d for d in range(10)]
    if re.match("[点时:]", rest) and value <= 24:
        out += [value + 12, abs(value - 12)]
    if re.search(r"(?:19|20)\d\d\s*[-–—/]$", before + "") or re.search(r"\d\d[-–—/]$", before):
        out += [2000 + value, 1900 + value] if value < 100 else []
    return out


def _han(text: str, m: re.Match[str]) -> tuple[Quantity, Fraction] | None:
    word, unit = m["han"], m["unit"] or ""
    before, rest = text[max(0, m.start() - 2) : m.start()], text[m.end() : m.end() + 4]
    if all(c in "十百千万亿" for c in word) and not (word[0] == "十" and len(word) > 1):
        if word == "十" and rest and ((rest[0] in MEASURE and rest[0] != "分") or before.endswith("第")):
            return quantity(SOFT, word, 10), Fraction(1)
        return quantity(MAYBE, word, _value(word)), Fraction(1)
    if word[0] in "百千万亿":  # 万一, 百一十: no number starts so
        return quantity(MAYBE, word, _value(word)), Fraction(1)
    plain = [c for c in word if c in DIGITS]
    if len(plain) == len(word) and len(word) > 1:  # 四五个: four or five; 一二三: an enumeration
        value = int("".join(str(DIGITS[c]) for c in word))
        return quantity(MAYBE, word, value, *(DIGITS[c] for c in word)), Fraction(1)
    value_ = _value(word)
    values = [value_, *_by_unit(value_, unit, before), *_by_context(value_, before, rest, "民国" in text)]
    if unit.startswith("成"):
        values = values[1:]
    if "百分点" in unit:
        values = [value_ / 100]
    if len(word) == 1:
        measured = (bool(rest) and rest[0] in MEASURE) or bool(unit) or before.endswith("第")
        grade = SOFT if measured and value_ >= 3 else MAYBE
        if value_ == 2 and measured:
            grade = SOFT
    else:
        vague = before.endswith(("几", "数", "约")) or rest[:1] in "几来"
        sure = any(c in "百千万亿点" for c in word) or (rest[:1] and rest[0] in MEASURE)
        grade = HARD if sure and not vague else SOFT
    return quantity(grade, m[0], *values), Fraction(1)


def _value(text: str) -> Fraction:
    """Return what a numeral in Arabic or Chinese digits stands for.

    >>> _value("三千二百万"), _value("十二"), _value("一点五万")
    (Fraction(32000000, 1), Fraction(12, 1), Fraction(15000, 1))
    """
    if text[0].isdigit() and text.isascii():
        return Fraction(text.replace(",", ""))
    whole, point, decimals = text.replace(".", "点").partition("点")
    total = section = digit = 0
    scale = Fraction(1)
    tail = decimals.rstrip("万亿") if point else ""
    for c in whole:
        if c in DIGITS:
            digit = DIGITS[c]
        elif c in UNITS:
            section += (digit or 1) * UNITS[c]
            digit = 0
        elif c in BIG:
            total = (total + section + digit or 1) * BIG[c] if c == "亿" else total + (section + digit or 1) * BIG[c]
            section = digit = 0
    for c in decimals[len(tail) :]:
        scale *= BIG[c]
    places = "".join(str(DIGITS[c]) for c in tail)
    return (total + section + digit + Fraction(int(places or 0), 10 ** len(places))) * scale
