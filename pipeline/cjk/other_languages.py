"""What language a text is in that is not Chinese: exactly langdetect's answer, from profiles that are read at once.

langdetect unfolds its 55 profiles into one list of 55 probabilities for each of its n-grams: a third of a second and
60 MB a process, for the few texts of a crawl that are asked about.  Here the profiles stay as they are,
and an n-gram is unfolded when it occurs.  They are read in the order of their names, where langdetect takes the order
in which the folder lists them, so that sums are rounded alike on every machine.
"""
from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

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


class Unfolded(dict[str, list[float]]):
    """The probabilities of n-grams by language, worked out where they are asked for."""

    def __init__(self, profiles: list[dict[str, Any]]) -> None:
        super().__init__()
        self._profiles = profiles
        self._known = frozenset().union(*(profile["freq"] for profile in profiles))

    def __contains__(self, gram: object) -> bool:
        return gram in self._known

    def __missing__(self, gram: str) -> list[float]:
        at = len(gram) - 1
        self[gram] = found = [profile["freq"].get(gram, 0) / profile["n_words"][at] for profile in self._profiles]
        return found


class Profiles:
    """What langdetect's detector wants of a factory."""

    seed = SEED

    def __init__(self, folder: Path) -> None:
        profiles = [orjson.loads(path.read_bytes()) for path in sorted(folder.iterdir()) if path.is_file()]
        self.langlist = [str(profile["name"]) for profile in profiles]
        self.word_lang_prob_map = Unfolded(profiles)


@cache
def _profiles() -> Profiles:
    from langdetect.detector_factory import PROFILES_DIRECTORY

    return Profiles(Path(PROFILES_DIRECTORY))
