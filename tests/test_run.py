"""The loop: order, faults, surveys."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pytest

from pipeline.document import Change, Document, Stage
from pipeline.edits import Edit, Tag
from pipeline.run import Leg, run, split


@dataclass(frozen=True)
class Cut:
    """Cuts every occurrence of a character."""

    what: str
    name: str = "cut"

    def __call__(self, doc: Document) -> Iterator[Change]:
        for at, c in enumerate(doc.text):
            if c == self.what:
                yield doc.cut(at, at + 1, self.what)


@dataclass(frozen=True)
class Breaks:
    """Fails on documents that hold an exclamation mark, in one of several ways."""

    how: str = "raise"
    name: str = "breaks"

    def __call__(self, doc: Document) -> Iterator[Change]:
        if "!" not in doc.text:
            return
        if self.how == "disk":
            raise OSError(28, "No space left on device")
        if self.how == "misfit":
            yield Edit(0, "not there", "", "r")
            return
        raise ZeroDivisionError("by zero")


@dataclass(frozen=True)
class Rare:
    """A survey: documents whose text stands more than once are dropped, all but the least id."""

    name: str = "rare"

    def look(self, doc: Document) -> tuple[str, str]:
        if doc.text == "fail":
            raise LookupError("no fact")
        return doc.text, doc.id

    def settle(self, facts: Iterable[tuple[str, str]], texts: Callable[[str], str]) -> Stage:
        keeper: dict[str, str] = {}
        for text, id in sorted(facts):
            keeper.setdefault(text, id)
            assert texts(id) == text
        return DropOthers(frozenset(keeper.values()))


@dataclass(frozen=True)
class DropOthers:
    """What `Rare` settled on."""

    keepers: frozenset[str]
    name: str = "rare"

    def __call__(self, doc: Document) -> Iterator[Change]:
        if doc.id not in self.keepers:
            yield doc.drop("copy")
            yield Tag(0, len(doc.text), "duplicate-of", "first")


def docs(**texts: str) -> list[Document]:
    return [Document.read(id, text.encode()) for id, text in texts.items()]


def test_stages_run_in_order_and_documents_stay_in_order() -> None:
    out = list(run(docs(b="xay", a="yx", c=""), [Cut("x"), Cut("y", "cut2")]))
    assert [(d.id, d.text, d.fate, d.why) for d in out] == [("b", "a", "kept", ""), ("a", "", "dropped", "y"),
                                                          ("c", "", "dropped", "empty")]
    assert [p.stage for p in out[0].patches] == ["cut", "cut2"]


def test_without_a_survey_documents_stream() -> None:
    def endless() -> Iterator[Document]:
        n = 0
        while True:
            n += 1
            yield Document.read(str(n), b"xa")

    stream = run(endless(), [Cut("x")])
    assert [next(stream).text for _ in range(3)] == ["a", "a", "a"]


@pytest.mark.parametrize("how", ["raise", "misfit"])
def test_a_document_that_makes_a_stage_fail_is_set_aside_whole_and_the_others_go_on(how: str) -> None:
    fine, broken, last = run(docs(a="xa", b="x!b", c="c"), [Cut("x"), Breaks(how), Cut("c", "end")])
    assert (fine.text, last.text) == ("a", "")
    assert broken.fate == "fault"
    assert broken.fault is not None
    assert broken.fault.stage == "breaks"
    assert ("ZeroDivisionError: by zero" if how == "raise" else "EditError") in broken.fault.message
    assert broken.source == b"x!b"
    assert broken.fates.totals == {("removed", "breaks", "fault"): 3}


def test_a_full_disk_is_no_documents_fault() -> None:
    with pytest.raises(OSError, match="No space"):
        list(run(docs(a="!"), [Breaks("disk")]))


def test_a_survey_sees_all_documents_and_its_stage_acts_on_them() -> None:
    out = list(run(docs(b="xa", a="a", c="b", d="fail", e="x"), [Cut("x"), Rare(), Cut("b", "end")]))
    assert [(d.id, d.fate, d.why) for d in out] == [
        ("b", "dropped", "copy"), ("a", "kept", ""), ("c", "dropped", "b"), ("d", "fault", ""), ("e", "dropped", "x")]
    assert out[0].duplicate_of == "first"
    assert out[3].fault is not None
    assert out[3].fault.stage == "rare"


def test_a_survey_does_not_depend_on_order() -> None:
    some = docs(b="a", a="a", c="b", d="a")
    one = {d.id: d.text for d in run(some, [Rare()])}
    two = {d.id: d.text for d in run(reversed(some), [Rare()])}
    assert one == two == {"a": "a", "b": "", "c": "b", "d": ""}


def test_a_list_of_stages_is_cut_after_each_survey() -> None:
    first, second, third = split([Cut("x"), Rare(), Rare("again"), Cut("y")])
    assert ([s.name for s in first[0]], first[1].name if first[1] else "") == (["cut"], "rare")
    assert ([s.name for s in second[0]], second[1].name if second[1] else "") == ([], "again")
    assert ([s.name for s in third[0]], third[1]) == (["cut"], None)


def test_a_leg_says_where_the_time_went() -> None:
    looked = Leg((Cut("x"), Cut("y", "cut2")))(docs(a="xy"))
    assert set(looked.seconds) == {"cut", "cut2"}
    assert all(seconds > 0 for seconds in looked.seconds.values())
