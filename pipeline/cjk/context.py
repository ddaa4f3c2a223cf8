"""Neighbours revise what wording alone says of a line.

Each line has a first class by itself (`pipeline.cjk.page`); then its place among the others settles the
doubtful ones.  Two passes of this kind are the idea of jusText (Pomikálek 2011, chapter 3): a doubtful
line between furniture is furniture, the same line between paragraphs is text.  Here are the passes over
single lines of furniture; metadata is settled in `pipeline.cjk.metaplaces`, lists, heads and feet in
`pipeline.cjk.listing`.
"""
from __future__ import annotations

import re
from bisect import bisect_left

from pipeline.cjk import listing, metaplaces
from pipeline.cjk.belonging import akin, belongs, headed, near_text, titled
from pipeline.cjk.formulas import is_heading
from pipeline.cjk.furniture import NUMBERED, PARTIAL, SURE, WEAK
from pipeline.cjk.headlines import may_head
from pipeline.cjk.likely import METADATA, UNHINTED, Doubt
from pipeline.cjk.linefold import fold
from pipeline.cjk.page import Page, Removal
from pipeline.cjk.view import EDGE, ITEM, LINK, POPULAR, SOFT, View

_TOLD = re.compile(r"\d{4}|[:：/]")


def removals(page: Page) -> list[Removal]:
    """Return the lines to remove, to a fixed point: a second look at what stays finds nothing."""
    live, doubt = list(range(len(page.lines))), Doubt(page)
    if not page.verdicts and not page.metas and not _framed(page) and not doubt.spoken(live, UNHINTED):
        return []
    while True:
        view = View(page, live)
        settle(view)
        while more := [r for r in doubt.likely(live, view.found, view.spared) if not _kept(view, r)]:
            view.found.update({removal.line: removal for removal in more})  # and tell more of the lines beside them
        if not view.found:
            return [page.gone[i] for i in sorted(page.gone)]
        page.gone.update(view.found)
        live = [i for i in live if i not in view.found]


def _kept(view: View, removal: Removal) -> bool:
    """Tell whether a line that is only likely to go belongs to the text by what stands beside it."""
    n = bisect_left(view.live, removal.line)
    if not headed(view, n) and not near_text(view, n) and not (
            removal.rule == METADATA and not _TOLD.search(view.text(n)) and akin(view, n)):
        return False
    view.keep(n)
    return True


def _framed(page: Page) -> bool:
    """Tell whether one of the first or last lines could be metadata by its place."""
    ends = (*range(min(EDGE, len(page.lines))), *range(max(EDGE, len(page.lines) - 3), len(page.lines)))
    return any(may_head(page.text(i)) for i in ends)


def settle(view: View) -> None:
    """Find the lines that go in this pass."""
    sure(view)
    metaplaces.settle(view)
    weak(view)
    if view.found:  # lists, heads and feet are known by furniture in them
        listing.settle(view)


def sure(view: View) -> None:
    """Lines that words alone make furniture go, unless what stands beside them makes them text."""
    for n in view.suspects:
        verdict = view.page.verdicts[view.live[n]]
        if verdict.level == SURE and not (verdict.saw != "pattern" and _item(view, n)):
            view.take(n, verdict.rule, verdict.score, verdict.saw, view.fields(verdict.rule, n))
            if view.flag(n, "opens") and _bibliography(view, n):
                view.spare(n)
            elif belongs(view, n, verdict.rule):
                view.keep(n)


def _bibliography(view: View, n: int) -> bool:
    """Tell whether books, notes or numbered items follow a heading: then it is a heading of the text."""
    after = view.text(n + 1) if n + 1 < len(view.live) else ""
    if POPULAR.search(view.page.fold(view.live[n])) and not NUMBERED.match(fold(after)):
        return False
    return bool(after) and not LINK.fullmatch(after) and bool(ITEM.match(after) or NUMBERED.match(fold(after)))


def weak(view: View) -> None:
    """Suspicions go beside furniture, or three in a row; numbers alone prove nothing."""
    weak = [n for n in view.suspects if not view.frame(n) and _suspicious(view, n) and not _headed(view, n)]
    members = set(weak)
    for n in weak:
        if n - 1 not in members:
            run = [n]
            while run[-1] + 1 in members:
                run.append(run[-1] + 1)
            _run(view, run)


def _suspicious(view: View, n: int) -> bool:
    verdict = view.page.verdicts[view.live[n]]
    placed = not verdict.saw.startswith(PARTIAL) or view.head(n) or view.tail(n)
    return verdict.level == WEAK and placed and not _item(view, n)


def _headed(view: View, n: int) -> bool:
    """Tell whether a line is a heading that texts have, above a line that nothing is suspected of."""
    return n + 1 < len(view.live) and is_heading(view.text(n)) and view.live[n + 1] not in view.page.verdicts


def _item(view: View, n: int) -> bool:
    """Tell whether a line is an item of a Markdown list of which another item is text beyond suspicion."""
    mark = view.text(n)[:2]
    return mark in ("- ", "* ", "+ ") and any(
        view.text(m)[:2] == mark and view.live[m] not in view.page.verdicts
        for m in (n - 1, n + 1) if 0 <= m < len(view.live))


def _run(view: View, run: list[int]) -> None:
    verdicts = [view.page.verdicts[view.live[n]] for n in run]
    words = sum(1 for v in verdicts if v.saw != "numbers" and not v.saw.startswith(PARTIAL))
    near = sum(1 for m in (run[0] - 1, run[-1] + 1) if view.frame(m) and view.rule(m) not in SOFT)
    outside = view.head(run[0]) or view.tail(run[0])
    if near or (len(run) >= 3 and words >= 2 and (outside or words >= 4)):
        for n, verdict in zip(run, verdicts, strict=True):
            if belongs(view, n, verdict.rule) or (verdict.saw.startswith(PARTIAL) and titled(view, n)):
                view.keep(n)
            elif verdict.saw != "numbers" or outside or near == 2 or words:
                score = min(1.0, verdict.score + 0.2 * (near + len(run) // 3))
                view.take(n, verdict.rule, score, verdict.saw, view.fields(verdict.rule, n))
