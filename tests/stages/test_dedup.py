"""Deduplication: every removal names a kept document and a similarity that holds when recomputed."""
from __future__ import annotations

import json
import pickle
import random
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cjk.earlier import write_index
from pipeline.cjk.facts import Plan, body
from pipeline.cjk.fold import key
from pipeline.document import Document, Survey
from pipeline.outputs import Growing, Layout, pack
from pipeline.stages.dedup import Dedup

LETTERS = "山川日月风雨花草人马牛羊春夏秋冬东西南北高低远近红黄蓝白读写说听走跑坐立门窗灯火米面油盐书画琴棋"
TWINS = str.maketrans("风马东远红蓝读写说听跑门灯面书画", "風馬東遠紅藍讀寫說聽跑門燈麵書畫")


def prose(seed: int, sentences: int = 12) -> str:
    """Return sentences of random characters: no two texts share a passage."""
    rng = random.Random(seed)
    return "".join("".join(rng.choices(LETTERS, k=rng.randrange(15, 40))) + rng.choice("。。！\n")
                   for _ in range(sentences))


def edited(text: str, edits: int, seed: int = 0) -> str:
    """Return the text with one character replaced in so many places."""
    rng, out = random.Random(seed), list(text)
    for at in rng.sample([i for i, c in enumerate(out) if c in LETTERS], edits):
        out[at] = "改"
    return "".join(out)


def clean(texts: Mapping[str, str], stage: Dedup | None = None,
          order: Iterable[str] | None = None) -> dict[str, Document]:
    """Return the documents after deduplication of a corpus."""
    stage = stage or Dedup()
    docs = {id: Document(id, texts[id]) for id in order or texts}
    answer = stage.settle([stage.look(doc) for doc in docs.values()], texts.__getitem__)
    answer = pickle.loads(pickle.dumps(answer))
    return {id: doc.after(answer) for id, doc in docs.items()}


def jaccard(one: str, other: str) -> float:
    """The similarity of two texts, the plain and slow way."""
    sets = [{s[i : i + 5] for i in range(max(1, len(s) - 4))} for s in (bare(one), bare(other))]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def bare(text: str) -> str:
    """The key of a text without what repeats in it."""
    return "".join(map(chr, body(text, Plan()).folded.codes.tolist()))


def values(doc: Document, kind: str) -> list[Any]:
    return [json.loads(tag.value) for tag in doc.tagged(kind)]


def check(texts: Mapping[str, str], out: Mapping[str, Document], least: float = 0.8) -> None:
    """Every removal names a kept document, and its similarity is as claimed."""
    for id, doc in out.items():
        if doc.fate == "dropped" and texts[id]:
            keeper = doc.duplicate_of
            assert out[keeper].fate == "kept"
            claim, truth = values(doc, "evidence")[0]["similarity"], jaccard(texts[id], texts[keeper])
            assert claim == round(truth, 4)
            assert truth >= least
            assert {"id": id, "similarity": claim, "why": doc.why} in values(out[keeper], "family")[0]["members"]


def test_is_a_survey() -> None:
    assert isinstance(Dedup(), Survey)


def test_copies_that_differ_in_script_width_case_and_punctuation() -> None:
    text = prose(1) + "ABC 2025"
    other = text.replace("。", "．").replace("ABC", "ａｂｃ")
    texts = {"a": text, "b": text.translate(TWINS), "c": other, "d": prose(2)}
    out = clean(texts)
    assert {id: (d.fate, d.why, d.duplicate_of) for id, d in out.items()} == {
        "a": ("kept", "", ""), "b": ("dropped", "exact-duplicate", "a"),
        "c": ("dropped", "exact-duplicate", "a"), "d": ("kept", "", "")}
    check(texts, out)


def test_near_copies_go_and_others_stay() -> None:
    text = prose(3, 30)
    texts = {"a": text, "near": edited(text, 10), "far": edited(text, 60), "head": "本报讯记者" + text + "责任编辑王五"}
    out = clean(texts)
    assert {id for id, d in out.items() if d.fate == "kept"} == {"head", "far"}
    assert jaccard(text, texts["far"]) < 0.8
    check(texts, out)


def test_no_removal_rests_on_a_chain() -> None:
    """B is near A and near C, A and C are not near each other: the one that B repeats stays, and so does the rest."""
    a = prose(4, 60)
    b = edited(a, 20, 1)
    c = edited(b, 20, 2)
    assert min(jaccard(a, b), jaccard(b, c)) >= 0.8 > jaccard(a, c)
    for names in ("abc", "bca", "cab", "acb"):
        texts = dict(zip(names, (a, b, c), strict=True))
        check(texts, clean(texts))


def test_the_keeper_is_the_least_damaged_then_the_fullest_then_the_first() -> None:
    text = prose(5, 20)
    damaged = text.replace("山", "\ufffd\ufffd", 1) + "补记一句话在这里"
    texts = {"a": damaged, "b": text, "c": text + "！", "d": text + "！"}
    out = clean(texts)
    assert [id for id, d in out.items() if d.fate == "kept"] == ["c"]
    check(texts, out)


