"""An HTML tokenizer that keeps character offsets, never raises and takes linear time on any input.

It follows the tokenization of the HTML standard
(https://html.spec.whatwg.org/multipage/parsing.html#tokenization) where pages need it: comments that end
early or never, attribute values with ``>`` in quotes, raw text elements, bogus comments. It differs where the
standard would lose text: a tag that never closes is text, and an unclosed <title> or <textarea> ends at the
next tag.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from html import unescape
from typing import NamedTuple


class Kind(IntEnum):
    """What a token is; RAW is the content of a raw text element."""

    TEXT = 0
    OPEN = 1
    CLOSE = 2
    COMMENT = 3
    RAW = 4


class Token(NamedTuple):
    """Characters [start, end) of the page; `name` is the element's, in lower case, for tags and raw text."""

    kind: Kind
    start: int
    end: int
    name: str = ""


RAW_TEXT = frozenset(["script", "style", "xmp", "iframe", "noembed", "noframes", "textarea", "title"])
_RECOVER = frozenset(["textarea", "title"])
_LONGEST_TAG = 4096  # an unquoted or broken tag without `>` within this many characters is text
_NAME = r"</?([a-zA-Z][a-zA-Z0-9:._-]{0,40}+)(?=[\s/>])"
# Attributes: a name, then perhaps a quoted or bare value.  A quoted value with a `>` must end before a space or the
# tag's end, or the quote was never closed.  Possessive: a failure costs one pass.
_VALUE = r"(?:\"[^\">]*+\"|'[^'>]*+'|\"[^\"]*+\"(?=[\s/>])|'[^']*+'(?=[\s/>])|[^\s><\"'][^\s><]*+)"
_TAG = re.compile(_NAME + rf"(?:[\s/]++|[^\s/><=]++(?:\s*+=\s*+{_VALUE}?)?|=)*+>")
_SIMPLE_TAG = re.compile(_NAME + r"[^<>]{0,4096}+>")
_BROKEN_TAG = re.compile(_NAME + r"[^<>]{0,200}+(?=<)")
_FRAMESET = re.compile(r"<frameset[\s>]", re.I)
_COMMENT_END = re.compile(r"--!?>")
_ATTRIBUTE = re.compile(r"([^\s/>=\"']+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+)))?")


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a page; together they cover every character once.

    >>> [(t.kind.name, t.name) for t in tokens("<p class=a>1 < 2<br/>")]
    [('OPEN', 'p'), ('TEXT', ''), ('OPEN', 'br')]
    """
    scan = _Scanner(text)
    at = written = 0
    while (at := text.find("<", at)) >= 0:
        found = scan.markup(at)
        if found is None:
            at += 1
            continue
        if written < at:
            yield Token(Kind.TEXT, written, at)
        yield found
        written = at = found.end
        if found.kind is Kind.OPEN and found.name in RAW_TEXT and (raw := scan.raw(found)) is not None:
            if raw.start < raw.end:
                yield raw
            written = at = raw.end
    if written < len(text):
        yield Token(Kind.TEXT, written, len(text))


class _Scanner:
    """Recognises markup at a position; remembers which searches failed, so each fails once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.failures = 0
        self.unclosed: set[str] = set()

    def markup(self, at: int) -> Token | None:
        after = self.text[at + 1 : at + 2]
        if after == "!":
            return self._declaration(at)
        if after == "?":
            return self._until(at, ">")
        tag = None
        if self.failures < 20:  # a page with that many broken quotes is read tag by simple tag
            tag = _TAG.match(self.text, at)
            self.failures += tag is None and (after.isalpha() or after == "/")
        tag = tag or _SIMPLE_TAG.match(self.text, at) or _BROKEN_TAG.match(self.text, at)
        if tag:
            return Token(Kind.CLOSE if after == "/" else Kind.OPEN, at, tag.end(), tag[1].lower())
        if after == "/" and self.text[at + 2 : at + 3] == ">":
            return Token(Kind.COMMENT, at, at + 3)
        return None

    def _declaration(self, at: int) -> Token | None:
        text = self.text
        if text.startswith("<!--", at):
            if text.startswith((">", "->"), at + 4):
                return Token(Kind.COMMENT, at, text.index(">", at) + 1)
            if "--" not in self.unclosed:
                if end := _COMMENT_END.search(text, at + 4):
                    return Token(Kind.COMMENT, at, end.end())
                self.unclosed.add("--")
            return self._until(at, ">")
        if text.startswith("<![CDATA[", at) and "]]" not in self.unclosed:
            end_at = text.find("]]>", at)
            if end_at >= 0:
                return Token(Kind.COMMENT, at, end_at + 3)
            self.unclosed.add("]]")
        return self._until(at, ">")

    def _until(self, at: int, mark: str) -> Token | None:
        end = self.text.find(mark, at, at + _LONGEST_TAG)
        return Token(Kind.COMMENT, at, end + 1) if end >= 0 else None

    def raw(self, opened: Token) -> Token | None:
        """Return the content of a raw text element, or None to go on as usual."""
        name = opened.name
        if name in self.unclosed or self.text[opened.end - 2] == "/":  # <script/>: the page means XHTML
            return None
        if name == "noframes" and _FRAMESET.search(self.text, 0, opened.start):
            return None  # a page of frames has no other text
        if end := _closer(name).search(self.text, opened.end):
            return Token(Kind.RAW, opened.end, end.start(), name)
        self.unclosed.add(name)
        return None if name in _RECOVER else Token(Kind.RAW, opened.end, len(self.text), name)


_CLOSERS = {name: re.compile(rf"</{name}(?=[\s/>])", re.I) for name in RAW_TEXT}


def _closer(name: str) -> re.Pattern[str]:
    return _CLOSERS[name]


@lru_cache(1 << 12)
def attributes(tag: str) -> dict[str, str]:
    """Return the attributes of an opening tag, names in lower case, the first of equal ones; not to be changed.

    >>> attributes('<a HREF="x?a=1&amp;b=2" hidden>')
    {'href': 'x?a=1&b=2', 'hidden': ''}
    """
    found: dict[str, str] = {}
    for m in _ATTRIBUTE.finditer(tag, 1 + len(tag[1:].split(None, 1)[0].rstrip("/>")) if tag[1:].split() else 1):
        value = m[2] or m[3] or m[4] or ""
        found.setdefault(m[1].lower(), unescape(value) if "&" in value else value)
    return found
