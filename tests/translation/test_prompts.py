"""What a server is sent."""
from __future__ import annotations

from pipeline.translation.backend import Ask
from pipeline.translation.prompts import chat_messages, estimated_tokens, qwen_mt_body, remark
from pipeline.translation.terms import Term

CLOUD = Term("阿里云", ("Alibaba Cloud", "Aliyun"), "org")


def test_a_chat_model_gets_terms_context_and_what_was_wrong_and_the_text_alone() -> None:
    ask = Ask("k", "阿里云很好。", (CLOUD,), ("上一句。",), "it repeated itself")
    system, user = chat_messages(ask, "zh", "en")
    assert user == {"role": "user", "content": "阿里云很好。"}
    for part in ("from Chinese into English", "阿里云 = Alibaba Cloud or Aliyun", "上一句。", "it repeated itself"):
        assert part in system["content"]
    assert "阿里云 =" not in chat_messages(Ask("k", "很好。"), "zh", "en")[0]["content"]


def test_qwen_mt_gets_one_user_message_and_its_own_options() -> None:
    body = qwen_mt_body(Ask("k", "阿里云很好。", (CLOUD,)), "zh", "en", "Cloud computing news.")
    assert body == {"messages": [{"role": "user", "content": "阿里云很好。"}],
                    "translation_options": {"source_lang": "Chinese", "target_lang": "English",
                                            "terms": [{"source": "阿里云", "target": "Alibaba Cloud"}],
                                            "domains": "Cloud computing news."}}


def test_a_remark_names_the_terms_that_were_missed() -> None:
    said = remark({"term_missed": "", "repetition": ""}, (CLOUD,))
    assert "阿里云" in said
    assert "repeated" in said


def test_tokens_are_estimated_by_script() -> None:
    assert estimated_tokens("阿里云") == 3
    assert estimated_tokens("abcdefgh") == 2
    assert estimated_tokens("") == 0
