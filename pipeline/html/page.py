"""A page as a light tree: elements with their hints, and runs of text with the break that stands before each.

Tree building follows the standard's rules on implied ends where they matter for text (p, li, td, a ...);
nothing is reparented.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from sys import intern

from pipeline.html.tokens import Kind, Token, attributes, tokens


class Break(IntEnum):
    """What stands between two runs of text."""

    NONE = 0
    SPACE = 1
    CELL = 2
    LINE = 3


VOID = frozenset(
    ["area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
     "meta", "param", "source", "track", "wbr"])
BLOCK = frozenset(
    ["address", "article", "aside", "blockquote", "body", "br", "button", "caption", "center", "dd", "details",
     "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frame", "frameset",
     "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr", "html", "iframe", "legend", "li", "main",
     "menu", "nav", "ol", "optgroup", "option", "p", "pre", "section", "select", "summary", "table", "tbody", "td",
     "textarea", "tfoot", "th", "thead", "title", "tr", "ul", "xmp"])
# flags: inside a link, an element of running text, a first-level heading, preformatted text
IN_LINK, IN_TEXT, IN_TITLE, IN_PRE = 1, 2, 4, 8
_TEXT = frozenset(["p", "pre", "code", "blockquote"])
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
CELLS = frozenset(["td", "th"])
_SCOPE = frozenset(["table", "td", "th", "caption", "template", "object", "html"])
_ACROSS = frozenset(["tr", "tbody", "thead", "tfoot", "body"])  # closing tags that end cells
_CLOSES_P = BLOCK - frozenset(["br", "button", "td", "th", "tr", "tbody", "thead", "tfoot", "caption", "option",
                               "optgroup", "select", "body", "html"])
# an opening tag closes the nearest of these, unless one of those stands between
_IMPLIED: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset(["li"]), frozenset(["ul", "ol", "menu", "dir", "table"])),
    "dt": (frozenset(["dt", "dd"]), frozenset(["dl", "table"])),
    "dd": (frozenset(["dt", "dd"]), frozenset(["dl", "table"])),
    "tr": (frozenset(["tr"]), frozenset(["table"])),
    "td": (CELLS, frozenset(["tr", "table"])), "th": (CELLS, frozenset(["tr", "table"])),
    "tbody": (frozenset(["tbody", "thead", "tfoot"]), frozenset(["table"])),
    "option": (frozenset(["option"]), frozenset(["select"])),
    "rt": (frozenset(["rt", "rp"]), frozenset(["ruby"])), "rp": (frozenset(["rt", "rp"]), frozenset(["ruby"])),
    "a": (frozenset(["a"]), frozenset(["table", "td", "th"])),
}
_P = (frozenset(["p"]), frozenset(["table", "td", "th", "button", "li", "object"]))
# Inline elements with different names that follow each other outside of running text are set apart by styles.
_BOXES = frozenset(["a", "em", "i", "label", "span", "time"])
MAX_DEPTH = 512
_NONE: dict[str, str] = {}
_PRE_STYLE = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.I)
_PRE_CLASS = re.compile(r"(?<![\w-])(?:pre-?wrap|whitespace-pre(?:-wrap|-line)?|bbs-screen)(?![\w-])")
_HINT_ATTRIBUTES = re.compile(r"\b(?:class|id|role|style|hidden)\b", re.I)


class Node:
    """An element: tag, parent's index, extent, attributes (those that may matter), and the table cell it is in.

    `flags` says what it is in (IN_LINK ...). `cell` is the index of the nearest cell, -1
    outside of tables; a row's `column` counts its cells, a cell's is its number.
    """

    __slots__ = ("attrs", "cell", "column", "end", "flags", "parent", "start", "tag")

    def __init__(self, tag: str, parent: int, start: int, attrs: dict[str, str]) -> None:
        self.tag, self.parent, self.start, self.end, self.attrs = tag, parent, start, start, attrs
        self.cell, self.column, self.flags = -1, 0, 0


@dataclass(slots=True)
class Run:
    """Text [start, end) inside element `node`; `gap` is the break before it, a CELL break over `columns` cells."""

    start: int
    end: int
    node: int
    gap: Break
    pre: bool
    columns: int = 1


@dataclass
class Page:
    """The tree of a page: `nodes` in order of their opening tags, `runs` of text, and what is neither (`cuts`)."""

    text: str
    nodes: list[Node] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    cuts: list[tuple[int, int, str]] = field(default_factory=list)

    def ancestors(self, node: int) -> list[int]:
        """Return the indices from `node` up to the root."""
        found = []
        while node >= 0:
            found.append(node)
            node = self.nodes[node].parent
        return found


def parse(text: str) -> Page:
    """Return the tree of a page; any text is a page.

    >>> page = parse("<p>一<p>二<br>三")
    >>> [(text, run.gap.name) for run in page.runs for text in [page.text[run.start:run.end]]]
    [('一', 'LINE'), ('二', 'LINE'), ('三', 'LINE')]
    """
    builder = _Builder(Page(text))
    for token in tokens(text):
        builder.add(token)
    return builder.finish()


class _Builder:
    def __init__(self, page: Page) -> None:
        self.page = page
        page.nodes.append(Node("", -1, 0, {}))
        self.stack = [0]
        self.open: dict[str, int] = {}
        self.gap = Break.LINE
        self.boxed = ""  # the name of the inline element that has just ended

    def add(self, token: Token) -> None:
        if token.kind is Kind.TEXT:
            self._text(token)
        elif token.kind is Kind.OPEN:
            self._open(token)
        elif token.kind is Kind.CLOSE:
            self._close(token)
        else:
            why = "comment" if token.kind is Kind.COMMENT else _RAW_WHY.get(token.name, "hidden")
            self.page.cuts.append((token.start, token.end, why))

    def finish(self) -> Page:
        self._pop(1, len(self.page.text))
        self.page.nodes[0].end = len(self.page.text)
        _set_cells(self.page)
        return self.page

    def _text(self, token: Token) -> None:
        at = self.stack[-1]
        pre = self.page.nodes[at].flags & IN_PRE > 0
        if not pre and self.page.text[token.start : token.end].isspace():
            self.gap = max(self.gap, Break.SPACE)
            return
        self.page.runs.append(Run(token.start, token.end, at, self.gap, pre))
        self.gap, self.boxed = Break.NONE, ""

    def _open(self, token: Token) -> None:
        name = token.name
        if name in ("body", "html") and self.open.get(name):
            return  # a second one only adds attributes
        if name in _CLOSES_P and self.open.get("p"):
            self._imply(*_P, token.start)
        implied = _IMPLIED.get(name)
        if implied and any(self.open.get(tag) for tag in implied[0]):
            self._imply(*implied, token.start)
        self._border(name)
        tag_text = self.page.text[token.start : token.end]
        if name in VOID:
            return
        if len(self.stack) < MAX_DEPTH:
            attrs = attributes(tag_text) if name == "a" or _HINT_ATTRIBUTES.search(tag_text) else _NONE
            self.page.nodes.append(Node(intern(name), self.stack[-1], token.start, attrs))
            self._place(name)
            if self.boxed and not self.page.nodes[-1].flags & IN_TEXT and _box(name, attrs) not in ("", self.boxed):
                self.gap = max(self.gap, Break.SPACE)
            self.stack.append(len(self.page.nodes) - 1)
            self.open[name] = self.open.get(name, 0) + 1

    def _close(self, token: Token) -> None:
        name = token.name
        self._border(name)
        if not self.open.get(name):
            return
        barrier = frozenset() if name in _SCOPE or name in _ACROSS else _SCOPE
        for depth in range(len(self.stack) - 1, 0, -1):
            tag = self.page.nodes[self.stack[depth]].tag
            if tag == name:
                self.boxed = _box(name, self.page.nodes[self.stack[depth]].attrs)
                self._pop(depth, token.end)
                return
            if tag in barrier:
                return

    def _imply(self, closes: frozenset[str], barrier: frozenset[str], at: int) -> None:
        for depth in range(len(self.stack) - 1, 0, -1):
            tag = self.page.nodes[self.stack[depth]].tag
            if tag in closes:
                self._pop(depth, at)
                return
            if tag in barrier:
                return

    def _pop(self, depth: int, end: int) -> None:
        for i in self.stack[depth:]:
            node = self.page.nodes[i]
            node.end = end
            self.open[node.tag] -= 1
        del self.stack[depth:]

    def _place(self, name: str) -> None:
        """Set what the new element inherits."""
        nodes = self.page.nodes
        node, parent = nodes[-1], nodes[nodes[-1].parent]
        node.cell, node.flags = parent.cell, parent.flags
        if name == "a" and ("href" in node.attrs or not ("name" in node.attrs or "id" in node.attrs)):
            node.flags |= IN_LINK
        elif name in _TEXT:
            node.flags |= IN_TEXT | (IN_PRE if name == "pre" else 0)
        elif name == "h1":
            node.flags |= IN_TITLE
        attrs = node.attrs
        if attrs and (_PRE_STYLE.search(attrs.get("style", "")) or _PRE_CLASS.search(attrs.get("class", ""))):
            node.flags |= IN_PRE
        if name in CELLS:
            node.cell = len(nodes) - 1
            parent.column += 1
            node.column = parent.column

    def _border(self, name: str) -> None:
        """Note the break that a tag makes."""
        if name in CELLS:
            self.gap = max(self.gap, Break.CELL)
        elif name in BLOCK:
            self.gap = Break.LINE


def _box(tag: str, attrs: dict[str, str]) -> str:
    """Return what tells an inline element from its neighbour, "" if nothing does."""
    if tag not in _BOXES or not attrs:
        return ""
    return attrs.get("class", "") + attrs.get("id", "") + (attrs.get("href", "") if tag == "a" else "")


def _set_cells(page: Page) -> None:
    """Join the cells of a row by CELL breaks if each holds one line; cells with paragraphs stand on their own lines."""
    cells = [page.nodes[run.node].cell for run in page.runs]
    steps = list(zip(page.runs, cells, [-1, *cells], strict=False))
    many = {cell for run, cell, before in steps if cell == before >= 0 and run.gap is Break.LINE}
    for run, cell, before in steps:
        if cell == before:
            continue
        a, b = page.nodes[before], page.nodes[cell]
        if min(cell, before) >= 0 and a.parent == b.parent and not many & {cell, before}:
            run.gap, run.columns = Break.CELL, b.column - a.column
        else:
            run.gap = Break.LINE


_RAW_WHY = {"script": "script", "style": "style", "title": "head", "textarea": "form"}
