"""Lines that a learned opinion takes out of a page which shows furniture anyway.

The rules of wording come first.  Where they have found furniture, the models of `pipeline.cjk.learned` are asked
for the rest.  They are believed more above and below the article than inside it; what has the form of a
paragraph, a heading that texts have, or the last line that could be the title is not theirs to take.
"""
from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline.cjk import guards, learned
from pipeline.cjk.fieldscan import scan
from pipeline.cjk.formulas import is_heading
from pipeline.cjk.furniture import LONGEST, SURE
from pipeline.cjk.learned import TEXT, Opinion, by_wording, opinions, telling, words
from pipeline.cjk.page import Page, Removal
from pipeline.cjk.rules import Rule

FURNITURE, METADATA = "likely-furniture", "likely-metadata"
CONFIDENT, TELLING = 0.9, 12  # a line as long as this, so probably text, belongs to the article
FEW = 40  # lines of a page in which one sure line of furniture is enough to ask
DEEP = 4  # paragraphs of an article that are asked about at each end of it
ENDS, SPOKEN = 10, 0.95
_PLACE = {"B": 1, "M": 2}
_OWN = re.compile(  # tables, headings and lists of markdown, articles of a law, headings of wikis and boards
    r"\|.*\||#{1,6} |```|[-*+] |>|\[\^|\*\*|[-*_]{3,}$|!\[|第 ?[一二三四五六七八九十百\d]+ ?[條条章节節]|"
    r".+ ?[\[［【](?:编辑|編輯|[Ee]dit)(?: ?[|｜] ?\S+)?[\]］】]$|[標标][題题]\s.+$")
_ENDINGS = "。；;！？"  # how clauses end, and hardly any furniture
_ITEM = re.compile(r"[(（]?[一二三四五六七八九十百\d]{1,3}[)）、.．\u3000 ]\D")
_CODE = re.compile(  # commands, commits, statements: mostly ASCII
    r"\s*(?:(?:git|pip3?|npm|yarn|sudo|cd|docker|curl|wget|brew|apt|apt-get|python3?|make|ssh|import|from) [ -~]|"
    r"[$%] ?[a-z]|>>> |[0-9a-f]{7,40} )|(?=[^\u3400-\u9fff]*$)(?=(?:.*[(){}\[\]=;]){3})")
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


def likely(page: Page, live: Sequence[int], found: Container[int], spared: Container[int]) -> Iterator[Removal]:
    """Yield the lines among `live` that are furniture or metadata in all likelihood.

    `found` are the lines that other rules take, `spared` those that must stay.
    """
    rules = {rule.id: rule for rule in (page.classify.judge.rules.get(FURNITURE),
                                        page.classify.reader.rules.get(METADATA)) if rule}
    if not rules or not _evident(page, live):
        return
    seen = list(_look(page, live, (found, spared), rules))
    places = [n for n, line in enumerate(seen) if line.article()]
    first, last = (places[0], places[-1]) if places else (len(seen), -1)
    asked = [n for n, line in enumerate(seen) if line.text and line.line not in found and line.line not in spared]
    taken = [(n, rule) for n in asked if (rule := _rule(rules, seen[n], first < n < last)) is not None]
    kept = _kept(seen, (first, last), dict(taken), found)
    for n, rule in taken:
        if n not in kept:
            yield _removal(page, seen[n], rule)


def _evident(page: Page, live: Sequence[int]) -> bool:
    """Tell whether the rules have seen furniture here."""
    sure = sum(1 for i in live if i in page.verdicts and page.verdicts[i].level == SURE)
    doubtful = sum(1 for i in live if i in page.verdicts)
    if sure >= 2 or doubtful >= 3 or (sure == 1 and len(live) <= FEW):
        return True
    return doubtful > 0 and _spoken(page, live) >= 3


def _spoken(page: Page, live: Sequence[int]) -> int:
    """Return how many of the first and last lines say by their own words that they are furniture."""
    ends = live if len(live) <= 2 * ENDS else (*live[:ENDS], *live[-ENDS:])
    lines = (_takeable(page, i) for i in ends if not page.shaped(i))
    return sum(1 for line in lines if line and by_wording(line).furniture > SPOKEN)


