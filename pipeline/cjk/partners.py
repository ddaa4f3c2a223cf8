"""Texts that may share passages: those that have anchors in common.

Of the texts that have an anchor each is paired with the best placed one only, so that a passage that stands
in a thousand texts makes a thousand pairs and not half a million.  All functions work on records, which say
of themselves whose they are, so that they give the same in parts (`pipeline.cjk.shuffle`) as at once.
"""
from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.facts import SHORT, Rows
from pipeline.cjk.shingles import Hashes
from pipeline.cjk.shuffle import Records
from pipeline.cjk.sketch import UNUSED

ANCHORS_SHARED = 3  # anchors two texts share before they are searched for common passages
PARTNERS = 4  # texts that one text is searched against for common passages
NEW = np.uint64(1 << 32)  # in a place: the text is not of an earlier corpus
BLOCK = 1 << 15  # texts whose anchors are looked at together
ANCHOR = np.dtype([("key", "<u8"), ("place", "<u8"), ("tie", "<u8"), ("text", "<u8")])
PAIR = np.dtype([("other", "<u8"), ("new", "?"), ("best", "<u8"), ("place", "<u8"), ("tie", "<u8"), ("count", "<u8")])


class About(NamedTuple):
    """Texts: the rows of their facts, their numbers and ties, and which are of an earlier corpus."""

    rows: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.uint64]
    ties: Hashes
    settled: npt.NDArray[np.bool_]


def left(count: int, gone: Iterable[int]) -> npt.NDArray[np.int64]:
    """Return the numbers below `count` that are not gone.

    >>> left(4, [1, 2]).tolist()
    [0, 3]
    """
    kept = np.ones(count, bool)
    kept[list(gone)] = False
    return kept.nonzero()[0]


def ties(ids: Iterable[bytes]) -> Hashes:
    """Return a hash of each id: what decides between texts that are equally good, whatever their order."""
    return np.frombuffer(b"".join(blake2b(id, digest_size=8).digest() for id in ids), "<u8")


def anchors(rows: Rows, about: About, part: tuple[int, int] = (0, 1)) -> Records:
    """Return the anchors of texts, given all facts; the least `place`, then the least `tie`, is best.

    A text of an earlier corpus is better than a new one, a fuller text better than a shorter one.  `part`
    (i, n) gives the i-th part of n of all keys.
    """
    places = NEW * ~about.settled + np.uint64(0xFFFFFFFF) - rows["chars"][about.rows].astype(np.uint64)
    out = [np.empty(0, ANCHOR)]
    for at in range(0, len(about.rows), BLOCK):
        block = rows[about.rows[at : at + BLOCK]]
        long = block["flags"] & SHORT == 0
        found = block["anchors"]
        text, column = np.nonzero((found != UNUSED) & long[:, None] & (found % np.uint64(part[1]) == part[0]))
        here = np.empty(len(text), ANCHOR)
        here["key"], text = found[text, column], text + at
        here["place"], here["tie"], here["text"] = places[text], about.ties[text], about.numbers[text]
        out.append(here)
    return np.concatenate(out)


def stars(records: Records) -> Records:
    """Return the pairs that anchors make, each once, and how many anchors made it."""
    keys = records["key"]
    order = np.argsort(keys, kind="stable")
    same = keys[order][1:] == keys[order][:-1]
    shared = np.zeros(len(records), bool)
    shared[1:] |= same
    shared[:-1] |= same
    records = records[order[shared]]  # nearly all anchors stand in one text only
    records = records[np.lexsort((records["text"], records["tie"], records["place"], records["key"]))]
    new = np.ones(len(records), bool)
    new[1:] = records["key"][1:] != records["key"][:-1]
    best = records[np.flatnonzero(new)][np.cumsum(new) - 1][~new]
    pairs = np.empty(len(best), PAIR)
    pairs["other"], pairs["best"] = records["text"][~new], best["text"]
    pairs["new"], pairs["count"] = records["place"][~new] >= NEW, 1
    pairs["place"], pairs["tie"] = best["place"], best["tie"]
    return _summed(pairs)


def partners(pairs: Records) -> Records:
    """Return the pairs that share anchors enough, no more of each new text than it is searched against."""
    pairs = _summed(pairs)
    pairs = pairs[(pairs["count"] >= ANCHORS_SHARED) & pairs["new"]]
    pairs = pairs[np.lexsort((pairs["best"], pairs["tie"], pairs["place"], -pairs["count"].astype(np.int64),
                              pairs["other"]))]
    first = np.ones(len(pairs), bool)
    first[1:] = pairs["other"][1:] != pairs["other"][:-1]
    begins = np.flatnonzero(first)[np.cumsum(first) - 1]
    found: Records = pairs[np.arange(len(pairs)) - begins < PARTNERS]
    return found


def _summed(pairs: Records) -> Records:
    """Return the pairs, each once, their counts added up."""
    if not len(pairs):
        return pairs
    pairs = pairs[np.lexsort((pairs["best"], pairs["other"]))]
    new = np.ones(len(pairs), bool)
    new[1:] = (pairs["other"][1:] != pairs["other"][:-1]) | (pairs["best"][1:] != pairs["best"][:-1])
    begins = np.flatnonzero(new)
    out = pairs[begins].copy()
    out["count"] = np.add.reduceat(pairs["count"], begins)
    return out
