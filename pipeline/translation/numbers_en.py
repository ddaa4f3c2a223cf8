"""Finds the numbers of an English text: 380 billion, two-thirds, 25 per cent, December 3, the 1990s, Q3."""
from __future__ import annotations

import re
from fractions import Fraction

from pipeline.translation.quantity import HARD, MAYBE, SOFT, Quantity, quantity

ONES = {word: i for i, word in enumerate((
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"))}
TENS = {word: 10 * i for i, word in enumerate(
    ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2)}
ORDINALS = {word: i for i, word in enumerate((
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth"), 1)} | {"thirtieth": 30, "hundredth": 100}
SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
          "bn": 10**9, "mn": 10**6, "tn": 10**12, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12, "lakh": 10**5}
PARTS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4, "fourths": 4,
         "fifth": 5, "fifths": 5, "sixth": 6, "sixths": 6, "seventh": 7, "sevenths": 7, "eighth": 8, "eighths": 8,
         "ninth": 9, "ninths": 9, "tenth": 10, "tenths": 10}
MULTIPLES = {"both": 2, "twice": 2, "double": 2, "doubled": 2, "doubles": 2, "doubling": 2, "twofold": 2, "pair": 2,
             "couple": 2, "triple": 3, "tripled": 3, "triples": 3, "tripling": 3, "threefold": 3, "trio": 3,
             "thrice": 3, "quadruple": 4, "quadrupled": 4, "fourfold": 4, "fivefold": 5, "tenfold": 10,
             "decade": 10, "dozen": 12, "century": 100, "noon": 12, "midnight": 0, "fortnight": 14}
MONTHS = {name[:n]: i for i, name in enumerate(
    ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
     "december"), 1) for n in (3, 4, len(name))}
DECADES = {"twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70,
           "eighties": 80, "nineties": 90}
PREFIX = (r"(?:RMB|CNY|NTD|NT|USD|US|HKD|HK|EUR|FY|Q|H(?=[12]\b)|No|Nos|TOP|Top|Y|S|A"
          r"|mid|pre|post|sub|top|early|late|over|ex)")
NAME = re.compile(rf"https?://\S+|\d+(?:\.\d+){{2,}}"
                  rf"|(?<![A-Za-z0-9])(?!{PREFIX}[-.$]?\d)[A-Za-z][A-Za-z]*[-.+]?\d[\w.\-]*", re.ASCII)
DIGITS = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
CARDINAL = "|".join(sorted((*ONES, *TENS), key=len, reverse=True))
WORDS = (rf"(?:{CARDINAL})(?:[\s-]+(?:{CARDINAL}|hundred|thousand|million|billion|trillion)\b"
         rf"|(?:(?<=hundred)|(?<=thousand)|(?<=illion))\s+and\s+(?:{CARDINAL})\b)*")
PART = "|".join(sorted(PARTS, key=len, reverse=True))
WORD = "|".join(sorted({*MONTHS, *DECADES, *ORDINALS, *MULTIPLES, *PARTS, "quarterly",
                        *(word for word in SCALES if len(word) > 2)}, key=len, reverse=True))
PERCENT = r"\s?%|[\s-]?per\s?cent\b|[\s-]percentage[\s-]points?\b|\s?pct\b|[\s-]percentage\b"
NUMBER = re.compile(
    rf"(?P<over>\b(?:{CARDINAL}|an?|\d+)\b)[\s-]+(?P<part>{PART})\b(?!\s+(?:quarter|place|time|year|floor|generation|party))"
    rf"|(?P<whole>\b(?:{CARDINAL}|\d+))\s+and\s+(?:a|one)\s+(?P<plus>half|quarter|third)\b(?:\s+(?P<plusscale>million|billion|trillion|thousand))?"
    rf"|(?P<halfof>\bhalf\s+a\s+(?P<halfscale>million|billion|trillion|dozen))"
    rf"|(?P<onein>\b(?P<one>{CARDINAL}|\d+)\s+(?:in|out\s+of)(?:\s+every)?\s+(?P<every>{CARDINAL}|\d+)\b(?!\s*%|,\d|\s+per))"
    rf"|(?P<slash>(?<![\d/.])(?P<top>\d+)/(?P<bottom>\d+)(?![\d/]))"
    rf"|(?P<digits>{DIGITS})(?P<ordinal>st|nd|rd|th)?(?P<decade>'?s\b)?(?P<latin>(?:bn|mn|tn|[KMBTkmb])(?![A-Za-z]))?"
    rf"(?P<scale>(?:[\s-]*(?:hundred|thousand|million|billion|trillion|bn|mn|dozen|lakh)\b)+)?(?P<percent>{PERCENT})?"
    rf"|(?P<point>\b(?:{CARDINAL})\s+point(?:\s+(?:{CARDINAL}))+)(?P<pointscale>\s+(?:thousand|million|billion|trillion))?"
    rf"(?P<pointpercent>{PERCENT})?"
    rf"|\b(?P<words>{WORDS}|an?\s+(?:hundred|thousand|million|billion|trillion)\b)(?P<wordpercent>{PERCENT})?"
    rf"(?:[\s-]+(?P<tail>{'|'.join(ORDINALS)})\b)?"
    rf"|\b(?P<word>{WORD})\b", re.IGNORECASE)
TWICE = re.compile(  # sixty (60) days
    r"\b([A-Za-z]+)\s*\(\d+\)(?=\s*(?:per|%|days|months|years|hundred|thousand|million))")
LIST = re.compile(r"\s*\(?(?:\d+|[ivx]+)[.)]\s")
RANGE = re.compile(r"\s*(?:[-–—~,]|to|and|or|,\s*and|,\s*or)\s*(?:[$¥€£]|RMB\s?)?\s*", re.IGNORECASE)


def numbers(text: str) -> list[Quantity]:
    """Return the numbers of an English text in order.

    >>> [sorted(map(int, q.values)) for q in numbers("invest 380 billion yuan by December")]
    [[380000000000], [12]]
    """
    text = TWICE.sub(r"\g<1>", text)
    named = [quantity(MAYBE, m[0], *map(int, re.findall(r"\d{1,18}", m[0]))) for m in NAME.finditer(text)]
    text = NAME.sub(lambda m: "\ufffc" * len(m[0]), text)
    found: list[Quantity] = []
    places: list[tuple[int, int, Fraction]] = []
    for m in NUMBER.finditer(text):
        one = _read(text, m)
        if one:
            found.append(one[0])
            places.append((m.start(), m.end(), one[1]))
    for i in range(len(places) - 2, -1, -1):  # 3 to 5 million: also 3 million
        (_, end, mine), (start, _, scale) = places[i], places[i + 1]
        if mine == 1 and scale != 1 and RANGE.fullmatch(text, end, start):
            found[i] = found[i]._replace(values=found[i].values | {v * scale for v in found[i].values})
            places[i] = (*places[i][:2], scale)
    return found + named


def _read(text: str, m: re.Match[str]) -> tuple[Quantity, Fraction] | None:
    one = Fraction(1)
    if m["part"]:
        over, part = _cardinal(m["over"]), PARTS[m["part"].lower()]
        grade = SOFT if m["over"].isalpha() and over > 1 else MAYBE
        return quantity(grade, m[0], Fraction(over, part), *([part] if over == 1 else [])), one
    if m["plus"]:
        value = _cardinal(m["whole"]) + Fraction(1, PARTS[m["plus"].lower()])
        return quantity(HARD if m["plusscale"] else SOFT, m[0],
                        value * SCALES.get((m["plusscale"] or "").lower(), 1)), one
    if m["halfof"]:
        scale = {"dozen": 12, **SCALES}[m["halfscale"].lower()]
        return quantity(SOFT, m[0], Fraction(scale, 2)), one
    if m["onein"]:
        top, every = _cardinal(m["one"]), _cardinal(m["every"])
        return quantity(SOFT, m[0], *([Fraction(top, every)] if every else []), every), one
    if m["slash"]:
        top, bottom = int(m["top"]), int(m["bottom"])
        return quantity(SOFT, m[0], *([Fraction(top, bottom)] if bottom else []), top, bottom), one
    if m["digits"]:
        return _digits(text, m)
    if m["point"]:
        return _point(m), one
    return _words(m) if m["words"] else (_word(text, m) if m["word"] else None)


def _digits(text: str, m: re.Match[str]) -> tuple[Quantity, Fraction]:
    value, scale = Fraction(m["digits"].replace(",", "")), Fraction(1)
    for word in re.split(r"[\s-]+", (m["scale"] or "").strip(" -").lower()):
        scale *= {"dozen": 12, **SCALES}.get(word, 1)
    if m["percent"]:
        scale = Fraction(1, 100)
    values = [value * scale]
    if m["latin"]:
        values.append(value * SCALES[m["latin"].lower()])
    if m["decade"] and value < 100:
        values += [1900 + value, 2000 + value]
    if value < 100 and re.search(r"(?:19|20)\d\d[-–—/]$", text[max(0, m.start() - 5) : m.start()]):
        values += [2000 + value, 1900 + value]
    if scale == 1 and value < 25 and re.match(r":\d\d|\s?[ap]\.?m\b", text[m.end() :]):
        values += [value + 12, abs(value - 12)]
    if re.match(r"\s?[ap]\.?m\b", text[m.end() :]) and "." in m["digits"]:  # 4.40 am
        values += [Fraction(part) for part in m["digits"].split(".")]
    numbered = LIST.match(text) and m.start() < 3
    return quantity(MAYBE if numbered else HARD, m[0], *values), scale


def _point(m: re.Match[str]) -> Quantity:
    whole, *decimals = re.split(r"\s+point\s+|\s+", m["point"].lower())
    value = Fraction(f"{_cardinal(whole)}.{''.join(str(_cardinal(d)) for d in decimals)}")
    scale = Fraction(SCALES.get((m["pointscale"] or "").strip().lower(), 1))
    return quantity(HARD, m[0], value * (Fraction(1, 100) if m["pointpercent"] else scale))


def _words(m: re.Match[str]) -> tuple[Quantity, Fraction]:
    words = re.split(r"[\s-]+", m["words"].lower())
    total = section = 0
    for word in words:
        if word in SCALES:
            if word == "hundred":
                section = (section or 1) * 100
            else:
                total, section = total + (section or 1) * SCALES[word], 0
        elif word in ("a", "an"):
            section = 1
        else:
            section += ONES.get(word, TENS.get(word, 0))
    value = total + section + ORDINALS.get((m["tail"] or "").lower(), 0)
    scaled = any(word in SCALES for word in words)
    scale = next((SCALES[w] for w in reversed(words) if w in SCALES), 1)
    if m["wordpercent"]:
        return quantity(HARD, m[0], Fraction(value, 100)), Fraction(1, 100)
    hard = (scaled and words[0] not in ("a", "an")) or value > 12
    return quantity(HARD if hard else SOFT if value > 1 else MAYBE, m[0], value), Fraction(scale)


def _word(text: str, m: re.Match[str]) -> tuple[Quantity, Fraction] | None:
    word, one = m["word"].lower(), Fraction(1)
    if word in MONTHS and m["word"][0].isupper():
        doubtful = word in ("may", "march", "mar") and not re.search(
            r"(?:\b(?:in|of|since|by|until|till|from|to|early|late|mid|this|last|and|on)[\s-]|\d\s?|[–—-])$",
            text[max(0, m.start() - 7) : m.start()]) and not re.match(r"\.?\s*\d", text[m.end() :])
        return quantity(MAYBE if doubtful else HARD, m[0], MONTHS[word]), one
    if word in DECADES:
        return quantity(SOFT, m[0], DECADES[word], 1900 + DECADES[word]), one
    if word in ORDINALS:
        value = ORDINALS[word]
        return quantity(SOFT if value > 2 else MAYBE, m[0], value, Fraction(1, value)), one
    if word in MULTIPLES:
        return quantity(SOFT if word.startswith(("tripl", "quadr", "three", "four", "five")) else MAYBE, m[0],
                        MULTIPLES[word]), one
    if word in PARTS:
        return quantity(MAYBE, m[0], Fraction(1, PARTS[word]), PARTS[word]), one
    if word in SCALES and len(word) > 2:
        return quantity(MAYBE, m[0], SCALES[word]), one
    if word == "quarterly":
        return quantity(MAYBE, m[0], 3, 4), one
    return None


def _cardinal(word: str) -> int:
    word = word.lower()
    return int(word) if word.isdigit() else ONES.get(word, TENS.get(word, 1))
