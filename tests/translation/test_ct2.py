"""CTranslate2: the real library on models made on the spot."""
from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("ctranslate2", reason="the backend ct2 needs ctranslate2: make test-translate")
pytest.importorskip("sentencepiece", reason="the backend ct2 needs sentencepiece: make test-translate")

from pipeline.translation.backend import Ask, Refused
from pipeline.translation.ct2 import CT2, LocalModel
from tests.translation.models.random_ct2 import build

TEXTS = ["阿里巴巴发布新产品。", "腾讯推出元宝。", "云。", "百度与华为展开合作，需要更多算力。"]


@pytest.fixture(scope="module", params=["opus", "argos", "nllb"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp(request.param) / "model", request.param)


@pytest.fixture
def opus_layout(tmp_path: Path) -> Path:
    return build(tmp_path / "model")


def translate(settings: CT2, texts: list[str]) -> list[tuple[str, str]]:
    settings.check()
    model = LocalModel(settings, ("zh", "en"))
    return [(ask.source, answer.text) for ask, answer in model.answers([Ask(t, t) for t in texts])]


def test_every_layout_is_known_loads_and_keeps_the_order(folder: Path) -> None:
    settings = CT2(folder, max_tokens=12)
    alone = {text: translate(settings, [text])[0][1] for text in TEXTS}
    together = translate(settings, TEXTS)
    assert together == [(text, alone[text]) for text in TEXTS]
    assert len(set(alone.values())) > 1
    backwards = translate(settings, TEXTS[::-1])
    assert dict(backwards) == alone


def test_special_tokens_never_reach_the_text(folder: Path) -> None:
    for _, text in translate(CT2(folder, max_tokens=30), TEXTS):
        assert not any(mark in text for mark in ("</s>", "<s>", "eng_Latn", "zho_Hans", "▁"))


def test_an_answer_at_the_cap_is_truncated(opus_layout: Path) -> None:
    model = LocalModel(CT2(opus_layout, max_tokens=3), ("zh", "en"))
    answers = [answer for _, answer in model.answers([Ask(t, t) for t in TEXTS])]
    assert {a.error for a in answers} == {"truncated"}
    assert {a.finish for a in answers} == {"length"}


def test_a_corrupt_model_is_refused_in_one_sentence(opus_layout: Path) -> None:
    data = (opus_layout / "model.bin").read_bytes()
    for broken in (data[: len(data) // 2], b"", b"\0" * 100):
        (opus_layout / "model.bin").write_bytes(broken)
        with pytest.raises(Refused, match="cannot be loaded") as caught:
            LocalModel(CT2(opus_layout), ("zh", "en"))
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("missing", "message"), [
    ("source.spm", "needs source.spm"), ("shared_vocabulary.json", "no vocabulary"), ("model.bin", "holds no model.bin")])
def test_a_missing_file_is_named(opus_layout: Path, missing: str, message: str) -> None:
    (opus_layout / missing).unlink()
    with pytest.raises(ValueError, match=message):
        CT2(opus_layout).check()


@pytest.mark.parametrize(("files", "command"), [
    (["model.safetensors", "config.json", "source.spm", "target.spm"],
     "ct2-transformers-converter --model {0} --output_dir {0}-ct2 --quantization int8 --copy_files source.spm target.spm"),
    (["pytorch_model.bin", "sentencepiece.bpe.model"],
     "ct2-transformers-converter --model {0} --output_dir {0}-ct2 --quantization int8 --copy_files sentencepiece.bpe.model"),
    (["opus.npz", "decoder.yml"], "ct2-opus-mt-converter --model_dir {0} --output_dir {0}-ct2 --quantization int8"),
    (["model.pt"], "ct2-opennmt-py-converter --model_path {0}/model.pt --output_dir {0}-ct2"),
    (["zh_en.argosmodel"], "unzip it"),
])
def test_an_unconverted_folder_is_told_the_command(tmp_path: Path, files: list[str], command: str) -> None:
    for name in files:
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ValueError, match=r"convert|unzip|ct2-") as caught:
        CT2(tmp_path).check()
    assert command.format(tmp_path) in str(caught.value)


def test_another_model_or_beam_is_another_identity(tmp_path: Path) -> None:
    one, other = build(tmp_path / "one"), build(tmp_path / "two", seed=1)
    identities = [LocalModel(s, ("zh", "en")).identity for s in (CT2(one), CT2(other), CT2(one, beam=3))]
    assert len({str(i) for i in identities}) == 3
    shutil.move(one, tmp_path / "moved")
    assert LocalModel(CT2(tmp_path / "moved"), ("zh", "en")).identity == identities[0]
