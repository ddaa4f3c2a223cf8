"""The form in which a line is compared with words: Simplified, half-width, lower case.

Folding is for comparison alone; it is not a conversion (see `simplify`) and never reaches the output.
"""
from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import product

import numpy as np
import numpy.typing as npt

WORTHWHILE = 64  # code points from which a table of code units is faster than `str.translate`
_BEYOND = 0xD800
_SPACES = re.compile(r" {2,}")
_SAME = {  # characters that stand for one another in furniture
    "|": "丨│︱┃¦￤∣❘⏐‖║", ">": "»›〉＞➤➔➜➝➞⟩≫",
    "<": "«‹〈＜⟨≪", ":": "：︰∶﹕ː", "·": "・‧∙⋅", '"': "“”„‟〝〞", "'": "’‘",
    " ": "\u3000\xa0\t\u2002\u2003\u2009\ufeff", "你": "妳", "布": "佈", "周": "週", "台": "臺", "里": "裡", "苏": "甦",
}


@cache
def script_table() -> dict[str, str]:
    """Return Traditional characters and the Simplified one each is compared as.

    Source: TSCharacters of OpenCC, as shipped by opencc-python-reimplemented (Apache-2.0).
    """
    rows = (files("opencc") / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8").splitlines()
    return {trad: simp.split(" ")[0] for trad, simp in (row.split("\t") for row in rows if "\t" in row)}


@cache
def _table() -> dict[int, str]:
    width = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    lower = {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}
    wide_lower = {code: chr(code - 0xFEE0 + 32) for code in range(0xFF21, 0xFF3B)}
    script = {ord(trad): simp for trad, simp in script_table().items()}
    same = {ord(char): as_ for as_, chars in _SAME.items() for char in chars}
    return script | width | lower | wide_lower | same


@cache
def _codes() -> npt.NDArray[np.uint16]:
    """Return for each code unit of UTF-16 the one it is compared as; 0xD800 for what needs `str.translate`.

    The halves of a pair stand for themselves, unless the table holds a character that begins so.
    """
    codes = np.arange(0x10000, dtype=np.uint16)
    for code, char in _table().items():
        first = code if code < 0x10000 else 0xD800 + (code - 0x10000 >> 10)
        codes[first] = ord(char) if first == code and ord(char) < 0x10000 else _BEYOND
    return codes


def fold(line: str) -> str:
    """Return `line` for comparison; as many characters as before.

    >>> fold("掃一掃下載ＡＰＰ")
    '扫一扫下载app'
    """
    folded = _by_units(line) if len(line) >= WORTHWHILE else None
    return line.translate(_table()) if folded is None else folded


def _by_units(text: str) -> str | None:
    """Return a text folded by code units; None if it holds a character that needs `str.translate`."""
    units = _codes().take(np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16))
    if (units == _BEYOND).any():
        return None
    folded = units.tobytes().decode("utf-16-le", "surrogatepass")
    return folded if len(folded) == len(text) else None  # two lone halves side by side would become one character


def fold_all(texts: Sequence[str]) -> list[str]:
    """Return each text as it is compared with words; one pass over all of them is cheaper than one over each.

    >>> fold_all(["掃一掃", "ＡＰＰ"])
    ['扫一扫', 'app']
    """
    whole, found, start = _by_units("\n".join(texts)), list[str](), 0
    if whole is None:
        return [fold(text) for text in texts]
    for text in texts:
        found.append(whole[start : start + len(text)])
        start += len(text) + 1
    return found


def squeeze(folded: str) -> str:
    """Return a folded line stripped, with runs of blanks as one blank.

    >>> squeeze(fold("首頁　　新聞 "))
    '首页 新闻'
    """
    folded = folded.strip()
    return _SPACES.sub(" ", folded) if "  " in folded else folded


@cache
def _written() -> dict[str, str]:
    """Return, for a folded character, every character that is compared as it."""
    forms: dict[str, str] = {}
    for code, simp in _table().items():
        if ord(simp) > 0x7F:
            forms[simp] = forms.get(simp, simp) + chr(code)
    return forms


def spellings(word: str) -> list[str]:
    """Return how a folded word may stand in a text: both scripts, usual letter cases.

    >>> spellings("转载")
    ['转载', '转載', '轉载', '轉載']
    """
    if word.isascii():
        return list(dict.fromkeys([word, word.capitalize(), word.upper(), word.title()]))
    cases = dict.fromkeys([word, word.upper(), word.title()])
    return ["".join(form) for case in cases for form in product(*(_written().get(c, c) for c in case))]
