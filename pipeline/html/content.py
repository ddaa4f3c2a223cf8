"""Which text of a page is its main content: hints in the markup, link density, and where the sentences stand.

Climbing from sentences to their common container is Readability's idea (Arc90, 2009), link density boilerpipe's
(Kohlschütter et al., WSDM 2010).  Counts are in characters, because Chinese has no spaces between words.
"""
from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.html import hints, lines
from pipeline.html.lines import Line, Sums
from pipeline.html.opinion import reconsider
from pipeline.html.page import HEADINGS, IN_TEXT, IN_TITLE, Node, Page

SHARE = 0.8  # the main container holds this much of the page's sentences
CORE = 0.5  # what stands outside of the element with this much, before or after all sentences, is not main text
LITTLE = 120  # with fewer characters of sentences only furniture is cut
ENOUGH = 0.5  # a main text holds this much of the sentences
MAJORITY = 0.4  # an element with this much of the page's sentences is not hidden and no chrome, whatever its name
ATTACHED = 0.2  # marks on code and headings have less than this much of the page's characters
FEW_LINKS = 0.3  # link density up to which an element may be text whatever its name
LINK_LIST = 0.6  # link density from which several lines are a link list
LINK_LINE = 0.5  # link density from which a line before or after all sentences is one of links
TITLE = 0.4  # a line that is this much of the page's title is the title
_SPACE = re.compile(r"\s+")
_BYLINE = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|来源|來源|作者|编辑|編輯|记者|記者|发布|發布"
                     r"|责编|責編|By |Published|Updated")
_CONTAINERS = frozenset(["ul", "ol", "dl", "div", "section", "table", "tbody", "tr", "td", "article", "main", "body",
                         "center", "span", "blockquote", "p"])


def decide(page: Page, title: str = "", second_opinion: bool = False) -> list[str]:
    """Return for each run why it is cut ("chrome", "comments", "hidden", "ruby"), or "" if it stays.

    With `second_opinion`, another extractor may bring back sentences (opinion.py).

    >>> from pipeline.html.page import parse
    >>> decide(parse("<nav><a href=/>首页</a></nav><p>今天开会，讨论了三件事。</p>"))
    ['chrome', '']
    """
    names = hints.names(page)
    everything = lines.split(page)
    sums = lines.add_up(page, everything)
    spared = MAJORITY * sums.weight[0]
    unseen = lines.inherit(page, lambda i, node: _unseen(node, names[i], sums.weight[i] > spared))
    seen = [line for line in everything if not unseen[line.node]]
    sums = lines.add_up(page, seen)
    furniture = _furniture(page, names, sums, True)
    if _too_much(seen, furniture):
        furniture = _furniture(page, names, sums, False)
    fixed = [unseen[run.node] or furniture[run.node] for run in page.runs]
    keep = [line for line in seen if not fixed[line.first]]
    if not keep:
        return [unseen[run.node] for run in page.runs]
    if sums.weight[0] < LITTLE:
        return fixed
    whys = _main_lines(page, keep, fixed, title)
    if sum(line.weight for line in keep if not whys[line.first]) < ENOUGH * sum(line.weight for line in keep):
        whys = fixed
    return reconsider(page, seen, whys) if second_opinion else whys


def _unseen(node: Node, name: str, spared: bool) -> str:
    why = hints.unseen(node, name)
    return "" if spared and why == "hidden" else why


def _too_much(seen: Sequence[Line], furniture: Sequence[str]) -> bool:
    """Return whether what sounds like furniture holds most of the sentences: its names mean something else here."""
    cut = sum(line.weight for line in seen if furniture[line.node] == "chrome")
    rest = sum(line.weight for line in seen if not furniture[line.node])
    return cut > rest


