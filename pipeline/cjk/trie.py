"""A double-array trie over integer codes, whose links are one 64-bit number each.

A node is a slot.  The link in slot t is ``parent << 41 | base << 20 | value``: node s has a child
for code c if the link in slot ``base(s) + c`` names s as its parent.  One memory access answers
whether the child exists, where its own children are, and what it is worth; numpy does so for
thousands of places of a text at once.  Slot 0 is the root, its children stand in slots 1, 2, ...;
code 0 is no character at all.

Source: J. Aoe, "An Efficient Digital Search Algorithm by Using a Double-Array Structure", IEEE
Transactions on Software Engineering 15 (1989), 1066-1077.

    >>> links = build([((1, 2), 7)], alphabet=3)
    >>> find(links, (1, 2)), find(links, (1,)), find(links, (2,))
    (7, 0, None)
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Links = npt.NDArray[np.int64]
BASE, PARENT = 20, 41  # how far base and parent are shifted
VALUE_MASK = (1 << BASE) - 1
BASE_MASK = (1 << (PARENT - BASE)) - 1
WINDOW = 4096  # slots tried at once
PATIENCE = 64  # failures after which a window is left to the nodes with one child, which fit anywhere


def find(links: Links, codes: Sequence[int]) -> int | None:
    """Return the value of a sequence of codes: 0 for a mere prefix, None for what is not there."""
    slot = locate(links, codes)
    return None if slot is None else int(links[slot]) & VALUE_MASK


def locate(links: Links, codes: Sequence[int]) -> int | None:
    """Return the slot of a sequence of codes, None if it is not there."""
    slot = 0
    for code in codes:
        target = (int(links[slot]) >> BASE & BASE_MASK) + code
        link = int(links[target])
        if not code or not link or link >> PARENT != slot:
            return None
        slot = target
    return slot


def build(entries: Iterable[tuple[tuple[int, ...], int]], alphabet: int) -> Links:
    """Return the links of a trie.

    Args:
        entries: sequences of codes from 1 to `alphabet` and their values, 1 to 1,048,575.

    Raises:
        ValueError: a code or value out of range, or more nodes than 2 million.
    """
    children: dict[tuple[int, ...], set[int]] = {(): set()}
    values: dict[tuple[int, ...], int] = {}
    for codes, value in entries:
        if not codes or not 1 <= min(codes) <= max(codes) <= alphabet or not 0 < value <= VALUE_MASK:
            raise ValueError(f"a trie takes codes 1 to {alphabet} and values 1 to {VALUE_MASK}, not {codes}, {value}")
        values[codes] = value
        for i, code in enumerate(codes):
            children.setdefault(codes[:i], set()).add(code)
    return _Packer(children, values, alphabet).pack()


def joined(first: Links, second: Links) -> Links:
    """Return two tries in one array; the root of the second is slot ``len(first)``."""
    shift = len(first) << PARENT | len(first) << BASE
    moved = np.where(second != 0, second + shift, 0)
    return np.concatenate([first, moved])


class _Packer:
    """Finds each node a base at which the slots of all its children are free."""

    def __init__(self, children: dict[tuple[int, ...], set[int]], values: dict[tuple[int, ...], int],
                 alphabet: int) -> None:
        self.children, self.values, self.alphabet = children, values, alphabet
        size = sum(map(len, children.values())) + alphabet * 2 + WINDOW
        self.taken = np.zeros(2 * size, bool)
        self.taken[: alphabet + 1] = True  # the root and its children
        self.base: dict[tuple[int, ...], int] = {(): 0}
        self.low, self.failures = 1, 0

    def pack(self) -> Links:
        inner = [node for node in self.children if node]
        inner.sort(key=lambda node: (-len(self.children[node]), node))
        many = [node for node in inner if len(self.children[node]) > 1]
        for node in many:
            self.base[node] = self._place(sorted(self.children[node]))
        free = np.flatnonzero(~self.taken)
        for node, slot in zip(inner[len(many):], free[free > self.alphabet].tolist(), strict=False):
            (code,) = self.children[node]
            self.base[node] = slot - code
            self.taken[slot] = True
        return self._link()

    def _place(self, codes: list[int]) -> int:
        """Return the first base that leaves every child a free slot, and take those slots."""
        at = self.low
        while True:
            free = at + np.flatnonzero(~self.taken[at : at + WINDOW])
            bases = free[free > codes[0]] - codes[0]
            for code in codes[1:]:
                bases = bases[~self.taken[bases + code]]
            if len(bases):
                self.taken[bases[0] + np.array(codes)] = True
                return int(bases[0])
            if at == self.low:
                self.failures += 1
            at += WINDOW
            if self.failures == PATIENCE:
                self.low, self.failures = self.low + WINDOW, 0

    def _link(self) -> Links:
        highest = max([self.alphabet, *(self.base[n] + max(self.children[n]) for n in self.base if self.children[n])])
        links = np.zeros(highest + self.alphabet + 2, np.int64)  # any base + any code is a slot
        if len(links) > BASE_MASK:
            raise ValueError(f"{len(links)} slots are too many for a trie: at most {BASE_MASK}")
        slots: dict[tuple[int, ...], int] = {(): 0}
        for node in sorted(self.children, key=len):
            parent = slots[node]
            for code in self.children[node]:
                child = (*node, code)
                slot = slots[child] = self.base[node] + code
                links[slot] = parent << PARENT | self.base.get(child, 0) << BASE | self.values.get(child, 0)
        return links
