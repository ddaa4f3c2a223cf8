"""The five seeds, as a careful editor would leave them; and what holds for every run over them."""
from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline import Pipeline
from pipeline.cli import main
from pipeline.explain import Story, explain_line, lines_gone
from pipeline.verify import rebuild, verify

ROOT = Path(__file__).parent.parent
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))
IDS = [p.name[:3] for p in SEEDS]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeds") / "out"
    report = Pipeline().build(ROOT / "seeds", folder, workers=2)
    assert report.exit_code == 0
    return folder


@pytest.fixture(scope="module")
def rows(out: Path) -> dict[str, dict[str, Any]]:
    return {row["id"][:3]: row for row in map(json.loads, (out / "corpus.jsonl").read_bytes().splitlines())}


@pytest.fixture(scope="module")
def entries(out: Path) -> dict[str, dict[str, Any]]:
    return {row["id"][:3]: row for row in map(json.loads, (out / "manifest.jsonl").read_bytes().splitlines())}


def source(number: str) -> str:
    return next(p for p in SEEDS if p.name.startswith(number)).read_text("utf-8")


def test_000_clean_simplified_news_is_not_touched(rows: dict[str, Any], entries: dict[str, Any]) -> None:
    assert rows["000"]["text"] == source("000")
    assert entries["000"]["counts"]["bytes_kept"] == entries["000"]["source"]["bytes"]


@pytest.mark.parametrize("gone", [
    "四虎", "正在阅读", "扫一扫下载", "界面新闻APP", "文|", "孟雯", "5.3k", "•", "关注", "评论", "微信公众号", "微博", "转载内容",
    "zhàn", "ù", "倪_", "淇", "藙", "?!?", "/p>", "(wǎng)", "什幺", "著急", "意味著", "後", "戰", "么着急打千问这场仗?\n阿里"])
def test_001_what_must_be_gone(rows: dict[str, Any], gone: str) -> None:
    assert gone not in rows["001"]["text"]


@pytest.mark.parametrize(("here", "times"), [
    ("阿里为什么着急打千问这场仗?", 1), ("“入口战”,阿里有过教训。", 1), ("(MAU)", 1), ("(DAU)", 1), ("(2025)", 1),
    ("悬在头顶的达摩克利斯之剑", 1), ("进一步演变为战略性的缺憾", 1), ("创作需求。夸克则通过深化“AI搜索”定位", 1),
    ("性能优于OpenAI模型更快更好。”", 1), ("什么", 4), ("收缩战线,把子弹留给「超级入口」", 1),
    ("终极赌注:用C端入口驱动TO B飞轮", 1), ("一场定义未来十年的“无限战争”", 1), ("这场战争没有终点,只有不断的迭代。", 1),
    ("2025年第三季度,拼多多的现金储备达4238亿元", 1), ("豆包DAU正式突破1亿大关", 1)])
def test_001_what_must_be_there_once(rows: dict[str, Any], here: str, times: int) -> None:
    found = rows["001"]["text"].count(here)
    assert found >= 1 if here == "什么" else found == times


def test_001_is_one_whole_copy(rows: dict[str, Any]) -> None:
    text = rows["001"]["text"]
    paragraphs = text.split("\n")
    assert text.startswith("阿里为什么着急打千问这场仗?\n")
    assert paragraphs[-1] == "这场战争没有终点,只有不断的迭代。"
    assert len(paragraphs) == len(set(paragraphs)) == 65


def test_001_meta(entries: dict[str, Any]) -> None:
    meta = entries["001"]["meta"]
    assert meta["title"] == "阿里为什么着急打千问这场仗?"
    assert meta["authors"] == ["孟雯"]
    assert meta["site"] == "奇点Journal"


def test_002_opencc_style_traditional(rows: dict[str, Any], entries: dict[str, Any]) -> None:
    text = rows["002"]["text"]
    for wrong in "爲羣衆纔僞裏臺發佈":
        assert wrong not in text, wrong
    assert "距最初发布只过去85天" in text
    assert "更新周期大幅缩短" in text
    assert "文|" not in text
    assert "编辑|" not in text
    assert entries["002"]["meta"]["authors"] == ["吴俊宇"]
    assert entries["002"]["meta"]["editors"] == ["谢丽容"]
    assert text.split("\n")[0].startswith("全球主流基础大模型厂商现阶段比拼的是能力迭代速度")
    assert "被髮" not in text
    assert "多隻是" not in text


def test_003_traditional_made_character_by_character(rows: dict[str, Any], entries: dict[str, Any]) -> None:
    text, meta = rows["003"]["text"], entries["003"]["meta"]
    for gone in ("![]", "图/视觉中国", "京公网安备", "记者:", "编辑:闵杰", "意味著", "显著着", "标志著", "原着", "显着"):
        assert gone not in text, gone
    for here in ("标志着阿里确立了AI超级入口", "(文中刘茹为化名)", "城头何以频换大王旗?", "更会“干活”的AI", "行业洗牌持续"):
        assert text.count(here) == 1, here
    assert meta["authors"] == ["王诗涵"]
    assert meta["editors"] == ["闵杰"]
    assert len(meta["captions"]) == 5
    assert meta["licences"] == ["京公网安备 11011402013531号"]


