"""Is one line an advertisement of the kind that is pushed into other people's pages?

No word proves spam: laws speak of gambling, encyclopedias of sex, news of forged papers.  What marks
spam is that several kinds of evidence meet in one line: what the *trade* sells, a *call* to act, a
*contact* (worse: a disguised one), a *bar* of search words instead of a sentence.  Words of a report
(police, court, article of a law, research) speak against it.  The evidence adds up to a score; a line
is spam when the score reaches a threshold and at least two kinds of evidence are there.
"""
from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from pipeline.cjk.batch import batches
from pipeline.cjk.learned import by_wording, words
from pipeline.cjk.line_features import trades
from pipeline.cjk.linefold import fold, spellings
from pipeline.cjk.phrases import Phrases, to_codes
from pipeline.cjk.rules import Rule, active, document, pattern
from pipeline.cjk.surroundings import CLASSES, kinship

LONGEST = 400
LIKELY = "likely-spam"
THRESHOLD = 4.0  # the score a line needs, unless the setting says otherwise
HIDDEN = 1.5  # the score of signs between all characters
CROWD = 0.6  # the share of a line that words of trades and calls cover, from which on it is no sentence
KINDRED = 4  # from this step of kinship on, a line speaks of what the page speaks of
# 澳.门.投.注: nobody else writes so; found from the first sign on, for signs are rarer than characters
_APART = re.compile(r"[.·*~_-](?<=[\u3400-\u9fff][.·*~_-])(?:[\u3400-\u9fff][.·*~_-]){2}|"
                    r" (?<=[\u3400-\u9fff] )(?:[\u3400-\u9fff] ){6}")
_BETWEEN = re.compile(r"(?<=[\u3400-\u9fff])[.·*~_-](?=[\u3400-\u9fff])")
_BLANKS = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
_SPACED = re.compile(r"(?:[\u3400-\u9fff] ){7}")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff\u00ad]")
_DIGITS = str.maketrans("①②③④⑤⑥⑦⑧⑨⓪❶❷❸❹❺❻❼❽❾⓿⒈⒉⒊⒋⒌⒍⒎⒏⒐⑴⑵⑶⑷⑸⑹⑺⑻⑼零壹贰叁肆伍陆柒捌玖➕✚",
                        "12345678901234567890" + "123456789" * 2 + "0123456789" + "++")
_SOLID = re.compile(r"[^\W_]")
_ENGLISH = re.compile(r"[a-z]{3,} [a-z]{3,}")
_STOPS = re.compile(r"[。!?;:]")
_QUOTES_CODE = re.compile(r"\s*<(?:title|meta|script|!--|html|head|h1)\b", re.IGNORECASE)  # shown
_FORMAL = re.compile(r"[如应得之于为及其]")
_QUOTED = re.compile(r"[“\"「『《][^”\"」』》]{0,40}[”\"」』》]")


class Evidence(NamedTuple):
    """What was found in a line: the rule it points to, the score, and the counts of each kind."""

    rule: str
    score: float
    trade: int = 0
    call: int = 0
    contact: int = 0
    report: int = 0
    bar: int = 0
    words: int = 0
    saw: str = ""

    def __str__(self) -> str:
        counts = (str(n) if name == "saw" else f"{name} {n}"
                  for name, n in zip(self._fields[2:], self[2:], strict=True) if n)
        return f"{self.score:.1f} {', '.join(counts)}"


NOTHING = Evidence("", 0.0)


def together(line: str) -> str:
    """Return a line without the signs that stand between all its characters.

    >>> together("澳.门.投.注.网"), together("2.5米.见图")
    ('澳门投注网', '2.5米.见图')
    """
    if not _APART.search(line):
        return line
    return _BLANKS.sub("", _BETWEEN.sub("", line)) if _SPACED.search(line) else _BETWEEN.sub("", line)


