"""What the lines around a line say of it, as named features.

The first look at a page gives each line a class by its own wording (`pipeline.cjk.line_features`); these features
describe its place: what stands above and below, whether the article is still to come or over, how much of the
gap between two paragraphs is furniture, whether the article speaks of the same things.
"""
from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

CLASSES = "TBMS"
_BOUNDS = (0.01, 0.05, 0.15, 0.35, 0.65, 0.85, 0.95, 0.99)
_STEPS = (1, 2, 3, 5, 8, 13, 21)
_SHARES = (0.05, 0.15, 0.3, 0.5, 0.7, 0.9)
_FORMS = ("end:", "is:", "cover", "cells")  # features of wording that mean something else above than below an article
_HEADS = ("column", "link")
_SURELY = 0.85
_NAMED = 0.5  # a heading of links is sure enough from this probability of furniture

Probabilities = Sequence[Sequence[float]]


class Around:
    """The lines of one page with the classes they have so far: `probabilities` of T, B, M, S for each line.

    `body` tells of each line whether it has the form of a paragraph, `heads` whether it is vocabulary of headings.
    """

    def __init__(self, lines: Sequence[str], body: Sequence[bool], shapes: Sequence[Sequence[str]],
                 first: Probabilities) -> None:
        self.lines, self.shaped, self.size = lines, body, len(lines)
        self.heads = [any(f[:-1] in _HEADS and f[-1] in "45" for f in found) for found in shapes]
        self.forms = [[f for f in found if f.startswith(_FORMS)] for found in shapes]
        self.wording = [f"{CLASSES[max(range(4), key=row.__getitem__)]}{bisect_left(_BOUNDS, row[0])}" for row in first]
        text = "\n".join(line for line, is_body in zip(lines, body, strict=True) if is_body)
        self.count = Counter(lines)
        self._text = text
        self._kin: dict[int, int] = {}

    def features(self, probabilities: Probabilities, asked: Sequence[object]) -> list[list[str]]:
        """Return the features of the lines that have no opinion in `asked`, given what all are thought to be."""
        self.p = probabilities
        self.q = [bisect_left(_BOUNDS, row[0]) for row in probabilities]
        self.label = [CLASSES[max(range(4), key=row.__getitem__)] for row in probabilities]
        self.body = [shaped and row[0] > 0.5 for shaped, row in zip(self.shaped, probabilities, strict=True)]
        places = [i for i, is_body in enumerate(self.body) if is_body]
        self.first, self.last = (places[0], places[-1]) if places else (self.size, -1)
        total = [0.0]
        for row in probabilities:
            total.append(total[-1] + 1 - row[0])
        self.total = total
        self.page = _level(total[-1] / max(1, self.size))
        surely = [0]
        for row in probabilities:
            surely.append(surely[-1] + (row[0] > _SURELY))
        self.surely = surely
        self._gaps()
        return [self._one(i) if known is None else [] for i, known in enumerate(asked)]

    def _gaps(self) -> None:
        """For each line, the gap between two paragraphs that it stands in, and the heading above it there."""
        self.gap: list[tuple[int, int]] = [(0, 0)] * self.size
        self.under = [0] * self.size
        i = 0
        while i < self.size:
            end = i
            while end < self.size and not self.body[end]:
                end += 1
            head = -1
            for n in range(i, max(end, i + 1)):
                self.gap[n] = (i, max(end, i + 1))
                self.under[n] = bisect_left(_STEPS, n - head) + 1 if head >= 0 else 0
                if self.heads[n] and 1 - self.p[n][0] > _NAMED:
                    head = n
            i = max(end, i + 1)

    def _mean(self, start: int, end: int, own: int) -> int:
        start, end = max(0, start), min(self.size, end)
        return _level((self.total[end] - self.total[start] - 1 + self.p[own][0]) / max(1, end - start - 1))

    def _beside(self, i: int) -> str:
        return f"{self.label[i]}{self.q[i]}" if 0 <= i < self.size else "edge"

    def _one(self, i: int) -> list[str]:
        own, label = self.q[i], self.label[i]
        zone = "none" if self.last < 0 else "head" if i < self.first else "tail" if i > self.last else "in"
        start, end = self.gap[i]
        edge = ("^" if start == 0 else "") + ("$" if end == self.size else "")
        gap, near, wide = self._mean(start, end, i), self._mean(i - 2, i + 3, i), self._mean(i - 6, i + 7, i)
        above, below = self._beside(i - 1), self._beside(i + 1)
        top, bottom = bisect_left(_STEPS, i + 1), bisect_left(_STEPS, self.size - i)
        length, width = bisect_left(_STEPS, end - start), bisect_left((4, 8, 14, 24, 40, 80), len(self.lines[i]))
        text_above, text_below = self.surely[i], self.surely[-1] - self.surely[i + 1]
        sand = f"sand{bisect_left(_STEPS, text_above + 1)}{bisect_left(_STEPS, text_below + 1)}"
        close = self.surely[min(self.size, i + 4)] - self.surely[max(0, i - 3)]
        said = self.wording[i]
        kin = self._kin.get(i)
        if kin is None:
            kin = self._kin[i] = kinship(self.lines[i], self._text)
        return [
            *(f"{form}{zone}" for form in self.forms[i]), sand, f"{sand}{said[0]}", f"close{close}",
            f"close{close}{said}", f"said{said}", f"said{said}{zone}", f"said{said}u{self.under[i] > 0:d}{zone}",
            f"said{said}g{gap}", f"said{said}n{near}",
            f"self{label}{own}", f"above{above}", f"below{below}", f"above2{self._beside(i - 2)}",
            f"below2{self._beside(i + 2)}", f"both{above[0]}{below[0]}", f"both{above[0]}{label}{below[0]}{zone}",
            f"zone{zone}", f"zone{zone}q{own}", f"zone{zone}n{near}", f"zone{zone}w{wide}", f"edge{edge}g{gap}",
            f"gap{gap}q{own}", f"near{near}q{own}", f"wide{wide}q{own}", f"gap{gap}len{length}",
            f"page{self.page}q{own}",
            f"top{top}", f"bottom{bottom}", f"top{top}q{own}", f"bottom{bottom}q{own}", f"under{self.under[i]}{zone}",
            f"under{self.under[i]}w{width}", f"again{min(2, self.count[self.lines[i]] - 1)}", f"kin{kin}{zone}",
            f"kin{kin}q{own}", f"width{width}{zone}", f"width{width}g{gap}", f"form{self.shaped[i]:d}{zone}",
            f"from{bisect_left(_STEPS, max(0, i - self.last)) if zone == 'tail' else 0}w{width}",
        ]


def _level(share: float) -> int:
    return bisect_left(_SHARES, share)


def kinship(line: str, text: str) -> int:
    """Return in five steps how many pairs of characters of a line stand in the paragraphs of the page."""
    pairs = {line[i : i + 2] for i in range(len(line) - 1) if line[i] > "\u3400" and line[i + 1] > "\u3400"}
    if len(pairs) < 2 or not text:
        return 0
    return 1 + bisect_left((0.01, 0.2, 0.4, 0.7), sum(1 for pair in pairs if pair in text) / len(pairs))
