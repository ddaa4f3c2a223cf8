"""Lines that a learned opinion takes out of a page which shows furniture anyway.

The rules of wording come first and are enough for most lines.  Where they have found something, the models of
`pipeline.cjk.learned` are asked for the rest: boldly for short lines, timidly for whatever has the form of a
paragraph, and not at all on a text in which no rule has seen anything.
"""
from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from pipeline.cjk.furniture import LONGEST, SURE
from pipeline.cjk.learned import Opinion, by_wording, opinions, words
from pipeline.cjk.metalines import Field
from pipeline.cjk.page import Page, Removal
from pipeline.cjk.rules import Rule

FURNITURE, METADATA = "likely-furniture", "likely-metadata"
_PLACE = {"B": 1, "M": 2}
_OWN = ("|", "#", "```", "    ")  # table rows, headings and code are never taken by likelihood


def likely(page: Page, live: Sequence[int], spared: Container[int]) -> Iterator[Removal]:
    """Yield the lines among `live` that are furniture or metadata in all likelihood, `spared` ones apart."""
    rules, read = page.classify.judge.rules, page.classify.reader
    furniture, metadata = rules.get(FURNITURE), read.rules.get(METADATA)
    if (furniture is None and metadata is None) or not _evident(page, live):
        return
    lines = [_takeable(page, i) for i in live]
    body = [page.shaped(i) for i in live]
    thought = opinions(lines, body, [page.said(i) for i in live])
    for i, line, is_body, opinion in zip(live, lines, body, thought, strict=True):
        if not line or i in spared:
            continue
        label = "M" if opinion.metadata > opinion.furniture and opinion.metadata > opinion.spam else "B"
        rule = metadata if label == "M" else furniture
        if rule and opinion.spam < 0.5 and _agreed(rule, opinion, by_wording(line), is_body):
            yield _removal(page, i, rule, opinion)


def _evident(page: Page, live: Sequence[int]) -> bool:
    """Tell whether the rules have seen furniture here: one sure line, or two doubtful ones."""
    levels = [page.verdicts[i].level for i in live if i in page.verdicts]
    return SURE in levels or len(levels) >= 2


def _takeable(page: Page, i: int) -> str:
    start, end, fenced = page.lines[i]
    line = "" if fenced or end - start > LONGEST else page.source[start:end]
    return "" if line.startswith(_OWN) else line


def _agreed(rule: Rule, opinion: Opinion, alone: Opinion, body: bool) -> bool:
    """Tell whether a line is so unlikely to be text that the rule may take it."""
    limits = rule.table
    if body:
        return opinion.text < limits["paragraph"] and alone.text < limits["paragraph_alone"]
    if alone.text > limits["unknown"]:  # nothing in its words speaks of furniture: its place has to be very clear
        return opinion.text < limits["surrounded"]
    return opinion.text < limits["line"]


def _removal(page: Page, i: int, rule: Rule, opinion: Opinion) -> Removal:
    start, end, _ = page.lines[i]
    line, meta = page.source[start:end], page.metas.get(i)
    saw = words(line, _PLACE["M" if rule.id == METADATA else "B"])
    if meta is not None and meta.fields:
        return Removal(i, meta.rule, 1 - opinion.text, saw, meta.fields)
    return Removal(i, rule.id, 1 - opinion.text, saw, (Field("notes", line),) if rule.id == METADATA else ())
