"""The search over lost bytes: weighing characters one by one and all at once comes to the same."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cjk import byte_lattice
from pipeline.cjk.byte_lattice import Edges, Found, Lattice
from pipeline.cjk.byte_units import units
from pipeline.cjk.lost_bytes import ALONE, ANY, FIRST, KNOWN, LAST, SECOND, SINGLE, Cell, fitting, follows
from pipeline.cjk.misreading import NONE, misread, pair_table
from pipeline.cjk.model import conditional, score, share
from pipeline.cjk.model_rows import between, rows, several
from pipeline.cjk.model_tables import characters

KNOWN_CHARACTERS = sorted((c for c in characters()[0] if share(c) > -14.5), key=share, reverse=True)
COMMON = st.sampled_from(KNOWN_CHARACTERS[:800])
ANYTHING = st.one_of(COMMON, st.sampled_from(KNOWN_CHARACTERS), st.sampled_from("\n <>?a019é\ufffd\ue000あ한Жα鎴"))
TEXTS = ("会议决定在公园散步，然后回家。", "香港特別行政區的居民（共3萬人）", "他说：“我们明天去北京吗？”", "第一条 为了规范管理")


@settings(deadline=None)  # the first loads tables
@given(st.lists(st.text(ANYTHING, min_size=1, max_size=2), min_size=1, max_size=12, unique=True),
       st.lists(st.sampled_from(KNOWN_CHARACTERS), min_size=1, max_size=40, unique=True), st.text(ANYTHING, max_size=2))
def test_many_characters_weigh_what_each_weighs_alone(before: list[str], chars: list[str], after: str) -> None:
    known = several("".join(chars))
    found = rows(before, known)
    assert np.allclose(found, [[conditional(b, c) for c in chars] for b in before], atol=1e-5)
    both = between(before[0], known, after)
    assert np.allclose(both, [score(c + after, before[0]) for c in chars], atol=1e-5)


@pytest.mark.parametrize(("read", "write", "policy"), [
    ("gbk", "utf-8", "w1"), ("gbk", "utf-8", "w2"), ("gbk", "utf-8", "j1"), ("gbk", "utf-8", "del"),
    ("big5", "utf-8", "w2"), ("euc-kr", "utf-8", "j1"), ("shift-jis", "utf-8", "j1"), ("gbk", "cp950", "w2"),
    ("big5", "gbk", "w2")])
def test_both_ways_of_weighing_find_the_same(read: str, write: str, policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0
    for text in TEXTS:
        try:
            shown = misread(text.encode(write), read, policy)
        except UnicodeEncodeError:
            continue
        monkeypatch.setattr(byte_lattice, "WORTHWHILE", 10**9)
        one_by_one = _search(shown, read, write, policy)
        monkeypatch.setattr(byte_lattice, "WORTHWHILE", 0)
        at_once = _search(shown, read, write, policy)
        assert one_by_one[1] == at_once[1]
        assert one_by_one[0] == pytest.approx(at_once[0], abs=1e-4)
        assert any(not step.kept for step in at_once[1])
        compared += 1
    assert compared


def _search(shown: str, read: str, write: str, policy: str) -> tuple[float, list[Found]]:
    return Lattice(units(shown, read, policy), read, write).search(Edges("\n", "\n", 9.0, opens=True))


@settings(deadline=None)  # the first loads tables
@given(st.sampled_from(("gbk", "big5", "shift-jis", "euc-kr")), st.sampled_from(KNOWN_CHARACTERS[:2000]),
       st.lists(st.sampled_from((KNOWN, FIRST, SECOND, ALONE, ANY, LAST, SINGLE)), min_size=3, max_size=3),
       st.sampled_from((-2, -1, 0x20, 0x41, 0x81, 0xB5, 0xE4, 0xFE)))
def test_what_fits_was_lost_by_its_rules(read: str, c: str, rules: list[int], after: int) -> None:
    """Each character listed obeys, said byte by byte; of those left out that are as common none does."""
    data = c.encode()
    cells = tuple(Cell(b if rule == KNOWN else -1, rule) for b, rule in zip(data, rules, strict=True)
                  ) if len(data) == 3 else (Cell(-1, FIRST), Cell(-1, SECOND), Cell(-1, SINGLE))
    if all(cell.value >= 0 for cell in cells):
        return
    found = fitting(read, "utf-8", cells, after).chars.text
    assert all(_legal(read, cells, x.encode(), after) for x in found)
    if len(data) == 3 and share(c) > -7:
        assert (c in found) == _legal(read, cells, data, after)


def _legal(read: str, cells: tuple[Cell, ...], data: bytes, after: int) -> bool:
    pairs = pair_table(read)
    for i, (cell, byte) in enumerate(zip(cells, data, strict=True)):
        behind = data[i + 1] if i + 1 < len(data) else after
        if cell.rule == KNOWN and cell.value != byte:
            return False
        if cell.rule == SECOND and i and pairs[data[i - 1] << 8 | byte] != NONE:
            return False
        if cell.rule in (FIRST, LAST, ALONE, SINGLE):
            alone = misread(bytes((byte,)), read, "j1" if cell.rule == SINGLE else "w2")
            if byte < 0x80 or alone not in ("\ufffd", "?"):
                return False
        if cell.rule in (ALONE, SINGLE) and behind >= 0 and pairs[byte << 8 | behind] != NONE:
            return False
        if cell.rule == ALONE and not (0 <= behind < 0x80 or behind == -2):
            return False
        if cell.rule == SINGLE and i and cells[i - 1].rule == SINGLE and pairs[data[i - 1] << 8 | byte] != NONE:
            return False
    return True


def test_a_lost_second_byte_makes_no_pair_with_the_one_before() -> None:
    lost = Cell(-1, SECOND)
    pair = next(key for key, shown in enumerate(pair_table("gbk")) if shown != NONE)
    assert not follows("gbk", lost, pair & 0xFF, pair >> 8)
    assert follows("gbk", lost, 0x20, pair >> 8)
    assert follows("gbk", lost, pair & 0xFF, -1)
