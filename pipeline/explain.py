"""What happened to a document, and why, in words: every removed and changed span.

Spans are told in the coordinates of the *decoded source*, the text a person sees when opening the
file: lines count from 1, offsets in code points from 0.
"""
from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from pipeline.cjk.told import told
from pipeline.document import Document
from pipeline.edits import Edit, Patch, Tag, rewind
from pipeline.lineage import CHANGED, KEPT, REMOVED, Fate, Trace, fates

UNTOLD = frozenset(("segmented", "term", "ambiguous", "encoding", "script"))  # kinds of tags that speak of no edit
SHOWN = 60  # characters of a span that are shown


class Event(NamedTuple):
    """One edit, at [start, end) of the decoded source; `notes` are the tags that speak of it.

    `back` maps places of the text the edit was made in to the decoded source.
    """

    start: int
    end: int
    stage: str
    edit: Edit
    notes: tuple[Tag, ...]
    back: Trace

    def within(self, start: int, end: int) -> Event:
        """Return a 1:1 event without the characters that lie outside [start, end) of the decoded source."""
        if self.edit.codec != "1:1" or (start <= self.start and self.end <= end):
            return self
        edit = self.edit
        low = first(edit.start, edit.end, lambda at: self.back(at, at + 1)[1] > start)
        high = first(low, edit.end, lambda at: self.back(at, at + 1)[0] >= end)
        inside = slice(low - edit.start, high - edit.start)
        return self._replace(start=max(self.start, start), end=min(self.end, end),
                             edit=Edit(low, edit.was[inside], edit.now[inside], edit.why, edit.codec))


def first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the first number in [low, high) for which `holds` (which then goes on holding), else `high`."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


class Story:
    """A document's decoded source, and everything that happened to it."""

    def __init__(self, doc: Document) -> None:
        self.doc = doc
        self._decode = sum(1 for p in doc.patches[:1] if p.stage == "decode")
        self.patches = doc.patches[self._decode :]
        self.source = rewind(doc.text, self.patches)
        self.starts = [0, *(i + 1 for i, c in enumerate(self.source) if c == "\n")]
        self.back = Trace(self.patches)

    def line_of(self, at: int) -> int:
        """Return the number of the line that holds character `at` of the decoded source."""
        return bisect_right(self.starts, at)

    def line(self, number: int) -> tuple[int, int]:
        """Return the range of a line of the decoded source, without its line end.

        Raises:
            IndexError: there is no such line.
        """
        if not 1 <= number <= len(self.starts):
            raise IndexError(number)
        end = self.starts[number] - 1 if number < len(self.starts) else len(self.source)
        return self.starts[number - 1], end

    def events(self) -> Iterator[Event]:
        """Yield every edit after decoding, stage by stage."""
        for n, patch in enumerate(self.patches):
            back = Trace(self.patches[:n])
            notes = _Notes(patch)
            for edit in patch.edits:
                start, end = back(edit.start, edit.end)
                yield Event(start, end, patch.stage, edit, notes.on(edit), back)

    def fates(self) -> list[Fate]:
        """Return what became of every character of the decoded source, in runs."""
        return list(fates(self.patches, len(self.doc.text)))

    def place(self, at: int) -> int:
        """Return where in the output the first character from `at` on of the decoded source lives."""
        return first(0, len(self.doc.text), lambda i: self.back(i, i + 1)[1] > at)


class _Notes:
    """The tags of a patch, found by the edit they overlap."""

    def __init__(self, patch: Patch) -> None:
        self.tags = [t for t in patch.tags if t.kind not in UNTOLD]
        self.starts = [t.start for t in self.tags]

    def on(self, edit: Edit) -> tuple[Tag, ...]:
        last = bisect_right(self.starts, max(edit.end - 1, edit.start))
        return tuple(t for t in self.tags[:last] if (t.start < edit.end and edit.start < t.end)
                     or t.start == t.end == edit.start)


def shown(text: str) -> str:
    """Return `text` on one line, shortened in the middle."""
    text = text.replace("\r", "␍").replace("\n", "⏎").replace("\t", "⇥").replace("\u3000", "□")
    if len(text) > SHOWN:
        text = f"{text[: SHOWN - 12]} … {text[-8:]}"
    return text


