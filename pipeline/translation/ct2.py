"""A CTranslate2 model on this machine: folders of OPUS-MT, Argos and NLLB models.

One segment a batch by default: int8 arithmetic gives a sentence another rounding in another batch, and
an answer must not depend on what the memory held already.
"""
from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.translation.backend import Answer, Ask, Refused

NLLB = {"zh": "zho_Hans", "en": "eng_Latn"}
SPECIAL = re.compile(r"</?s>|<pad>|<blank>|[a-z]{3}_[A-Z][a-z]{3}")  # tokens that are no text
VOCABULARIES = ("shared_vocabulary.json", "shared_vocabulary.txt", "source_vocabulary.json", "source_vocabulary.txt")
NLLB_PIECES = ("sentencepiece.bpe.model", "flores200_sacrebleu_tokenizer_spm.model", "spm.model", "sentencepiece.model")


@dataclass(frozen=True)
class CT2:
    """The settings of [translate.ct2]."""

    model_dir: Path = Path()
    layout: str = "auto"
    threads: int = field(default=1, repr=False)
    beam: int = 2
    no_repeat_ngram: int = 0
    batch: int = 1
    max_tokens: int = 256
    source_code: str = ""
    target_code: str = ""

    def check(self) -> None:
        """Refuse a folder that holds no model this backend can run.

        Raises:
            ValueError: one sentence; for an unconverted model with the command that converts it.
        """
        if self.layout not in ("auto", "opus", "argos", "nllb"):
            raise ValueError(f'translate.ct2.layout must be "auto", "opus", "argos" or "nllb", not {self.layout!r}')
        if self.beam < 1 or self.batch < 1 or self.max_tokens < 1:
            raise ValueError("translate.ct2: beam, batch and max_tokens must be 1 or more")
        find(self)
        _libraries()


@dataclass(frozen=True)
class Found:
    """What is in a model folder: its layout, where the model is, and the tokenizer of each side."""

    layout: str
    model: Path
    source: Path
    target: Path


def find(settings: CT2) -> Found:
    """Return what is in the model folder.

    Raises:
        ValueError: no usable model; the sentence says what to do.
    """
    folder = settings.model_dir
    if folder == Path() or not folder.is_dir():
        raise ValueError(f"translate.ct2.model_dir: {folder} is no folder; it must name one with a CTranslate2 model")
    layout = settings.layout if settings.layout != "auto" else _layout(folder)
    model = folder / "model" if layout == "argos" else folder
    if not (model / "model.bin").is_file():
        raise ValueError(_not_converted(folder))
    if not any((model / name).is_file() for name in VOCABULARIES):
        raise ValueError(f"{model}: has a model.bin but no vocabulary beside it; convert the model again")
    names = {"opus": ("source.spm", "target.spm"), "argos": ("sentencepiece.model",) * 2,
             "nllb": (next((n for n in NLLB_PIECES if (folder / n).is_file()), NLLB_PIECES[0]),) * 2}[layout]
    for name in names:
        if not (folder / name).is_file():
            raise ValueError(f"{folder}: layout {layout} needs {name}, which is not there; copy it from the original "
                             "model (ct2-transformers-converter does it with --copy_files)")
    return Found(layout, model, folder / names[0], folder / names[1])


def _layout(folder: Path) -> str:
    if (folder / "model" / "model.bin").is_file():
        return "argos"
    if any((folder / name).is_file() for name in NLLB_PIECES) and not (folder / "source.spm").is_file():
        return "nllb"
    return "opus"


def _not_converted(folder: Path) -> str:
    out = f"{folder}-ct2"
    start = f"{folder}: not a CTranslate2 model; convert it with: "
    if any(folder.glob("*.safetensors")) or (folder / "pytorch_model.bin").is_file():
        files = [n for n in ("source.spm", "target.spm", *NLLB_PIECES) if (folder / n).is_file()]
        copy = f" --copy_files {' '.join(files)}" if files else ""
        return f"{start}ct2-transformers-converter --model {folder} --output_dir {out} --quantization int8{copy}"
    if any(folder.glob("*.npz")):
        return f"{start}ct2-opus-mt-converter --model_dir {folder} --output_dir {out} --quantization int8"
    if any(folder.glob("*.argosmodel")):
        return f"{folder}: holds an Argos package that is not unpacked; unzip it and name the folder inside"
    if any(folder.glob("*.pt")):
        return f"{start}ct2-opennmt-py-converter --model_path {next(folder.glob('*.pt'))} --output_dir {out}"
    return (f"{folder}: holds no model.bin; it must be the output folder of ct2-transformers-converter, "
            "ct2-opus-mt-converter or an unpacked Argos package")


