"""Is one line page furniture, by its wording alone?

A line is compared with the rules of ``data/rules/boilerplate.toml``.  There are two kinds of evidence.
A *pattern* describes a complete line.  *Coverage* is more general: a line that consists of nothing but
words of furniture, numbers and punctuation is furniture, however the words are put together, so that
请先 注册 / 登录后参与评论 needs no pattern of its own.  Words are strong or weak; a line of weak words
is only a suspicion, which `pipeline.cjk.context` settles by looking at the neighbours.
"""
from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from pipeline.cjk.furniture_words import SKIPPED, Vocabulary, Word
from pipeline.cjk.linefold import fold, squeeze
from pipeline.cjk.rules import Rule, active

NONE, WEAK, SURE = 0, 1, 2
PARTLY = 40  # the longest line that may be furniture although it is only half vocabulary
PARTIAL = "partly "  # how the evidence of such a line begins
COVERED = 160  # the longest line that coverage may judge

MACROS = {"{n}": r"(?>\d[\d.,]*[万亿wk千]?\+?)", "{b}": r"[•·▪►▶★☆><#*◆◎○●■□▲△→← \[【(-]{0,4}"}
_SOLID = re.compile(r"[^\W\d_]")
_URL = re.compile(r"(?:https?://|www\.)[\w./?=&%#~:-]+")
_NUMERAL = r"[一二三四五六七八九十百\d]"
NUMBERED = re.compile(
    rf"(?:\d{{1,3}}|[一二三四五六七八九十]{{1,3}})(?:[.、)](?!\d)|, ?(?!\d))|"
    rf"[(]{_NUMERAL}{{1,3}}[)]|第 ?{_NUMERAL}+ ?[步条章节编款项]")
_SENTENCE_END = "。?!;"
_QUOTED = re.compile(r"[\"「」『』《》“”]")
_MENTION = re.compile(r"([\"「『“])[^\"」』”]{2,60}[\"」』”]")  # what is spoken of, not said
_TOLD = re.compile(r"(?:我自己|我们自己|是我|他|她|它)[^。]*。$")  # a narrator's sentence
_MEASURED = re.compile(r"\d ?(?:%|元|万元|亿元|公里|公斤|岁|℃)$")  # a row of a table: 微信 62%
_STATEMENTS = ("repost", "copyright", "licence", "disclaimer")  # a page makes these, a text quotes them
_CLAUSE = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}[ .、]?[^\d\W]")  # of a contract, which may say all of this
_NO_NAMES = {"手机", "我们的", "官方", "最新", "本站", "移动", "新闻", "免费", "安卓", "本", "我们", ""}
_CALL = re.compile(r"^app|查看|更多|阅读|体验|打开|下载|立即|领取|获取")  # what to do there, not its name
_PUNCTUATED = re.compile(r"[,、]|[。?!;]$")
_BAR = re.compile(r"[|/>·,、 ]+")


class Verdict(NamedTuple):
    """What wording alone says of a line: `level` NONE, WEAK or SURE, the rule, a score, what was seen."""

    level: int
    rule: str = ""
    score: float = 0.0
    saw: str = ""


NOTHING = Verdict(NONE)


