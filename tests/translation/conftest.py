"""Real models and a real server, made on the spot and kept in .cache/models; what cannot run here is skipped."""
from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODELS = Path(__file__).parent / "models"
STEPS = {"opus_tiny": 900, "chat_tiny": 660, "terms_tiny": 1500}


def _kept(name: str) -> Path:
    """Return the folder of a trained model; another script or glossary is another folder."""
    digest = hashlib.sha256(str(STEPS[name]).encode())
    for path in (*sorted(MODELS.glob("*.py")), ROOT / "config/glossary.tsv"):
        if path.stem in (name, "pairs", "glossary"):
            digest.update(path.read_bytes())
    kept = Path(os.environ.get("QINGYUAN_MODELS") or ROOT / ".cache/models")
    return kept / f"{name}-{digest.hexdigest()[:12]}"


def _train(name: str) -> Path:
    for needed in ("torch", "transformers", "sentencepiece"):
        pytest.importorskip(needed, reason=f"{name} is trained with {needed}: make test-translate")
    out = _kept(name)
    if not (out / "config.json").is_file():
        subprocess.run([sys.executable, "-m", f"tests.translation.models.{name}", str(out), str(STEPS[name])], check=True,
                       cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"})
    return out


@pytest.fixture(scope="session")
def opus_source() -> Path:
    """A trained model in the layout of OPUS-MT, not yet converted."""
    return _train("opus_tiny")


@pytest.fixture(scope="session")
def opus(opus_source: Path) -> Path:
    """The same, converted by CTranslate2's own converter."""
    pytest.importorskip("ctranslate2", reason="the backend ct2 needs ctranslate2: make test-translate")
    out = opus_source.with_name(opus_source.name + "-ct2")
    if not (out / "model.bin").is_file():
        subprocess.run([str(Path(sys.executable).with_name("ct2-transformers-converter")), "--model", str(opus_source),
                        "--output_dir", str(out), "--quantization", "int8", "--copy_files", "source.spm", "target.spm"],
                       check=True, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    return out


@pytest.fixture(scope="session")
def chat_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """`transformers serve` with a tiny model: its port and the model's name."""
    yield from _serve(_train("chat_tiny"), tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="session")
def obeying_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """The same with a tiny model that learned to render terms as it is told."""
    yield from _serve(_train("terms_tiny"), tmp_path_factory.mktemp("server"))


def _serve(model: Path, folder: Path) -> Iterator[tuple[int, str]]:
    pytest.importorskip("uvicorn", reason="the server needs transformers[serving]: make test-translate")
    pytest.importorskip("httpx", reason="the backend openai needs httpx: make test-translate")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open(folder / "log", "wb") as log:
        server = subprocess.Popen(
            [str(Path(sys.executable).with_name("transformers")), "serve", f"./{model.name}", "--host", "127.0.0.1",
             "--port", str(port), "--device", "cpu"], cwd=model.parent, stdout=log, stderr=log,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(folder), "OMP_NUM_THREADS": "1"})
        try:
            _wait_for(server, f"http://127.0.0.1:{port}/health", folder / "log")
            yield port, f"./{model.name}"
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if server.poll() is not None:
            pytest.fail(f"the server ended: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail("the server did not come up")
