"""The words of furniture, and matchers that tell which lines hold some: most lines of a text hold none."""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from pipeline.cjk.linefold import fold, squeeze
from pipeline.cjk.rules import Rule, document

TINY = 20  # code points: lines this short are looked at if they begin with a digit or a word of one character
SHORT = 60  # code points: longer lines are looked at only if they hold an anchor
LONGEST = 400  # longer lines are never furniture
REACHES = (0, SHORT, 100)  # lines longer than these need a rule that reaches so far
_NUMERAL = r"[一二三四五六七八九十百\d]"
SKIPPED = re.compile(  # tables, headings, quotations, footnotes, code and articles of a law are text
    rf"\||#+ |```|[-*+] ?\[.*\]\(|>|[{{}}]|\[\^|第 ?{_NUMERAL}+ ?条|!\[\[")
_ARTICLE = re.compile(r"第 ?[一二三四五六七八九十百零〇\d]+ ?[条條]")
_MARKUP = "#|[>{-*+"
_SEVERAL = re.compile(r"[ |·/\u3000｜丨].+[ |·/\u3000｜丨]")  # a bar has more than two cells
_OPENING = "0123456789[("
_CLOSED = "。;,"


class Word(NamedTuple):
    """A vocabulary word: its rule and its strength (3 strong, 2 weak, 1 a section's name, 0 glue, -1 anchor)."""

    text: str
    rule: str
    force: int


class Vocabulary:
    """The words of some rules; build it once, it holds no text.

    `triggered` and `force` tell of each word of `triggers` which rules it belongs to and how strong it is, `covers`
    which word each match of `cover` is.
    """

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        words = list(_words(rules))
        meaning: dict[str, list[Word]] = {}
        for word in words:
            meaning.setdefault(word.text, []).append(word)
        triggers = [text for text, found in meaning.items() if any(w.rule for w in found)]
        self._trigger_words = triggers
        self.triggered = [tuple(w.rule for w in meaning[text] if w.rule) for text in triggers]
        self.force = [max(w.force for w in meaning[text]) for text in triggers]
        cover = [text for text, found in meaning.items() if any(w.force >= 0 for w in found)]
        self._cover_words = cover
        self.covers = [max(meaning[text], key=lambda w: w.force) for text in cover]
        self.longest = {rule.id: rule.table.get("longest", SHORT) for rule in rules}
        self._anchors = [word for word in words if word.force < 0 and _telling(word.text)]
        self._gates: dict[int, AhoCorasick] = {}
        sure = {word.text for word in self._anchors}
        rest = {word.text for word in words if word.force >= 2 and _telling(word.text)}
        self._firsts = {word.text for word in words if len(word.text) == 1} | set(_OPENING)
        self._short_gate = _automaton(sorted(sure | rest), MatchKind.Standard)
        self._cell_gate = _automaton(sorted({word.text for word in words if word.force == 1}), MatchKind.Standard)

    @cached_property
    def triggers(self) -> AhoCorasick:
        """A matcher of every word that a rule has, built when the first line needs it."""
        return _automaton(self._trigger_words, MatchKind.Standard)

    @cached_property
    def cover(self) -> AhoCorasick:
        """A matcher of the words that count as furniture."""
        return _automaton(self._cover_words, MatchKind.LeftmostLongest)

    def _gate(self, size: int) -> AhoCorasick:
        """Return a matcher of the anchors of all rules whose patterns reach beyond `size` characters."""
        gate = self._gates.get(size)
        if gate is None:
            anchors = {word.text for word in self._anchors if self.longest[word.rule] > size}
            gate = self._gates[size] = _automaton(sorted(anchors), MatchKind.Standard, Implementation.DFA)
        return gate

    def suspects(self, line: str) -> bool:
        """Tell whether a folded line could be furniture: most lines of a text could not."""
        size = len(line)
        if line[0] == "第" and _ARTICLE.match(line):
            return False
        if size > SHORT or line[-1] in _CLOSED:
            reach = REACHES[0 if size <= REACHES[1] else 1 if size <= REACHES[2] else 2]
            return size <= LONGEST and bool(self._gate(reach).find_matches_as_indexes(line))
        if line[0] in _MARKUP and SKIPPED.match(line):
            return False
        if (line[0] in self._firsts and size <= TINY) or self._short_gate.find_matches_as_indexes(line):
            return True
        return bool(_SEVERAL.search(line)) and bool(self._cell_gate.find_matches_as_indexes(line))

    def anchors(self, text: str) -> list[int]:
        """Return where anchors begin in a folded text: lines longer than `SHORT` without one are no suspects."""
        return [start for _, start, _ in self._gate(SHORT).find_matches_as_indexes(text)]


def _words(rules: tuple[Rule, ...]) -> Iterator[Word]:
    for word in document("boilerplate")["glue"].split():
        yield Word(word, "", 0)
    for rule in rules:
        for key, force in (("strong", 3), ("weak", 2), ("cells", 1), ("anchors", -1)):
            for word in rule.table.get(key, "").split():
                yield Word(squeeze(fold(word.replace("_", " "))), rule.id, force)


def _telling(word: str) -> bool:
    """Tell whether a word is rare enough in text to make a line worth a look."""
    return len(word) > 1 or word in "©»›"


def _automaton(words: Iterable[str], kind: MatchKind,
               how: Implementation = Implementation.ContiguousNFA) -> AhoCorasick:
    """Return a matcher; a DFA is a third faster on a line, but takes seven times as long to build."""
    return AhoCorasick(list(words), matchkind=kind, implementation=how)