SHORT = [
    ("copies", "是的。", "是的。", True),
    ("white space", "是的。", " 是 的。\n", True),
    ("other punctuation", "是吗？", "是吗！", False),
    ("only punctuation, the same", "……", "……", True),
    ("only punctuation, another", "……", "！！", False),
    ("one character more", "今天下雨了我们不出门", "今天下雨了我们不出门吧", False),
    ("a number with another point", "1.5", "15", False),
    ("empty", "", "", False),
]


@pytest.mark.parametrize(("what", "one", "other", "same"), SHORT, ids=[row[0] for row in SHORT])
def test_short_texts(what: str, one: str, other: str, same: bool) -> None:
    out = clean({"a": one, "b": other})
    assert bool(out["b"].duplicate_of or out["a"].duplicate_of) == same
    assert sum(d.fate == "kept" for d in out.values()) == (1 if same else 2 if one else 0)


def test_a_corpus_of_one_loses_what_stands_in_it_twice() -> None:
    text = prose(6, 20)
    out = clean({"a": text + "\n评论\n" + text})["a"]
    assert key(out.text) == key(text + "评论")
    assert {e.why for p in out.patches for e in p.edits} == {"repeated-body"}


def test_a_document_with_a_body_twice_equals_one_that_has_it_once() -> None:
    text = prose(7, 20)
    texts = {"a": text, "b": text + "\n" + text}
    out = clean(texts)
    assert [d.fate for d in out.values()] == ["kept", "dropped"]
    check(texts, out)


def test_a_damaged_keeper_takes_the_sound_reading() -> None:
    """Two copies, each damaged in another place: the keeper is whole, and says whom it has it from."""
    text = prose(8, 20).replace("\n", "。")
    a = text[:100] + "\ufffd\ufffd" + text[101:]
    b = text[:200] + "\ufffd\ufffd\ufffd" + text[201:]
    out = clean({"a": a, "b": b})
    assert out["a"].text == text
    assert out["b"].duplicate_of == "a"
    assert values(out["a"], "evidence") == [{"from": "b"}]
    assert [e.why for p in out["a"].patches for e in p.edits] == ["consensus"]
    assert clean({"a": a, "b": b}, Dedup(consensus=False))["a"].text == a


def test_content_is_never_merged() -> None:
    text = prose(9, 20)
    texts = {"a": text, "b": edited(text, 3)}
    assert clean(texts)["a"].text == text


def test_another_script_lends_nothing() -> None:
    text = prose(10, 20).replace("\n", "。")
    damaged = text[:100] + "\ufffd\ufffd" + text[101:]
    assert clean({"a": damaged, "b": text.translate(TWINS)[:-20]})["b"].text == text.translate(TWINS)[:-20]


def partial(mode: str) -> tuple[dict[str, str], dict[str, Document]]:
    small, big = prose(11, 15), prose(12, 25)
    texts = {"small": small, "big": big[:300] + "\n" + small + "\n" + big[300:], "other": prose(13, 15) + small[:200]}
    return texts, clean(texts, Dedup(partial=mode))


def test_shared_passages_are_marked() -> None:
    texts, out = partial("mark")
    assert all(out[id].text == text for id, text in texts.items())
    assert {v["id"]: v["containment"] for v in values(out["small"], "shared")}["big"] == 1
    for id, doc in out.items():
        for tag in doc.tagged("shared"):
            value = json.loads(tag.value)
            assert key(doc.text[tag.start : tag.end]) == key(texts[value["id"]][slice(*value["span"])]), id


def test_shared_passages_can_be_cut() -> None:
    texts, out = partial("cut")
    assert out["big"].text == texts["big"]
    assert out["small"].fate == "dropped"
    assert texts["other"].startswith(out["other"].text[:100])
    assert {e.why for d in out.values() for p in d.patches for e in p.edits} == {"shared-passage"}


def test_contained_documents_can_be_dropped() -> None:
    _, out = partial("drop")
    assert {id: d.why for id, d in out.items()} == {"small": "contained", "big": "", "other": ""}
    assert out["small"].duplicate_of == "big"


def test_partial_off_says_nothing() -> None:
    _, out = partial("off")
    assert not any(d.patches for d in out.values())


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 25)), min_size=2, max_size=8), st.randoms())
@settings(max_examples=40, deadline=None)
def test_order_does_not_matter_and_removals_hold(plan: list[tuple[int, int]], rng: random.Random) -> None:
    texts = {f"{n}": edited(prose(100 + source, 20), edits, n) for n, (source, edits) in enumerate(plan)}
    out = clean(texts)
    check(texts, out)
    order = list(texts)
    rng.shuffle(order)
    assert clean(texts, order=order) == out


