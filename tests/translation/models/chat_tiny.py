"""Trains a toy chat model that `transformers serve` can load: OMP_NUM_THREADS=1 python -m ...chat_tiny OUT STEPS

Its chat template drops the system message: it learned no instructions.
"""
from __future__ import annotations

import random
import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from tests.translation.models.pairs import make

out, steps = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(1)
torch.manual_seed(0)
pairs = make(6000)
bpe = Tokenizer(models.BPE())
bpe.pre_tokenizer, bpe.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
bpe.train_from_iterator((text for pair in pairs for text in pair), trainers.BpeTrainer(
    vocab_size=2048, special_tokens=["<|pad|>", "<|im_start|>", "<|im_end|>"], show_progress=False,
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, pad_token="<|pad|>", bos_token="<|im_start|>",
                                    eos_token="<|im_end|>")
tokenizer.chat_template = ("{% for m in messages %}{% if m['role']=='user' %}"
                           "{{ '<|im_start|>' + m['content'] + '<|im_end|>' }}{% endif %}{% endfor %}")
tokenizer.save_pretrained(out)
model = LlamaForCausalLM(LlamaConfig(
    vocab_size=len(tokenizer), hidden_size=128, intermediate_size=384, num_hidden_layers=3, num_attention_heads=4,
    num_key_value_heads=4, max_position_embeddings=512, pad_token_id=0, bos_token_id=1, eos_token_id=2,
    tie_word_embeddings=True))


def encode(zh: str, en: str) -> tuple[list[int], int]:
    question = [1, *bpe.encode(zh).ids, 2]
    return question + bpe.encode(en).ids + [2], len(question)


data, rng = [encode(*pair) for pair in pairs], random.Random(0)
adam, step, size = torch.optim.AdamW(model.parameters(), lr=2e-3), 0, 24
model.train()
while step < steps:
    chunk = sorted(rng.sample(data, size * 8), key=lambda pair: len(pair[0]))
    for i in range(0, len(chunk), size):
        batch = chunk[i : i + size]
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
        step += 1
model.eval()
model.generation_config.do_sample = False
model.generation_config.max_new_tokens = 64
model.save_pretrained(out)
print(f"{step} steps, loss {loss.item():.3f}")