def test_004_blog_page(rows: dict[str, Any], entries: dict[str, Any]) -> None:
    text, meta = rows["004"]["text"], entries["004"]["meta"]
    lines = text.split("\n")
    assert lines[:2] == ["千问日活逼近豆包:三个月改写中国AI版图", "技术顶天立地,应用铺天盖地。"]
    assert lines[-1].endswith("都在托举这头巨鲸游向世界中心。")
    assert all(line == line.strip() and line for line in lines)
    for here in ("【01 用30亿红包,给AI生活时代开机】", "【02 造顶尖模型,为大众干点实事】"):
        assert here in lines
    for gone in ("评论", "认证", "59419", "点赞", "举报", "凯迪", "END", "版权所有", "▲", "# 时代", "推荐阅读"):
        assert gone not in text, gone
    assert (meta["date"], meta["place"], meta["site"]) == ("2026-02-12T10:43", "山西", "华商韬略")
    assert meta["authors"] == ["刘与白"]


@pytest.mark.parametrize("path", SEEDS, ids=IDS)
def test_every_seed_is_rebuilt_byte_for_byte(out: Path, path: Path) -> None:
    assert rebuild(out, path.name).source == path.read_bytes()


def test_verify_agrees_with_the_files(out: Path) -> None:
    checked = verify(out, ROOT / "seeds")
    assert checked.problems == []
    assert checked.rebuilt == len(SEEDS)


@pytest.mark.parametrize("path", SEEDS, ids=IDS)
def test_explain_answers_for_every_line_that_is_gone(out: Path, path: Path) -> None:
    story = Story(rebuild(out, path.name))
    gone = lines_gone(story)
    assert len(gone) >= {"000": 0, "001": 80, "002": 2, "003": 15, "004": 25}[path.name[:3]]
    for number in gone:
        told = list(explain_line(story, number))
        assert any("removed" in row and "[" in row for row in told), told
        assert told[-1] == "  Nothing of it is in the clean text."


@pytest.mark.parametrize("path", SEEDS, ids=IDS)
def test_every_character_traces_to_bytes_that_spell_it_or_were_changed(out: Path, path: Path) -> None:
    doc, data = rebuild(out, path.name), path.read_bytes()
    kept = [(f.start, f.end) for f in doc.fates if f.kind == "kept"]
    inside = {b for start, end in kept for b in range(start, end)}
    for at, char in enumerate(doc.text):
        start, end = doc.trace(at, at + 1)
        assert end > start
        if start in inside:
            assert data[start:end].decode() == char


def test_cleaned_again_each_text_is_unchanged(rows: dict[str, Any]) -> None:
    pipeline = Pipeline()
    for number, row in rows.items():
        assert pipeline.clean(row["text"]).text == row["text"], number


def test_a_second_run_over_the_output_keeps_every_text(out: Path, rows: dict[str, Any], tmp_path: Path) -> None:
    Pipeline().build(out / "corpus.jsonl", tmp_path / "again")
    again = [json.loads(line) for line in (tmp_path / "again/corpus.jsonl").read_bytes().splitlines()]
    assert {row["id"][:3]: row["text"] for row in again} == {number: row["text"] for number, row in rows.items()}


def test_workers_make_no_difference(out: Path, tmp_path: Path) -> None:
    Pipeline().build(ROOT / "seeds", tmp_path / "one", workers=1)
    for name in ("corpus.jsonl", "manifest.jsonl"):
        assert (tmp_path / "one" / name).read_bytes() == (out / name).read_bytes()


def test_the_library_gives_what_the_run_gives(rows: dict[str, Any], entries: dict[str, Any]) -> None:
    documents = list(Pipeline().run((p.name, p.read_text("utf-8")) for p in SEEDS))
    for doc in documents:
        row, entry = rows[doc.id[:3]], entries[doc.id[:3]]
        assert doc.text == row["text"]
        assert doc.segmented == row["segmented"]
        assert doc.terms == row.get("terms", [])
        assert doc.meta == entry["meta"]
        assert doc.fate == "kept"
        assert hashlib.sha256(doc.source).hexdigest() == entry["source"]["sha256"]


def test_terms_slice_back_and_segments_are_the_text(rows: dict[str, Any]) -> None:
    for row in rows.values():
        text = row["text"]
        for term in row["terms"]:
            assert text[term["start"] : term["end"]] == term["zh"]
            assert term["en"]
        assert "".join(row["segmented"].split()) == "".join(text.split())
        assert row["segmented"].count("\n") == text.strip("\n").count("\n")


def test_segments_are_jiebas_own(rows: dict[str, Any]) -> None:
    import jieba
    jieba.setLogLevel(60)
    for row in rows.values():
        words = [word for word in jieba.lcut(row["text"]) if not word.isspace()]
        assert row["segmented"].split() == [part for word in words for part in word.split()]


def test_make_corpus_says_what_it_did(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["run", str(ROOT / "seeds"), "-o", str(tmp_path / "o")])
    assert "5 documents: 5 kept" in result.stdout
    assert "= bytes in" in result.stdout
