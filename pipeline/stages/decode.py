"""Bytes to text: the one stage that knows about encodings.

A file in one encoding becomes one recoding edit, so every character knows its own bytes. A byte order mark,
NUL bytes and characters cut off at the end are cuts; bytes that no codec reads become U+FFFD; images,
archives and other binary data are dropped whole.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.cjk.encoding import normalised, read
from pipeline.document import Change, Document
from pipeline.edits import Edit, Tag

_DECLARED = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{2,40})"""
                       rb"""|\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})""", re.I)


@dataclass(frozen=True)
class Decode:
    """Reads bytes as UTF-8, GB18030, Big5 (HKSCS), UTF-16, a declared charset, HZ, or several of these.

    Yields edits in bytes (`why`: the codec, "bom", "nul", "truncated", "undecodable", "binary") and exactly
    one tag of kind ``encoding`` whose value is a codec, ``mixed`` or ``binary``.

    >>> Document.read("a", "中文網頁".encode("big5")).after(Decode()).text
    '中文網頁'
    """

    charset: str = ""
    keep_binary: bool = False

    name = "decode"

    def __post_init__(self) -> None:
        if self.charset and not normalised(self.charset):
            raise ValueError(f"decode.charset: {self.charset!r} is no charset that is known here")

    def __call__(self, doc: Document) -> Iterator[Change]:
        text = doc.text
        try:
            data = text.encode("latin-1")
        except UnicodeEncodeError:
            return  # somebody decoded it before
        declared = self.charset or doc.given.charset
        found = read(data, declared or declared_charset(data), certain=declared == "utf-8" == doc.given.charset)
        yield Tag(0, len(text), "encoding", found.name)
        if found.name == "binary" and not self.keep_binary:
            yield doc.drop("binary")
        for p in found.pieces:
            if p.codec and p.start == 0 and p.end == len(text):
                yield Edit(0, text, p.now, p.why, p.codec)
            elif (was := text[p.start : p.end]) != p.now:
                yield Edit(p.start, was, p.now, p.why, p.codec)


def declared_charset(data: bytes) -> str:
    """Return the charset that a page or XML file names in its first 4 KB, or "".

    >>> declared_charset(b'<meta http-equiv="Content-Type" content="text/html; charset=gb2312">')
    'gb2312'
    """
    found = _DECLARED.search(data[:4096])
    return (found[1] or found[2]).decode("ascii", "ignore") if found else ""
