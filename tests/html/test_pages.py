"""Composed pages of 26 kinds of sites: the article stays whole, and little else."""
from __future__ import annotations

import pytest

from benchmarks.compose_pages import PAGES, Sample, compose
from benchmarks.webpages import by_markup, common, f1, squeeze
from pipeline.document import Document
from pipeline.stages.markup import Markup

SAMPLES = {sample.name: sample for sample in compose()}
KINDS = sorted(path.stem for path in PAGES.glob("*.html"))


def of(kind: str) -> list[Sample]:
    return [sample for name, sample in SAMPLES.items() if name.startswith(kind + "/")]


@pytest.mark.parametrize("kind", KINDS)
def test_no_article_loses_text(kind: str) -> None:
    """Not one character of an article is missing from its page's text, in its order."""
    for sample in of(kind):
        gold = squeeze(sample.gold)
        assert common(gold, "".join(by_markup(sample).split())) == len(gold), sample.name


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_stay_lines(kind: str) -> None:
    """Each paragraph, item, row and line of code is one line of the text."""
    for sample in of(kind):
        found = {line.strip() for line in by_markup(sample).split("\n")}
        missing = [line for line in sample.gold if line.strip() and line.strip() not in found]
        assert not missing, (sample.name, missing[:3])


@pytest.mark.parametrize("kind", KINDS)
def test_furniture_goes(kind: str) -> None:
    """What else is left is little: the mean F1 of a kind of page is at least 0.92."""
    scores = [f1(sample, by_markup(sample))[0] for sample in of(kind)]
    assert sum(scores) / len(scores) >= 0.92


def test_the_text_of_a_page_is_no_page() -> None:
    """The stage leaves its own output alone, also that of an article about HTML."""
    for sample in SAMPLES.values():
        assert Document("a", by_markup(sample)).after(Markup()).patches == (), sample.name


def test_the_title_stays_once() -> None:
    """A page's title is a line of its text, perhaps with a forum's label before it, and only one."""
    for sample in (sample for name, sample in SAMPLES.items() if not name.startswith("tw_law")):  # a table of facts
        lines = by_markup(sample).split("\n")
        labels = ("", "[分享] ", "[心得] ", "標題 [心得] ")
        titles = [line for line in lines if line in [label + sample.title for label in labels]]
        assert len(titles) == 1, sample.name
