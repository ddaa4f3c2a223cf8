"""The pass of `pipeline.cjk.context` over lines of metadata: they go where metadata stands."""
from __future__ import annotations

import re
from collections import Counter

from pipeline.cjk.belonging import chat, dated, signed
from pipeline.cjk.fieldscan import scan
from pipeline.cjk.furniture import SURE, WEAK
from pipeline.cjk.headlines import may_head, read_head, read_tail
from pipeline.cjk.metalines import Meta
from pipeline.cjk.metavalues import Field
from pipeline.cjk.rows import field
from pipeline.cjk.view import HEAD_MOST, View

ANYWHERE = ("caption", "photo-credit", "reporter-place", "page-link")  # metadata that is sure by its form
_ONLY_DATE = re.compile(r"(?:19|20)\d\d(?:[-./]\d{1,2}[-./]\d{1,2}| ?年 ?\d{1,2} ?月 ?\d{1,2} ?日)"
                        r"(?: ?[(（]?(?:星期|周|週).[)）]?)?")
_MEETING = re.compile(r"(?:地点|时间|会议|出席|列席|缺席|主席|主持|记录|与会)\S{0,4} ?:")


def settle(view: View) -> None:
    """Find the lines of metadata that go."""
    if view.metas:
        meta(view)
    placed(view)


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
    elif meta.rule == "source":
        told = field(view, n, named=True)
    else:
        told = meta.rule == "dateline" and (
            chat(view, n) or ({f.key for f in meta.fields} <= {"date", "notes"} and dated(view, n)))
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
        if meta is None and titled and _ONLY_DATE.fullmatch(line.strip()) and not _diary(view):
            view.take(n, "dateline", 0.7, "between title and text", scan(line)[:1])
        titled = titled or (meta is None and len(line) >= 4)
    for n in range(view.last + 1, min(view.last + 3, len(view.live))):
        if not view.frame(n) and (meta := read_tail(view.text(n))) is not None and not _told(view, n, meta):
            view.take(n, meta.rule, 0.7, "below the text", meta.fields)


def _diary(view: View) -> bool:
    """Tell whether more than one bare date stands on the page: the entries of a diary begin so."""
    return sum(1 for text in view.page.texts if len(text) <= 20 and _ONLY_DATE.fullmatch(text)) > 1


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
