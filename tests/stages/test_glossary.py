"""Terms in text: which, where, and where not."""
from __future__ import annotations

import json
import pickle
import random
from pathlib import Path

import pytest

from pipeline.cjk.boundaries import Boundaries, word_starts
from pipeline.cjk.glossary import Matcher, fold, load, spellings
from pipeline.cjk.segmenter import Segmenter
from pipeline.document import Document
from pipeline.stages.glossary import Glossary
from pipeline.stages.segment import Segment

ROOT = Path(__file__).parents[2]
STARTER = (ROOT / "config" / "glossary.tsv",)
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))


def tagged(text: str, stage: Glossary, *before: Segment) -> Document:
    doc = Document("a", text)
    for first in before:
        doc = doc.after(first)
    return doc.after(stage)


def glossary(folder: Path, rows: str, **settings: str) -> Glossary:
    path = folder / "g.tsv"
    path.write_text("zh\ten\ttype\tnote\n" + rows, encoding="utf-8")
    return Glossary((path,), **settings)  # type: ignore[arg-type]


TABLE = [  # text, (term, English) as expected with the starter glossary
    ("通义千问发布", [("通义千问", "Qwen")]),
    ("阿里云智能集团和阿里巴巴", [("阿里云智能集团", "Alibaba Cloud Intelligence Group"), ("阿里巴巴", "Alibaba")]),
    ("千问App和千问APP和千问ａｐｐ", [("千问App", "Qwen App"), ("千问APP", "Qwen App"), ("千问ａｐｐ", "Qwen App")]),
    ("流量很大", [("流量", "traffic")]),
    ("空间推理与推理", [("空间推理", "spatial reasoning"), ("推理", "reasoning")]),
    ("最近的大模型", [("大模型", "large language model")]),
    ("打千问的人", [("千问", "Qwen")]),  # a name stands nearly anywhere
    ("有1.2亿日活的应用,美国对华为等企业", [("日活", "daily active users"), ("华为", "Huawei")]),
    ("将千问推向市场,在腾讯网和微软公司", [("千问", "Qwen"), ("腾讯", "Tencent"), ("微软", "Microsoft")]),
]
LEFT_ALONE = [
    "今天的人流量很大",  # 人流量 is a word
    "最大模型",  # 大模型 crosses 最大
    "去阿里山玩",  # another name
    "升华为集体的记忆", "一快手机", "台积电商业模式", "经营收益", "调研报告", "节日活动",  # what crosses words of the dictionary
    "住在东京东路", "南京东路很热闹", "苹果树开花了", "海纳百川,有容乃大", "铁板钉钉的事", "五百字节数不够",
    "他们在家里吃饭。",
    "",
    "Nothing Chinese at all",
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_found(text: str, expected: list[tuple[str, str]]) -> None:
    for before in ((), (Segment(),)):
        found = tagged(text, Glossary(STARTER), *before).terms
        assert [(t["zh"], t["en"]) for t in found] == expected
        assert all(text[t["start"] : t["end"]] == t["zh"] for t in found)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_left_alone(text: str) -> None:
    for before in ((), (Segment(),)):
        assert tagged(text, Glossary(STARTER), *before).terms == []


@pytest.mark.parametrize("path", SEEDS, ids=lambda p: p.stem)
def test_every_hit_in_the_seeds_slices_back_to_its_key(path: Path) -> None:
    text = path.read_text(encoding="utf-8-sig")
    entries = load(STARTER)
    forms = spellings(entries)
    found = tagged(text, Glossary(STARTER), Segment()).terms
    assert len(found) > 100
    at = 0
    for term in found:
        assert at <= term["start"]
        at = term["end"]
        key = fold(text[term["start"] : at])
        assert entries[forms.get(key, key)].en == term["en"]
        assert set(term) == {"start", "end", "zh", "en", "type"}
    assert found == tagged(text, Glossary(STARTER)).terms  # with and without the segment stage


def test_a_refused_long_term_makes_way_for_a_shorter_one(tmp_path: Path) -> None:
    stage = glossary(tmp_path, "模型\tmodel\tterm\t\n模型出\tX\tterm\t\n出口\texport\tterm\t\n型出口\tY\tterm\t\n")
    found = tagged("模型出口", stage).terms
    assert [(t["zh"], t["en"]) for t in found] == [("模型", "model"), ("出口", "export")]


@pytest.mark.parametrize(("text", "found"), [
    ("英国首相访华", ["首相"]), ("建立监督管理制度", ["管理"]), ("中央银行和投资银行", ["银行", "银行"]),
    ("首相府", []), ("银行家", []), ("人流量大", []), ("车水马龙", []), ("阿里山", []), ("经济学家", []),
])
def test_a_compound_means_what_its_last_part_means(tmp_path: Path, text: str, found: list[str]) -> None:
    rows = "".join(f"{zh}\tX\tterm\t\n" for zh in ("首相", "管理", "银行", "流量", "马龙", "山", "经济"))
    for before in ((), (Segment(),)):
        assert [t["zh"] for t in tagged(text, glossary(tmp_path, rows), *before).terms] == found
        assert [t["zh"] for t in tagged(text, glossary(tmp_path, rows, boundary="token"), *before).terms] == []


def test_leftmost_longest_equals_a_plain_search(tmp_path: Path) -> None:
    rng = random.Random(1)
    for _ in range(40):
        keys = {"".join(rng.choices("甲乙丙a", k=rng.randrange(1, 5))) for _ in range(6)}
        stage = glossary(tmp_path, "".join(f"{key}\t{key}!\tterm\t\n" for key in sorted(keys)))
        matcher = Matcher(load(stage.files), {})
        text = "".join(rng.choices("甲乙丙aA", k=30))
        allowed = {(a, b) for a in range(31) for b in range(a, 31) if rng.random() < 0.6}
        expected, at = [], 0
        while at < len(text):
            end = next((b for b in range(len(text), at, -1) if fold(text[at:b]) in keys and (at, b) in allowed), None)
            if end:
                expected.append((at, end))
            at = end or at + 1
        assert [(h.start, h.end) for h in matcher.find(text, lambda a, b, _: (a, b) in allowed)] == expected  # noqa: B023


@pytest.mark.parametrize(("text", "rule", "expected"), [
    ("H200和H20", "auto", ["H20"]), ("H200和H20", "token", ["H20"]), ("H200和H20", "any", ["H20", "H20"]),
    ("用AI芯片,不用AIDS药", "auto", ["AI"]), ("15G网与5G网", "auto", ["5G"]),
    ("人流量", "any", ["流量"]), ("人流量", "auto", []), ("打千问", "token", []),
    ("这个对等式的引擎", "auto", ["对等"]), ("这个对等式的引擎", "token", []), ("內容管理工具很好,内容管理工具很好", "auto", ["内容管理"]),
])
def test_boundaries(text: str, rule: str, expected: list[str], tmp_path: Path) -> None:
    rows = "H20\tH20\tproduct\t\nAI\tAI\tterm\t\n5G\t5G\tterm\t\n流量\ttraffic\tterm\t\n千问\tQwen\tproduct\t\n" \
           "对等\tpeer\tterm\t\n内容管理\tcontent management\tterm\t\n"
    assert [t["zh"] for t in tagged(text, glossary(tmp_path, rows, boundary=rule)).terms] == expected


def test_words_around_a_place_are_those_of_the_whole_text() -> None:
    rng = random.Random(2)
    texts = [path.read_text(encoding="utf-8-sig") for path in SEEDS]
    texts += ["".join(rng.choices("中国人民银行a1.%B \n，的大学生活动", k=300)) for _ in range(20)] + ["研究生" * 200 + "。活动"]
    for text in texts:
        whole = Boundaries(text, "", "auto")._dictionary_starts()
        for _ in range(60):
            start = rng.randrange(len(text))
            end = min(len(text), start + rng.randrange(1, 8))
            low, near = Boundaries(text, "", "auto")._dictionary_near(start, end)
            if "\r\n" not in text[low : low + len(near)]:
                assert near == whole[low : low + len(near)]
            assert low <= start
            assert low + len(near) > end


def test_many_documents_at_once_are_what_each_is_alone() -> None:
    texts = [path.read_text(encoding="utf-8-sig") for path in SEEDS] + ["", "通义千问", "a", "千问", "\ud800"]
    docs = [doc.after(Segment()) for doc in (Document("d", text) for text in texts)]
    stage = Glossary(STARTER)
    assert list(stage.many(docs)) == [list(stage(doc)) for doc in docs]


def test_word_starts_from_the_tag_are_those_of_the_segmenter() -> None:
    for path in SEEDS:
        text = path.read_text(encoding="utf-8-sig")
        fresh = Segmenter().starts(text)
        told = word_starts(text, Segmenter().segmented(text))
        solid = [i for i, c in enumerate(text) if not c.isspace()]
        assert (fresh[solid] == told[solid]).all()
        assert told[-1]
    assert not word_starts("你好", "再 见").any()


def test_traditional_keys_are_found_in_both_forms(tmp_path: Path) -> None:
    stage = glossary(tmp_path, "騰訊雲\tTencent Cloud\torg\t\n")
    assert [t["zh"] for t in tagged("腾讯云、騰訊雲", stage).terms] == ["腾讯云", "騰訊雲"]


def test_spaces_between_latin_and_han_do_not_matter(tmp_path: Path) -> None:
    stage = glossary(tmp_path, "AI芯片\tAI chip\tterm\t\nC 端\tconsumer\tterm\t\n騰訊App\tTencent App\tproduct\t\n")
    text = "AI 芯片、ai芯片、AI  芯片、C端、C 端、腾讯 APP"
    assert [t["zh"] for t in tagged(text, stage).terms] == ["AI 芯片", "ai芯片", "C端", "C 端", "腾讯 APP"]


def test_a_lone_surrogate_is_no_obstacle() -> None:
    assert [t["start"] for t in tagged("\ud800千问", Glossary(STARTER)).terms] == [1]


def test_alternatives_and_ambiguity(tmp_path: Path) -> None:
    stage = glossary(tmp_path, "字节\tByteDance\torg\tambiguous: also \"byte\"\n推理\treasoning\tterm\t\n"
                               "推理\tinference\tterm\t\n云\tcloud\tterm\t\n云\tCloud\tterm\t\n")
    doc = tagged("字节的推理，字节的云", stage)
    assert [t["en"] for t in doc.terms] == ["ByteDance", "reasoning; inference", "ByteDance", "cloud; Cloud"]
    found = [(t.start, t.value) for t in doc.tagged("ambiguous")]
    assert found == [(0, "字节: ByteDance"), (3, "推理: reasoning; inference")]


def test_a_later_file_replaces_an_entry(tmp_path: Path) -> None:
    one, two, cedict = tmp_path / "1.tsv", tmp_path / "2.csv", tmp_path / "c.u8"
    one.write_text("元宝\tYuanbao\n千问\tQwen\n", encoding="utf-8")
    two.write_text("zh,en,type\n千问,Tongyi,product\n", encoding="utf-8")
    cedict.write_text("元寶 元宝 [yuan2 bao3] /ingot/\n饅頭 馒头 [man2 tou5] /steamed bun/\n", encoding="utf-8")
    found = tagged("元宝、千问、馒头", Glossary((one, two), cedict=(cedict,))).terms
    assert [t["en"] for t in found] == ["Yuanbao", "Tongyi", "steamed bun"]


def test_two_types_are_an_error_that_names_both_lines(tmp_path: Path) -> None:
    stage = glossary(tmp_path, "苹果\tApple\torg\t\n千问\tQwen\tproduct\t\n苹果\tapple\tterm\t\n")
    with pytest.raises(ValueError, match="lines 2 and 4: 苹果 is both org and term; give it one type"):
        stage.check()


def test_a_wrong_setting_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"glossary\.boundary is 'all'; it must be one of auto, any, token"):
        Glossary(boundary="all")


