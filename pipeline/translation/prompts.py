"""The messages a chat server gets.  Another wording is another VERSION, and so another key in the memory."""
from __future__ import annotations

from typing import Any

from pipeline.translation.backend import Ask
from pipeline.translation.terms import Term

VERSION = "1"
NAMES = {"zh": "Chinese", "en": "English"}


def chat_messages(ask: Ask, source: str, target: str) -> list[dict[str, str]]:
    """Return the messages for a general chat model: the instruction, then the text alone."""
    lines = [f"Translate the user's text from {NAMES[source]} into {NAMES[target]}.",
             "Answer with the translation alone: no notes, no quotation marks around it, nothing left untranslated.",
             "Keep numbers, dates, names and web addresses exact."]
    if ask.terms:
        lines += ["Use these translations:", *(f"{t.source} = {' or '.join(t.targets)}" for t in ask.terms)]
    if ask.context:
        lines += ["The text before it, for reference only, not to be translated:", *ask.context]
    if ask.remark:
        lines.append(f"Your last answer was not accepted: {ask.remark}.")
    return [{"role": "system", "content": "\n".join(lines)}, {"role": "user", "content": ask.source}]


def qwen_mt_body(ask: Ask, source: str, target: str, domain: str) -> dict[str, Any]:
    """Return what Qwen-MT wants in place of an instruction: one user message and ``translation_options``."""
    options: dict[str, Any] = {"source_lang": NAMES[source], "target_lang": NAMES[target]}
    if ask.terms:
        options["terms"] = [{"source": t.source, "target": t.targets[0]} for t in ask.terms]
    if domain:
        options["domains"] = domain
    return {"messages": [{"role": "user", "content": ask.source}], "translation_options": options}


def remark(findings: dict[str, str], terms: tuple[Term, ...]) -> str:
    """Return what to say about an answer that failed, by the codes of its findings."""
    said = []
    for code in findings:
        if code == "term_missed":
            said.append("it did not use the given translations of " + ", ".join(t.source for t in terms))
        elif code == "repetition":
            said.append("it repeated itself")
        elif code in ("untranslated", "copied", "wrong_language"):
            said.append("it was not fully in the language asked for")
        else:
            said.append("it held more than the translation")
    return "; ".join(dict.fromkeys(said))


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text takes: one a Han character, one for four others.

    An upper estimate for today's tokenizers, which need 0.6 to 1.0 for a Han character.
    """
    others = sum(c < "\u2e80" for c in text)
    return len(text) - others + (others + 3) // 4