class Lexicon:
    """The words of the rules that are switched on (`lexicon`)."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.on = {rule.id for rule in rules}
        self.disguised, self.contact, self.spaced, self.prose, self.separator = (
            pattern("spam", key) for key in ("disguised", "contact", "spaced", "prose", "separator"))
        table = document("spam")
        self.kinds: list[list[tuple[str, int]]] = []
        place: dict[str, int] = {}
        strong: list[str] = []
        for rule in rules:
            for word in _words(rule.table.get("words", "")):
                self._add(place, word, (rule.id, 1))
            for word in _words(rule.table.get("strong", "")):
                self._add(place, word, (rule.id, 2))
                strong.append(word)
        for kind in ("call", "report"):
            for word in _words(table[kind]):
                self._add(place, word, (kind, 1))
        self.matcher = AhoCorasick(list(place), matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA)
        likely = [rule for rule in rules if rule.id == LIKELY]
        self.limits = dict(likely[0].table) if likely else {}
        wide = trades() if likely else ()
        triggers = {form for word in (*strong, *wide, *table["triggers"].split()) for form in spellings(word)}
        self.gate = Phrases(triggers)
        self.words = list(place)

    def _add(self, place: dict[str, int], word: str, kind: tuple[str, int]) -> None:
        at = place.setdefault(fold(word), len(self.kinds))
        if at == len(self.kinds):
            self.kinds.append([])
        self.kinds[at].append(kind)

    def suspicious(self, text: str) -> list[int]:
        """Return where in a text words stand that spam cannot do without; most texts have none."""
        return next(self.all_suspicious((text,)))

    def all_suspicious(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """Yield what `suspicious` says of each text; many are looked at in one go, joined by new lines."""
        for group in batches(texts):
            text = "\n".join(group)
            found = [hit.start for hit in self.gate.find(text, to_codes(text))]
            if self.limits:
                found = sorted(found + [hit.start() - 1 for hit in _APART.finditer(text)])
            offset = at = 0
            for one in group:
                first = at
                at = bisect_left(found, offset + len(one), at)
                yield [place - offset for place in found[first:at]]
                offset += len(one) + 1

    def weigh(self, line: str) -> Evidence:
        """Return the evidence for spam in one line.

        >>> lexicon().weigh("急用钱找我!无抵押贷款,凭身份证当天放款,加微❤信 k d 5 2 0 1 3").rule
        'loan-ad'
        """
        if len(line) > LONGEST or _QUOTES_CODE.match(line):
            return NOTHING
        whole = together(line)
        folded = _INVISIBLE.sub("", fold(whole)).translate(_DIGITS)
        plain = _QUOTED.sub("□", folded)
        found: dict[str, set[str]] = {}
        strong: dict[str, set[str]] = {}
        sold = 0
        for index, start, end in self.matcher.find_matches_as_indexes(plain):
            if not _alone(plain, start, end):
                continue
            sold += end - start if self.kinds[index][0][0] != "report" else 0
            for kind, force in self.kinds[index]:
                found.setdefault(kind, set()).add(self.words[index])
                if force == 2:
                    strong.setdefault(kind, set()).add(self.words[index])
        seen = self._score(plain, found, strong, sold)
        return seen._replace(score=seen.score + HIDDEN) if seen.rule and whole != line else seen

    def takes(self, line: str, others: str) -> bool:
        """Tell whether a line of a page whose other lines are `others` is spam by its words, rules or learned."""
        if not self.suspicious(line):
            return False
        found = self.weigh(line)
        return (bool(found.rule) and found.score >= THRESHOLD) or bool(self.likely(line, others).rule)

    def likely(self, line: str, others: str) -> Evidence:
        """Return the learned evidence for spam in one line of a page whose other lines are `others`.

        A line that speaks of what the page speaks of must be much clearer than one that breaks in.
        """
        if not self.limits or len(line) > LONGEST or _QUOTES_CODE.match(line):
            return NOTHING
        opinion = by_wording(_QUOTED.sub("“”", together(line)))
        share = opinion.spam / (opinion.spam + opinion.text + opinion.metadata)
        if share < self.limits["alone"] or (share < self.limits["kindred"] and kinship(line, others) >= KINDRED):
            return NOTHING
        return Evidence(LIKELY, 10 * share, saw=words(line, CLASSES.index("S")))

    def _score(self, plain: str, found: dict[str, set[str]], strong: dict[str, set[str]],
               sold: int) -> Evidence:
        call, report = len(found.pop("call", ())), len(found.pop("report", ()))
        contact = self._contact(plain)
        rule = max(found, key=lambda r: (len(strong.get(r, ())), len(found[r])), default="")
        trade, words = len(strong.get(rule, ())), len(found.get(rule, ()))
        bar = self._bar(plain, strong.get(rule, set()), found.get(rule, set())) if trade else 0
        if not bar and trade:
            bar = self._crowd(plain, strong, sold)
        prose = plain[-1:] in "。!?" and (
            len(self.prose.findall(plain)) >= 2 or (plain[-1] == "。" and plain.count(",") >= 3))  # a full period
        score = (1.5 * min(trade, 4) + 0.5 * min(words, 4) + min(call, 4) + (0, 1.5, 3)[contact] + 2.5 * bool(bar)
                 - 2.5 * report - 1.5 * prose)
        kinds = bool(trade or words >= 2) + bool(call) + bool(contact) + bool(bar)
        if kinds < 2 or not (trade or contact == 2):
            return Evidence("", max(0.0, score), trade, call, contact, report, bar, words)
        rule = "keyword-bar" if bar and not contact and "keyword-bar" in self.on else rule if trade else "contact-ad"
        return Evidence(rule if rule in self.on else "", score, trade, call, contact, report, bar, words)

    def _contact(self, plain: str) -> int:
        """Return 2 for a disguised contact, 1 for a plain one, 0 for none."""
        plainly = self.contact.search(plain)
        if self.disguised.search(plain) or (plainly and self.spaced.search(plain) and not _ENGLISH.search(plain)):
            return 2
        return 1 if plainly else 0

    def _crowd(self, plain: str, strong: dict[str, set[str]], sold: int) -> int:
        """Return how many words of trades crowd a line that hardly holds anything else, or 0."""
        hard = sum(map(len, strong.values()))
        if hard < 2 or sold < CROWD * len(_SOLID.findall(plain)) or _STOPS.search(plain) or self.prose.search(plain):
            return 0
        return hard

    def _bar(self, plain: str, strong: set[str], words: set[str]) -> int:
        """Return how many cells a bar of search words has, or 0 if the line is a sentence."""
        cells = [c for c in self.separator.split(plain) if c]
        if len(cells) < 3 or _STOPS.search(plain) or max(map(len, cells)) > 32:
            return 0
        if not re.search(r"[|_]", plain) and (self.prose.search(plain) or _FORMAL.search(plain)):
            return 0
        sold = sum(1 for c in cells if any(w in c for w in words))
        hard = sum(1 for c in cells if any(w in c for w in strong) or sum(w in c for w in words if len(w) > 1) >= 3)
        return len(cells) if hard >= 2 and sold >= 0.5 * len(cells) else 0


def _words(listed: str) -> list[str]:
    """Return the words of a list, in which `_` stands for a blank inside a word."""
    return [word.replace("_", " ") for word in listed.split()]


def _alone(text: str, start: int, end: int) -> bool:
    """Tell whether a Latin word is not part of a longer one."""
    return not ((start and _latin(text[start]) and _latin(text[start - 1]))
                or (end < len(text) and _latin(text[end - 1]) and _latin(text[end])))


def _latin(char: str) -> bool:
    return "a" <= char <= "z"


@cache
def lexicon(off: tuple[str, ...] = (), on: tuple[str, ...] = ()) -> Lexicon:
    """Return the words of the rules that are switched on; one a process for each choice of rules."""
    return Lexicon(active("spam", off, on))
