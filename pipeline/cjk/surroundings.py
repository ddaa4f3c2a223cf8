"""What the lines around a line say of it, as named features.

The first look at a page gives each line a class by its own wording (`pipeline.cjk.line_features`); these features
describe its place: what stands above and below, whether the article is still to come or over, how much of the
gap between two paragraphs is furniture, whether the article speaks of the same things.
"""
from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

CLASSES = "TBMS"
_BOUNDS = (0.01, 0.05, 0.15, 0.35, 0.65, 0.85, 0.95, 0.99)
_STEPS = (1, 2, 3, 5, 8, 13, 21)
_SHARES = (0.05, 0.15, 0.3, 0.5, 0.7, 0.9)
_WIDTHS = (4, 8, 14, 24, 40, 80)
_FORMS = ("end:", "is:", "cover", "cells")  # features of wording that mean something else above than below an article
_HEADS = frozenset(("column4", "column5", "link4", "link5"))
COMPARED = 20_000  # code points of an article that a line is compared with: enough, and a book stays affordable
_SURELY = 0.85
_NAMED = 0.5  # a heading of links is sure enough from this probability of furniture

Probabilities = Sequence[Sequence[float]]
Key = tuple[object, ...]
Facet = tuple[Callable[..., list[str]], Key]  # a function that names features, and what it is called with


class Around:
    """The lines of one page with the classes they have so far: `probabilities` of T, B, M, S for each line.

    `body` tells of each line whether it has the form of a paragraph, `shapes` holds features of its wording.
    """

    def __init__(self, lines: Sequence[str], body: Sequence[bool], shapes: Sequence[Sequence[str]],
                 first: Probabilities) -> None:
        self.lines, self.shaped, self.size = lines, body, len(lines)
        self.heads = {i for i, found in enumerate(shapes) if found and not _HEADS.isdisjoint(found)}
        self.shapes, self.wording = shapes, first
        self.count = Counter(lines)
        self._text = "\n".join(line for line, is_body in zip(lines, body, strict=True) if is_body)
        self._own: dict[int, tuple[tuple[str, ...], str, int]] = {}

    def features(self, probabilities: Probabilities, asked: Sequence[object]) -> list[list[str]]:
        """Return the features of the lines that have no opinion in `asked`, given what all are thought to be."""
        return [[name for facet, key in found for name in facet(*key)] for found in self.facets(probabilities, asked)]

    def facets(self, probabilities: Probabilities, asked: Sequence[object]) -> list[tuple[Facet, ...]]:
        """Return the features of the lines that have no opinion in `asked`, as calls: one key, always the same names.

        Pages are alike, so what a call weighs can be remembered (`pipeline.cjk.learned`).
        """
        self.p, self._gap = probabilities, (0, 0)
        text = [row[0] for row in probabilities]
        total, surely = [0.0], [0]
        for share in text:
            total.append(total[-1] + 1 - share)
            surely.append(surely[-1] + (share > _SURELY))
        self.total, self.surely = total, surely
        self.body = [shaped and share > 0.5 for shaped, share in zip(self.shaped, text, strict=True)]
        places = [i for i, is_body in enumerate(self.body) if is_body]
        self.first, self.last = (places[0], places[-1]) if places else (self.size, -1)
        self.page = _level(total[-1] / max(1, self.size))
        return [tuple(self._one(i)) if known is None else () for i, known in enumerate(asked)]

    def _between(self, i: int) -> tuple[int, int, int]:
        """Return the gap between two paragraphs that a line stands in, and how far below a heading of links it is."""
        if self.body[i]:
            return i, i + 1, 0
        start, end = self._gap
        if not start <= i < end:
            start = i
            while start and not self.body[start - 1]:
                start -= 1
            end = i + 1
            while end < self.size and not self.body[end]:
                end += 1
            self._gap = start, end
        head = max((n for n in self.heads if start <= n < i and 1 - self.p[n][0] > _NAMED), default=-1)
        return start, end, bisect_left(_STEPS, i - head) + 1 if head >= 0 else 0

    def _mean(self, start: int, end: int, own: int) -> int:
        start, end = max(0, start), min(self.size, end)
        return _level((self.total[end] - self.total[start] - 1 + self.p[own][0]) / max(1, end - start - 1))

    def _class(self, i: int) -> str:
        row = self.p[i] if 0 <= i < self.size else ()
        return f"{_likeliest(row)}{bisect_left(_BOUNDS, row[0])}" if row else "edge"

    def _itself(self, i: int) -> tuple[tuple[str, ...], str, int]:
        """Return what never changes of a line: its form, its class by wording, its kinship with the article."""
        known = self._own.get(i)
        if known is None:
            forms, row = tuple(f for f in self.shapes[i] if f.startswith(_FORMS)), self.wording[i]
            known = self._own[i] = (forms, f"{_likeliest(row)}{bisect_left(_BOUNDS, row[0])}",
                                    kinship(self.lines[i], self._text))
        return known

    def _one(self, i: int) -> Iterator[Facet]:
        forms, said, kin = self._itself(i)
        zone = "none" if self.last < 0 else "head" if i < self.first else "tail" if i > self.last else "in"
        start, end, under = self._between(i)
        gap, near, wide = self._mean(start, end, i), self._mean(i - 2, i + 3, i), self._mean(i - 6, i + 7, i)
        own = self._class(i)
        width, length = bisect_left(_WIDTHS, len(self.lines[i])), bisect_left(_STEPS, end - start)
        edge = ("^" if start == 0 else "") + ("$" if end == self.size else "")
        sure = self.surely
        beyond = bisect_left(_STEPS, max(0, i - self.last)) if zone == "tail" else 0
        yield _formed, (forms, zone)
        yield _between_texts, (bisect_left(_STEPS, sure[i] + 1), bisect_left(_STEPS, sure[-1] - sure[i + 1] + 1),
                               sure[min(self.size, i + 4)] - sure[max(0, i - 3)], said)
        yield _worded, (said, zone, under > 0, gap, near)
        yield _placed, (own, zone, near, wide)
        yield _gapped, (own, edge, gap, length, self.page)
        yield _beside, (own, self._class(i - 1), self._class(i + 1), zone)
        yield _further, (self._class(i - 2), self._class(i + 2))
        yield _ends, (own, bisect_left(_STEPS, i + 1), bisect_left(_STEPS, self.size - i))
        yield _wide, (zone, width, gap, under, self.shaped[i], beyond)
        yield _known, (own, zone, kin, min(2, self.count[self.lines[i]] - 1))


