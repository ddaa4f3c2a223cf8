"""Terms: what counts as rendered, and how a document is scored."""
from __future__ import annotations

import pytest

from pipeline.translation.terms import Term, missed, score

CASES = [  # English, type, a sentence, rendered
    ("large language model", "term", "Large language models are useful.", True),
    ("large language model", "term", "LARGE LANGUAGE MODEL", True),
    ("large language model", "term", "a large-language model's size", True),
    ("large language model", "term", "a language model", False),
    ("policy", "term", "two policies", True),
    ("policy", "term", "the police", False),
    ("box", "term", "boxes", True),
    ("AI", "term", "said again", False),
    ("AI", "term", "an AI-based tool", True),
    ("Qwen", "product", "Qwen's users", True),
    ("Qwen", "product", "qwen", False),
    ("Qwen", "product", "Qwens", False),
    ("Alibaba", "org", "Alibaba Cloud", True),
    ("Alibaba", "org", "AlibabaCloud", False),
    ("Eddie Wu", "person", "Eddie\nWu", True),
    ("C++", "term", "in C++, too", True),
    ("5G", "term", "15G", False),
]


@pytest.mark.parametrize(("english", "kind", "text", "rendered"), CASES)
def test_a_rendered_term(english: str, kind: str, text: str, rendered: bool) -> None:
    assert (not missed(text, [Term("词", (english,), kind)])) is rendered


def test_any_alternative_is_accepted_and_chinese_is_looked_for_as_it_is() -> None:
    term = Term("算力", ("computing power", "compute"), "term")
    assert missed("More compute is needed.", [term]) == []
    assert missed("需要更多算力。", [Term("compute", ("算力", "计算能力"), "term")], "zh") == []
    assert missed("需要更多。", [Term("compute", ("算力", "计算能力"), "term")], "zh")


def test_success_counts_occurrences_and_consistency_counts_repeated_terms() -> None:
    cloud, power = Term("阿里云", ("Alibaba Cloud", "Aliyun"), "org"), Term("算力", ("compute",), "term")
    told = score([("Alibaba Cloud sells compute.", (cloud, power)), ("Aliyun grows.", (cloud,)),
                  ("It needs compute.", (power,)), ("It needs more.", (power,))])
    assert (told.expected, told.rendered) == (5, 4)
    assert told.repeated == 2
    assert told.consistent == 0  # two names for one cloud; a power that is missing once
    assert score([("Alibaba Cloud", (cloud,)), ("at Alibaba Cloud", (cloud,))]).consistency == 1.0
    assert score([]).success is None
