"""A random CTranslate2 model from numpy alone, with a real sentencepiece model: noise, but the real loader and decoder.

    python random_ct2.py OUT opus|argos|nllb
"""
from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

HEADS, DIM, FFN = 4, 32, 64


def build(out: Path, layout: str = "opus", seed: int = 0) -> Path:
    """Write a model folder in one of the three layouts and return it."""
    import sentencepiece

    from tests.translation.models.pairs import make

    out.mkdir(parents=True, exist_ok=True)
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(text for pair in make(300) for text in pair), model_writer=trained, vocab_size=300,
        character_coverage=1.0, hard_vocab_limit=False, minloglevel=2)
    pieces = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())
    names = {"opus": ("source.spm", "target.spm"), "argos": ("sentencepiece.model",),
             "nllb": ("sentencepiece.bpe.model",)}[layout]
    for name in names:
        (out / name).write_bytes(trained.getvalue())
    vocabulary = ["<blank>", "<s>", "</s>", "<unk>"]
    vocabulary += ["zho_Hans", "eng_Latn"] if layout == "nllb" else []
    known = (pieces.id_to_piece(i) for i in range(pieces.get_piece_size()))
    vocabulary += [piece for piece in known if piece not in vocabulary]
    _save(out / "model" if layout == "argos" else out, vocabulary, seed)
    return out


def _save(out: Path, vocabulary: list[str], seed: int) -> None:
    import numpy as np
    from ctranslate2.specs import TransformerSpec, common_spec

    rng = np.random.default_rng(seed)

    def weights(*shape: int) -> Any:
        return rng.normal(0, 0.1, shape).astype("float32")

    def linear(layer: Any, rows: int, columns: int) -> None:
        layer.weight, layer.bias = weights(rows, columns), np.zeros(rows, "float32")

    def norm(layer: Any) -> None:
        layer.gamma, layer.beta = np.ones(DIM, "float32"), np.zeros(DIM, "float32")

    def attention(layer: Any, shapes: tuple[int, ...]) -> None:
        for part, rows in zip(layer.linear, shapes, strict=True):
            linear(part, rows, DIM)
        norm(layer.layer_norm)

    spec = TransformerSpec.from_config(num_layers=(1, 1), num_heads=HEADS, pre_norm=True,
                                       activation=common_spec.Activation.RELU)
    embeddings = spec.encoder.embeddings
    (embeddings[0] if isinstance(embeddings, list) else embeddings).weight = weights(len(vocabulary), DIM)
    spec.decoder.embeddings.weight = weights(len(vocabulary), DIM)
    for side in (spec.encoder, spec.decoder):
        side.position_encodings.encodings = weights(512, DIM)
        norm(side.layer_norm)
        for layer in side.layer:
            attention(layer.self_attention, (3 * DIM, DIM))
            if hasattr(layer, "attention"):
                attention(layer.attention, (DIM, 2 * DIM, DIM))
            linear(layer.ffn.linear_0, FFN, DIM)
            linear(layer.ffn.linear_1, DIM, FFN)
            norm(layer.ffn.layer_norm)
    linear(spec.decoder.projection, len(vocabulary), DIM)
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    out.mkdir(parents=True, exist_ok=True)
    spec.optimize(quantization="int8")
    spec.save(str(out))


if __name__ == "__main__":
    build(Path(sys.argv[1]), sys.argv[2])
