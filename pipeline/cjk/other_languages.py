"""What language a text is in that is not Chinese: exactly langdetect's answer, from profiles in a fifth of the memory.

langdetect unfolds its 55 profiles into one list of 55 probabilities for each of its 87,600 n-grams: a third of a
second and 60 MB a process, for the few texts of a crawl that are asked about.  Here only what is there is kept, in
arrays, and an n-gram is unfolded when it occurs.  The profiles are read in the order of their names, where langdetect
takes the order in which the folder lists them, so that sums are rounded alike on every machine.
"""
from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson

SEED = 0  # without a seed the same text gets another answer each time


def likeliest(text: str) -> tuple[str, float] | None:
    """Return the likeliest language of `text` as ISO 639-1 and its probability; None where there is none.

    >>> likeliest("The quick brown fox jumps over the lazy dog.")[0]
    'en'
    """
    from langdetect.detector import Detector  # slow to import
    from langdetect.lang_detect_exception import LangDetectException

    detector = Detector(_profiles())
    detector.append(text)
    try:
        found = detector.get_probabilities()
    except LangDetectException:  # no n-gram that any profile knows
        return None
    return (str(found[0].lang), float(found[0].prob)) if found else None


class Grams(dict[str, int]):
    """The n-grams that profiles know, each with its number; asked for one, gives its probabilities by language."""

    def __init__(self, profiles: Iterable[Any]) -> None:
        super().__init__()
        self.languages: list[str] = []
        self._sizes: list[list[int]] = []
        rows, counts = [], []
        for profile in profiles:  # read one by one: as JSON they are large
            self.languages.append(str(profile["name"]))
            self._sizes.append(profile["n_words"])
            rows.append(np.array([self.setdefault(gram, len(self)) for gram in profile["freq"]]))
            counts.append(np.array(list(profile["freq"].values()), np.uint32))
        whose = np.repeat(np.arange(len(rows), dtype=np.uint8), [len(row) for row in rows])
        row = np.concatenate(rows)
        order = np.argsort(row, kind="stable")
        self._ends = np.cumsum(np.bincount(row), dtype=np.uint32)
        self._whose, self._counts = whose[order], np.concatenate(counts)[order]

    def __getitem__(self, gram: str) -> list[float]:  # type: ignore[override]
        row = super().__getitem__(gram)
        here = slice(int(self._ends[row - 1]) if row else 0, int(self._ends[row]))
        found = [0.0] * len(self.languages)
        for language, n in zip(self._whose[here].tolist(), self._counts[here].tolist(), strict=True):
            found[language] = n / self._sizes[language][len(gram) - 1]
        return found


class Profiles:
    """What langdetect's detector wants of a factory."""

    seed = SEED

    def __init__(self, folder: Path) -> None:
        files = sorted(path for path in folder.iterdir() if path.is_file())
        self.word_lang_prob_map = Grams(orjson.loads(path.read_bytes()) for path in files)
        self.langlist = self.word_lang_prob_map.languages


@cache
def _profiles() -> Profiles:
    from langdetect.detector_factory import PROFILES_DIRECTORY

    return Profiles(Path(PROFILES_DIRECTORY))