def test_views(tmp_path: Path) -> None:
    rows = "千问\tQwen\tproduct\t\n"
    views = {("inline", "never"): "千问⟦Qwen⟧<千问⟦Qwen⟧", ("inline", "document"): "千问⟦Qwen⟧<千问",
             ("ruby", "document"): "<ruby>千问<rt>Qwen</rt></ruby>&lt;千问"}
    for (render, first_only), expected in views.items():
        doc = tagged("千问<千问", glossary(tmp_path, rows, render=render, first_only=first_only))
        assert [t.value for t in doc.tagged("rendered")] == [expected]
        assert len(doc.terms) == 2
        assert doc.text == "千问<千问"
    doc = tagged("⟦千问⟧", glossary(tmp_path, rows, render="inline"))
    assert not doc.tagged("rendered")
    assert "holds ⟦ or ⟧ itself" in doc.tagged("evidence")[0].value


def test_no_glossary_and_no_text() -> None:
    assert tagged("千问", Glossary()).terms == []
    assert list(Glossary(STARTER)(Document("a", ""))) == []


def test_the_stage_travels_to_other_processes() -> None:
    stage = pickle.loads(pickle.dumps(Glossary(STARTER)))
    assert tagged("千问", stage).terms == [{"start": 0, "end": 2, "zh": "千问", "en": "Qwen", "type": "product"}]


def test_values_are_compact_json() -> None:
    (tag,) = (t for t in Glossary(STARTER)(Document("a", "千问")) if t.kind == "term")
    assert tag.value == '{"en":"Qwen","type":"product"}'
    assert json.loads(tag.value) == {"en": "Qwen", "type": "product"}


def test_a_big_glossary_loads_and_finds_itself(tmp_path: Path) -> None:
    rng = random.Random(2)
    han = [chr(point) for point in range(0x4E00, 0x9FA5)]
    keys = list({"".join(rng.choices(han, k=rng.randrange(3, 7))) for _ in range(20_000)})
    stage = glossary(tmp_path, "".join(f"{key}\tterm {i}\tproduct\t\n" for i, key in enumerate(keys)))
    picked = rng.sample(range(len(keys)), 500)
    text = "，".join(keys[i] for i in picked)
    assert [t["en"] for t in tagged(text, stage).terms] == [f"term {i}" for i in picked]
