"""The dictionaries of opencc-python-reimplemented, read as data.

The package is not imported: its text files are read where it is installed.  Every value is the first
of the space separated choices, as the package itself takes it.
"""
from __future__ import annotations

import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# The package cuts a text at these before it looks for keys, so a key that holds one is never found.
SEPARATOR = re.compile(r"[\s\-,.?!*，。、；：？！…“”‘’『』「」﹁﹂—－（）《》〈〉～．／＼︒︑︔︓︿﹀︹︺︙︐"
                       "［﹇］﹈︕︖︰︳︴︽︾︵︶｛︷｝︸﹃﹄【︻】︼]")


@cache
def _folder() -> Path:
    spec = find_spec("opencc")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    if folder is None or not (folder / "dictionary" / "TSCharacters.txt").is_file():
        raise FileNotFoundError("the dictionaries of opencc-python-reimplemented are not installed; install that "
                                "package and remove the package OpenCC, which takes the same folder")
    return folder


@cache
def choices(file: str) -> dict[str, tuple[str, ...]]:
    """Return a dictionary file as ``{key: all values, in order}``.

    >>> choices("TSCharacters.txt")["乾"]
    ('干', '乾')
    """
    lines = (_folder() / "dictionary" / file).read_text(encoding="utf-8").splitlines()
    pairs = (line.strip().split("\t") for line in lines)
    return {key: tuple(values.split(" ")) for key, values in pairs}


def chain(conversion: str) -> list[list[dict[str, str]]]:
    """Return the steps of a conversion such as ``"t2s"``; each step is a list of dictionaries in order of precedence.

    Raises:
        ValueError: the package has no such conversion.

    >>> [len(step) for step in chain("tw2s")]
    [2, 2]
    """
    path = _folder() / "config" / f"{conversion}.json"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.json")))
        raise ValueError(f"there is no conversion {conversion!r}; there are: {known}")
    steps = json.loads(path.read_text(encoding="utf-8"))["conversion_chain"]
    return [[_usable(file) for file in _files(step["dict"])] for step in steps]


def _usable(file: str) -> dict[str, str]:
    return {key: values[0] for key, values in choices(file).items() if not SEPARATOR.search(key)}


def _files(node: dict[str, Any]) -> list[str]:
    if node["type"] == "group":
        return [file for part in node["dicts"] for file in _files(part)]
    return [node["file"]]