def _furniture(page: Page, names: Sequence[str], sums: Sums, trust: bool) -> list[str]:
    """Return "chrome" or "comments" for each element that is or stands in page furniture.

    Without `trust` in names, an element that is not mostly links is none.
    """
    titled = _around_headings(page)

    def test(i: int, node: Node) -> str:
        name = names[i]
        if hints.says("attached", name):
            return "chrome" if sums.size[i] < ATTACHED * sums.size[0] else ""
        why = "" if page.nodes[node.parent].flags & IN_TEXT else hints.chrome(node, name)
        if not why:
            return ""
        if node.tag in HEADINGS or node.tag in ("body", "html") or sums.weight[i] > MAJORITY * sums.weight[0]:
            return ""
        link_density = sums.links[i] / max(sums.size[i], 1)
        if i in titled and (node.tag == "header" or link_density < 0.5):
            return ""
        if why == "chrome" and not trust and node.tag not in hints.CHROME_TAGS and link_density < FEW_LINKS:
            return ""
        text = hints.says("content", name) and link_density < FEW_LINKS and sums.weight[i] > 0.05 * sums.weight[0]
        return "" if text else why

    return lines.inherit(page, test)


def _around_headings(page: Page) -> set[int]:
    """Return the elements around (and of) first-level headings."""
    return {i for node, n in enumerate(page.nodes) if n.tag == "h1" for i in page.ancestors(node)}


def _main_lines(page: Page, keep: Sequence[Line], fixed: Sequence[str], title: str) -> list[str]:
    """Return why each run is cut when only the main container's lines, the title and what stands with them stay."""
    sums = lines.add_up(page, keep)
    main, core = _container(page, sums, SHARE), _container(page, sums, CORE)
    in_main, in_core = lines.inside(page, main), lines.inside(page, core)
    near = lines.inside(page, max(page.nodes[main].parent, 0))
    titled = _around_headings(page)
    link_list = lines.inherit(page, lambda i, node: "" if i in titled else _link_list(i, node, sums))
    free = [line for line in keep if not link_list[line.node]]
    body = [line for line in free if in_main[line.node] or (near[line.node] and line.long)]
    anchors = [k for k, line in enumerate(body) if in_core[line.node] or line.long]
    body = _without_edges(body[anchors[0] : anchors[-1] + 1]) if anchors else body
    kept = set(body)
    if body:
        kept |= _head([line for line in keep if line.first < body[0].first], page, title)
    whys = list(fixed)
    for line in keep:
        if line not in kept:
            whys[line.first : line.last] = [why or "chrome" for why in whys[line.first : line.last]]
    return whys


def _container(page: Page, sums: Sums, share: float) -> int:
    """Return the deepest element that holds this share of the sentences, on several lines."""
    at, enough = 0, share * sums.weight[0]
    children: dict[int, list[int]] = {}
    for i, node in enumerate(page.nodes):
        if sums.weight[i] >= enough > 0 and sums.lines[i] > 1:
            children.setdefault(node.parent, []).append(i)
    while at in children:
        at = max(children[at], key=lambda i: sums.weight[i])
    return at


def _link_list(i: int, node: Node, sums: Sums) -> str:
    lists = node.tag in _CONTAINERS and sums.lines[i] > 1 and sums.links[i] > LINK_LIST * sums.size[i]
    return "chrome" if lists and i else ""


def _without_edges(body: list[Line]) -> list[Line]:
    """Return the lines without lines of links before the first sentence and after the last (paths, pagers)."""
    sentences = [k for k, line in enumerate(body) if line.weight >= 0.5 * line.size]
    if not sentences:
        return body
    first, last = sentences[0], sentences[-1]
    return [line for k, line in enumerate(body) if first <= k <= last or line.links <= LINK_LINE * line.size]


def _head(before: Sequence[Line], page: Page, title: str) -> set[Line]:
    """Return the title among the lines before the main text, and the sentences, dates and names that follow it."""
    spaceless = _SPACE.sub("", title)
    for k in range(len(before) - 1, -1, -1):
        line = before[k]
        text = _SPACE.sub("", lines.text_of(page, line))
        in_title = max(4, TITLE * len(spaceless)) <= len(text) <= 80 and text in spaceless
        if in_title or (line.links < line.size and page.nodes[line.node].flags & IN_TITLE):
            return {line, *(other for other in before[k + 1 :] if _under_title(page, other))}
    return set()


def _under_title(page: Page, line: Line) -> bool:
    """Return whether a line after the title is a standfirst or a byline."""
    if line.links > LINK_LINE * line.size:
        return False
    return line.long or (line.size < 120 and _BYLINE.search(lines.text_of(page, line)) is not None)
