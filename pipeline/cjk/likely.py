"""Lines that a learned opinion takes out of a page which shows furniture anyway.

The rules of wording come first.  Where they have found furniture, or the ends of a page say that they are, the
models of `pipeline.cjk.learned` are asked for the rest.  They are believed more above and below the article than
inside it; what has the form of a paragraph, a heading that texts have, or the last line that could be the title is
not theirs to take.
"""
from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from pipeline.cjk import guards, learned
from pipeline.cjk.fieldscan import scan
from pipeline.cjk.formulas import is_heading
from pipeline.cjk.furniture import SURE
from pipeline.cjk.learned import TEXT, Opinion, by_wording, opinions, words
from pipeline.cjk.page import Page, Removal
from pipeline.cjk.rules import Rule
from pipeline.cjk.spamlines import lexicon
from pipeline.cjk.surroundings import kinship

FURNITURE, METADATA, ADVERTISING = "likely-furniture", "likely-metadata", "likely-advertising"
CONFIDENT, TELLING = 0.9, 12  # a line as long as this, so probably text, belongs to the article
FEW = 40  # lines of a page in which one sure line of furniture is enough to ask
DEEP = 4  # paragraphs of an article that are asked about at each end of it
PROSE = 36  # code points of a sentence that makes a paragraph
ENDS = 10  # lines at each end of a page that are heard
HINTED, UNHINTED = 2.5, 3.5  # lines that have to say they are furniture where rules suspect some, and where they do not
_PLACE = {"B": 1, "M": 2}
_OWN = re.compile(  # tables, headings and lists of markdown, articles of a law, headings of wikis and boards
    r"\|.*\||#{1,6} |```|[-*+] |>|\[\^|\*\*|[-*_]{3,}$|!\[|第 ?[一二三四五六七八九十百\d]+ ?[條条章节節]|"
    r"[│├┌└─]|<(?:title|meta|script|!--|html|head|h1|div|a|p|ul|li|span)\b|"
    r".+ ?[\[［【](?:编辑|編輯|[Ee]dit)(?: ?[|｜] ?\S+)?[\]］】]$|[標标][題题]\s.+$")
_DAMAGED = re.compile("[\x80-\x9f\ufffd]|[\xa1-\xff]{3}")  # misread text is no furniture
_ENDINGS = "。；;！？"  # how clauses end, and hardly any furniture
_ITEM = re.compile(r"[(（]?[一二三四五六七八九十百\d]{1,3}[)）、.．\u3000 ]\D")
_ENACTED = re.compile(  # a law's note on itself
    r"\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?日.*(?:[会會][议議]|代表大[会會]).*(?:通[过過]|修[订訂正]|批准|公[布佈])")
_CODE = re.compile(  # commands, commits, statements: mostly ASCII
    r"\s*(?:(?:git|pip3?|npm|yarn|sudo|cd|docker|curl|wget|brew|apt|apt-get|python3?|make|ssh|import|from) [ -~]|"
    r"[$%] ?[a-z]|>>> |[0-9a-f]{7,40} )|(?=[^\u3400-\u9fff]*$)(?=(?:.*[(){}\[\]=;]){3})")
_SIGNED = re.compile(r"[:：/／|｜◎▲△=＝]|\d{4}|[记記]者|作者|[编編][辑輯]|[来來]源")  # might be metadata
_INNER = re.compile(r"[。！？!?].{3}|[，,].{4,}[。！？!?]$")  # a full stop with more behind it, or a clause before one


class _Seen(NamedTuple):
    """A line that may go: its number, its text, whether it is shaped as a paragraph, what is thought of it."""

    line: int
    text: str
    body: bool
    opinion: Opinion
    alone: Opinion

    def article(self) -> bool:
        """Tell whether the line belongs to the article beyond doubt."""
        return self.opinion.text > CONFIDENT and (self.body or (len(self.text) >= TELLING and self.alone.text > 0.5))

    def sells(self) -> bool:
        """Tell whether the line advertises: by its words, or by its place and some of its words."""
        return self.alone.spam > 0.5 or (self.opinion.spam > 0.5 and self.alone.spam > 0.2)


