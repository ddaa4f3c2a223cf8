"""Reads TBX (ISO 30042, 2008 and 2019) and TMX 1.4 glossaries.

Both are lists of entries with one part a language; only the names of the elements differ.  Nothing
outside the file is ever fetched: expat is given no handler for external entities.  The file may be in
any encoding that it declares (Trados writes UTF-16).  Terms that are marked as deprecated or superseded
are left out.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from pipeline.cjk.glossary_files import TYPES, Row, _Broken

ENTRY = {"termEntry", "conceptEntry", "tu"}
LANGUAGE = {"langSet", "langSec", "tuv"}
PART = {"tig", "ntig", "termSec", "tuv"}  # one term with what is said of it
WORD = {"term", "seg"}
STATUS = {"administrativeStatus", "normativeAuthorization"}
FORBIDDEN = ("deprecated", "superseded", "obsolete", "forbidden")
LANGUAGES = {"chi": "zh", "zho": "zh", "cmn": "zh", "eng": "en"}
NOTE = {"note"}


@dataclass
class _Reader:
    """Collects what stands in an entry until the entry ends."""

    parser: Any
    rows: list[Row] = field(default_factory=list)
    words: dict[str, list[str]] = field(default_factory=dict)
    language: str = ""
    found: list[str] = field(default_factory=list)
    forbidden: bool = False
    text: list[str] | None = None
    about: str = ""
    kind: str = "term"
    note: str = ""
    line: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        about = attributes.get("type", "")
        if name in ENTRY:
            self.words, self.kind, self.note, self.line = {}, "term", "", self.parser.CurrentLineNumber
        elif name in LANGUAGE:
            code = (attributes.get("xml:lang") or attributes.get("lang") or "").lower().replace("_", "-").split("-")[0]
            self.language = LANGUAGES.get(code, code)
        if name in WORD or name in NOTE or about == "entryType" or about in STATUS:
            self.text, self.about = [], about

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        found = " ".join("".join(self.text or ()).split())
        if name in WORD and found:
            self.found.append(found)
        elif name in NOTE:
            self.note = self.note or found
        elif self.text is not None and self.about in STATUS:
            self.forbidden = self.forbidden or found.lower().startswith(FORBIDDEN)
        elif found in TYPES:
            self.kind = found
        if name in WORD or name in NOTE or self.about in STATUS or found in TYPES:
            self.text, self.about = None, ""
        if name in PART or name in LANGUAGE:
            if self.found and not self.forbidden:
                self.words.setdefault(self.language, []).extend(self.found)
            self.found, self.forbidden = [], False
        if name in ENTRY and self.words.get("zh") and self.words.get("en"):
            english = tuple(dict.fromkeys(self.words["en"]))
            self.rows += [Row(zh, english, self.kind, self.note, self.line) for zh in dict.fromkeys(self.words["zh"])]

    def characters(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)


def _read(data: bytes, root: str) -> Iterator[Row]:
    parser = expat.ParserCreate()
    reader = _Reader(parser)
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.characters
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise _Broken(error.lineno, f"this is no valid XML: {expat.ErrorString(error.code)}.") from None
    if not reader.rows:
        raise _Broken(1, f"this {root} file holds no entry with both Chinese (zh) and English (en).")
    return iter(reader.rows)


def read_tbx(data: bytes) -> Iterator[Row]:
    """Yield an entry for each Chinese term, with all English terms of its concept."""
    return _read(data, "TBX")


def read_tmx(data: bytes) -> Iterator[Row]:
    """Yield an entry for each translation unit; inline markup is left out."""
    return _read(data, "TMX")
