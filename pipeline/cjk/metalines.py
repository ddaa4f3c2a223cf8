"""Lines that are metadata: bylines, editors, sources, date lines, tags, addresses.

A line counts as metadata only if all of it can be read as fields (label, separator, value) whose
values are of the right kind; a sentence that begins with 作者 or 来源 cannot.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from pipeline.cjk import names
from pipeline.cjk.captions import read_caption
from pipeline.cjk.dates import match_date
from pipeline.cjk.linefold import fold
from pipeline.cjk.metavalues import CLAUSE, LONGEST_CAPTION, Field, Labels
from pipeline.cjk.rules import Rule, active, pattern

NONE, WEAK, SURE = 0, 1, 2
LONGEST = 120  # code points
_SKIP = " |·,;/、[](){}【】〔〕—-•>"
_ENDS = "。；;，,！？"
_CAPTIONED = re.compile("[图圖摄攝照▲▼]")
_PICTURE = re.compile(r"[图圖摄攝]|照片|影像|[资資]料照|照[/／:：]|[Pp]hoto|[Ii]mage")
_MARKED = re.compile(r"[▲▼]|[(（\[【]?.{0,2}[图圖]")
_SHAPE = re.compile(
    r"(?![|>│]|[-*] |##)(?:.{0,14}[:：︰|｜丨│︱/／].|[#＃▲△▼▽]|.*(?:\d{4}[-/.年]\d|(?:19|20)\d\d$)|[Bb][Yy] |"
    r"(?:[Ww]ritten|[Ww]ords|[Tt]ext|[Ss]tory) by |[Pp]osted |[Pp]ublished |[Uu]pdated |收[录錄][于於]|"
    r"(?:作者|记者|記者|编辑|編輯|责编|責編|撰文|来源|來源) )")
_BY_ONE = re.compile(
    r"[Bb]y ([A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3}|[\u3400-\u9fff]{2,4})"
    r"(?= ?[|,]| on |$)")
_NUMBER = re.compile(r"\d+(?=[ |]|$)")
_CREDIT = re.compile(r"(?:摄像|摄影|图片|剪辑|制图|配音|出镜|后期|供图|题图|视频|海报|插画|设计|制作|出品) ?[:/|] ?\S+")
_ONE_TAG = re.compile(r"# ?[^#\s!]{1,8}")


def pictured(text: str) -> bool:
    """Tell whether a text holds a character without which a sentence is no caption."""
    return bool(_CAPTIONED.search(text))


class Meta(NamedTuple):
    """A line read as metadata: how sure, by which rule, and what it says."""

    level: int
    rule: str
    fields: tuple[Field, ...] = ()
    label: str = ""


NOTHING = Meta(NONE, "")


class Reader:
    """Reads metadata lines by the rules that are switched on (`reader`)."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = {rule.id: rule for rule in rules}
        self.on = set(self.rules)
        self.desk, self.by, self.hashes, self.signed = (
            pattern("metadata", key) for key in ("desk", "by", "hashes", "signed"))
        self.labels = Labels(rules)
        self.counter, self.aside = self.labels.counter, self.labels.aside

    @staticmethod
    def sentences(line: str, pictures: bool) -> bool:
        """Tell whether a line is surely no metadata: long, or a sentence in a text that speaks of no `pictures`."""
        size = len(line)
        return size > LONGEST_CAPTION or (not pictures and (line[-1] in _ENDS or size > LONGEST))

    def suspects(self, line: str) -> bool:
        """Tell, without folding, whether a line could be metadata: most lines of a text could not."""
        size = len(line)
        if size > LONGEST_CAPTION:
            return False
        if line[-1] in _ENDS or size > LONGEST:
            if not pictured(line):
                return False
            return bool(_PICTURE.search(line, max(0, size - 24)) or _MARKED.match(line))
        return bool(_SHAPE.match(line) or _PICTURE.search(line, max(0, size - 24)))

    def __call__(self, line: str) -> Meta:
        """Return what `line` says of the text, if all of it is metadata.

        >>> reader()("编辑|谢丽容")
        Meta(level=2, rule='editor', fields=(Field(key='editors', value='谢丽容'),), label='编辑|谢丽容')
        """
        return self.folded(line, fold(line)) if self.suspects(line) else NOTHING

    def folded(self, line: str, folded: str) -> Meta:
        """Return what `line` says, given its folded form."""
        caption = read_caption(line, folded)
        if caption:
            rule, value = caption
            return Meta(SURE, rule, (Field("captions", value),) if value else ()) if rule in self.on else NOTHING
        if len(line) > LONGEST or folded[-1] in "。!?;":
            return NOTHING
        by = self.by.fullmatch(line) if folded[0] in "bwtsr" and "byline" in self.on else None
        if by:
            return Meta(SURE, "byline", tuple(Field("authors", n) for n in re.split(r", | and | & ", by["who"])))
        fields = self._hashtags(line, folded) or self._desk(line, folded) or self._fields(line, folded)
        return fields if fields.level else self._signed(line, folded) or NOTHING

    def _hashtags(self, line: str, folded: str) -> Meta | None:
        if folded[0] != "#" or "hashtags" not in self.on:
            return None
        if not self.hashes.fullmatch(folded):
            return Meta(WEAK, "hashtags", (Field("tags", line.lstrip("#＃ ")),)) if _ONE_TAG.fullmatch(folded) else None
        values = [v.strip() for v in re.split(r"[#＃]", line) if v.strip()]
        sure = len(values) > 1 or folded.endswith("#")
        return Meta(SURE if sure else WEAK, "hashtags", tuple(Field("tags", v) for v in values))

    def _signed(self, line: str, folded: str) -> Meta | None:
        """Read an account's line: names, then a date with a time (原创 林小满 南风杂记 2020-07-19 21:30)."""
        found = self.signed.fullmatch(folded)
        dated = match_date(folded, found.start("date")) if found else None
        if not found or not dated or not dated[2] or "dateline" not in self.on:
            return None
        place = self._rest(line, folded, dated[1])
        if place is None:
            return None
        words = line[slice(*found.span("who"))].split()
        fields = [Field("authors" if names.person(word) else "site", word) for word in words]
        fields.append(Field("date", dated[0]))
        fields += [Field("place", place)] if place else []
        return Meta(SURE if found["own"] else WEAK, "dateline", tuple(fields), "signed")

    def _rest(self, line: str, folded: str, at: int) -> str | None:
        """Return the place named after a date (or ""), None if there is more than places, counters and buttons."""
        place = ""
        while at < len(folded):
            aside = self.counter.match(folded, at) or self.aside.match(folded, at) or _NUMBER.match(folded, at)
            end = aside.end() if aside else at + 1 if folded[at] in _SKIP else _word_end(folded, at)
            if not aside and folded[at] not in _SKIP:
                place = line[at:end]
                if folded[at:end] not in names.places():
                    return None
            at = end
        return place

    def _desk(self, line: str, folded: str) -> Meta | None:
        found = self.desk.fullmatch(folded)
        if not found or "reporter-place" not in self.on:
            return None
        return Meta(SURE, "reporter-place", tuple(self._desk_fields(line, found)))

    def _desk_fields(self, line: str, found: re.Match[str]) -> Iterator[Field]:
        for name in names.split_names(line[slice(*found.span("who"))]):
            if names.person(name):
                yield Field("authors", name)
        place = line[slice(*found.span("where"))]
        if fold(place) not in ("综合", "即时"):
            yield Field("place", place)

    def _fields(self, line: str, folded: str) -> Meta:
        fields: list[Field] = []
        first, timed, labelled = "", False, ""
        at = 0
        while at < len(folded):
            if folded[at] in _SKIP:
                at += 1
                continue
            step = self._field(line, folded, at)
            if step is None:
                return NOTHING
            at, rule, found, sure = step
            if found and found[0].key == "site" and rule == "" and not first:
                return NOTHING
            if rule and not first:
                first = rule
            timed = timed or sure
            labelled = labelled or ("" if not rule else folded)
            fields += found
        if not first and _CREDIT.match(folded) and "photo-credit" in self.on:
            return Meta(WEAK, "photo-credit")
        if not first or first not in self.on:
            return NOTHING
        return Meta(SURE if timed else WEAK, first, tuple(fields), labelled[:12])

    def _field(self, line: str, folded: str, at: int) -> tuple[int, str, list[Field], bool] | None:
        """Read one field at `at`: (its end, its rule, what it says, whether it is sure)."""
        if desk := self.desk.match(folded, at) if at else None:
            return desk.end(), "", list(self._desk_fields(line, desk)), True
        if not at and (by := _BY_ONE.match(line)):
            return by.end(), "byline", [Field("authors", by[1])], False
        if dated := match_date(folded, at):
            return dated[1], "dateline", [Field("date", dated[0])], dated[2]
        found = self.labels.label.match(folded, at)
        if found:
            rule, end, fields = self.labels.value(line, folded, found)
            if fields:
                return end, rule, fields, True
        if aside := self.counter.match(folded, at) or self.aside.match(folded, at):
            return aside.end(), "", [], False
        if found:
            return None
        if at:
            end = _word_end(folded, at)
            if folded[at:end].isascii() and folded[at].isalpha() and "|" in folded:
                end = next((i for i in range(at, len(folded)) if folded[i] in "|,"), len(folded))
            word = line[at:end].strip()
            if fold(word) in names.places():
                return end, "", [Field("place", word)], False
            if names.outlet(word):
                return end, "", [Field("site", word)], False
            if names.person(word) and folded[at - 1] in " |":
                return end, "", [Field("authors", word)], False
            if by := _BY_ONE.match(line, at):
                return by.end(), "", [Field("authors", by[1])], False
            if folded[at - 1] in "·|" and 2 <= len(word) <= 12 and not CLAUSE.search(word):
                return end, "", [Field("site", word)], False
            if len(word) <= 6 and self.counter.match(folded, end + 1) and folded[at - 2].isdigit():
                return end, "", [Field("authors", word)], False
        return None


def _word_end(folded: str, at: int) -> int:
    end = at
    while end < len(folded) and folded[end] not in " |·,;/)]】":
        end += 1
    return end


@cache
def reader(off: tuple[str, ...] = (), on: tuple[str, ...] = ()) -> Reader:
    """Return the reader for the rules that are switched on."""
    return Reader(active("metadata", off, on))
