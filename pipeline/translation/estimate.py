"""What a run would ask for, without asking: segments, what is remembered, tokens."""
from __future__ import annotations

import json
from collections.abc import Sequence

from pipeline.translation.backend import Ask
from pipeline.translation.prompts import estimated_tokens
from pipeline.translation.translator import Translator


def estimate(translator: Translator, asks: Sequence[Ask], segments: int) -> dict[str, int]:
    """Return counts for a document: segments, reused, requests, tokens_in, tokens_out.

    Repeated segments count once; of documents that repeat each other, each counts.
    """
    unique = list({ask.key: ask for ask in asks}.values())
    known = translator.known(unique)
    todo = [ask for ask in unique if ask.key not in known]
    backend = translator.backend
    body = getattr(backend, "body", None)
    sent = sum(estimated_tokens(json.dumps(body(ask)["messages"], ensure_ascii=False)) for ask in todo) if body else 0
    return {"segments": segments, "reused": len(known), "requests": len(todo) if backend else 0,
            "tokens_in": sent, "tokens_out": sum(estimated_tokens(ask.source) for ask in todo) if body else 0,
            "untranslated": 0 if backend else len(todo)}
