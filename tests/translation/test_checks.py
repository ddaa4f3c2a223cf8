"""The checks: each with what it must find and what it must leave alone."""
from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.translation.answers import unwrap
from pipeline.translation.checks import CODES, Limits, check
from pipeline.translation.terms import Term

FOUND = [  # source, answer, code, fails
    ("市值很高。", "", "empty", True),
    ("市值很高。", "...", "empty", True),
    ("市值很高。", "市值很高。", "copied", True),
    ("阿里云发布了新产品。", "Alibaba Cloud 发布了新产品。", "untranslated", True),
    ("他住在北京的胡同里，每天骑车上班，风雨无阻。", "He lives in a 胡同 in Beijing and cycles to work every day, rain or shine.",
     "untranslated", False),
    ("这座城市的天气很好。", "Этот город имеет хорошую погоду.", "wrong_language", True),
    ("这座城市的天气很好。", "この街の天気はとても良い。", "wrong_language", True),
    ("这座城市的天气很好。", "Alibaba Group Group Group is the chief", "repetition", True),
    ("这座城市的天气很好。", "the city of the city of the city of", "repetition", True),
    ("这座城市的天气很好。", "abcdabcdabcdabcd", "repetition", True),
    ("市值为3800亿元。", "It is worth 3,800 billion yuan.", "number_unit", True),
    ("市值为3800亿元。", "It is worth 390 billion yuan.", "number_mismatch", False),
    ("OpenAI发布了GPT-5.2。", "The company released a new model.", "name_missed", False),
    ("这座城市的天气很好，但是房价实在太高了。", "Good.", "length_ratio", False),
    ("市值很高。", "<think>short</think> It is valuable.<think>", "thoughts", True),
    ("市值很高。", "It is valuable.<|im_end|>", "thoughts", True),
    ("市值很高。", "Sure! I translated it.", "chatter", True),
    ("市值很高。", "The value is high.\n\nNote: 市值 means market value.", "chatter", True),
    ("市值很高。", "I'm sorry, but I cannot translate this.", "chatter", True),
    ("市值很高。", "```\nThe value", "chatter", True),
]
CLEAN = [
    ("哈哈哈，太好笑了。", "Ha ha ha, so funny."),
    ("他说：“不不不！”", "“No, no, no!” he said."),
    ("千问（Qwen）是阿里的模型。", "Qwen (千问) is Alibaba's model."),
    ("总价1000000元。", "The total is 1,000,000 yuan."),
    ("————", "————"),
    ("当然，这很难。", "Of course, this is hard."),
    ("以下是名单：", "Here is the list:"),
    ("OpenAI的GPT-5.2很强。", "OpenAI's GPT-5.2 is strong."),
    ("Wi-Fi速度很快。", "The WiFi is fast."),
    ("对不起，我来晚了。", "I'm sorry, I am late."),
    ("他对我说“你好”，然后就走了，再也没有回头。", "He said hello to me, then walked away and never looked back."),
    ("注意：请勿吸烟。", "Note: no smoking."),
]


@pytest.mark.parametrize(("source", "answer", "code", "fails"), FOUND)
def test_what_must_be_found(source: str, answer: str, code: str, fails: bool) -> None:
    assert (code, fails) in [(f.code, f.fails) for f in check(source, answer, [])]


@pytest.mark.parametrize(("source", "answer"), CLEAN)
def test_what_must_be_left_alone(source: str, answer: str) -> None:
    assert check(source, answer, []) == []


def test_every_code_has_its_line() -> None:
    told = Path("docs/translate.md").read_text("utf-8")
    assert all(f"`{code}`" in told for code in CODES)


def test_a_missed_term_is_reported_and_fails_only_when_strict() -> None:
    term = Term("阿里云", ("Alibaba Cloud",), "org")
    assert [(f.code, f.fails) for f in check("阿里云很好。", "It is good.", [term])] == [("term_missed", False)]
    assert check("阿里云很好。", "It is good.", [term], limits=Limits(strict_terms=True))[0].fails


def test_english_to_chinese_goes_through_the_same_checks() -> None:
    assert check("It invested 380 billion yuan.", "它投资了3800亿元。", [], "zh") == []
    assert check("It invested 380 billion yuan.", "它投资了380亿元。", [], "zh")[0].code == "number_unit"
    assert check("The weather in this city is good.", "The weather is good.", [], "zh")[0].code == "untranslated"


@pytest.mark.parametrize(("answer", "left"), [
    ("<think>\nlong\n</think>\n\nIt is good.", "It is good."),
    ("thinking aloud</think>It is good.", "It is good."),
    ("```text\nIt is good.\n```", "It is good."),
    ("Here is the English translation:\nIt is good.", "It is good."),
    ("Sure! Here's the translation: It is good.", "It is good."),
    ("**Translation:** It is good.", "It is good."),
    ('"It is good."', "It is good."),
    ("译文：它很好。", "它很好。"),
    ("It is good.", "It is good."),
    ("Translation is hard.", "Translation is hard."),
    ('"Yes" and "no"', '"Yes" and "no"'),
    ("Here is the station: turn left.", "Here is the station: turn left."),
])
def test_what_a_model_wraps_around_is_taken_off(answer: str, left: str) -> None:
    assert unwrap(answer, "很好。") == left


def test_quotes_of_the_source_stay() -> None:
    assert unwrap('"It is good."', "“很好。”") == '"It is good."'