class Doubt:
    """The doubtful lines of one page; what does not change while lines go is found once."""

    def __init__(self, page: Page) -> None:
        self.page = page
        judged, read = page.classify.judge.rules, page.classify.reader.rules
        rules = (judged.get(FURNITURE), judged.get(ADVERTISING), read.get(METADATA))
        self.rules: dict[str, Rule] = {rule.id: rule for rule in rules if rule}
        self._least = max((rule.table["paragraph_alone"] for rule in self.rules.values()), default=0.0)
        self._lines: dict[int, str] = {}
        self._plain: dict[int, tuple[Opinion | None, Opinion | None]] = {}

    def likely(self, live: Sequence[int], found: Container[int], spared: Container[int]) -> Iterator[Removal]:
        """Yield the lines among `live` that are furniture or metadata in all likelihood.

        `found` are the lines that other rules take, `spared` those that must stay.
        """
        if not self.rules or not self._evident(live):
            return
        seen = self._look(live, (found, spared))
        places = [n for n, line in enumerate(seen) if line.article()]
        first, last = (places[0], places[-1]) if places else (len(seen), -1)
        asked = [n for n, line in enumerate(seen) if line.text and line.line not in found and line.line not in spared]
        left = _sells(seen)
        asked = [n for n in asked if not (seen[n].sells() and (left or self._spam(seen[n])))]
        taken = [(n, rule) for n in asked if (rule := _rule(self.rules, seen[n], first < n < last)) is not None]
        if not taken:
            return
        kept = _kept(seen, (first, last), dict(taken), found)
        for n, rule in taken:
            if n not in kept:
                yield _removal(self.page, seen[n], rule)

    def _spam(self, line: _Seen) -> bool:
        """Tell whether the stage `spam` would take a line by its own rules, all of them on."""
        start, end, _ = self.page.lines[line.line]
        return lexicon().takes(line.text, self.page.source[:start] + self.page.source[end:])

    def _evident(self, live: Sequence[int]) -> bool:
        """Tell whether the rules have seen furniture here, or lines at the ends say that they are."""
        levels = [verdict.level for i, verdict in self.page.verdicts.items()
                  if i not in self.page.gone and verdict.saw != "numbers"]
        sure = levels.count(SURE)
        if sure >= 2 or len(levels) >= 3 or (sure == 1 and len(live) <= FEW):
            return True
        return self.spoken(live, HINTED if levels else UNHINTED)

    def spoken(self, live: Sequence[int], least: float) -> bool:
        """Tell whether so many of the first and last lines say by their own words that they are furniture; doubtful
        ones count in part."""
        ends = live if len(live) <= 2 * ENDS else (*live[:ENDS], *live[-ENDS:])
        told, shaped = self.page.told, self.page.shaped
        telling = [line for i in ends if told[i] and not shaped[i] and (line := self._takeable(i))]
        said = 0.0
        for left, line in zip(range(len(telling), 0, -1), telling, strict=True):
            if said >= least or said + left < least:
                break
            share = by_wording(line).furniture
            said += share if share > 0.5 else 0.0
        return said >= least

    def _look(self, live: Sequence[int], decided: tuple[Container[int], Container[int]]) -> list[_Seen]:
        """Return what is thought of each line; nothing if no line is in doubt."""
        shaped = self.page.shaped
        body = [shaped[i] for i in live]
        asked = self._asked(live, body, decided)
        if None not in asked:
            return []
        lines = [self._takeable(i) for i in live]
        self._titles(lines, body, asked)
        if None not in asked:
            return []
        thought = opinions(lines, body, [self.page.said(i) for i in live], asked)
        return [_Seen(i, line, is_body, opinion, known or by_wording(line))
                for i, line, is_body, known, opinion in zip(live, lines, body, asked, thought, strict=True)]

    @staticmethod
    def _titles(lines: Sequence[str], body: Sequence[bool], asked: list[Opinion | None]) -> None:
        """Settle the lines above the first paragraph that speak of what the paragraphs speak of: one is the title."""
        first = next((n for n, is_body in enumerate(body) if is_body), 0)
        doubted = [n for n in range(first)
                   if asked[n] is None and guards.able(lines[n]) and not _SIGNED.search(lines[n])]
        if doubted:
            article = "\n".join(line for line, is_body in zip(lines, body, strict=True) if is_body)
            for n in doubted:
                if kinship(lines[n], article) >= guards.KINDRED:
                    asked[n] = TEXT

    def _asked(self, live: Sequence[int], body: Sequence[bool], decided: tuple[Container[int], Container[int]]
               ) -> list[Opinion | None]:
        """Return what the rules or the form of each line say of it; None for the lines they leave open."""
        found, spared = decided
        known, inner, metas = self._plain, _inner(body), self.page.metas
        asked: list[Opinion | None] = []
        for n, i in enumerate(live):
            if i in found:
                asked.append(learned.METADATA if i in metas else learned.FURNITURE)
            elif i in spared or (body[n] and n in inner):
                asked.append(TEXT)
            else:
                if i not in known:
                    known[i] = self._stays(i)
                asked.append(known[i][n in inner])
        return asked

    def _stays(self, i: int) -> tuple[Opinion | None, Opinion | None]:
        """Return what is thought of a line that stays whatever stands around it, as asking what does is dear.

        The second opinion is for a line between the first and the last paragraphs of an article.
        """
        start, end, _ = self.page.lines[i]
        telling = (4 if end - start >= 60 else 8) * self.page.told[i] >= end - start
        if self.page.shaped[i] and not telling:
            return TEXT, TEXT
        line = self._takeable(i)
        return self._by_form(line, i, telling) if line else (TEXT, TEXT)

    def _by_form(self, line: str, i: int, telling: bool) -> tuple[Opinion | None, Opinion | None]:
        clauses = self.page.shaped[i] or (len(line) >= 15 and bool(_INNER.search(line)))
        if _ENACTED.search(line):
            return TEXT, TEXT
        if _ITEM.match(line) and (line[-1] in "；;" or (line[0] in "（(" and line[-1] == "。")):
            return TEXT, TEXT  # an item of a law, a list: whatever words it has
        if not telling:
            return None if not (clauses or line[-1] in _ENDINGS or _ITEM.match(line)) else TEXT, TEXT
        alone = by_wording(line) if clauses else None
        if alone is None or alone.text < self._least:
            return None, None
        return alone, alone

    def _takeable(self, i: int) -> str:
        """Return a line, or nothing for one that is text whatever it looks like."""
        line = self._lines.get(i)
        if line is None:
            line = "" if self.page.lines[i].fenced else self.page.texts[i]
            line = self._lines[i] = "" if line and _own(line) else line
        return line