def _likeliest(row: Sequence[float]) -> str:
    return CLASSES[max(range(4), key=row.__getitem__)]


def _formed(forms: Sequence[str], zone: str) -> list[str]:
    return [f"{form}{zone}" for form in forms]


def _between_texts(above: int, below: int, close: int, said: str) -> list[str]:
    sand = f"sand{above}{below}"
    return [sand, f"{sand}{said[0]}", f"close{close}", f"close{close}{said}"]


def _worded(said: str, zone: str, under: bool, gap: int, near: int) -> list[str]:
    return [f"said{said}", f"said{said}{zone}", f"said{said}u{under:d}{zone}", f"said{said}g{gap}",
            f"said{said}n{near}"]


def _placed(own: str, zone: str, near: int, wide: int) -> list[str]:
    q = own[1:]
    return [f"self{own}", f"zone{zone}", f"zone{zone}q{q}", f"zone{zone}n{near}", f"zone{zone}w{wide}",
            f"near{near}q{q}", f"wide{wide}q{q}"]


def _gapped(own: str, edge: str, gap: int, length: int, page: int) -> list[str]:
    return [f"edge{edge}g{gap}", f"gap{gap}q{own[1:]}", f"gap{gap}len{length}", f"page{page}q{own[1:]}"]


def _beside(own: str, above: str, below: str, zone: str) -> list[str]:
    return [f"above{above}", f"below{below}", f"both{above[0]}{below[0]}", f"both{above[0]}{own[0]}{below[0]}{zone}"]


def _further(above: str, below: str) -> list[str]:
    return [f"above2{above}", f"below2{below}"]


def _ends(own: str, top: int, bottom: int) -> list[str]:
    return [f"top{top}", f"bottom{bottom}", f"top{top}q{own[1:]}", f"bottom{bottom}q{own[1:]}"]


def _wide(zone: str, width: int, gap: int, under: int, shaped: bool, beyond: int) -> list[str]:
    return [f"under{under}{zone}", f"under{under}w{width}", f"width{width}{zone}", f"width{width}g{gap}",
            f"form{shaped:d}{zone}", f"from{beyond}w{width}"]


def _known(own: str, zone: str, kin: int, again: int) -> list[str]:
    return [f"again{again}", f"kin{kin}{zone}", f"kin{kin}q{own[1:]}"]


def _level(share: float) -> int:
    return bisect_left(_SHARES, share)


def kinship(line: str, text: str) -> int:
    """Return in five steps how many pairs of characters of a line stand in the first paragraphs of the page."""
    pairs = {line[i : i + 2] for i in range(len(line) - 1) if line[i] > "\u3400" and line[i + 1] > "\u3400"}
    if len(pairs) < 2 or not text:
        return 0
    text = text[:COMPARED]
    return 1 + bisect_left((0.01, 0.2, 0.4, 0.7), sum(1 for pair in pairs if pair in text) / len(pairs))
