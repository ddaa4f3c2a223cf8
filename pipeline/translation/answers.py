"""What a chat model wraps around a translation, and how it is taken off.

Models think aloud, put the answer in a fence, announce it or explain it.  What is surely no part of
the translation is taken off; what is not sure is left for the checks, which fail it.
"""
from __future__ import annotations

import re

THOUGHT = re.compile(r"\A.*</think(?:ing)?>\s*", re.DOTALL)  # some templates leave the opening mark out
OPEN_THOUGHT = re.compile(r"</?think(?:ing)?>|<\|(?:im_start|im_end|endoftext)\|>|\[/?INST\]")
FENCE = re.compile(r"\A\s*```[\w-]*\n(.*?)\n?```\s*\Z", re.DOTALL)
PREFACE = re.compile(
    r"\A\s*(?:(?:sure|certainly|of course|okay|ok)\b[^\n:]{0,60}[:!.]\s*)?"
    r"(?:here(?:'s| is) (?:the|your|an?)\b[^\n:]{0,30}(?:translat|english|chinese|version|result)[^\n:]{0,30}:"
    r"|(?:the )?(?:\*\*)?(?:english |chinese )?translat(?:ion|ed text)(?:\*\*)?(?: is| reads)?"
    r"(?:\*\*)?\s*[:：](?:\*\*)?"
    r"|(?:以下是|这是)[^\n：:]{0,20}(?:翻译|译文)[^\n：:]{0,10}[:：]|译文[:：])\s*",
    re.IGNORECASE)
CHATTER = re.compile(
    r"\A\s*(?:(?:sure|certainly|of course)!|here(?:'s| is) (?:the|your) translat"
    r"|i(?:'m| am) sorry,? (?:but )?i (?:can(?:not|'t)|am (?:unable|not able))|as an ai\b"
    r"|i can(?:not|'t) (?:translate|help|assist|provide)|please provide (?:the|me)"
    r"|(?:user|assistant|system):)"
    r"|\n\s*(?:\*\*)?(?:note|notes|explanation|translator'?s note)(?:\*\*)?\s*[:：]|```|let me know if",
    re.IGNORECASE)
ANSWERS = re.compile(r"当然|好的|可以|没问题|抱歉|对不起|不能|无法|请|注|说明|备注|作为AI")  # its own words
QUOTES = {'"': '"', "“": "”", "「": "」"}


def unwrap(text: str, source: str) -> str:
    """Return a model's answer without thoughts, fences, announcement and the quotes it put around it.

    >>> unwrap("<think>很短</think>Here is the translation:\\n\\"Hello.\\"", "你好。")
    'Hello.'
    """
    text = THOUGHT.sub("", text)
    fence = FENCE.match(text)
    if fence:
        text = fence[1]
    text = PREFACE.sub("", text, count=1).strip()
    closing = QUOTES.get(text[:1])
    if closing and len(text) > 2 and text.endswith(closing) and text.count(text[0]) + (
            text.count(closing) if closing != text[0] else 0) == 2 and source[:1] not in "\"“「『'‘《":
        text = text[1:-1].strip()
    return text


def is_chatter(text: str, source: str) -> bool:
    """Tell whether an unwrapped answer still talks about itself, where its source does not."""
    return bool(CHATTER.search(text)) and not ANSWERS.search(source) and not CHATTER.search(source)


def leaks_thoughts(text: str) -> bool:
    """Tell whether an unwrapped answer holds marks of thinking or of the chat template."""
    return bool(OPEN_THOUGHT.search(text))