def _look(page: Page, live: Sequence[int], decided: tuple[Container[int], Container[int]],
          rules: Mapping[str, Rule]) -> Iterator[_Seen]:
    lines = [_takeable(page, i) for i in live]
    body = [page.shaped(i) for i in live]
    inner = _inner(body)
    asked = [_known(page, i, decided) or (TEXT if n in inner and body[n] else _plain(line, body[n], rules, n in inner))
             for n, (i, line) in enumerate(zip(live, lines, strict=True))]
    if all(asked):
        return
    thought = opinions(lines, body, [page.said(i) for i in live], asked)
    for i, line, is_body, known, opinion in zip(live, lines, body, asked, thought, strict=True):
        yield _Seen(i, line, is_body, opinion, known or by_wording(line))


def _inner(body: Sequence[bool]) -> range:
    """Return the lines, by place, between the first few and the last few that have the form of a paragraph."""
    places = [n for n, shaped in enumerate(body) if shaped]
    return range(places[DEEP], places[-DEEP]) if len(places) > 2 * DEEP else range(0)


def _known(page: Page, i: int, decided: tuple[Container[int], Container[int]]) -> Opinion | None:
    """Return what the rules have made of a line; None if they leave it open."""
    found, spared = decided
    if i in found:
        return learned.METADATA if i in page.metas else learned.FURNITURE
    return TEXT if i in spared else None


def _plain(line: str, body: bool, rules: Mapping[str, Rule], deep: bool) -> Opinion | None:
    """Return what is thought of a line that stays, whatever stands around it; asking what does is dear.

    `deep` lines stand between the first and the last paragraphs of an article.
    """
    if not line:
        return TEXT
    clauses = body or (len(line) >= 15 and bool(_INNER.search(line)))
    if (clauses or deep or line[-1] in _ENDINGS or _ITEM.match(line)) and not telling(line):
        return TEXT
    if clauses:
        alone = by_wording(line)
        return None if alone.text < max(rule.table["paragraph_alone"] for rule in rules.values()) else alone
    return None


def _takeable(page: Page, i: int) -> str:
    """Return a line, or nothing for one that is text whatever it looks like."""
    start, end, fenced = page.lines[i]
    line = "" if fenced or end - start > LONGEST else page.source[start:end]
    return "" if _OWN.match(line) or _CODE.match(line) else line


def _rule(rules: dict[str, Rule], line: _Seen, inside: bool) -> Rule | None:
    """Return the rule by which a line goes, or None: it is not unlikely enough to be text."""
    opinion, alone = line.opinion, line.alone
    metadata = opinion.metadata > max(opinion.furniture, opinion.spam)
    rule = rules.get(METADATA if metadata else FURNITURE)
    if rule is None or opinion.spam > 0.5 or is_heading(line.text):
        return None
    limits = rule.table
    if line.body or (len(line.text) >= 15 and _INNER.search(line.text)):
        gone = opinion.text < limits["paragraph"] and alone.text < limits["paragraph_alone"]
    elif alone.text > limits["unknown"]:  # nothing in its words speaks of furniture: its place has to be very clear
        gone = not inside and opinion.text < limits["surrounded"]
    else:
        gone = opinion.text < limits["inside" if inside else "line"] or (
            alone.text < limits["clear"] and opinion.text < limits["clear_inside" if inside else "clear_line"])
    return rule if gone else None


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
        body = "\n".join(line.text for line in seen[first : last + 1])
        kept.update(guards.titles(head, body, [line.opinion.text + line.alone.text for line in seen[:first]], taken))
    return kept


def _removal(page: Page, line: _Seen, rule: Rule) -> Removal:
    saw, meta = words(line.text, _PLACE["M" if rule.id == METADATA else "B"]), page.metas.get(line.line)
    if meta is not None and meta.fields:
        return Removal(line.line, meta.rule, 1 - line.opinion.text, saw, meta.fields)
    return Removal(line.line, rule.id, 1 - line.opinion.text, saw, scan(line.text) if rule.id == METADATA else ())
