"""Script and language, on sentences written for this table and on the seeds."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cjk.census import census, censuses
from pipeline.document import Document, take_census
from pipeline.edits import Tag

SEEDS = Path(__file__).parents[2] / "seeds"

TABLE = [  # text, script, language
    ("后来大家都说这件事不难。", "Hans", "zh-Hans"),
    ("後來大家都說這件事不難。", "Hant", "zh-Hant"),
    ("為什麼群眾不來？他們在屋裡聊著天。", "Hant", "zh-Hant-TW"),
    ("爲什麼羣衆不來？他們在屋裏聊着天。", "Hant", "zh-Hant"),
    ("為什麼群眾不來？他們說在屋裏聊着天，等衞生署。", "Hant", "zh-Hant-HK"),
    ("佢哋喺度食緊飯，唔知幾時先返嚟。", "Hant", "yue-Hant"),
    ("開會的時候他説：我们都会来，這樣好吗？說完就走，大家还在讨论。", "mixed", "zh"),
    ("你好", "neutral", "zh-Hans"),
    ("", "none", "und"),
    ("2025-01-01 12:30", "none", "und"),
    ("これは日本語の文章です。", "Jpan", "ja"),
    ("東京都知事選挙の結果が発表された", "Jpan", "ja"),
    ("気象庁", "Jpan", "ja"),
    ("東京都港区赤坂　国会議事堂前駅", "Jpan", "ja"),
    ("東京都港区", "Jpan", "ja"),
    ("臺北車站在忠孝西路，去東區坐捷運。", "Hant", "zh-Hant"),
    ("台灣的「の」字招牌很多，這種店名大家都見過。", "Hant", "zh-Hant"),
    ("서울은 대한민국의 수도이다.", "Kore", "ko"),
    ("The committee published its report on the safety of drinking water.", "Latn", "en"),
    ("Privacy policy", "Latn", "und"),
    ("Việt Nam là một quốc gia nằm ở phía đông bán đảo Đông Dương.", "Latn", "vi"),
    ("Комиссия опубликовала отчёт о безопасности питьевой воды.", "Cyrl", "ru"),
    ("學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？人不知而不慍，不亦君子乎？", "Hant", "lzh-Hant"),
    ("当事人不服的，可以自判决书送达之日起十五日内上诉，其期限自次日起算。", "Hans", "zh-Hans"),
    ("這個法院得依職權調查證據，當事人之聲請應以書狀為之，其無理由者，應以裁定駁回之。", "Hant", "zh-Hant-TW"),
]


@pytest.mark.parametrize(("text", "script", "lang"), TABLE)
def test_script_and_language(text: str, script: str, lang: str) -> None:
    found = census(text)
    assert (found.script, found.lang) == (script, lang)


@pytest.mark.parametrize(("seed", "han", "form"), [
    ("000", "Hans", ""), ("001", "Hant", "s2t"), ("002", "Hant", "OpenCC"), ("003", "Hant", "s2t"),
    ("004", "Hans", "")])
def test_seeds(seed: str, han: str, form: str) -> None:
    (path,) = SEEDS.glob(f"{seed}_*")
    found = census(path.read_text(encoding="utf-8", errors="replace"))
    assert (found.han, found.form) == (han, form)


def test_counts_add_up_over_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "後來說abc한국ひらがな后来说" * 7
    whole = census(text)
    monkeypatch.setattr("pipeline.cjk.census.CHUNK", 5)
    assert census(text) == whole
    assert whole.counts["han"] == 42
    assert whole.counts["latin"] == 21


def test_lone_surrogates_and_rare_planes_do_no_harm() -> None:
    assert census("\ud800後來說\U00020000\U0010ffff").counts["han"] == 4


def test_many_texts_at_once_are_what_each_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["", "後來大家都說這件事不難。", "\ud800", "Il s'agit du rapport de la commission", "一" * 30, "", "これは本です", "后来"]
    alone = [census(text) for text in texts]
    assert censuses(texts) == alone
    monkeypatch.setattr("pipeline.cjk.census.CHUNK", 20)
    assert censuses(texts) == alone
    assert censuses(texts, ask=False) == [census(text, ask=False) for text in texts]


def test_langdetect_is_asked_with_a_seed_and_only_if_wanted() -> None:
    text = "Il s'agit du rapport de la commission"
    assert {census(text).lang for _ in range(5)} == {"fr"}
    assert census(text, ask=False).lang == "und"
    doc = Document("a", text)
    assert [found.lang for found in take_census([doc], ask=False)] == ["und"]
    assert doc.lang == "fr"


def test_chinese_text_never_loads_langdetect() -> None:
    code = ("import sys; from pipeline.cjk.census import census; census('中文 API 说明'); census('這是書 abc'); "
            "sys.exit('langdetect' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], cwd=SEEDS.parent, check=False).returncode == 0


def test_an_address_is_in_no_language() -> None:
    assert census("详见 https://example.com/a/very/long/address?x=1&y=2 和 http://t.cn/abcdefg 的说明。").lang == "zh-Hans"


def test_the_census_follows_a_text_and_not_an_edit() -> None:
    doc = Document("a", "後來大家都說這件事不難。")
    take_census([doc])
    assert doc.changed("simplify", [Tag(0, 1, "script", "Hant")]).census is doc.census
    assert doc.changed("simplify", [doc.replace(0, 1, "后", "t2s")]).census == census("后來大家都說這件事不難。")
