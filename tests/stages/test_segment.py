"""The segment stage: one tag, no edit, and the user's words from files."""
from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cjk.route import UserWord
from pipeline.document import Document
from pipeline.edits import Tag
from pipeline.stages.segment import Segment, read_user_words

ROOT = Path(__file__).parents[2]


def test_one_tag() -> None:
    doc = Document("a", "你好，世界！\n再见。")
    assert list(Segment()(doc)) == [Tag(0, 10, "segmented", "你好 ， 世界 ！\n再见 。")]
    assert list(Segment()(Document("a", ""))) == []
    assert Document("a", "千问").after(Segment()).segmented == "千问"


def test_hmm() -> None:
    text = "他来到了网易杭研大厦"
    assert Document("a", text).after(Segment()).segmented == "他 来到 了 网易 杭研 大厦"
    assert Document("a", text).after(Segment(hmm=False)).segmented == "他 来到 了 网易 杭 研 大厦"


def test_user_words(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes("\ufeff云计算 5\n创新办 3 i\r\n\n石墨烯 n\nhello world 7\n凱特琳".encode())
    assert read_user_words(path) == [UserWord("云计算", 5), UserWord("创新办", 3, "i"), UserWord("石墨烯", None, "n"),
                                     UserWord("hello world", 7), UserWord("凱特琳")]
    assert Document("a", "李小福是创新办主任").after(Segment(user_words=(path,))).segmented == "李小福 是 创新办 主任"


def test_the_glossary_as_user_words() -> None:
    doc = Document("a", "通义千问的千问日活")
    files = (ROOT / "config" / "glossary.tsv",)
    assert doc.after(Segment(glossary=files)).segmented == doc.after(Segment()).segmented
    words = doc.after(Segment(use_glossary=True, glossary=files)).segmented
    assert words == "通义千问 的 千问 日活"


def test_a_broken_list_of_words_is_found_before_any_work(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes("云计算".encode("gbk"))
    with pytest.raises(ValueError, match=r"words.txt: the word list is not UTF-8 \(byte 0\); save it as UTF-8"):
        Segment(user_words=(path,)).check()
    with pytest.raises(ValueError, match=r"none.txt: cannot read the word list: No such file"):
        Segment(user_words=(tmp_path / "none.txt",)).check()


def test_the_stage_travels_to_other_processes() -> None:
    assert pickle.loads(pickle.dumps(Segment(hmm=False))) == Segment(hmm=False)


def test_jieba_is_never_imported_and_writes_no_cache(tmp_path: Path) -> None:
    code = ("import sys; from pipeline.document import Document; from pipeline.stages.segment import Segment; "
            "print(Document('a', '我来到北京').after(Segment()).segmented); "
            "assert not {'jieba', 'rjieba', 'pkg_resources'} & set(sys.modules)")
    env = {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, env=env, check=False,
                          capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "我 来到 北京\n", "")
    assert not list(tmp_path.iterdir())


def test_parts_of_speech(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("千问 7 nz\n", encoding="utf-8")
    doc = Document("a", "千问很好。\n阿里云").after(Segment(user_words=(path,), pos=True))
    assert doc.segmented == "千问 很 好 。\n阿里 云"
    assert [t.value for t in doc.tagged("pos")] == ["nz zg a x\nnrt ns"]
    doc = Document("a", "吴泳铭").after(Segment(use_glossary=True, glossary=(ROOT / "config" / "glossary.tsv",), pos=True))
    assert [t.value for t in doc.tagged("pos")] == ["nr"]


def test_many_documents_at_once_are_cut_as_each_alone() -> None:
    texts = ["我来到北京清华大学。", "a  b\n\n 第二行 ", "", "\n", "这是一个中文\r\n句子", "最后。\n", "AB阿里c3.5万", "x\u2028y 中\x0b文"]
    docs = [Document(str(n), text) for n, text in enumerate(texts) if text]
    stage = Segment()
    assert [list(changes) for changes in stage.many(docs)] == [list(stage(doc)) for doc in docs]
