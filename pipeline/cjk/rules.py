"""The rules that say what is page furniture, metadata or spam: data, with an id and examples each.

The files in ``pipeline/data/rules/`` hold one table a rule.  A rule is known by its id, which is also
the `why` of the edits it makes and the name by which a configuration switches it off.

    >>> {rule.stage for rule in rules()} == {"boilerplate", "spam"}
    True
"""
from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

FILES = {"boilerplate": "boilerplate", "metadata": "boilerplate", "spam": "spam"}  # file: the stage that uses it


class Rule(NamedTuple):
    """One rule: its id, the stage that applies it, and examples that are run as tests.

    `catch` holds texts whose every line the rule's stage must take out of a page, `leave` texts of
    which it must not touch a character.  `table` is the rule's own row of the data file.
    """

    id: str
    stage: str
    about: str
    catch: tuple[str, ...]
    leave: tuple[str, ...]
    on: bool = True
    table: Mapping[str, Any] = {}


@cache
def document(name: str) -> Mapping[str, Any]:
    """Return a rule file (``"boilerplate"``, ``"metadata"`` or ``"spam"``) as it was parsed.

    Raises:
        FileNotFoundError: there is no such file.
    """
    path = files("pipeline") / "data" / "rules" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def load(name: str) -> tuple[Rule, ...]:
    """Return the rules of one file in the order in which they stand there."""
    return tuple(Rule(row["id"], FILES[name], row["about"], tuple(row.get("catch", ())), tuple(row.get("leave", ())),
                      row.get("on", True), row) for row in document(name)["rule"])


@cache
def pattern(name: str, key: str) -> re.Pattern[str]:
    """Return one of the patterns of a rule file, with the patterns it is made of put in.

    Raises:
        KeyError: the file has no such pattern.
    """
    parts: Mapping[str, str] = document(name)["patterns"]
    text = parts[key]
    while found := re.search(r"\{([a-z_]+)\}", text):
        text = text.replace(found[0], f"(?:{parts[found[1]]})")
    return re.compile(text)


def rules() -> list[Rule]:
    """Return every rule of every stage, for listing and for tests."""
    return [rule for name in FILES for rule in load(name)]


def active(name: str, off: tuple[str, ...] = (), on: tuple[str, ...] = ()) -> tuple[Rule, ...]:
    """Return the rules of a file that are switched on.

    Raises:
        ValueError: `off` or `on` names a rule that does not exist in any file of the same stage.
    """
    known = {rule.id for rule in rules() if rule.stage == FILES[name]}
    if unknown := sorted({*off, *on} - known):
        raise ValueError(f"{FILES[name]}: there is no rule {unknown[0]!r}; `qingyuan rules` lists them")
    return tuple(rule for rule in load(name) if rule.id not in off and (rule.on or rule.id in on))