def describe_edit(edit: Edit) -> str:
    """Return what an edit did, in words.

    >>> describe_edit(Edit(0, "爲什麼", "为什么", "t2s", "1:1"))
    'rewrote 3 characters: 爲→为 麼→么'
    """
    if not edit.now:
        return f"removed {_characters(edit.was)}: {shown(edit.was)}"
    if not edit.was:
        return f"inserted {_characters(edit.now)}: {shown(edit.now)}"
    if edit.codec == "1:1":
        pairs = Counter((a, b) for a, b in zip(edit.was, edit.now, strict=True) if a != b)
        listed = " ".join(f"{a}→{b}" + (f"×{n}" if n > 1 else "") for (a, b), n in pairs.most_common(24))
        more = f" and {len(pairs) - 24} more pairs" if len(pairs) > 24 else ""
        return f"rewrote {_characters(edit.was)}: {listed}{more}"
    if ">" in edit.codec:
        read, write = edit.codec.split(">")
        return f"these {_characters(edit.was)} were {write} read as {read}: {shown(edit.was)} → {shown(edit.now)}"
    return f"changed {_characters(edit.was)}: {shown(edit.was)} → {shown(edit.now)}"


def _characters(text: str) -> str:
    return "1 character" if len(text) == 1 else f"{len(text):,} characters"


def explain(story: Story) -> Iterator[str]:
    """Yield the whole story, line by line."""
    doc = story.doc
    yield from _head(doc)
    stage = ""
    for event in story.events():
        if event.stage != stage:
            stage = event.stage
            yield f"{stage}:"
        yield from _tell(story, event)
    total = Counter[str]()
    for run in story.fates():
        total[run.kind] += run.end - run.start
    yield (f"Of {len(story.source):,} characters {total['kept']:,} were kept, {total['changed']:,} changed, "
           f"{total['removed']:,} removed.")


