"""What can be wrong with a translated segment, found without a model.

Every finding has a code, whether it fails the segment, and what was seen.  The limits were measured
on human translations (docs/translate.md), so that a good translation rarely meets one.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.translation.answers import is_chatter, leaks_thoughts
from pipeline.translation.numbers import compare
from pipeline.translation.segments import HAN
from pipeline.translation.terms import Term, missed

VERSION = "1"  # of the checks: another one judges remembered translations anew
WORD = re.compile(r"[A-Za-z0-9]+(?:['’.-][A-Za-z0-9]+)*")
TOKEN = re.compile(r"\S+")
OTHER_SCRIPT = re.compile(r"[\u0370-\u1fff\u3040-\u30ff\uac00-\ud7af]")
NAME = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9.+#-]*[A-Z])[A-Za-z][A-Za-z0-9]*(?:[.+#-][A-Za-z0-9]+)*[+#]?")
GLOSS = re.compile(r"[(（\[“\"《‘'][^()（）\[\]“”\"《》]{1,30}[)）\]”\"》’']")
CHARACTER_RUN = re.compile(r"(.{2,6}?)\1{2,}", re.DOTALL)
RETRY = frozenset(("repetition", "term_missed", "untranslated", "copied", "chatter", "thoughts", "wrong_language"))
CODES = ("empty", "truncated", "copied", "untranslated", "wrong_language", "thoughts", "chatter", "repetition",
         "number_unit", "number_mismatch", "term_missed", "name_missed", "length_ratio",
         "unreachable", "server_error", "bad_answer", "filtered")  # of findings; the last four are no answer at all
SHORT = 10  # Han characters below which no ratio of lengths means anything


@dataclass(frozen=True)
class Limits:
    """What the checks allow; the settings of [translate.qa]."""

    strict_terms: bool = False   # a missed glossary term is asked for once more, then fails the segment
    untranslated: float = 0.1    # share of Han characters in an English segment that fails it
    ratio_low: float = 0.25      # English words for a Chinese character: fewer are reported
    ratio_high: float = 1.6       # ... and more


class Finding(NamedTuple):
    """One thing that is wrong: its code, whether the segment fails for it, what was seen."""

    code: str
    fails: bool
    detail: str = ""


def check(source: str, answer: str, terms: Iterable[Term], target: str = "en", limits: Limits = Limits(),
          ) -> list[Finding]:
    """Return what is wrong with `answer` as the translation of `source` into `target` ("en" or "zh").

    >>> [f.code for f in check("市值为3800亿元。", "The value is 3,800 billion yuan.", [])]
    ['number_unit']
    """
    if not any(c.isalnum() for c in answer):
        return [Finding("empty", True)] if any(c.isalnum() for c in source) else []
    found = [*_wrapping(source, answer), *_language(source, answer, target, limits), *_repetition(source, answer)]
    terms = tuple(terms)
    if not any(f.fails for f in found):
        found += [*_numbers(source, answer, target), *_lengths(source, answer, target, limits)]
        gone = missed(answer, terms, target)
        if gone:
            found.append(Finding("term_missed", limits.strict_terms,
                                 "; ".join(f"{t.source}: {' or '.join(t.targets)}" for t in gone)))
        names = [n for n in _names_gone(source, answer, terms) if target == "en" or any(c.isdigit() for c in n)]
        if names:
            found.append(Finding("name_missed", False, ", ".join(names)))
    return found


def _wrapping(source: str, answer: str) -> Iterator[Finding]:
    if leaks_thoughts(answer):
        yield Finding("thoughts", True)
    if is_chatter(answer, source):
        yield Finding("chatter", True)


def _language(source: str, answer: str, target: str, limits: Limits) -> Iterator[Finding]:
    letters = sum(c.isalpha() for c in answer)
    other = len(OTHER_SCRIPT.findall(answer)) - len(OTHER_SCRIPT.findall(source))
    if letters and other / letters > 0.3:
        yield Finding("wrong_language", True)
    han = len(HAN.findall(answer))
    if " ".join(answer.split()).casefold() == " ".join(source.split()).casefold():
        yield Finding("copied", True)
    elif target == "zh":
        if not han and len(WORD.findall(source)) > 2:
            yield Finding("untranslated", True)
    elif han:
        bare = len(HAN.findall(GLOSS.sub("", answer)))  # Qwen (千问) names the source on purpose
        if bare:
            yield Finding("untranslated", bare / letters > limits.untranslated, f"{bare} Han characters")


def _repetition(source: str, answer: str) -> Iterator[Finding]:
    """Find a decoder that runs in circles: the same one to four words, or characters, three times in a row."""
    words = [w.lower() for w in TOKEN.findall(answer)]
    sizes = range(1, 5) if len(words) - len(set(words)) > 1 else ()  # three alike are two more than different ones
    for size in sizes:
        for at in range(len(words) - 3 * size + 1):
            piece = words[at : at + size]
            if piece == words[at + size : at + 2 * size] == words[at + 2 * size : at + 3 * size] and any(
                    c.isalpha() for w in piece for c in w):
                if not _repeats(source):
                    yield Finding("repetition", True, " ".join(piece))
                return
    run = next((m for m in CHARACTER_RUN.finditer(answer) if sum(c.isalpha() for c in m[1]) > 1), None)
    if run and not _repeats(source):
        yield Finding("repetition", True, run[1])


def _repeats(source: str) -> bool:
    return bool(re.search(r"([^\W\d_]{1,8})\W{0,2}\1\W{0,2}\1", source))


def _numbers(source: str, answer: str, target: str) -> Iterator[Finding]:
    zh, en = (answer, source) if target == "zh" else (source, answer)
    differs = compare(zh, en)
    if differs:
        ours, theirs = (differs.en, differs.zh) if target == "zh" else (differs.zh, differs.en)
        detail = f"{', '.join(ours) or '-'} / {', '.join(theirs) or '-'}"
        yield Finding("number_unit" if differs.unit_slip else "number_mismatch", differs.unit_slip, detail)


def _lengths(source: str, answer: str, target: str, limits: Limits) -> Iterator[Finding]:
    zh, en = (answer, source) if target == "zh" else (source, answer)
    han, words = len(HAN.findall(zh)), len(WORD.findall(en))
    if han + len(WORD.findall(zh)) >= SHORT and han:
        ratio = words / (han + len(WORD.findall(zh)))
        if not limits.ratio_low <= ratio <= limits.ratio_high:
            yield Finding("length_ratio", False, f"{ratio:.2f} words a character")


def _names_gone(source: str, answer: str, terms: Iterable[Term]) -> Iterator[str]:
    """Yield the Latin names of the source (GPT-5.2, H20, OpenAI) that the answer has not."""
    known = " ".join(term.source for term in terms).casefold()
    squeezed = re.sub(r"[\s\-‑.]", "", answer).casefold()
    for name in dict.fromkeys(NAME.findall(source)):
        if len(name) > 1 and name.casefold() not in known and re.sub(r"[-.]", "", name).casefold() not in squeezed:
            yield name
