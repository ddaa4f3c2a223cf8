"""What a backend is asked and what it answers."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from pipeline.translation.terms import Term


class Ask(NamedTuple):
    """One segment to translate; `remark` says what was wrong with the answer before."""

    key: str
    source: str
    terms: tuple[Term, ...] = ()
    context: tuple[str, ...] = ()
    remark: str = ""


class Answer(NamedTuple):
    """What came back: a text, or an error with the code of a finding.

    `usage` is (tokens in, tokens out), zero where unknown; `attempts` counts requests.
    """

    text: str = ""
    error: str = ""
    detail: str = ""
    finish: str = ""
    usage: tuple[int, int] = (0, 0)
    attempts: int = 1
    score: float | None = None


class Refused(OSError):
    """The server or the model cannot be used at all; the run stops, with the reason in one sentence."""


class Backend(Protocol):
    """Translates; `identity` is what its answers depend on, `provenance` what a reader wants to know of it."""

    identity: dict[str, Any]
    provenance: dict[str, Any]
    sends_terms: bool

    def answers(self, asks: Sequence[Ask]) -> Iterator[tuple[Ask, Answer]]:
        """Yield an answer for each of `asks`, in any order, as soon as it is there."""
        ...
