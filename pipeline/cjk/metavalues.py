"""The labels of metadata lines (作者, 来源, 发布时间) and the values behind them."""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pipeline.cjk import names
from pipeline.cjk.dates import match_date, match_roc
from pipeline.cjk.linefold import fold
from pipeline.cjk.rules import Rule, pattern

LONGEST_CAPTION = 150  # code points
_SENTENCE = re.compile(r"[。!?;\"「《]")
CLAUSE = re.compile(r"[^a-z ],.{8}")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_PEN_NAME = re.compile(r"[\u3400-\u9fff]{2,4}")
_OPENS = {")": "(", "〕": "〔"}  # a value may hold such a pair


class Field(NamedTuple):
    """One piece of metadata: its key in the manifest ("" when it has none) and its normalised value."""

    key: str
    value: str


class Labels:
    """The labels of some rules, and how their values are read; `counter` and `aside` are what may stand beside them."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.counter, self.aside = pattern("metadata", "counter"), pattern("metadata", "aside")
        self._anywhere = {w.replace("_", " ") for r in rules for w in r.table.get("anywhere", "").split()}
        self._labels: dict[str, tuple[str, str]] = {}
        for rule in rules:
            for word in rule.table.get("labels", "").split():
                self._labels[word.replace("_", " ")] = (rule.id, rule.table["key"])
            for word in rule.table.get("modified", "").split():
                self._labels[word.replace("_", " ")] = (rule.id, "modified")
        spelled = _by_first(self._labels) or "(?!)"
        self.label = re.compile(rf"(?P<label>{spelled})(?P<sep> ?[:|/@] ?| (?=\S)|(?=\d{{4}}[-/年.]))")

    def value(self, line: str, folded: str, found: re.Match[str]) -> tuple[str, int, list[Field]]:
        """Return the rule of the label that was `found`, where its value ends, and what that says."""
        label = found["label"]
        rule, key = self._labels[label] if label in self._labels else self._spaced(label)
        return rule, *self._value(line, folded, found.end(), (key, label, found["sep"]))

    def _spaced(self, label: str) -> tuple[str, str]:
        return next(v for k, v in self._labels.items() if k.replace(" ", "") == label.replace(" ", ""))

    def _value(self, line: str, folded: str, start: int, label: tuple[str, str, str]) -> tuple[int, list[Field]]:
        key, word, separator = label
        if key in ("date", "modified"):
            dated = match_date(folded, start) or match_roc(folded, start)
            return (dated[1], [Field(key, dated[0])]) if dated else (start, [])
        if key == "title":
            value = line[start:].strip("()（）[]【】 \u3000")
            return (len(folded), [Field(key, value)]) if label[2].strip() and 4 <= len(value) <= 60 else (start, [])
        if key == "urls":
            found = _ADDRESS.match(folded, start)
            return (found.end(), [Field(key, line[start : found.end()])]) if found else (start, [])
        end = self._value_end(folded, start)
        if key == "notes":
            value = line[start:end].strip()
            known = 0 < len(value) <= LONGEST_CAPTION and separator.strip() and not _SENTENCE.search(fold(value))
            return (end, [Field(key, f"{word}: {value}")]) if known else (start, [])
        value = names.clean(line[start:end])
        if not value or len(value) > 60 or _SENTENCE.search(fold(value)):
            return start, []
        if key in ("site", "tags") and CLAUSE.search(fold(value)):
            return start, []
        return end, list(self._read(key, value, word, separator.strip()))

    def _value_end(self, folded: str, start: int) -> int:
        """Return where a value ends: before the next label, date, counter or closing bracket."""
        for at in range(start + 1, len(folded)):
            if folded[at] in ")]】〕|" and _OPENS.get(folded[at], "|") not in folded[start:at]:
                return at
            if folded[at - 1] in " |;,/)(" and folded[at] != " ":
                found = self.label.match(folded, at)
                if (found and found["sep"].strip()) or match_date(folded, at) or self.counter.match(folded, at):
                    return at
                if folded[at - 1] in " |;/" and self.aside.match(folded, at):
                    return at
        return len(folded)

    def _read(self, key: str, value: str, label: str, marked: str) -> Iterator[Field]:
        if key == "tags":
            tags = [t for t in re.split(r"[\s,，、;；/|#＃]+|\d+[个個]$", value) if t]
            if tags and all(len(t) <= 12 or t.isascii() for t in tags) and (marked or value[0] in "#＃"):
                yield from (Field(key, t) for t in tags)
        elif key == "site":
            if marked and len(value) <= 30 and not re.search(r"[,，]", value):
                yield Field(key, value)
        else:
            yield from self._people(key, value, label, marked)

    def _people(self, key: str, value: str, label: str, marked: str) -> Iterator[Field]:
        parts = names.split_names(value)
        people = [p for p in parts if names.person(p) or (marked and names.nickname(p))]
        others = [p for p in parts if p not in people]
        if people and (not others or (marked and len(others) == 1 and others[0] == parts[0] and len(others[0]) <= 16)):
            yield from (Field("site", p) for p in others)
            yield from (Field(key, p) for p in people)
        elif marked in ("|", "/") and len(parts) == 1 and _PEN_NAME.fullmatch(value) and len(label) > 1:
            yield Field(key, value)
        elif marked and len(parts) == 1 and len(value) <= 12 and (label in self._anywhere or names.outlet(value)):
            yield Field(key if label in self._anywhere else "site", value)


def _by_first(words: Iterable[str]) -> str:
    """Return a pattern of any of the words, the longest first, that looks at the first character once."""
    spelled: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        spelled.setdefault(word[0], []).append(re.escape(word[1:]).replace(r"\ ", " ?"))
    if not spelled:
        return ""
    return f"(?=[{''.join(map(re.escape, spelled))}])(?:" + "|".join(
        f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in spelled.items()) + ")"
