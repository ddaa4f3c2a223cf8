"""The laws of the core, with random histories: any stages, any edits, any text."""
from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.document import Document
from pipeline.edits import Edit, EditError, Patch, Tag, apply, rewind, undo
from pipeline.lineage import Trace, fates
from pipeline.packed import pack, unpack

TEXT = st.text(st.sampled_from("ab 漢汉字壞坏。\n😀é"), max_size=24)


@st.composite
def edits_for(draw: st.DrawFn, text: str) -> tuple[Edit, ...]:
    """Draw ordered edits that fit `text`: cuts, insertions, replacements, 1:1 runs."""
    edits, at = [], 0
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(at, len(text)))
        end = draw(st.integers(start, min(len(text), start + 6)))
        was, why = text[start:end], draw(st.sampled_from("rst"))
        if draw(st.booleans()) and was:
            now = draw(st.text(st.sampled_from("xy漢汉"), min_size=len(was), max_size=len(was)))
            edits.append(Edit(start, was, now, why, "1:1"))
        else:
            edits.append(Edit(start, was, draw(st.text(st.sampled_from("xy漢😀"), max_size=4)), why))
        at = end
    return tuple(edits)


def misread(text: str) -> Edit | None:
    """Return the repair of `text` as if it were GB18030 that had been UTF-8, if it can be."""
    try:
        edit = Edit(0, text, text.encode("gb18030").decode("utf-8"), "r", "gb18030>utf-8")
        apply(text, [edit])
    except (UnicodeError, EditError):
        return None
    return edit if text else None


@st.composite
def histories(draw: st.DrawFn) -> Document:
    """Draw a document with a random past: a decoding, then up to four stages."""
    codec = draw(st.sampled_from(["utf-8", "gb18030", "utf-16-le"]))
    text = draw(TEXT)
    doc = Document.read("d", text.encode(codec))
    patches = [Patch("decode", len(doc.text), (Edit(0, doc.text, text, codec, f"latin-1>{codec}"),))]
    assert apply(doc.text, patches[0].edits) == text
    for stage in "mnop"[: draw(st.integers(0, 4))]:
        edits = draw(edits_for(text))
        if draw(st.booleans()) and (repair := misread(text)):
            edits = (repair,)
        patches.append(Patch(stage, len(text), edits))
        text = apply(text, edits)
    return Document("d", text, tuple(patches), doc.given)


@settings(max_examples=2000, deadline=None)
@given(st.data(), TEXT)
def test_undo_of_apply_is_the_text(data: st.DataObject, text: str) -> None:
    edits = data.draw(edits_for(text))
    assert undo(apply(text, edits), edits) == text


@settings(max_examples=2000, deadline=None)
@given(histories())
def test_the_source_is_rebuilt_byte_for_byte(doc: Document) -> None:
    import hashlib

    assert hashlib.sha256(doc.source).hexdigest() == doc.given.sha256
    assert len(doc.source) == doc.given.size


@settings(max_examples=2000, deadline=None)
@given(histories(), st.booleans())
def test_patches_come_back_as_they_were_packed(doc: Document, aside: bool) -> None:
    some = tuple(p._replace(tags=(Tag(0, p.size, "evidence", p.stage), Tag(0, 0, "x", "\ud800"))) for p in doc.patches)
    doc = replace(doc, patches=some)
    if aside:
        doc = doc.set_aside("p", "fails")
    back = unpack(doc.text, pickle.loads(pickle.dumps(pack(doc.patches))))
    assert back == doc.patches
    assert {type(x) for p in back for x in (*p.edits, *p.tags)} <= {Edit, Tag}


def spelled_by(text: str, encoding: str) -> list[set[int]]:
    """Return which bytes spell each character."""
    out, at = [], 0
    for c in text:
        out.append(set(range(at, at + len(c.encode(encoding)))))
        at += len(out[-1])
    return out


def came_from(patch: Patch, pos: int) -> set[int]:
    """Return which characters before `patch` the character at `pos` came from: the definition, walked."""
    shift = 0
    for e in patch.edits:
        new = e.start + shift
        if pos < new:
            break
        if pos < new + len(e.now):
            if e.codec == "1:1":
                return {e.start + pos - new}
            if e.codec:
                read, write = e.codec.split(">")
                mine = spelled_by(e.now, write)[pos - new]
                return {e.start + i for i, span in enumerate(spelled_by(e.was, read)) if span & mine}
            return set(range(e.start, e.end))
        shift += len(e.now) - len(e.was)
    return {pos - shift}


def slow_trace(patches: tuple[Patch, ...], at: int) -> set[int]:
    found = {at}
    for patch in reversed(patches):
        found = {old for pos in found for old in came_from(patch, pos)}
    return found


@settings(max_examples=2000, deadline=None)
@given(histories())
def test_trace_covers_what_walking_every_edit_gives(doc: Document) -> None:
    trace = Trace(doc.patches)
    for at in range(len(doc.text)):
        start, end = trace(at, at + 1)
        slow = slow_trace(doc.patches, at)
        assert 0 <= start <= end <= doc.given.size
        if slow:  # never too little; more only where a later block swallowed an insertion beside a cut
            assert start <= min(slow)
            assert max(slow) < end
        if len(doc.patches) <= 2 and slow:
            assert (start, end) == (min(slow), max(slow) + 1)


