"""Texts that may share passages: those that have anchors in common.

Of the texts that have an anchor each is paired with the best placed one only, so that a passage that stands
in a thousand texts makes a thousand pairs and not half a million.  All functions work on records, which say
of themselves whose they are, so that they give the same in parts (`pipeline.cjk.shuffle`) as at once.
"""
from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from pipeline.cjk.facts import SHORT, Rows
from pipeline.cjk.shuffle import Records
from pipeline.cjk.sketch import UNUSED

ANCHORS_SHARED = 3  # anchors two texts share before they are searched for common passages
PARTNERS = 4  # texts that one text is searched against for common passages
NEW = np.uint64(1 << 32)  # in a place: the text is not of an earlier corpus
ANCHOR = np.dtype([("key", "<u8"), ("place", "<u8"), ("tie", "<u8"), ("text", "<u8")])
PAIR = np.dtype([("other", "<u8"), ("new", "?"), ("best", "<u8"), ("place", "<u8"), ("tie", "<u8"), ("count", "<u8")])


def anchors(rows: Rows, ids: Sequence[bytes], numbers: npt.NDArray[np.uint64], settled: npt.NDArray[np.bool_]
            ) -> Records:
    """Return the anchors of texts, given their facts; the least `place`, then the least `tie`, is best.

    A text of an earlier corpus is better than a new one, a fuller text better than a shorter one; the hash
    of its id breaks ties, so that nothing depends on the order of the texts.
    """
    long = np.flatnonzero(rows["flags"] & SHORT == 0)
    places = (NEW * ~settled + np.uint64(0xFFFFFFFF) - rows["chars"].astype(np.uint64))[long]
    ties = np.frombuffer(b"".join(blake2b(ids[n], digest_size=8).digest() for n in long.tolist()), "<u8")
    found = rows["anchors"][long]
    text, column = np.nonzero(found != UNUSED)
    out = np.empty(len(text), ANCHOR)
    out["key"], out["place"] = found[text, column], places[text]
    out["tie"], out["text"] = ties[text], numbers[long][text]
    return out


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
