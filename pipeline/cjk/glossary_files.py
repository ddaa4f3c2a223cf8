"""Reads glossaries: TSV, CSV, CC-CEDICT here, TBX and TMX in glossary_xml.py.

Our own columns are ``zh en type note en_alt``.  Tables with a header may name and order them as
they like and have more; tables without one have at least two columns, and rows in DeepL's layout
(source, target, source language, target language) are recognised by their language codes.
"""
from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

TYPES = ("person", "org", "product", "term")
NOWHERE = -1  # a column that the table lacks is read from the blanks behind each row
COLUMNS = ("zh", "en", "type", "note", "en_alt")
HEADERS = {
    "zh": {"zh", "zh-cn", "zh-hans", "chinese", "source", "source term", "source_term", "中文", "原文", "术语"},
    "en": {"en", "en-us", "en-gb", "english", "target", "target term", "target_term", "英文", "译文"},
    "type": {"type", "类型"},
    "note": {"note", "notes", "comment", "备注", "说明"},
    "en_alt": {"en_alt"},
}
LANGUAGE = re.compile(r"[A-Za-z]{2}(-[A-Za-z]{2,4})?")
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
CEDICT = re.compile(r"(\S+) (\S+) \[(?:\[[^\]]*\]|[^\]]*)\] /(.*)/")


class Row(NamedTuple):
    """One entry of a glossary file: Chinese, its English alternatives, and the line it stands on."""

    zh: str
    en: tuple[str, ...]
    type: str
    note: str
    line: int


def read(path: Path) -> list[Row]:
    """Return the rows of a glossary, by its suffix: .tsv, .txt, .csv, .tbx, .tmx, .u8, .cedict.

    Raises:
        ValueError: the file cannot be read, or a row is broken; the sentence names file and line.
    """
    from pipeline.cjk.glossary_xml import read_tbx, read_tmx

    texts = {".tsv": read_tsv, ".txt": read_tsv, ".csv": read_csv, ".u8": read_cedict, ".cedict": read_cedict}
    pages = {".tbx": read_tbx, ".tmx": read_tmx}
    kind = path.suffix.lower()
    if kind not in texts and kind not in pages:
        raise ValueError(f"{path}: cannot tell what kind of glossary this is; its name must end in one of "
                         f"{' '.join([*texts, *pages])}.")
    try:
        data = path.read_bytes()
        rows = pages[kind](data) if kind in pages else texts[kind](_decoded(data))
        return list(rows)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: the glossary is not UTF-8 (byte {error.start}); save it as UTF-8.") from None
    except OSError as error:
        raise ValueError(f"{path}: cannot read the glossary: {error.strerror}.") from None
    except _Broken as error:
        line, message = error.args
        raise ValueError(f"{path}, line {line}: {message}") from None


def _decoded(data: bytes) -> str:
    """Return the text of a table: UTF-8, or UTF-16 with its mark, as Excel writes "Unicode text"."""
    return data.decode("utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig")


class _Broken(Exception):
    """A row that makes no sense: (line, sentence)."""


def read_tsv(text: str) -> Iterator[Row]:
    """Yield the rows of a table with tabs; quotes mean nothing."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _rows([(i, line.split("\t")) for i, line in enumerate(lines, 1) if line.strip()])


def read_csv(text: str) -> Iterator[Row]:
    """Yield the rows of a table with commas, or with tabs or semicolons if the first line has those and no comma."""
    first = text.split("\n", 1)[0]
    mark = next((mark for mark in "\t;" if mark in first and "," not in first), ",")
    table = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    rows, begin = [], 1
    try:
        for cells in table:
            if any(cell.strip() for cell in cells):
                rows.append((begin, [" ".join(cell.split("\n")) for cell in cells]))
            begin = table.line_num + 1
    except csv.Error as error:
        raise _Broken(begin, f"this is no valid CSV: {error}.") from None
    return _rows(rows)


def _rows(table: list[tuple[int, list[str]]]) -> Iterator[Row]:
    if not table:
        return
    places = _places(table[0][1])
    if places is None:
        places = dict(zip(COLUMNS, range(len(COLUMNS)), strict=True))
        if all(_is_deepl(cells) for _, cells in table):
            places = {"zh": 0, "en": 1}
    else:
        table = table[1:]
    order = [places.get(name, NOWHERE) for name in COLUMNS]
    pick, blank = itemgetter(*order), [""] * (max(order) + 1)
    if len(table) and not any(HAN.search(pick([*cells, *blank])[0]) for _, cells in table) and any(
            HAN.search(pick([*cells, *blank])[1]) for _, cells in table):
        raise _Broken(table[0][0], "the Chinese stands in the English column; put Chinese first.")
    for line, cells in table:
        if len(cells) < 2:
            raise _Broken(line, "the row has one column; Chinese and English are needed.")
        zh, en, kind, note, more = map(str.strip, pick([*cells, *blank]))
        if not zh or not en:
            raise _Broken(line, f"the row has no {'Chinese' if not zh else 'English'}.")
        if kind and kind not in TYPES:
            raise _Broken(line, f"unknown type {kind!r}; known are {', '.join(TYPES)}.")
        english = (en, *filter(None, map(str.strip, more.split(";")))) if more else (en,)
        yield Row(zh, english, kind or "term", note, line)


def _places(cells: Sequence[str]) -> dict[str, int] | None:
    """Return which column is which, or None if this is no header."""
    if _is_deepl(cells):
        return None
    names = [cell.strip().lower() for cell in cells]
    places = {column: i for column, known in HEADERS.items() for i, name in reversed(list(enumerate(names)))
              if name in known}
    return places if "zh" in places and "en" in places else None


def _is_deepl(cells: Sequence[str]) -> bool:
    return len(cells) in (4, 5) and all(LANGUAGE.fullmatch(cell.strip()) for cell in cells[2:4])


def read_cedict(text: str) -> Iterator[Row]:
    """Yield the rows of CC-CEDICT, format 1 ``[pin1 yin1]`` or 2 ``[[pin1yin1]]``.

    A slash parts senses, a semicolon glosses.  Measure words and mere references to other Chinese
    words are left out, as they are no English for the entry.
    """
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        entry = CEDICT.fullmatch(line.strip())
        if not entry:
            raise _Broken(number, "this is no CC-CEDICT entry (Traditional Simplified [pin1 yin1] /sense/).")
        traditional, simplified, senses = entry.groups()
        glosses = tuple(dict.fromkeys(
            gloss.strip() for sense in senses.split("/") if not sense.startswith("CL:")
            for gloss in sense.split(";") if gloss.strip() and not HAN.search(gloss)))
        if glosses:
            yield Row(simplified, glosses, "term", "", number)
            if traditional != simplified:
                yield Row(traditional, glosses, "term", "", number)
