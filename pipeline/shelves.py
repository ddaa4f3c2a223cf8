"""What a survey reads of the documents that wait: its facts, and the texts they are about."""
from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.spool import Shard, Spooled
from pipeline.store import Past


@dataclass(frozen=True)
class Shelved:
    """What a survey saw of a shard, and the texts of these documents as it saw them, each by its number."""

    shard: Shard
    past: Past
    survey: str

    def __len__(self) -> int:
        return self.shard.facts

    def facts(self) -> list[Any]:
        """Return all facts."""
        return self.shard.seen()

    @cached_property
    def _places(self) -> npt.NDArray[np.uint64]:
        return self.shard.places()

    def fact(self, n: int) -> Any:
        """Return one fact."""
        return self.shard.fact(int(self._places[n, 0]))

    def text(self, n: int) -> str:
        """Return the text that fact `n` is about."""
        place = int(self._places[n, 1])
        text = self.shard.text(place)
        return self.past.before(self.shard.about(place).doc, self.survey).text if text is None else text


class Texts:
    """Gives a survey the text of any document as it looked at it."""

    def __init__(self, spooled: Spooled, past: Past, survey: str) -> None:
        self._spooled, self._past, self._survey = spooled, past, survey

    def __call__(self, id: str) -> str:
        """Return the text of document `id` as it entered the survey."""
        found = self._spooled(id)
        return self._past.before(found.rest.doc, self._survey).text if found.text is None else found.text
