"""qingyuan (清源): clean Chinese corpora, with proof of what became of every byte."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.api import Config, Document, Pipeline
    from pipeline.record import Report

__all__ = ["Config", "Document", "Pipeline", "Report"]


def __getattr__(name: str) -> Any:
    """Load the library on first use, so that a room of it can be imported by itself quickly."""
    if name == "Report":
        from pipeline.record import Report
        return Report
    if name in __all__:
        from pipeline import api
        return getattr(api, name)
    raise AttributeError(f"module 'pipeline' has no attribute {name!r}")