class Judge:
    """Judges lines by the rules that are switched on; build it once (`judge`), it holds no text."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.words = Vocabulary(rules)
        self.suspects, self.anchors = self.words.suspects, self.words.anchors
        self.rules = {rule.id: rule for rule in rules}
        self.whole = {rule.id: _alternation(rule.table.get("whole", ())) for rule in rules}
        self.maybe = {rule.id: _alternation(rule.table.get("maybe", ())) for rule in rules}
        self.unless = {rule.id: _alternation(rule.table.get("unless", ())) for rule in rules}
        self.phrases = {rule.id: [_expand(p) for p in rule.table.get("phrases", ())] for rule in rules}
        self.platforms = {rule.id: rule.table.get("platform", "") for rule in rules}
        self.platform = lru_cache(maxsize=1 << 12)(self._platform)
        """Returns the platform that a line names (下载界面新闻APP: 界面新闻), or an empty string."""

    def __call__(self, line: str) -> Verdict:
        """Return the verdict on one line, without blanks at its ends.

        >>> judge()("掃一掃下載界面新聞APP").rule
        'app-promo'
        """
        folded = fold(line)
        return self.folded(folded) if self.suspects(folded) else NOTHING

    def folded(self, line: str) -> Verdict:
        """Return the verdict on a folded line (`pipeline.cjk.linefold.fold`)."""
        folded = squeeze(line)
        if SKIPPED.match(folded):
            return NOTHING
        hits = {hit[0] for hit in self.words.triggers.find_matches_as_indexes(folded, overlapping=True)}
        if not hits:
            return self._counter(folded)
        triggered = {rule for hit in hits for rule in self.words.triggered[hit]}
        if NUMBERED.match(folded):
            return self._told(folded, triggered)
        found = self._patterns(folded, triggered)
        force = max(self.words.force[hit] for hit in hits)
        if found.level < SURE and len(folded) <= COVERED and force >= (3 if folded[-1] in _SENTENCE_END else 1):
            covered = self._coverage(folded)
            found = covered if covered.level > found.level else found
        return NOTHING if found.level == WEAK and _MEASURED.search(folded) else found

    def _platform(self, rule: str, line: str) -> str:
        pattern = self.platforms[rule]
        found = _compiled(pattern).search(fold(line)) if pattern else None
        name = line[slice(*found.span("p"))].strip() if found else ""
        return name if name and fold(name) not in _NO_NAMES and not _CALL.search(fold(name)) else ""

    def _counter(self, folded: str) -> Verdict:
        pattern = self.maybe.get("counts")
        if pattern and folded[:1].isdigit() and _compiled(pattern).fullmatch(folded):
            return Verdict(WEAK, "counts", 0.3, "numbers")
        return NOTHING

    def _patterns(self, folded: str, triggered: set[str]) -> Verdict:
        weak = NOTHING
        plain = _MENTION.sub('"□"', folded)
        for rule in sorted(triggered):
            if len(folded) > self.words.longest[rule] or (rule in _STATEMENTS and _CLAUSE.match(folded)):
                continue
            if self.unless[rule] and _compiled(self.unless[rule]).search(folded):
                return NOTHING
            whole, maybe = self.whole[rule], self.maybe[rule]
            if whole and _compiled(whole).fullmatch(plain if rule in _STATEMENTS else folded):
                return Verdict(SURE, rule, 1.0, "pattern")
            if maybe and not weak.level and _compiled(maybe).fullmatch(folded):
                weak = Verdict(WEAK, rule, 0.4, "pattern")
        told = self._told(plain, triggered)
        return told if told.level else weak if weak.level else self._counter(folded)

    def _told(self, folded: str, triggered: set[str]) -> Verdict:
        """Judge a longer statement by the phrases in it."""
        for rule in sorted(triggered):
            if self.phrases[rule] and not (rule in _STATEMENTS and _CLAUSE.match(folded)):
                seen = sum(1 for p in self.phrases[rule] if _compiled(p).search(folded))
                if seen >= self.rules[rule].table["need"]:
                    return Verdict(SURE, rule, 1.0, f"{seen} phrases")
        return NOTHING

    def _coverage(self, folded: str) -> Verdict:
        """Judge a line by how much of it is vocabulary."""
        if _QUOTED.search(folded) or folded.count("。") > 1 or _TOLD.search(folded):
            return NOTHING
        chosen = [self.words.covers[index] for index, start, end in self.words.cover.find_matches_as_indexes(folded)
                  if _bounded(folded, start, end)]
        best = max((w for w in chosen if w.rule), key=lambda w: (w.force, len(w.text)), default=None)
        if best is None:
            return NOTHING
        uncovered = self._uncovered(folded, chosen)
        if uncovered:
            found = self._bar(folded) if best.force > 0 else NOTHING
            if found.level or best.force < 3 or len(folded) > PARTLY or _PUNCTUATED.search(folded):
                return found
            covered = sum(len(_SOLID.findall(w.text)) for w in chosen)
            return Verdict(WEAK, best.rule, 0.2, PARTIAL + best.text) if covered >= uncovered else NOTHING
        names = sum(1 for w in chosen if w.force >= 1)
        if best.force == 3:
            return Verdict(SURE, best.rule, 1.0, best.text)
        if folded[-1] in _SENTENCE_END:
            return NOTHING
        if best.force == 1:
            level = SURE if names >= 5 else WEAK if names >= 3 else NONE
            return Verdict(level, best.rule, 0.8 if level == SURE else 0.3, f"{names} cells") if level else NOTHING
        weak = {w.text for w in chosen if w.force == 2}
        if (names >= 4 and len(weak) >= 2) or sum(1 for word in weak if len(word) > 1) >= 3:
            return Verdict(SURE, best.rule, 0.8, f"{names} cells")
        return Verdict(WEAK, best.rule, 0.4, best.text)

    def _uncovered(self, folded: str, chosen: list[Word]) -> int:
        rest = _URL.sub("", folded)
        return len(_SOLID.findall(rest)) - sum(len(_SOLID.findall(w.text)) for w in chosen)

    def _bar(self, folded: str) -> Verdict:
        """Judge a bar of cells of which some are unknown."""
        cells = [c for c in _BAR.split(folded) if c]
        if len(cells) < 4 or max(map(len, cells)) > 12 or _PUNCTUATED.search(folded):
            return NOTHING
        known = sum(1 for cell in cells if self._known(cell))
        if "nav" in self.rules and known >= 3 and known >= 0.6 * len(cells):
            return Verdict(SURE, "nav", 0.7, f"{known}/{len(cells)} cells")
        return NOTHING

    def _known(self, cell: str) -> bool:
        hits = self.words.cover.find_matches_as_indexes(cell)
        return len(hits) == 1 and hits[0][2] - hits[0][1] == len(cell) and self.words.covers[hits[0][0]].force > 0


def _bounded(text: str, start: int, end: int) -> bool:
    """Tell whether a Latin word stands alone; Han words have no borders."""
    return not ((start and _latin(text[start]) and _latin(text[start - 1]))
                or (end < len(text) and _latin(text[end - 1]) and _latin(text[end])))


def _latin(char: str) -> bool:
    return "a" <= char <= "z"


def _expand(pattern: str) -> str:
    for name, text in MACROS.items():
        pattern = pattern.replace(name, text)
    return pattern


def _alternation(patterns: Iterable[str]) -> str:
    return "|".join(f"(?:{_expand(p)})" for p in patterns)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a rule's pattern, compiled when a line first needs it: a short text needs few of three hundred."""
    return re.compile(pattern)


@cache
def judge(off: tuple[str, ...] = (), on: tuple[str, ...] = ()) -> Judge:
    """Return the judge for the rules that are switched on; one a process for each choice of rules."""
    return Judge(active("boilerplate", off, on))
