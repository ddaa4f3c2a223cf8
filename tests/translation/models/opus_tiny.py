"""Trains a toy Marian model in the folder layout of OPUS-MT: OMP_NUM_THREADS=1 python -m ...opus_tiny OUT STEPS

CTranslate2's Marian loader starts decoding from a zero vector, so with tied embeddings the row of the
pad token must be zero after every step, else each sentence loses its head.
"""
from __future__ import annotations

import json
import os
import random
import sys

import sentencepiece
import torch
from transformers import MarianConfig, MarianMTModel, MarianTokenizer

from tests.translation.models.pairs import make

out, steps = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(1)
torch.manual_seed(0)
os.makedirs(out, exist_ok=True)
pairs = make(3000)
vocab, pieces = {"</s>": 0, "<unk>": 1}, []
for column, name in enumerate(("source", "target")):
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(pair[column] for pair in pairs), model_prefix=f"{out}/{name}", vocab_size=400,
        character_coverage=1.0, hard_vocab_limit=False, minloglevel=2)
    os.replace(f"{out}/{name}.model", f"{out}/{name}.spm")
    os.remove(f"{out}/{name}.vocab")
    pieces.append(sentencepiece.SentencePieceProcessor(model_file=f"{out}/{name}.spm"))
    for i in range(pieces[-1].get_piece_size()):
        if pieces[-1].id_to_piece(i) not in ("<s>", "</s>", "<unk>"):
            vocab.setdefault(pieces[-1].id_to_piece(i), len(vocab))
pad = vocab["<pad>"] = len(vocab)
with open(f"{out}/vocab.json", "w", encoding="utf-8") as file:
    json.dump(vocab, file, ensure_ascii=False)
MarianTokenizer(source_spm=f"{out}/source.spm", target_spm=f"{out}/target.spm", vocab=f"{out}/vocab.json",
                source_lang="zho", target_lang="eng", eos_token="</s>", unk_token="<unk>", pad_token="<pad>",
                model_max_length=512).save_pretrained(out)
model = MarianMTModel(MarianConfig(
    vocab_size=len(vocab), d_model=96, encoder_layers=2, decoder_layers=2, encoder_attention_heads=2,
    decoder_attention_heads=2, encoder_ffn_dim=256, decoder_ffn_dim=256, max_position_embeddings=256, pad_token_id=pad,
    eos_token_id=0, decoder_start_token_id=pad, forced_eos_token_id=0, activation_function="swish", scale_embedding=True,
    static_position_embeddings=True, dropout=0.0, attention_dropout=0.0, tie_word_embeddings=True,
    share_encoder_decoder_embeddings=True))


def ids(side: int, text: str) -> list[int]:
    return [vocab.get(piece, 1) for piece in pieces[side].encode(text, out_type=str)] + [0]


def filled(rows: list[list[int]], value: int) -> torch.Tensor:
    return torch.tensor([row + [value] * (max(map(len, rows)) - len(row)) for row in rows])


data = [(ids(0, zh), ids(1, en)) for zh, en in pairs]
adam, rng, step, size = torch.optim.AdamW(model.parameters(), lr=3e-3), random.Random(0), 0, 32
model.train()
while step < steps:
    chunk = sorted(rng.sample(data, size * 8), key=lambda pair: len(pair[1]))
    for i in range(0, len(chunk), size):
        source, target = (list(side) for side in zip(*chunk[i : i + size], strict=True))
        entered = filled(source, pad)
        for group in adam.param_groups:
            group["lr"] = 3e-3 * min(1, (step + 1) / 100) * max(0.05, 1 - step / steps)
        loss = model(input_ids=entered, attention_mask=(entered != pad).long(), labels=filled(target, -100)).loss
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        model.model.shared.weight.data[pad].zero_()
        step += 1
model.eval()
model.save_pretrained(out)
print(f"{step} steps, loss {loss.item():.3f}")