def explain_lean(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a manifest entry without the removed text tells: spans, stages, rules and hashes."""
    yield f"{entry['id']}: {entry['fate']}" + (f": {entry['why']}" if "why" in entry else "")
    if "duplicate_of" in entry:
        yield f"It repeats {entry['duplicate_of']}, which was kept."
    yield from _meta(entry["meta"])
    yield ("The removed text is not in the manifest (provenance = \"lean\"). Spans count in the text each stage "
           "received, of decode in bytes; sha256 is of the text that stood there, its first 12 digits.")
    for patch in entry["patches"]:
        if patch.get("edits"):
            yield f"{patch['stage']} (received {patch['size']:,}):"
        for start, length, why, codec, now, digest in patch.get("edits", ()):
            what = "removed" if not now else "inserted" if not length else f"became {now:,}"
            how = " one to one" if codec == "1:1" else f" ({codec})" if codec else ""
            yield f"  {start}-{start + length}: {what}{how}, sha256 {digest}  [{why}]"
            notes = (t for t in patch.get("tags", ()) if t[0] < start + length and start < t[1] and t[2] not in UNTOLD)
            yield from (f"      {kind}: {value[:200]}" for _, _, kind, value in islice(notes, 6))
    counts = entry["counts"]
    yield (f"Of {entry['source']['bytes']:,} bytes {counts['bytes_kept']:,} were kept, "
           f"{counts['bytes_changed']:,} changed, {counts['bytes_removed']:,} removed.")


def _head(doc: Document) -> Iterator[str]:
    fate = f"{doc.fate}: {doc.why}" if doc.fate == "dropped" else doc.fate
    yield f"{doc.id}: {fate}"
    if doc.duplicate_of:
        yield f"It repeats {doc.duplicate_of}, which was kept."
    yield from _meta(doc.meta)


def _meta(meta: Mapping[str, Any]) -> Iterator[str]:
    for key, value in meta.items():
        yield f"  meta {key}: {', '.join(value) if isinstance(value, list) else value}"


def _tell(story: Story, event: Event, stage: str = "") -> Iterator[str]:
    top, bottom = story.line_of(event.start), story.line_of(max(event.start, event.end - 1))
    lines = f"line {top}" if top == bottom else f"lines {top}-{bottom}"
    yield f"  {stage}{lines} ({event.start}-{event.end}): {describe_edit(event.edit)}  [{event.edit.why}]"
    for tag in event.notes[:6]:
        for line in told(tag.value, len(event.edit.was)) if tag.kind == "repair" else (tag.value[:200],):
            yield f"      {tag.kind}: {line}"


def explain_line(story: Story, number: int) -> Iterator[str]:
    """Yield what became of one line of the decoded source."""
    start, end = story.line(number)
    yield f"line {number} ({start}-{end}): {shown(story.source[start:end])}"
    if start == end:
        yield "  It is blank."
    counted = Counter[str]()
    took = set()
    for run in story.fates():
        if run.start < max(end, start + 1) and start < run.end:
            counted[run.kind] += max(0, min(run.end, end) - max(run.start, start))
            took.add((run.stage, run.why))
    for event in story.events():
        here = (event.start < max(end, start + 1) and event.end > start) or start <= event.start == event.end < end
        # a cut that spans lines gone before names this line, but took nothing of it
        if here and (event.edit.now or (event.stage, event.edit.why) in took):
            mine = event.within(start, max(end, start + 1))
            if mine.edit.was != mine.edit.now:
                yield from _tell(story, mine, f"{mine.stage}, ")
    if counted["kept"] or counted["changed"]:
        low, high = story.place(start), story.place(end)
        yield f"  In the clean text it is at {low}-{high}: {shown(story.doc.text[low:high])}"
    elif end > start:
        yield "  Nothing of it is in the clean text."


def explain_at(story: Story, at: int) -> Iterator[str]:
    """Yield where one character of the clean text came from.

    Raises:
        IndexError: the clean text is not that long.
    """
    if not 0 <= at < len(story.doc.text):
        raise IndexError(at)
    source = story.doc.trace(at, at + 1)
    start, end = story.back(at, at + 1)
    yield f"{story.doc.text[at]!r} at {at} of the clean text"
    yield f"  came from bytes {source[0]}-{source[1]} of the source,"
    yield f"  {shown(story.source[start:end])!r} in line {story.line_of(start)} ({start}-{end}) of the decoded source."
    for event in story.events():
        if event.start < end and start < event.end and event.edit.now:
            yield f"  {event.stage}: {describe_edit(event.edit)}  [{event.edit.why}]"
            for tag in event.notes[:6] if event.stage == "mojibake" else ():
                yield from (f"      {line}" for line in told(tag.value, len(event.edit.was)))


def beside_keeper(doc: Document, keeper: str) -> Iterator[str]:
    """Yield a removed document beside the text it repeats: equal and differing lines."""
    import difflib

    removed = max((e.was for p in doc.patches for e in p.edits if not e.now), key=len, default="")
    yield f"beside {doc.duplicate_of} (- removed, + kept):"
    differing = difflib.unified_diff(removed.split("\n"), keeper.split("\n"), "removed", "kept", lineterm="", n=0)
    told = [row for row in differing if row[:1] in "+-" and row[:3] not in ("+++", "---")]
    if not told:
        yield "  no line differs"
    for row in told[:40]:
        yield f"  {row[0]} {shown(row[1:])}"
    if len(told) > 40:
        yield f"  ... and {len(told) - 40} more lines"


class Piece(NamedTuple):
    """A run of the source beside what became of it: `kind` is kept, removed, changed or inserted."""

    kind: str
    was: str
    now: str
    stage: str = ""
    why: str = ""


def pieces(doc: Document) -> Iterator[Piece]:
    """Yield the decoded source, run by run, with what each run became."""
    story = Story(doc)
    at = 0
    for run in story.fates():
        was = story.source[run.start : run.end]
        if run.kind == REMOVED:
            yield Piece(REMOVED, was, "", run.stage, run.why)
            continue
        here = story.place(run.end)
        now = doc.text[at:here]
        at = here
        yield Piece(KEPT, was, now) if now == was else Piece(CHANGED, was, now, run.stage, run.why)
    if at < len(doc.text):
        yield Piece("inserted", "", doc.text[at:])


def lines_gone(story: Story) -> Sequence[int]:
    """Return the numbers of the non-blank source lines of which nothing is in the clean text."""
    alive = [r for r in story.fates() if r.kind != REMOVED]
    gone = []
    for number in range(1, len(story.starts) + 1):
        start, end = story.line(number)
        if story.source[start:end].strip() and not any(r.start < end and start < r.end for r in alive):
            gone.append(number)
    return gone