@settings(max_examples=2000, deadline=None)
@given(histories())
def test_every_byte_has_one_fate_and_the_living_ones_are_those_traced_to(doc: Document) -> None:
    fate = doc.fates
    runs = list(fate)
    assert [r.start for r in runs] == [0, *[r.end for r in runs]][: len(runs)]
    assert (runs[-1].end if runs else 0) == doc.given.size
    assert sum(fate.totals.values()) == doc.given.size
    summed = Counter[tuple[str, str, str]]()
    for run in runs:
        summed[run[2:]] += run.end - run.start
    assert fate.totals == summed
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("pipeline.lineage._decoded", lambda patch: None)
        assert list(fates(doc.patches, len(doc.text))) == runs
    lived = {b for at in range(len(doc.text)) for b in slow_trace(doc.patches, at)}
    assert lived == {b for r in runs if r.kind != "removed" for b in range(r.start, r.end)}


@settings(max_examples=500, deadline=None)
@given(histories())
def test_trace_of_a_range_covers_the_traces_of_its_characters(doc: Document) -> None:
    if not doc.text:
        return
    spans = [doc.trace(i, i + 1) for i in range(len(doc.text))]
    start, end = doc.trace(0, len(doc.text))
    assert all(start <= a and b <= end for a, b in spans if a < b)
    assert [s for s, _ in spans] == sorted(s for s, _ in spans)


@pytest.mark.parametrize(("text", "edits"), [
    ("abc", [Edit(1, "x", "", "r")]),
    ("abc", [Edit(2, "cd", "", "r")]),
    ("abc", [Edit(1, "bc", "", "r"), Edit(2, "c", "", "r")]),
    ("abc", [Edit(1, "b", "", "r"), Edit(0, "a", "", "r")]),
    ("abc", [Edit(0, "ab", "x", "r", "1:1")]),
    ("abc", [Edit(0, "abc", "中", "r", "latin-1>utf-8")]),
    ("abc", [Edit(0, "abc", "abc", "r", "latin-1>nosuch")]),
    ("abc", [Edit(4, "", "x", "r")]),
])
def test_an_edit_that_does_not_fit_is_refused(text: str, edits: list[Edit]) -> None:
    with pytest.raises(EditError):
        apply(text, edits)


def test_undo_refuses_a_text_the_edits_did_not_make() -> None:
    edits = [Edit(0, "壞", "坏", "t2s")]
    assert undo("坏人", edits) == "壞人"
    with pytest.raises(EditError, match="cannot undo 't2s'"):
        undo("好人", edits)
    with pytest.raises(EditError, match="worked on 9 characters"):
        rewind("坏人", [Patch("simplify", 9, tuple(edits))])


def test_two_characters_spelled_by_one_big5hkscs_pair_are_refused_as_a_recoding() -> None:
    both = b"\x88\x62".decode("big5hkscs")
    assert len(both) == 2
    with pytest.raises(EditError, match="recoding"):
        apply("\x88\x62", [Edit(0, "\x88\x62", both, "big5hkscs", "latin-1>big5hkscs")])


@pytest.mark.parametrize(("now", "codec"), [("中a😀é", "latin-1>utf-8"), ("中a𠀀é", "latin-1>gb18030"),
                                            ("中a𰻞", "latin-1>utf-16-le"), ("坏é", "mac_roman>utf-8")])
def test_fates_count_the_bytes_of_each_recoded_character(now: str, codec: str) -> None:
    read, write = codec.split(">")
    was = now.encode(write).decode(read)
    patch = Patch("mojibake", len(was), (Edit(0, was, now, "r", codec),))
    cut = Patch("spam", len(now), (Edit(0, now[0], "", "x"),))
    runs = list(fates([patch, cut], len(now) - 1))
    width = len(now[0].encode(write).decode(read))
    assert runs == [(0, width, "removed", "spam", "x"), (width, len(was), "changed", "mojibake", "r")]


def test_a_misread_character_lives_while_one_of_its_bytes_does() -> None:
    now = "中𰻞文"  # E4 B8 | AD F0 | B0 BB | 9E E6 | 96 87 as GB18030: AD F0 belongs to two characters
    was = now.encode().decode("gb18030")
    patch = Patch("mojibake", len(was), (Edit(0, was, now, "r", "gb18030>utf-8"),))
    cut = Patch("spam", 3, (Edit(0, "中", "", "x"),))
    assert list(fates([patch, cut], 2)) == [(0, 1, "removed", "spam", "x"), (1, 5, "changed", "mojibake", "r")]
    assert Trace([patch, cut])(0, 1) == (1, 4)


def test_a_block_lives_as_long_as_one_of_its_characters() -> None:
    spell = Patch("markup", 2, (Edit(0, "ab", "XYZ", "entity"),))
    some = Patch("spam", 3, (Edit(1, "Y", "", "ad"),))
    rest = Patch("dedup", 2, (Edit(0, "XZ", "", "copy"),))
    assert list(fates([spell, some], 2)) == [(0, 2, "changed", "markup", "entity")]
    assert list(fates([spell, some, rest], 0)) == [(0, 2, "removed", "dedup", "copy")]
