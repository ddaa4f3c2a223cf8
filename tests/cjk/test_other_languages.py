"""Every answer is langdetect's own."""
from __future__ import annotations

import random

import langdetect
import pytest

from pipeline.cjk.other_languages import likeliest

SENTENCES = (
    "The committee met on Tuesday to discuss the budget for the coming year.",
    "Il s'agit du rapport de la commission sur les transports.",
    "Die Regierung hat gestern ein neues Gesetz beschlossen.",
    "Комитет собрался во вторник, чтобы обсудить бюджет.",
    "Комітет зібрався у вівторок, щоб обговорити бюджет.",
    "Ủy ban đã họp hôm thứ Ba để thảo luận về ngân sách.",
    "اجتمعت اللجنة يوم الثلاثاء لمناقشة الميزانية.",
    "समिति की बैठक मंगलवार को बजट पर चर्चा के लिए हुई।",
    "La comisión se reunió el martes; see https://example.com/a?b=c or write to a@b.example",
    "Privacy policy", "OK", "12345 !!", "", "中文 API 说明", "İstanbul'da HAVA çok güzel", "\ud800 odd \U0010ffff",
)


def theirs(text: str) -> tuple[str, float] | None:
    langdetect.DetectorFactory.seed = 0
    try:
        best = langdetect.detect_langs(text)[0]
    except langdetect.LangDetectException:
        return None
    return best.lang, best.prob


@pytest.mark.parametrize("text", SENTENCES)
def test_a_sentence_is_what_langdetect_says_it_is(text: str) -> None:
    ours = likeliest(text)
    known = theirs(text)
    assert (ours is None) == (known is None)
    if ours and known:
        assert ours[0] == known[0]
        assert ours[1] == pytest.approx(known[1], abs=1e-9)


def test_so_is_a_medley() -> None:
    rng = random.Random(5)
    words = " ".join(SENTENCES).split(" ")
    for _ in range(60):
        text = " ".join(rng.choices(words, k=rng.randint(1, 40)))
        ours, known = likeliest(text), theirs(text)
        assert (ours and ours[0]) == (known and known[0])
        if ours and known:
            assert ours[1] == pytest.approx(known[1], abs=1e-9)