def _own(line: str) -> bool:
    """Tell whether a line has the form of a table's row, a heading, an article of a law, code; or is damaged."""
    if "\u3400" <= line[0] <= "\u9fff":
        return (line[0] in "第標标" or line[-1] in "]］】") and bool(_OWN.match(line))
    return bool(_OWN.match(line) or _CODE.match(line) or _DAMAGED.search(line))


def _inner(body: Sequence[bool]) -> range:
    """Return the lines, by place, between the first few and the last few that have the form of a paragraph."""
    places = [n for n, shaped in enumerate(body) if shaped]
    return range(places[DEEP], places[-DEEP]) if len(places) > 2 * DEEP else range(0)


def _rule(rules: dict[str, Rule], line: _Seen, inside: bool) -> Rule | None:
    """Return the rule by which a line goes, or None: it is not unlikely enough to be text."""
    opinion, alone = line.opinion, line.alone
    metadata = opinion.metadata > max(opinion.furniture, opinion.spam)
    rule = rules.get(ADVERTISING if line.sells() else METADATA if metadata else FURNITURE)
    if rule is None or (opinion.spam > 0.5 and not line.sells()):  # only its place speaks for advertising
        return None
    limits = rule.table
    if line.body or (len(line.text) >= 15 and _INNER.search(line.text)):
        gone = opinion.text < limits["paragraph"] and alone.text < limits["paragraph_alone"] and (
            line.sells() or not _prose(line.text))
    elif alone.text > limits["unknown"]:  # nothing in its words speaks of furniture: its place has to be very clear
        gone = not inside and opinion.text < limits["surrounded"]
    else:
        gone = opinion.text < limits["inside" if inside else "line"] or (
            alone.text < limits["clear"] and opinion.text < limits["clear_inside" if inside else "clear_line"])
    return rule if gone and not is_heading(line.text) else None


def _prose(line: str) -> bool:
    """Tell whether a line has two sentences and more, or a long one: a whole paragraph is not lost on a likelihood."""
    return line.count("。") >= 2 or (len(line) >= PROSE and line[-1] == "。")


def _kept(seen: Sequence[_Seen], article: tuple[int, int], taken: dict[int, Rule],
          found: Container[int]) -> set[int]:
    """Return the places of lines that must stay, however unlikely they are to be text."""
    first, last = article
    lines = [line.text for line in seen]
    going = {*taken, *(n for n, line in enumerate(seen) if line.line in found)}
    kept = {*guards.whole_lists(lines, going), *guards.dialogue(lines)}
    if last >= 0:
        head = ["" if line.line in found or (n in taken and taken[n].id == METADATA) else line.text
                for n, line in enumerate(seen[:first])]
        kept.update(guards.kindred(head, "\n".join(line.text for line in seen[first : last + 1])))
        if seen[first].body:  # otherwise the article begins with its title
            kept.update(guards.titles(head, [line.opinion.text + line.alone.text for line in seen[:first]], taken))
    return kept


def _sells(seen: Sequence[_Seen]) -> bool:
    """Tell whether advertising is a good part of a page: then the stage `spam` decides, which can drop the page."""
    sold = sum(len(line.text) for line in seen if line.sells())
    return 4 * sold > sum(len(line.text) for line in seen)


def _removal(page: Page, line: _Seen, rule: Rule) -> Removal:
    saw, meta = words(line.text, _PLACE["M" if rule.id == METADATA else "B"]), page.metas.get(line.line)
    if meta is not None and meta.fields:
        return Removal(line.line, meta.rule, 1 - line.opinion.text, saw, meta.fields)
    return Removal(line.line, rule.id, 1 - line.opinion.text, saw, scan(line.text) if rule.id == METADATA else ())
