"""The memory: what it keeps, what two processes do to it, TMX in and out."""
from __future__ import annotations

import io
import multiprocessing
import os
import time
from pathlib import Path

import pytest

from pipeline.translation.locks import Locks
from pipeline.translation.memory import Memory, Row, close, memory
from pipeline.translation.tmx import Pair, read_tmx, write_moses, write_tmx

ROW = Row("k1", "你好。", "Hello.", "zh", "en", False, "[]", "j", "{}", "ct2")
NASTY = [Pair("a < b & c", "a > b \"&\" c", "文档 & 1"), Pair("两\n行", "two\nlines"), Pair("坏\x0b字", "bad\x00byte"),
         Pair("𠮷野家", "Yoshinoya")]


def test_a_row_is_there_after_the_process_that_wrote_it_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "tm.sqlite"
    child = multiprocessing.get_context("spawn").Process(target=_write_and_die, args=(path,))
    child.start()
    child.join(60)
    assert child.exitcode == -9
    assert memory(path).get(["k1"])["k1"] == ROW
    close(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["tm.sqlite", "tm.sqlite.lock"]


def _write_and_die(path: Path) -> None:
    memory(path).put(ROW)
    os.kill(os.getpid(), 9)


def test_failed_rows_are_known_but_never_offered_as_a_translation(tmp_path: Path) -> None:
    known = Memory(tmp_path / "tm.sqlite")
    known.put(ROW._replace(failed=True))
    assert known.get(["k1"])["k1"].failed
    assert known.any_of("你好。", "zh", "en") is None
    assert known.similar("你好。", ("zh", "en"), 0.5) is None


def test_an_imported_translation_comes_first_and_the_most_alike_is_found(tmp_path: Path) -> None:
    known = Memory(tmp_path / "tm.sqlite")
    known.put(ROW)
    known.take_in([("你好。", "Hi."), ("今天的天气很好。", "The weather is good today.")], "zh", "en")
    found = known.any_of("你好。", "zh", "en")
    assert found is not None
    assert found.target == "Hi."
    alike = known.similar("今天的天气非常好。", ("zh", "en"), 0.8)
    assert alike is not None
    assert alike[0].target == "The weather is good today."
    assert 0.8 <= alike[1] < 1
    assert known.similar("完全不同的一句话", ("zh", "en"), 0.8) is None
    assert known.similar("你好。", ("en", "zh"), 0.5) is None


def test_a_file_that_is_no_memory_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "tm.sqlite").write_text("not a database, but long enough to be read as one" * 50)
    with pytest.raises(OSError, match="cannot be used as a translation memory"):
        Memory(tmp_path / "tm.sqlite")


def test_turns_are_shared_and_a_server_that_asks_to_wait_delays_all(tmp_path: Path) -> None:
    one, other = Memory(tmp_path / "tm.sqlite"), Memory(tmp_path / "tm.sqlite")
    waits = [m.reserve("host", 0.5) for m in (one, other, one, other)]
    assert waits == pytest.approx([0, 0.5, 1.0, 1.5], abs=0.2)
    other.delay("host", 30)
    assert one.reserve("host", 0.5) == pytest.approx(30, abs=1)


def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    child = context.Process(target=_hold, args=(path, ready))
    child.start()
    assert ready.wait(60)
    locks = Locks(path)
    assert not locks.try_lock(7)
    child.kill()
    child.join(60)
    locks.wait(7)
    assert not locks.try_lock(7)  # another thread of this process has it
    locks.unlock(7)
    assert locks.try_lock(7)


def _hold(path: Path, ready: multiprocessing.synchronize.Event) -> None:
    locks = Locks(path)
    locks.wait(7)
    ready.set()
    time.sleep(600)


def test_tmx_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.tmx"
    with open(path, "w", encoding="utf-8") as file:
        assert write_tmx(file, NASTY, ("zh", "en")) == 4
    back = list(read_tmx(path, ("zh", "en")))
    assert [(p.source, p.target) for p in back] == [
        ("a < b & c", 'a > b "&" c'), ("两 行", "two lines"), ("坏字", "badbyte"), ("𠮷野家", "Yoshinoya")]


def test_tmx_of_others_is_read_with_regions_markup_and_more_languages(tmp_path: Path) -> None:
    path = tmp_path / "b.tmx"
    path.write_text(
        '<?xml version="1.0"?><tmx version="1.4"><header/><body><tu><tuv xml:lang="DE"><seg>Wolke</seg></tuv>'
        '<tuv xml:lang="ZH-CN"><seg>云<bpt i="1">&lt;b&gt;</bpt>计算<ept i="1">&lt;/b&gt;</ept></seg></tuv>'
        '<tuv lang="en_US"><seg>cloud <hi>computing</hi></seg></tuv></tu><tu><tuv xml:lang="zh"><seg>独</seg></tuv></tu>'
        "</body></tmx>", "utf-8")
    assert list(read_tmx(path, ("zh", "en"))) == [Pair("云计算", "cloud computing")]
    path.write_text("<html/>")
    with pytest.raises(ValueError, match="its root is <html>"):
        list(read_tmx(path, ("zh", "en")))
    path.write_text("<tmx><body>\n<tu>")
    with pytest.raises(ValueError, match="line 2"):
        list(read_tmx(path, ("zh", "en")))


def test_moses_files_have_equal_line_counts_whatever_a_segment_holds() -> None:
    left, right = io.StringIO(), io.StringIO()
    count = write_moses(left, right, [*NASTY, Pair("a\u2028b\x85c\rd", "x\ny\x1cz")])
    assert count == 5
    assert len(left.getvalue().splitlines()) == len(right.getvalue().splitlines()) == 5


def test_translate_toolkit_reads_our_tmx_and_we_read_its(tmp_path: Path) -> None:
    storage = pytest.importorskip("translate.storage.tmx", reason="needs translate-toolkit: make test-translate")
    path = tmp_path / "a.tmx"
    pairs = [Pair("云 & 计算 < 网络", "cloud & computing < network"), Pair("他说：“好。”", "“Good,” he said.")]
    with open(path, "w", encoding="utf-8") as file:
        write_tmx(file, pairs, ("zh", "en"))
    with open(path, "rb") as file:
        theirs = storage.tmxfile(file, "zh", "en")
    assert [(u.source, u.target) for u in theirs.units] == [(p.source, p.target) for p in pairs]
    with open(tmp_path / "b.tmx", "wb") as file:
        theirs.serialize(file)
    assert list(read_tmx(tmp_path / "b.tmx", ("zh", "en"))) == pairs