def _libraries() -> tuple[Any, Any]:
    try:
        import ctranslate2
        import sentencepiece
    except ImportError as error:
        raise ValueError(f'the backend "ct2" needs {error.name}: pip install "qingyuan[translate]"') from None
    return ctranslate2, sentencepiece


@cache
def digest(model: Path, size: int, changed: int) -> str:
    """Return the SHA-256 of a model file of this size and time of change."""
    with open(model, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class LocalModel:
    """The backend `ct2`; loads its model when it is made."""

    sends_terms = False

    def __init__(self, settings: CT2, langs: tuple[str, str]) -> None:
        self.settings = settings
        found = find(settings)
        ctranslate2, sentencepiece = _libraries()
        try:
            self._model = ctranslate2.Translator(str(found.model), device="cpu", inter_threads=1,
                                                 intra_threads=settings.threads, compute_type="default")
            self._source = sentencepiece.SentencePieceProcessor(model_file=str(found.source))
            self._target = sentencepiece.SentencePieceProcessor(model_file=str(found.target))
        except (RuntimeError, ValueError, IndexError, OSError) as error:
            raise Refused(f"{found.model}: the model cannot be loaded: {' '.join(str(error).split())}") from error
        self._layout = found.layout
        self._codes = (settings.source_code or NLLB[langs[0]], settings.target_code or NLLB[langs[1]])
        state = os.stat(found.model / "model.bin")
        model = digest(found.model / "model.bin", state.st_size, state.st_mtime_ns)
        decoding = {"beam": settings.beam, "no_repeat_ngram": settings.no_repeat_ngram,
                    "max_tokens": settings.max_tokens, "batch": settings.batch, "compute": self._model.compute_type}
        codes = {"codes": list(self._codes)} if found.layout == "nllb" else {}
        self.identity = {"backend": "ct2", "digest": model, "layout": found.layout, **decoding, **codes}
        self.provenance = {"backend": "ct2", "model": settings.model_dir.name, "digest": model,
                           "parameters": {**decoding, "layout": found.layout, **codes}}

    def answers(self, asks: Sequence[Ask]) -> Iterator[tuple[Ask, Answer]]:
        """Yield the translations, in order; an ask with a remark is decoded without repeated n-grams."""
        size = self.settings.batch
        for at in range(0, len(asks), size):
            some = asks[at : at + size]
            yield from zip(some, self._translate(some), strict=True)

    def _translate(self, asks: Sequence[Ask]) -> list[Answer]:
        settings = self.settings
        again = any(ask.remark for ask in asks)
        tokens = [self._tokens(ask.source) for ask in asks]
        prefix = [[self._codes[1]]] * len(asks) if self._layout == "nllb" else None
        results = self._model.translate_batch(
            tokens, target_prefix=prefix, beam_size=settings.beam, max_decoding_length=settings.max_tokens,
            max_input_length=0, no_repeat_ngram_size=3 if again else settings.no_repeat_ngram, return_scores=True,
            max_batch_size=len(asks), batch_type="examples")
        return [self._answer(asked, result) for asked, result in zip(tokens, results, strict=True)]

    def _tokens(self, text: str) -> list[str]:
        pieces: list[str] = self._source.encode(text, out_type=str)
        if self._layout == "opus":
            return [*pieces, "</s>"]
        return [self._codes[0], *pieces, "</s>"] if self._layout == "nllb" else pieces

    def _answer(self, asked: Sequence[str], result: Any) -> Answer:
        pieces = result.hypotheses[0]
        if self._layout == "nllb":
            pieces = pieces[1:] if pieces[:1] == [self._codes[1]] else pieces
        # a decoder that met its cap was cut off in the middle
        cut = len(pieces) >= self.settings.max_tokens - (self._layout == "nllb")
        text = self._target.decode([p for p in pieces if not SPECIAL.fullmatch(p)]).replace("▁", " ").strip()
        score = round(float(result.scores[0]), 4) if result.scores else None
        error, finish = ("truncated", "length") if cut else ("", "stop")
        return Answer(text, error, "", finish, (len(asked), len(pieces)), 1, score)
