"""Take away lines that stand at the edges of many pages of one site.

No rule has to know such lines: a slogan, a phone number, a list of channels is furniture because the
site prints it everywhere.  Only the head and the foot of a page are looked at, because furniture stands
there and formulas of laws and refrains stand between.  Headings and closing formulas that many texts
share (``data/rules/sitewide.toml``) are never taken, nor a signature above a date.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from posixpath import dirname
from typing import NamedTuple
from urllib.parse import urlsplit

from pipeline.cjk.dates import match_date
from pipeline.cjk.formulas import is_formula
from pipeline.cjk.linefold import fold
from pipeline.cjk.lines import Line, split
from pipeline.document import Change, Document
from pipeline.edits import Tag

HEAD, FOOT = 12, 20  # lines of a page that are looked at from above and from below
LONGEST = 80  # code points of a line that can be furniture
GAP = 3  # lines of the page's own (title, date) that may stand between furniture


class Fact(NamedTuple):
    """What the survey keeps of a page: its site and a hash for each line at its edges."""

    site: str
    lines: frozenset[bytes]


@dataclass(frozen=True)
class Repeated:
    """The answer of the survey: for each site, how many pages it has and the lines that it repeats."""

    by: str
    lines: Mapping[str, Mapping[bytes, int]]
    pages: Mapping[str, int]
    evidence: bool = True
    name = "sitewide"

    def __call__(self, doc: Document) -> Iterator[Change]:
        """Yield the cuts for `doc`, with the number of pages on which each line stands."""
        site = site_of(doc, self.by)
        known = self.lines.get(site)
        if not known:
            return
        lines = split(doc.text)
        gone = _walk(doc.text, lines, known, range(min(HEAD, len(lines))))
        gone |= _walk(doc.text, lines, known, range(len(lines) - 1, max(-1, len(lines) - 1 - FOOT), -1))
        if len(gone) < len(lines):
            yield from self._cut(doc, lines, sorted(gone), site)

    def _cut(self, doc: Document, lines: list[Line], gone: list[int], site: str) -> Iterator[Change]:
        known, all_pages = self.lines[site], self.pages[site]
        last = len(lines) - 1
        while last in gone:
            last -= 1
        for i in gone:
            start, end, _ = lines[i]
            if self.evidence:
                pages = known[_key(doc.text[start:end])]
                yield Tag(start, end, "evidence", f"{pages / all_pages:.2f} on {pages} of {all_pages} pages")
            if i > last:
                yield doc.cut(lines[i - 1].end, end if i + 1 < len(lines) else len(doc.text), "sitewide")
            else:
                yield doc.cut(start, lines[i + 1].start, "sitewide")


@dataclass(frozen=True)
class Sitewide:
    """Surveys which lines each site repeats.

    Settings: `by` is "site" (the row's `site`, else the host of its `url`; documents with neither have
    none) or "folder" (the folder of the document's path); a line is repeated if it stands at the edge
    of at least `pages` pages and of the share `share` of its site's pages.
    """

    by: str = "site"
    pages: int = 5
    share: float = 0.2
    evidence: bool = True
    name = "sitewide"

    def check(self) -> None:
        """Refuse settings that make no sense.

        Raises:
            ValueError: the message names the setting.
        """
        if self.by not in ("site", "folder"):
            raise ValueError(f"sitewide.by is {self.by!r}; it must be \"site\" or \"folder\"")
        if self.pages < 2 or not 0 < self.share <= 1:
            raise ValueError("sitewide.pages is at least 2, sitewide.share lies above 0 and is at most 1")

    def look(self, doc: Document) -> Fact | None:
        """Return the hashes of the lines at the edges of a page; None for a page of no site."""
        site = site_of(doc, self.by)
        if not site or not doc.text:
            return None
        lines = split(doc.text)
        edges = lines if len(lines) <= HEAD + FOOT else [*lines[:HEAD], *lines[-FOOT:]]
        return Fact(site, frozenset(_key(doc.text[a:b]) for a, b, fenced in edges if b - a <= LONGEST and not fenced))

    def settle(self, facts: Iterable[Fact | None], texts: Callable[[str], str]) -> Repeated:
        """Return the stage that cuts what a site repeats; the order of the facts does not matter."""
        pages: Counter[str] = Counter()
        counts: dict[str, Counter[bytes]] = {}
        for fact in facts:
            if fact:
                pages[fact.site] += 1
                counts.setdefault(fact.site, Counter()).update(fact.lines)
        lines = {}
        for site in sorted(counts):
            need = max(self.pages, self.share * pages[site])
            found = {key: n for key, n in sorted(counts[site].items()) if n >= need}
            if found:
                lines[site] = found
        return Repeated(self.by, lines, {site: pages[site] for site in lines}, self.evidence)


def site_of(doc: Document, by: str) -> str:
    """Return the site of a document: a name, a host or a folder; empty if it has none.

    >>> from pipeline.document import Given
    >>> site_of(Document("1", "", given=Given(row={"url": "https://www.example.com/a"})), "site")
    'example.com'
    """
    if by == "folder":
        return dirname(doc.given.path)
    url = doc.given.row.get("url", "") or doc.given.url
    host = (urlsplit(url).hostname or "") if "//" in url else ""
    return doc.given.row.get("site", "") or host.removeprefix("www.")


def _walk(text: str, lines: list[Line], known: Mapping[bytes, int], order: range) -> set[int]:
    """Return the repeated lines from one edge inwards, up to the first run of the page's own lines."""
    gone: set[int] = set()
    own = 0
    for i in order:
        start, end, fenced = lines[i]
        if fenced or end - start > LONGEST or _key(text[start:end]) not in known or _kept(text, lines, i):
            own += 1
            if own > GAP or end - start > LONGEST:
                break
        else:
            own = 0
            gone.add(i)
    return gone


def _kept(text: str, lines: list[Line], i: int) -> bool:
    """Tell whether a repeated line is text: a common heading, a formula, a signature above its date."""
    if is_formula(text[lines[i].start : lines[i].end]):
        return True
    dated = match_date(fold(text[lines[i + 1].start : lines[i + 1].end])[:40]) if i + 1 < len(lines) else None
    return bool(dated and dated[1] == lines[i + 1].end - lines[i + 1].start)


def _key(line: str) -> bytes:
    return blake2b(fold(line).encode("utf-8", "surrogatepass"), digest_size=8).digest()
