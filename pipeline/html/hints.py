"""What the markup itself says of an element: not shown, page furniture, main text, byline."""
from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

from pipeline.html.page import Node, Page

HINTS_FILE = Path(__file__).parent.parent / "data" / "html_hints.tsv"
CHROME_TAGS = frozenset(["nav", "footer", "aside", "button", "select", "dialog", "menu", "datalist", "form", "label",
                         "fieldset", "header"])
INLINE_TAGS = frozenset(
    ["a", "abbr", "b", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small", "strong", "sub", "sup", "u", "var"])
CHROME_ROLES = re.compile(r"\b(?:navigation|banner|contentinfo|search|complementary|(?:alert)?dialog|menu(?:bar)?"
                          r"|toolbar|tablist)\b")
UNSEEN_TAGS = {"rt": "ruby", "rp": "ruby", "rtc": "ruby"} | dict.fromkeys(
    ["noscript", "template", "object", "svg", "canvas", "audio", "video", "datalist", "annotation"], "hidden")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:\.0+)?(?:px|pt|r?em|%)?\s*"
                           r"(?:;|!|$)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|(?:text-indent|left|top|margin-left)\s*:\s*-\d{3,}",
                           re.I)
_PART = r"(?<![a-z0-9])(?:{})(?![a-z])"  # a word of a name: share-box, post_share
_WORD = r"(?<![\w:-])(?:{})(?![\w:-])"  # a whole name: hidden, but not hidden-xs
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """Return the patterns of class, id and role names by kind (the first column)."""
    words: dict[str, list[str]] = {}
    for line in HINTS_FILE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, word = line.split("\t")[:2]
            words.setdefault(kind, []).append(word)
    return {kind: re.compile((_PART if kind not in ("hidden", "shown") else _WORD).format("|".join(found)))
            for kind, found in words.items()}


def hint_text(node: Node) -> str:
    """Return the class, id and role of an element, in lower case with camelCase taken apart.

    >>> hint_text(Node("div", 0, 0, {"class": "postNav Left"}))
    'post-nav left'
    """
    attrs = node.attrs
    if not attrs:
        return ""
    return _CAMEL.sub("-", " ".join(attrs[key] for key in ("class", "id", "role") if attrs.get(key))).lower()


@lru_cache(1 << 14)
def _says(kind: str, name: str) -> bool:
    return patterns()[kind].search(name) is not None


def says(kind: str, name: str) -> bool:
    """Return whether a hint text has a word of a kind; the answer for a class name is remembered."""
    return bool(name) and len(name) < 400 and _says(kind, name)


def unseen(node: Node, name: str) -> str:
    """Return why the text of an element is not shown ("hidden", "ruby"), or ""."""
    why = UNSEEN_TAGS.get(node.tag, "")
    if why or not node.attrs:
        return why
    attrs = node.attrs
    if "hidden" in attrs and attrs["hidden"] != "until-found":
        return "hidden"
    if "style" in attrs and _HIDDEN_STYLE.search(attrs["style"]):
        return "hidden"
    return "hidden" if says("hidden", name) and not says("shown", name) else ""


def chrome(node: Node, name: str) -> str:
    """Return what an element is by its tag, role or names: "chrome", "comments" or "".

    An inline element's names say nothing.
    """
    if node.tag in CHROME_TAGS:
        return "chrome"
    if not name or node.tag in INLINE_TAGS:
        return ""
    if "role" in node.attrs and CHROME_ROLES.search(name):
        return "chrome"
    return "comments" if says("comments", name) else "chrome" if says("chrome", name) else ""


def names(page: Page) -> list[str]:
    """Return the hint text of every element."""
    return [hint_text(node) for node in page.nodes]
