"""The lines of a page, what each weighs as a sentence, and sums over elements."""
from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from pipeline.html.page import IN_LINK, Break, Node, Page

_MARK = re.compile(r"[。！？；，、：!?…]|[.,:](?=\s|$)")
_NO_WORD = re.compile(r"[\s|｜/\\>›»→←‹«·•:：,，\[\]【】()（）_-]+|&\w{2,8};")
_LEGAL = re.compile(r"版[权權]所有"
                    r"|[备備]案[号號]|ICP[备備证證]|公网安备|[转轉][载載](?:请|請|须|須|本)|不得[转轉][载載]"
                    r"|免[责責][声聲]明|隐私政策|[权權]利声明|Copyright|All [Rr]ights [Rr]es|\bcookies\b", re.I)
LONG = 30  # characters from which a sentence is a long one
FRAGMENT = 0.2  # what a character outside of sentences weighs
MANY_WORDS = 6  # spaces from which English without a mark is a sentence


class Line(NamedTuple):
    """Runs [first, last), their element, size (letters and Han), size inside links, and weight as a sentence."""

    first: int
    last: int
    node: int
    size: int
    links: int
    weight: float

    @property
    def long(self) -> bool:
        """Whether this is a long sentence."""
        return self.size >= LONG and self.weight >= 0.7 * self.size


class Sums(NamedTuple):
    """Per element: the weight, size, links and number of the lines in it."""

    weight: list[float]
    size: list[float]
    links: list[float]
    lines: list[float]


def split(page: Page) -> list[Line]:
    """Return the lines that the page's runs make; a row of cells is one line."""
    lines: list[Line] = []
    first = 0
    for i in range(1, len(page.runs) + 1):
        if i == len(page.runs) or page.runs[i].gap is Break.LINE:
            lines.append(_line(page, first, i))
            first = i
    return lines if page.runs else []


def _line(page: Page, first: int, last: int) -> Line:
    size = links = 0
    sentence = False
    for run in page.runs[first:last]:
        text = page.text[run.start : run.end]
        n = len(_NO_WORD.sub("", text))
        size += n
        if page.nodes[run.node].flags & IN_LINK:
            links += n
        elif not sentence:
            sentence = run.pre or _MARK.search(text) is not None or text.count(" ") >= MANY_WORDS
    free = size - links
    whole = sentence and free >= 10 and not _LEGAL.search(page.text, page.runs[first].start, page.runs[last - 1].end)
    return Line(first, last, page.runs[first].node, size, links, free if whole else FRAGMENT * free)


def text_of(page: Page, line: Line) -> str:
    """Return the source of a line, tags included."""
    return page.text[page.runs[line.first].start : page.runs[line.last - 1].end]


def add_up(page: Page, lines: Sequence[Line]) -> Sums:
    """Return the sums over each element's lines."""
    n = len(page.nodes)
    sums = Sums([0.0] * n, [0.0] * n, [0.0] * n, [0.0] * n)
    weight, size, links, count = sums
    for line in lines:
        i = line.node
        weight[i] += line.weight
        size[i] += line.size
        links[i] += line.links
        count[i] += 1
    for i in range(n - 1, 0, -1):
        if count[i]:
            parent = page.nodes[i].parent
            weight[parent] += weight[i]
            size[parent] += size[i]
            links[parent] += links[i]
            count[parent] += count[i]
    return sums


def inherit(page: Page, test: Callable[[int, Node], str]) -> list[str]:
    """Return for each element what `test` says of the outermost element around it of which it says something."""
    found: list[str] = []
    for i, node in enumerate(page.nodes):
        found.append((found[node.parent] if i else "") or test(i, node))
    return found


def inside(page: Page, element: int) -> list[bool]:
    """Return for each element whether it is `element` or in it."""
    found: list[bool] = []
    for i, node in enumerate(page.nodes):
        found.append(i == element or (i > 0 and found[node.parent]))
    return found
