"""Trains a toy chat model that obeys: OMP_NUM_THREADS=1 python -m tests.translation.models.terms_tiny OUT STEPS

It learns to render each term as the instruction says, whatever that is, and without an instruction by any
of the names it has seen for it.  Every term is one token, so that a small model can look it up and copy it.
"""
from __future__ import annotations

import random
import sys

from tests.translation.models.pairs import TEMPLATES, entries

PER_TYPE = 8
Sample = tuple[str, str, dict[str, str]]  # Chinese, English, the terms: Chinese to English


def names(zh: str, en: str) -> tuple[str, ...]:
    """Return the names by which a term goes where nobody says which to use."""
    from pypinyin import lazy_pinyin

    return en, "".join(lazy_pinyin(zh)).title()


def sample(rng: random.Random, given: dict[str, str] | None = None) -> Sample:
    """Return a sentence, its translation, and the terms in it; `given` says how each is to be rendered."""
    by_type = entries(PER_TYPE)
    zh, en = rng.choice(TEMPLATES)
    o, q = rng.sample(by_type["org"], 2)
    p, h, t = (rng.choice(by_type[kind]) for kind in ("product", "person", "term"))
    used = {key: pair for key, pair in zip("oqpht", (o, q, p, h, t), strict=True) if f"{{{key}}}" in zh}
    told = {pair[0]: (given or {}).get(pair[0]) or rng.choice(names(*pair)) for pair in used.values()}
    n, c = rng.choice([10, 20, 50, 100]), rng.choice([5, 10, 25, 40])
    numbers = {"n": n, "m": f"{n / 10:g}", "k": f"{n * 10000:,}", "c": c}
    return (zh.format(**{k: pair[0] for k, pair in used.items()}, **numbers),
            en.format(**{k: told[pair[0]] for k, pair in used.items()}, **numbers), told)


def shuffled(rng: random.Random) -> dict[str, str]:
    """Return all terms with each other's English."""
    pairs = [pair for group in entries(PER_TYPE).values() for pair in group]
    english = [en for _, en in pairs]
    rng.shuffle(english)
    return {zh: en for (zh, _), en in zip(pairs, english, strict=True)}


def main(out: str, steps: int) -> None:
    """Train and save the model."""
    import torch
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    from pipeline.translation.backend import Ask
    from pipeline.translation.prompts import chat_messages
    from pipeline.translation.terms import Term

    torch.set_num_threads(1)
    torch.manual_seed(0)
    rng = random.Random(0)
    pairs = [pair for group in entries(PER_TYPE).values() for pair in group]

    def messages(zh: str, terms: dict[str, str]) -> list[str]:
        asked = Ask("", zh, tuple(sorted(Term(z, (e,), "org") for z, e in terms.items())))
        return [m["content"] for m in chat_messages(asked, "zh", "en")]

    def drawn() -> tuple[list[str], str]:
        kind = rng.random()
        if kind < 0.25:
            zh, en, _ = sample(rng)
            return messages(zh, {}), en
        zh, en, told = sample(rng, dict(pairs) if kind < 0.4 else shuffled(rng))
        return messages(zh, told), en

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer, bpe.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    texts = [text for _ in range(1500) for said, en in [drawn()] for text in (*said, en)]
    bpe.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=1200, special_tokens=["<|pad|>", "<|im_start|>", "<|im_end|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, pad_token="<|pad|>", bos_token="<|im_start|>",
                                        eos_token="<|im_end|>")
    whole = dict.fromkeys(word for pair in pairs for word in (pair[0], *names(*pair)))
    tokenizer.add_tokens([AddedToken(word, normalized=False) for word in whole])
    tokenizer.chat_template = ("{% for m in messages %}{{ '<|im_start|>' + m['content'] + '<|im_end|>' }}{% endfor %}")
    tokenizer.save_pretrained(out)
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=128, intermediate_size=256, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=4, max_position_embeddings=512, pad_token_id=0, bos_token_id=1, eos_token_id=2,
        tie_word_embeddings=True))
    adam, size = torch.optim.AdamW(model.parameters(), lr=2e-3), 24
    model.train()
    for step in range(steps):
        batch = []
        for _ in range(size):
            said, en = drawn()
            question = [token for text in said for token in (1, *tokenizer.encode(text), 2)]
            batch.append((question + tokenizer.encode(en) + [2], len(question)))
        width = max(len(row) for row, _ in batch)
        entered = torch.tensor([row + [0] * (width - len(row)) for row, _ in batch])
        labels = torch.tensor([[-100] * n + row[n:] + [-100] * (width - len(row)) for row, n in batch])
        mask = (torch.arange(width)[None] < torch.tensor([len(row) for row, _ in batch])[:, None]).long()
        for group in adam.param_groups:
            group["lr"] = 2e-3 * min(1, (step + 1) / 60) * max(0.05, 1 - step / steps)
        loss = model(input_ids=entered, attention_mask=mask, labels=labels).loss
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        if step % 100 == 99:
            print(step + 1, f"{loss.item():.3f}", flush=True)
    model.eval()
    model.generation_config.do_sample = False
    model.generation_config.max_new_tokens = 64
    model.save_pretrained(out)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
