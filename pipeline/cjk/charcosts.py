"""How surprising a text is as Chinese (or bilingual) text: a unigram model for telling encodings apart.

A reading of bytes is a hypothesis; its cost is the negative log-likelihood of the characters it gives, in
tenths of a nat. Costs of different readings of the same bytes may be compared as they are, because each
reading accounts for all bytes. Han characters and Chinese punctuation have counted costs
(pipeline/data/character_costs.tsv); all other ranges have a flat one.
"""
from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

COSTS_FILE = Path(__file__).parent.parent / "data" / "character_costs.tsv"
ERROR = 250  # a byte that the codec cannot read (a lone surrogate in the text)
RARE_HAN, UNKNOWN = 160, 200
# (first, last, cost): later ranges overwrite earlier ones
_RANGES = (
    (0x0000, 0x001F, 130), (0x0009, 0x000A, 40), (0x000C, 0x000D, 40), (0x0020, 0x007E, 40), (0x007F, 0x009F, 140),
    (0x00A0, 0x00FF, 90), (0x0100, 0x024F, 110), (0x0370, 0x03FF, 60), (0x0400, 0x045F, 60), (0x0590, 0x06FF, 60),
    (0x0E00, 0x0E5B, 60), (0x1E00, 0x1EFF, 120), (0x2010, 0x2027, 70), (0x2028, 0x2BFF, 100), (0x2E80, 0x2FDF, 140),
    (0x3000, 0x303F, 80), (0x3041, 0x30FF, 65), (0x3100, 0x32FF, 110), (0x3300, 0x33FF, 120), (0x3400, 0x4DB5, 180),
    (0x4E00, 0x9FFF, RARE_HAN), (0xAC00, 0xD7A3, 115), (0xD800, 0xDFFF, ERROR), (0xE000, 0xF8FF, 190),
    (0xF900, 0xFAFF, 170), (0xFE30, 0xFE4F, 100), (0xFF01, 0xFF5E, 80), (0xFF61, 0xFF9F, 110), (0xFFE0, 0xFFE6, 90),
)
COMMON_HANGUL = 75  # the 2,350 syllables of KS X 1001
ASTRAL = 180
_ASTRAL_INDEX = 0x10000


@cache
def table() -> npt.NDArray[np.int16]:
    """Return the cost of every code point of the first plane, and of any other at index 0x10000."""
    costs = np.full(_ASTRAL_INDEX + 1, UNKNOWN, np.int16)
    for first, last, cost in _RANGES:
        costs[first : last + 1] = cost
    for lead in range(0xB0, 0xC9):
        for c in bytes(b for trail in range(0xA1, 0xFF) for b in (lead, trail)).decode("euc_kr"):
            costs[ord(c)] = COMMON_HANGUL
    for line in COSTS_FILE.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            cost_text, characters = line.split("\t")
            points = [ord(c) for c in characters]
            costs[points] = np.minimum(costs[points], int(cost_text))
    costs[_ASTRAL_INDEX] = ASTRAL
    return costs


def character_costs(text: str) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int16]]:
    """Return the code points of `text` and what each costs, in tenths of a nat."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return points, table()[np.minimum(points, _ASTRAL_INDEX)]


def cost(text: str) -> int:
    """Return what `text` costs, in tenths of a nat.

    >>> cost("第一条") < cost("µÚÒ»Ìõ")
    True
    """
    return int(character_costs(text)[1].sum(dtype=np.int64))
