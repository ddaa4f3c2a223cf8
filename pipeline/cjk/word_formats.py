"""Segmented text as vertical files (Sketch Engine, CWB) and CoNLL-U, with offsets into the text.

Both take a `Segmented` text.  Offsets are code points of the text.

Sources: https://www.sketchengine.eu/my_keywords/vertical/ and https://universaldependencies.org/format.html
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import repeat
from typing import NamedTuple

from pipeline.cjk.sentences import spans


class Segmented(NamedTuple):
    """A text; its words as the segment stage gives them, joined by spaces, one line a paragraph; glossary
    terms as (start, end, English), in order; and parts of speech laid out as the words, or nothing."""

    text: str
    words: str
    terms: Iterable[tuple[int, int, str]] = ()
    pos: str = ""


class Token(NamedTuple):
    """A word and where it stands."""

    word: str
    start: int
    end: int


def tokens(text: str, words: str) -> Iterator[Token]:
    """Yield the words with their places.

    Raises:
        ValueError: `words` are not the words of `text`.

    >>> list(tokens("你好 世界", "你好 世界"))
    [Token(word='你好', start=0, end=2), Token(word='世界', start=3, end=5)]
    """
    at = 0
    for word in words.split():
        start = text.find(word, at)
        if start < 0 or text[at:start].strip():
            raise ValueError(f"{word!r} does not stand in the text at {at}")
        at = start + len(word)
        yield Token(word, start, at)


def _sentences(doc: Segmented) -> Iterator[tuple[bool, list[tuple[Token, str]]]]:
    """Yield the tokens of each sentence with their parts of speech, and whether it begins a paragraph."""
    stream = zip(tokens(doc.text, doc.words), doc.pos.split() if doc.pos else repeat(""), strict=False)
    token = next(stream, None)
    before = 0
    for start, end in spans(doc.text):
        sentence = []
        while token and token[0].start < end:
            sentence.append(token)
            token = next(stream, None)
        if sentence:
            yield before == 0 or "\n" in doc.text[before:start], sentence
        before = end


def vertical(doc: Segmented, attributes: Mapping[str, str]) -> str:
    """Return a vertical document: a word a line, its start, end, and the English of the term it belongs to.

    With parts of speech there is a fifth column.

    Args:
        attributes: of the ``<doc>`` element, such as id and title.

    >>> vertical(Segmented("你好。", "你好 。"), {"id": "a"}).splitlines()
    ['<doc id="a">', '<p>', '<s>', '你好\\t0\\t2\\t-', '。\\t2\\t3\\t-', '</s>', '</p>', '</doc>']
    """
    lines = ["<doc" + "".join(f' {key}="{escape(value)}"' for key, value in attributes.items()) + ">"]
    english, opened = _Terms(doc.terms), False
    for first, sentence in _sentences(doc):
        if first:
            lines += ["</p>"] * opened + ["<p>"]
            opened = True
        lines.append("<s>")
        for token, pos in sentence:
            line = f"{token.word}\t{token.start}\t{token.end}\t{_flat(english.at(token)) or '-'}"
            lines.append(escape(f"{line}\t{pos}" if pos else line, quote=False))
        lines.append("</s>")
    return "\n".join([*lines, *["</p>"] * opened, "</doc>", ""])


def conllu(doc: Segmented, id: str) -> str:
    """Return a CoNLL-U document; columns that only a parser could fill hold an underscore.

    XPOS holds jieba's part of speech, if there is one.  MISC holds ``SpaceAfter=No`` where no white space
    follows, ``start_char`` and ``end_char``, and ``Term`` with the English of the term the word belongs to.
    """
    text = doc.text
    lines, english = [f"# newdoc id = {_flat(id)}"], _Terms(doc.terms)
    for number, (first, sentence) in enumerate(_sentences(doc), 1):
        if first:
            lines.append("# newpar")
        whole = _flat(text[sentence[0][0].start : sentence[-1][0].end])
        lines += [f"# sent_id = {_flat(id)}-{number}", f"# text = {whole}"]
        for place, (token, pos) in enumerate(sentence, 1):
            misc = [] if text[token.end : token.end + 1].isspace() else ["SpaceAfter=No"]
            misc += [f"start_char={token.start}", f"end_char={token.end}"]
            if found := english.at(token):
                misc.append("Term=" + _flat(found).replace("|", "/"))
            lines.append(f"{place}\t{token.word}\t_\t_\t{pos or '_'}" + "\t_" * 4 + "\t" + "|".join(misc))
        lines.append("")
    return "\n".join([*lines, ""])


def _flat(text: str) -> str:
    return " ".join(text.split())


class _Terms:
    """The English at a token; asked in order."""

    def __init__(self, terms: Iterable[tuple[int, int, str]]) -> None:
        self._rest = iter(terms)
        self._now = next(self._rest, None)

    def at(self, token: Token) -> str:
        while self._now and self._now[1] <= token.start:
            self._now = next(self._rest, None)
        return self._now[2] if self._now and self._now[0] < token.end else ""
