"""The compiled conversions against the package they were compiled from."""
from __future__ import annotations

import random
from pathlib import Path

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cjk.convert import Block, Converter, compose, converter
from pipeline.cjk.opencc_data import SEPARATOR, chain
from pipeline.cjk.phrases import Match, Phrases, leftmost_longest, to_codes

CONVERSIONS = ("t2s", "tw2s", "hk2s", "tw2sp", "s2t", "s2tw", "s2hk", "s2twp")
SEEDS = sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))


@pytest.mark.parametrize("conversion", CONVERSIONS)
def test_same_as_the_package_on_fuzz(conversion: str) -> None:
    rng, package, mine = random.Random(conversion), opencc.OpenCC(conversion), Converter(conversion)
    keys = [key for step in mine.steps for key in step.phrases]
    filler = "".join(path.read_text(encoding="utf-8", errors="replace")[:400] for path in SEEDS)
    for _ in range(250):
        pieces = [rng.choice(keys) if rng.random() < 0.7 else filler[(at := rng.randrange(len(filler))) : at + 6]
                  for _ in range(rng.randint(1, 10))]
        text = "".join(piece[rng.randrange(len(piece)) :] if rng.random() < 0.3 else piece for piece in pieces if piece)
        now, blocks = mine.aligned(text)
        assert now == package.convert(text)
        check_blocks(text, now, blocks)


def check_blocks(text: str, now: str, blocks: list[Block]) -> None:
    """Between the blocks lengths are equal, and the blocks are in order."""
    at = at_now = 0
    for block in blocks:
        assert block.start - at == block.start_after - at_now >= 0
        at, at_now = block.end, block.end_after
    assert len(text) - at == len(now) - at_now


@pytest.mark.parametrize("conversion", ["t2s", "tw2s", "s2t"])
def test_same_as_the_package_on_the_seeds(conversion: str) -> None:
    package = opencc.OpenCC(conversion)
    for path in SEEDS:
        text = path.read_text(encoding="utf-8", errors="replace")[:6000]
        assert converter(conversion).convert(text) == package.convert(text)


def test_the_separators_are_the_package_s() -> None:
    package = opencc.OpenCC("t2s").split_chars_re
    differ = [hex(i) for i in range(0x110000) if bool(package.match(chr(i))) != bool(SEPARATOR.match(chr(i)))]
    assert differ == []


def test_a_key_with_a_separator_is_never_found() -> None:
    text = "酒逢知己千钟少，话不投机半句多"
    assert converter("s2t").convert(text) == opencc.OpenCC("s2t").convert(text)


def test_not_leftmost_longest_but_longest_first() -> None:
    text = "扭轉乾坤大挪移"  # 乾坤大挪移 (5) goes before 扭轉乾坤 (4)
    assert converter("t2s").convert(text) == opencc.OpenCC("t2s").convert(text) == "扭转乾坤大挪移"


def test_lone_surrogates_pass_through() -> None:
    assert converter("t2s").convert("\ud800乾隆\udfff餘") == "\ud800乾隆\udfff余"


def test_unknown_conversion() -> None:
    with pytest.raises(ValueError, match="t2s"):
        chain("t2x")


def test_offsets_of_words_that_change_length() -> None:
    text = "這個網路伺服器使用軟體"
    now, blocks = converter("tw2sp").aligned(text)
    assert now == opencc.OpenCC("tw2sp").convert(text)
    assert [(text[b.start : b.end], now[b.start_after : b.end_after]) for b in blocks] == \
        [(a, b) for a, b in [("伺服器", "服务器")] if len(a) != len(b)]
    text = "隨身碟與點陣圖"
    now, blocks = converter("tw2sp").aligned(text)
    assert [(text[b.start : b.end], now[b.start_after : b.end_after]) for b in blocks] == \
        [("隨身碟", "U盘"), ("點陣圖", "位图")]


replacements = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(1, 4)), max_size=6)


@given(replacements, replacements)
def test_composed_blocks_align_what_each_step_aligned(first: list[tuple[int, int, int]],
                                                      second: list[tuple[int, int, int]]) -> None:
    def blocks(plan: list[tuple[int, int, int]], size: int) -> list[Block]:
        found, at, shift = [], 0, 0
        for gap, old, new in plan:
            at += gap + 1
            if at + old > size:
                break
            found.append(Block(at, at + old, at + shift, at + shift + new))
            at += old
            shift += new - old
        return found

    one = blocks(first, 30)
    middle = 30 + (one[-1].end_after - one[-1].end if one else 0)
    two = blocks(second, middle)
    both = compose(one, two)
    after = middle + (two[-1].end_after - two[-1].end if two else 0)
    check_blocks("x" * 30, "y" * after, both)


def test_phrases_overlap_and_the_end_of_the_text() -> None:
    text = "躪藉藉"
    found = Phrases(["躪藉", "藉藉", "藉藉藉藉", "藉"]).find(text, to_codes(text))
    assert found == [(0, 2, "躪藉"), (1, 2, "藉"), (1, 3, "藉藉"), (2, 3, "藉")]
    assert leftmost_longest(found) == [Match(0, 2, "躪藉"), Match(2, 3, "藉")]


@given(st.text(alphabet="甲乙丙", max_size=30),
       st.sets(st.text(alphabet="甲乙丙丁", min_size=1, max_size=4), max_size=8))
def test_phrases_finds_what_a_plain_search_finds(text: str, keys: set[str]) -> None:
    plain = sorted((at, at + len(key), key) for key in keys for at in range(len(text)) if text.startswith(key, at))
    assert Phrases(keys).find(text, to_codes(text)) == plain
