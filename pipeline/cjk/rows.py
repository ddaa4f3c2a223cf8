"""Tables without rules: lines whose cells are set apart by blanks, and lines that begin or end alike."""
from __future__ import annotations

import re

from pipeline.cjk import names
from pipeline.cjk.view import View

ROWS, CELLS = 3, 4  # lines with equally many cells that make a table; from so many cells on, some rows may lack numbers
_CELLS = re.compile(r"[ \t\u3000]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_NAME = re.compile(r"[\u3400-\u9fff]{2,6}")
_DIGIT = re.compile(r"\d")
_NUMERAL = re.compile(r"\d+|[一二三四五六七八九十]+")
_VALUED = r"[\u3400-\u9fff]{2,6}(?: ?[A-Za-z]{2,12})?( ?[:：] ?|[ \u3000])\S.{0,40}$"
_FIELD = re.compile(_VALUED)
_LABELLED = re.compile(  # but no footer's address, no line of metadata
    r"(?![总總]?[地网網住]址|.{0,4}(?:[电電][话話]|[邮郵]|[传傳]真|[热熱][线線]|客服|[备備]案|主[办辦管]|承[办辦]|版[权權]|更新|[发發]布|"
    r"[浏瀏][览覽]|[阅閱][读讀]|作者|[来來]源|[编編][辑輯]|[关關][键鍵]|[标標][签籤]|"
    r"分[类類]|等[级級]|[积積]分))" + _VALUED)
COUNTED = 16  # code points of a line that differs from its neighbour in numbers only
_NUMBERED = re.compile(r"([A-Za-z]+)[ .]?\d[\d.]*")


def row(view: View, n: int) -> bool:
    """Tell whether a line is a row of a table without rules, or its head: as many cells as the lines beside it."""
    cells = _CELLS.split(view.text(n))
    if len(cells) < 2:
        return False
    start = end = n
    while start and _count(view, start - 1) == len(cells):
        start -= 1
    while end + 1 < len(view.live) and _count(view, end + 1) == len(cells):
        end += 1
    others = [m for m in range(start, end + 1) if m != n and view.plain(m)]
    if len(others) + 1 < ROWS or 2 * len(others) < end - start + 1:
        return False
    told = sum(1 for m in others if _DIGIT.search(view.text(m)))
    if len(cells) >= CELLS:
        return 2 * told >= len(others)
    if len(cells) == 3:
        return told == len(others) and bool(_DIGIT.search(view.text(n)))
    first = [_CELLS.split(view.text(m))[0] for m in (n, *others)]
    return len(set(map(len, first))) == 1 and all(map(_NAME.fullmatch, first))


def alike(view: View, n: int) -> bool:
    """Tell whether a line begins or ends as one beside it that is text: CHEM 201, CHEM 455; people and posts."""
    line, beside = view.text(n), [view.text(m) for m in (n - 1, n + 1) if view.plain(m)]
    cells = _CELLS.split(line)
    if len(line) <= COUNTED and (form := _form(line)) and any(_form(text) == form for text in beside):
        return True
    if field(view, n):
        return True
    if (found := _NUMBERED.match(line)) and _HAN.search(line):
        return any((like := _NUMBERED.match(text)) and like[1] == found[1] for text in beside)
    if len(cells) != 2:
        return False
    if any(_CELLS.split(text)[1:] == cells[1:] for text in beside):
        return True
    if not _NAME.fullmatch(cells[0]):
        return False
    near = (view.text(m) for m in range(n - ROWS, n + ROWS + 1) if m != n and view.plain(m))
    return names.person(cells[0]) and sum(1 for text in near if names.person(_CELLS.split(text)[0])) >= 2


def field(view: View, n: int, named: bool = False) -> bool:
    """Tell whether a line is a name and its value, like the two beside it that are text: the data of a thing.

    A name that footers and metadata have must be `named` by the caller: 来源 in the record of a museum.
    """
    found = (_FIELD if named else _LABELLED).match(view.text(n))
    if not found:
        return False
    for near in ((n - 1, n + 1), (n - 2, n - 1), (n + 1, n + 2)):
        if all(view.plain(m) and (like := _LABELLED.match(view.text(m))) and like[1].strip() == found[1].strip()
               for m in near):
            return True
    return False


def _form(line: str) -> str:
    """Return a line with its numbers alike (初二（3）班 as 初0（0）班), nothing if it has none or nothing else."""
    form, found = _NUMERAL.subn("0", line)
    return form if found and len(form) > found and _HAN.search(form) else ""


def _count(view: View, n: int) -> int:
    line = view.text(n)
    return len(_CELLS.split(line)) if line and line[-1] not in "。；;" else 0
