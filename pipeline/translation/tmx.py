"""TMX 1.4 in and out, and the other two forms a parallel corpus takes: aligned JSONL and Moses.

https://www.gala-global.org/tmx-14b gives the format.  Characters that XML cannot hold are refused by
nothing that reads TMX well, so they are left out and counted nowhere: text that was cleaned has none.
"""
from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, NamedTuple
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4">
<header creationtool="qingyuan" creationtoolversion="{version}" segtype="sentence" o-tmf="qingyuan" adminlang="en" \
srclang={source} datatype="plaintext"/>
<body>
"""


class Pair(NamedTuple):
    """An aligned pair: source and target text, where it comes from, and more about it."""

    source: str
    target: str
    id: str = ""
    about: Mapping[str, str] = MappingProxyType({})


def write_tmx(file: IO[str], pairs: Iterable[Pair], langs: tuple[str, str], version: str = "1") -> int:
    """Write `pairs` as TMX 1.4 and return how many there are.

    `langs` are the BCP 47 tags of source and target.
    """
    source, target = langs
    file.write(HEAD.format(source=quoteattr(source), version=version))
    count = 0
    for pair in pairs:
        props = [("x-document", pair.id)] if pair.id else []
        props += [(f"x-{key}", value) for key, value in sorted(pair.about.items())]
        file.write("<tu>" + "".join(f"<prop type={quoteattr(key)}>{_text(value)}</prop>" for key, value in props)
                   + f"<tuv xml:lang={quoteattr(source)}><seg>{_text(pair.source)}</seg></tuv>"
                     f"<tuv xml:lang={quoteattr(target)}><seg>{_text(pair.target)}</seg></tuv></tu>\n")
        count += 1
    file.write("</body>\n</tmx>\n")
    return count


def _text(text: str) -> str:
    return escape(NOT_XML.sub("", text)).replace("\r", "&#13;")


def read_tmx(path: Path, langs: tuple[str, str]) -> Iterator[Pair]:
    """Yield the units of a TMX file that have both languages; a language matches by its first part.

    Inline markup is left out, its text kept.  Nothing outside the file is read.

    Raises:
        ValueError: the file is no TMX; the sentence names it and the line.
    """
    root = ""
    try:
        for event, element in ElementTree.iterparse(path, ("start", "end")):
            root = root or element.tag.rpartition("}")[2]
            if root != "tmx":
                raise ValueError(f"{path}: not a TMX file: its root is <{root}>")
            if event == "end" and element.tag.rpartition("}")[2] == "tu":
                found = {_lang(tuv): _seg(tuv) for tuv in element if tuv.tag.rpartition("}")[2] == "tuv"}
                source, target = found.get(langs[0]), found.get(langs[1])
                if source and target:
                    yield Pair(source, target)
                element.clear()
    except ElementTree.ParseError as error:
        raise ValueError(f"{path}, line {error.position[0]}: not a TMX file: {error}") from error


def _lang(tuv: ElementTree.Element) -> str:
    return (tuv.get(LANG) or tuv.get("lang") or "").lower().split("-")[0].split("_")[0]


def _seg(tuv: ElementTree.Element) -> str:
    seg = next((child for child in tuv if child.tag.rpartition("}")[2] == "seg"), None)
    if seg is None:
        return ""
    parts = [seg.text or ""]
    for child in seg:  # codes (bpt, ept, it, ph, ut) hold markup, hi holds text
        if child.tag.rpartition("}")[2] in ("hi", "sub"):
            parts.append("".join(child.itertext()))
        parts.append(child.tail or "")
    return " ".join("".join(parts).split())


def write_jsonl(file: IO[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write one JSON object a segment and return how many there are."""
    count = 0
    for row in rows:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")
        count += 1
    return count


def write_moses(source: IO[str], target: IO[str], pairs: Iterable[Pair]) -> int:
    """Write two files with one segment a line, line by line aligned, and return how many lines each has.

    What Unicode or Python takes for a line end becomes a blank.
    """
    count = 0
    for pair in pairs:
        source.write(" ".join(pair.source.split()) + "\n")
        target.write(" ".join(pair.target.split()) + "\n")
        count += 1
    return count
