"""Terminology as the WMT tasks measure it: success and consistency under no, proper and random terms.

The model is small but real, and obeys: it was trained to render terms as it is told.
"""
from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.translation.memory import Memory
from pipeline.translation.openai import ChatServer, OpenAI
from pipeline.translation.terms import Score, Term, score
from pipeline.translation.translator import Translator
from tests.translation.models.pairs import entries
from tests.translation.models.terms_tiny import PER_TYPE, sample, shuffled

pytestmark = pytest.mark.slow
SENTENCES = 60


def measured(server: tuple[int, str], tmp_path: Path, kind: str) -> Score:
    """Return how the terms of sentences came out that the model was not trained on."""
    pairs = {zh: en for group in entries(PER_TYPE).values() for zh, en in group}
    rng = random.Random(99)
    wanted = shuffled(rng) if kind == "random" else pairs
    memory = Memory(tmp_path / f"{kind}.sqlite")
    settings = OpenAI(f"http://127.0.0.1:{server[0]}/v1", server[1], concurrency=1)
    translator = Translator(ChatServer(settings, ("zh", "en"), memory), memory)
    sentences = [sample(rng, wanted) for _ in range(SENTENCES)]
    terms = [tuple(Term(zh, (en,), "product") for zh, en in told.items()) for _, _, told in sentences]
    asks = [translator.ask(zh, () if kind == "no" else told) for (zh, _, _), told in zip(sentences, terms, strict=True)]
    rows = translator.translate(asks)
    found = score((rows[ask.key].target or "", told) for ask, told in zip(asks, terms, strict=True))
    print(f"{kind:<6} terms: success {found.rendered} of {found.expected} ({found.success or 0:.1%}), "
          f"consistent {found.consistent} of {found.repeated} ({found.consistency or 0:.1%})")
    memory.close()
    return found


def test_terms_that_are_sent_are_obeyed_and_scored(obeying_server: tuple[int, str], tmp_path: Path) -> None:
    no, proper, other = (measured(obeying_server, tmp_path, kind) for kind in ("no", "proper", "random"))
    assert no.expected == proper.expected
    assert min(proper.success or 0, other.success or 0) >= 0.9
    assert min(proper.consistency or 0, other.consistency or 0) >= 0.8
    assert (no.success or 0) < (proper.success or 0) - 0.1
    assert (no.consistency or 0) < (proper.consistency or 0) - 0.1