def test_an_earlier_corpus(tmp_path: Path) -> None:
    """Given as an output folder or as its compact index, with the same result."""
    old, new = prose(14, 30), prose(15, 30)
    folder = tmp_path / "january"
    folder.mkdir()
    rows = [{"id": "x", "text": old}, {"id": "y", "text": prose(16)}]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    texts = {"a": edited(old, 4), "b": new, "c": new + "另", "d": old.translate(TWINS), "x": prose(17)}
    out = clean(texts, Dedup(index=(folder,)))
    assert {id: (d.why, d.duplicate_of) for id, d in out.items() if d.fate == "dropped"} == {
        "a": ("near-duplicate", "january:x"), "b": ("near-duplicate", "c"), "d": ("exact-duplicate", "january:x")}
    assert write_index(folder, tmp_path / "small" / "january", Plan()) == 2
    assert clean(texts, Dedup(index=(tmp_path / "small" / "january",))) == out


@pytest.mark.parametrize("format", ["jsonl", "jsonl.zst"])
@pytest.mark.parametrize("shard_mb", [0, 0.004])
def test_an_earlier_corpus_in_any_layout(tmp_path: Path, format: str, shard_mb: float) -> None:
    """Also when it was written in several files, compressed or not; and its compact index says the same."""
    folder, parts = tmp_path / "january", 5
    folder.mkdir()
    growing = Growing(folder, "corpus", Layout(format, shard_mb))
    for n in range(parts):
        rows = [{"id": f"{n}-{k}", "text": prose(1000 + 10 * n + k, 30)} for k in range(3)]
        (tmp_path / f"part-{n}").write_bytes(
            pack("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode(), format))
        growing.take_in(tmp_path / f"part-{n}", len(rows))
    files = growing.finish(lambda tasks: (task() for task in tasks))
    for name in files:
        (folder / f"new-{name}").rename(folder / name)
    assert (len(files) > 1) == bool(shard_mb)
    texts = {f"{n}{k}": edited(prose(1000 + 10 * n + k, 30), 3) for n in range(parts) for k in range(3)} | {"new": prose(3)}
    out = clean(texts, Dedup(index=(folder,)))
    assert {id: doc.duplicate_of for id, doc in out.items()} == {
        id: f"january:{id[0]}-{id[1]}" if id != "new" else "" for id in texts}
    assert write_index(folder, tmp_path / "small" / "january", Plan()) == 3 * parts
    assert clean(texts, Dedup(index=(tmp_path / "small" / "january",))) == out


def test_the_index_command(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text(json.dumps({"id": "x", "text": prose(30)}) + "\n", "utf-8")
    command = [sys.executable, "-m", "pipeline.cjk.earlier"]
    done = subprocess.run([*command, tmp_path, tmp_path / "index", "--shingle", "4"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "1 texts\n")
    index = (tmp_path / "index",)
    assert clean({"a": prose(30)}, Dedup(index=index, shingle=4))["a"].duplicate_of == "index:x"
    refused = subprocess.run([*command, tmp_path / "none", tmp_path / "index"], capture_output=True, text=True)
    assert refused.returncode == 2
    assert "is no index" in refused.stderr


@pytest.mark.parametrize(("was", "now", "digits"), [
    ("涨到12万元", "涨到18万元", True), ("三月五日", "四月十日", True), ("售价１２元", "售价9.5元", True),
    ("涨到12万元", "跌到12万元", False), ("涨到12万元", "跌到18万元", False),
])
def test_copies_that_differ_in_numbers_only_say_so(was: str, now: str, digits: bool) -> None:
    text = prose(31, 20)
    out = clean({"a": was + text + "！！！", "b": now + text})
    assert out["b"].duplicate_of == "a"
    assert (values(out["b"], "evidence")[0].get("differs") == "digits") == digits
    assert (values(out["a"], "family")[0]["members"][0].get("differs") == "digits") == digits


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no index"):
        Dedup(index=(tmp_path,))
    (tmp_path / "corpus.jsonl").touch()
    write_index(tmp_path, tmp_path / "index", Plan())
    with pytest.raises(ValueError, match="other settings"):
        clean({"a": "文"}, Dedup(index=(tmp_path / "index",), shingle=7))


@pytest.mark.parametrize("wrong", [{"similarity": 0}, {"similarity": 1.1}, {"partial": "all"}, {"shingle": 0},
                                   {"short": -1}])
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="dedup"):
        Dedup(**wrong)


def test_a_fact_has_a_fixed_size() -> None:
    facts = [Dedup().look(Document("id", prose(18, n))) for n in (1, 50)]
    assert [len(f) for f in facts if f] == [482, 482]


def test_part_of_the_answer() -> None:
    texts = {"a": prose(19), "b": prose(19), "c": prose(20), "d": prose(20)}
    stage = Dedup()
    answer = stage.settle([stage.look(Document(id, text)) for id, text in texts.items()], texts.__getitem__)
    assert set(answer.only(["b", "c"]).verdicts) == {"b", "c"}


def test_cleaning_what_was_cleaned_changes_nothing() -> None:
    text = prose(21, 30)
    texts = {"a": text, "b": edited(text, 5), "c": text + "\n" + text, "d": prose(22)}
    out = {id: d.text for id, d in clean(texts).items() if d.fate == "kept"}
    assert {id: d.text for id, d in clean(out).items()} == out
