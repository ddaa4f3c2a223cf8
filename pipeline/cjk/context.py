"""Neighbours revise what wording alone says of a line.

Each line has a first class by itself (`pipeline.cjk.page`); then its place among the others settles the
doubtful ones.  Two passes of this kind are the idea of jusText (Pomikálek 2011, chapter 3): a doubtful
line between furniture is furniture, the same line between paragraphs is text.  Here are the passes over
single lines; those over lists, heads and feet are in `pipeline.cjk.listing`.
"""
from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter

from pipeline.cjk import listing
from pipeline.cjk.belonging import akin, belongs, dated, headed, near_text, signed, titled
from pipeline.cjk.formulas import is_heading
from pipeline.cjk.furniture import NUMBERED, PARTIAL, SURE, WEAK
from pipeline.cjk.headlines import may_head, read_head, read_tail
from pipeline.cjk.likely import METADATA, Doubt
from pipeline.cjk.linefold import fold
from pipeline.cjk.metalines import Field, Meta
from pipeline.cjk.page import Page, Removal
from pipeline.cjk.view import EDGE, HEAD_MOST, ITEM, LINK, POPULAR, SOFT, View

ANYWHERE = ("caption", "photo-credit", "reporter-place", "page-link")  # metadata that is sure by its form
_TOLD = re.compile(r"\d{4}|[:：/]")
_MEETING = re.compile(r"(?:地点|时间|会议|出席|列席|缺席|主席|主持|记录|与会)\S{0,4} ?:")


def removals(page: Page) -> list[Removal]:
    """Return the lines to remove, to a fixed point: a second look at what stays finds nothing."""
    if not page.verdicts and not page.metas and not _framed(page):
        return []
    live, doubt = list(range(len(page.lines))), Doubt(page)
    while True:
        view = View(page, live)
        settle(view)
        for removal in doubt.likely(live, view.found, view.spared):
            if not _kept(view, removal):
                view.found.setdefault(removal.line, removal)
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
    meta(view)
    placed(view)
    weak(view)
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


def meta(view: View) -> None:
    """Metadata goes at the head, at the tail, beside furniture, or when it is sure by its form."""
    labels = Counter(view.page.metas[view.live[n]].label[:3] for n in view.metas)
    values = {f for r in view.page.gone.values() for f in r.fields}
    for _ in range(2):
        for n in view.metas:
            meta = view.page.metas[view.live[n]]
            if view.frame(n) or (meta.rule == "caption" and _listed(view, n)) or _told(view, n, meta):
                continue
            near = view.beside(n)
            sure = meta.level == SURE and _placed(view, n, meta, labels, values)
            if sure or (meta.level == WEAK and near and (view.head(n) or view.tail(n)) and _tagged(view, n, meta)):
                view.take(n, meta.rule, 1.0 if meta.level == SURE else 0.4 + 0.2 * near, "", meta.fields)
                values.update(meta.fields)


def _told(view: View, n: int, meta: Meta) -> bool:
    """Tell whether a date or a name is what the text speaks of: above a programme or a chat, below a letter."""
    if meta.rule in ("byline", "editor"):
        told = signed(view, n)
    else:
        told = meta.rule == "dateline" and {f.key for f in meta.fields} <= {"date", "notes"} and dated(view, n)
    if told:
        view.keep(n)
    return told


def placed(view: View) -> None:
    """Between the title and the first paragraph, and right below the last, looser shapes are metadata, too."""
    if view.last < 0 or "dateline" not in view.page.classify.reader.on:
        return
    above = [n for n in range(min(view.first, HEAD_MOST)) if not view.frame(n)]
    titled = False
    for n in above:
        line = view.text(n)
        meta = read_head(line) if may_head(line) and not _minutes(view, n) else None
        if meta is not None and _told(view, n, meta):
            continue
        if meta is not None and (titled or meta.rule == "dateline" or meta.label == "board"):
            view.take(n, meta.rule, 0.8, "between title and text", meta.fields)
        titled = titled or (meta is None and len(line) >= 4)
    for n in range(view.last + 1, min(view.last + 3, len(view.live))):
        if not view.frame(n) and (meta := read_tail(view.text(n))) is not None and not _told(view, n, meta):
            view.take(n, meta.rule, 0.7, "below the text", meta.fields)


def _minutes(view: View, n: int) -> bool:
    """Tell whether a line stands beside the place or the people of a meeting, whose date it would be."""
    beside = (view.live[m] for m in (n - 1, n + 1, n + 2) if 0 <= m < len(view.live))
    return any(_MEETING.match(view.page.fold(i)) for i in beside)


def _placed(view: View, n: int, meta: Meta, labels: Counter[str], values: set[Field]) -> bool:
    """Tell whether a line of metadata stands where metadata stands, or has said the same before."""
    if meta.rule in ANYWHERE or (meta.fields and values.issuperset(meta.fields)):
        return True
    return labels[meta.label[:3]] < 3 and bool(view.edge(n) or view.head(n) or view.tail(n) or view.beside(n))


def _tagged(view: View, n: int, meta: Meta) -> bool:
    """A hash and a word may be a heading, a bare date a signature's: one must stand below, one above."""
    if meta.rule == "dateline":
        return view.head(n)
    return meta.rule != "hashtags" or (view.tail(n) and view.last >= 0)


def _listed(view: View, n: int) -> bool:
    """Tell whether the mark before a line is a list's bullet: its neighbours have it too."""
    mark = view.text(n)[0]
    return mark in "▲△▼▽" and any(0 <= m < len(view.live) and view.text(m)[:1] == mark for m in (n - 1, n + 1))


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
