"""A real OpenAI-compatible server (`transformers serve`, a tiny model), directly and through a proxy that spoils it."""
from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("httpx", reason="the backend openai needs httpx: make test-translate")

from pipeline.build import build
from pipeline.config import Config
from pipeline.record import Report
from pipeline.translation.backend import Answer, Ask, Refused
from pipeline.translation.memory import Memory
from pipeline.translation.openai import ChatServer, OpenAI
from pipeline.translation.terms import Term
from tests.translation.models.fault_proxy import Proxy
from tests.translation.models.pairs import make

pytestmark = pytest.mark.slow
STAGES = "decode,segment,glossary,translate"
KEY = "sk-very-secret-0123456789"
Start = Callable[..., Proxy]


@pytest.fixture
def through(chat_server: tuple[int, str]) -> Iterator[Start]:
    """Start proxies before the server; they end with the test."""
    started: list[Proxy] = []

    def start(*script: str, delay: float = 0.0) -> Proxy:
        started.append(Proxy(chat_server[0], script, delay))
        return started[-1]

    yield start
    for proxy in started:
        proxy.close()


def server(proxy: Proxy, model: str, tmp_path: Path, **settings: object) -> ChatServer:
    told = OpenAI(f"http://127.0.0.1:{proxy.port}/v1", model, **{"backoff_s": 0.05, "retries": 2, **settings})  # type: ignore[arg-type]
    told.check()
    return ChatServer(told, ("zh", "en"), Memory(tmp_path / "tm.sqlite"))


def ask(text: str = "腾讯的市场份额为25%。") -> Ask:
    return Ask(text, text)


def one(backend: ChatServer, asked: Ask | None = None) -> Answer:
    ((_, answer),) = backend.answers([asked or ask()])
    return answer


def test_a_round_trip(through: Start, chat_server: tuple[int, str], tmp_path: Path) -> None:
    proxy = through()
    answer = one(server(proxy, chat_server[1], tmp_path), ask()._replace(terms=(Term("腾讯", ("Tencent",), "org"),)))
    assert answer.text
    assert answer.finish == "stop"
    assert min(answer.usage) > 0
    body = proxy.log[0].body
    assert body["messages"][-1] == {"role": "user", "content": "腾讯的市场份额为25%。"}
    assert "腾讯 = Tencent" in body["messages"][0]["content"]


@pytest.mark.parametrize(("script", "error", "attempts"), [
    (["429"], "", 2), (["503", "500"], "", 3), (["cut"], "", 2), (["html"], "", 2), (["408"], "", 2),
    (["503", "503", "503"], "server_error", 3), (["cut", "cut", "cut"], "unreachable", 3),
    (["html", "html", "html"], "bad_answer", 3)])
def test_what_may_pass_is_tried_again_and_then_marked(through: Start, chat_server: tuple[int, str], tmp_path: Path,
                                                      script: list[str], error: str, attempts: int) -> None:
    proxy = through(*script)
    answer = one(server(proxy, chat_server[1], tmp_path))
    assert (answer.error, answer.attempts) == (error, attempts)
    assert bool(answer.text) is not bool(error)
    assert len(proxy.log) == attempts


def test_a_stall_is_a_time_out_and_retry_after_is_obeyed(through: Start, chat_server: tuple[int, str],
                                                         tmp_path: Path) -> None:
    proxy = through("stall:8", "429:2")
    answer = one(server(proxy, chat_server[1], tmp_path, timeout_s=5.0))
    assert answer.attempts == 3
    assert proxy.log[2].at - proxy.log[1].at >= 2


@pytest.mark.parametrize("status", ["400", "401", "403", "404", "422"])
def test_what_will_not_pass_stops_with_the_servers_words(through: Start, chat_server: tuple[int, str], tmp_path: Path,
                                                         status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    proxy = through(status)
    with pytest.raises(Refused, match=f"answered {status}: injected {status}") as caught:
        one(server(proxy, chat_server[1], tmp_path, api_key_env="MY_KEY"))
    assert len(proxy.log) == 1
    assert proxy.log[0].headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in str(caught.value)  # though the server said it


def test_the_servers_own_refusals(through: Start, chat_server: tuple[int, str], tmp_path: Path) -> None:
    with pytest.raises(Refused, match="answered 400"):
        one(server(through(), "another-model", tmp_path))
    with pytest.raises(Refused, match="answered 422"):  # this server knows no translation_options
        one(server(through(), chat_server[1], tmp_path, dialect="qwen-mt"))


def test_an_answer_cut_by_the_token_limit_is_truncated(through: Start, chat_server: tuple[int, str],
                                                       tmp_path: Path) -> None:
    backend = server(through(), chat_server[1], tmp_path)
    backend._most_tokens = lambda ask: 3  # type: ignore[method-assign]
    assert one(backend).error == "truncated"


def test_nobody_there_fails_soon_for_the_rest(tmp_path: Path) -> None:
    backend = ChatServer(OpenAI("http://127.0.0.1:9/v1", "m", backoff_s=0.05, retries=2, concurrency=1), ("zh", "en"),
                         Memory(tmp_path / "tm.sqlite"))
    answers = [answer for _, answer in backend.answers([ask(str(i)) for i in range(4)])]
    assert {a.error for a in answers} == {"unreachable"}
    assert [a.attempts for a in answers] == [3, 1, 1, 1]


def test_rpm_and_concurrency_are_kept(through: Start, chat_server: tuple[int, str], tmp_path: Path) -> None:
    proxy = through(*["html"] * 6)
    list(server(proxy, chat_server[1], tmp_path, rpm=120, concurrency=4, retries=0).answers(
        [ask(str(i)) for i in range(6)]))
    gaps = [b.at - a.at for a, b in zip(proxy.log, proxy.log[1:], strict=False)]
    assert min(gaps) >= 0.4
    proxy = through(delay=0.3)
    list(server(proxy, chat_server[1], tmp_path, concurrency=2).answers([ask(p[0]) for p in make(40)[34:40]]))
    assert proxy.most_open == 2


# -- the whole way ------------------------------------------------------------------------------


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    lines = list(dict.fromkeys(zh for zh, _ in make(60)[32:]))[:14]
    for i in range(2):
        (folder / f"{i}.txt").write_text("\n".join(lines[7 * i : 7 * i + 7]), "utf-8")
    return folder


def settings(proxy: Proxy, model: str, *more: str) -> list[str]:
    return ["translate.backend=openai", f"translate.openai.base_url=http://127.0.0.1:{proxy.port}/v1",
            f"translate.openai.model={model}", "translate.openai.backoff_s=0.05", "translate.openai.retries=1",
            "translate.openai.concurrency=1", *more]


def run(source: Path, out: Path, told: list[str], workers: int = 1) -> Report:
    return build(Config.load(None, told, STAGES), [str(source)], out, workers)


def files(out: Path) -> list[bytes]:
    return [(out / name).read_bytes() for name in ("corpus.jsonl", "manifest.jsonl")]


def test_killed_in_the_middle_it_resumes_and_pays_for_nothing_twice(
        through: Start, chat_server: tuple[int, str], source: Path, tmp_path: Path) -> None:
    proxy = through()
    run(source, tmp_path / "whole", settings(proxy, chat_server[1]))
    total = len(proxy.log)
    assert total == 14
    proxy.delay = 0.2
    out = tmp_path / "killed"
    command = [sys.executable, "-m", "pipeline", "run", str(source), "-o", str(out), "-j", "2", "-q", "--stages", STAGES]
    command += [part for told in settings(proxy, chat_server[1]) for part in ("--set", told)]
    child = subprocess.Popen(command, env=os.environ)
    deadline = time.monotonic() + 240
    while len(proxy.log) < total + 6 and time.monotonic() < deadline:
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait(30)
    while proxy.open:
        time.sleep(0.05)
    assert not (out / "corpus.jsonl").exists()
    with sqlite3.connect(out / ".store/translations.sqlite") as db:
        kept = db.execute("select count(*) from segments").fetchone()[0]
    assert 4 <= kept < total
    asked = len(proxy.log)
    report = run(source, out, settings(proxy, chat_server[1]))
    assert len(proxy.log) - asked == total - kept == report.segments["requests"]
    assert files(out) == files(tmp_path / "whole")
    (out / ".store/index.sqlite").unlink()  # all work anew, but the memory is warm
    asked = len(proxy.log)
    run(source, out, settings(proxy, chat_server[1]), workers=2)
    assert len(proxy.log) == asked
    assert files(out) == files(tmp_path / "whole")


def test_two_runs_at_once_share_a_memory_and_ask_for_each_segment_once(
        through: Start, chat_server: tuple[int, str], source: Path, tmp_path: Path) -> None:
    proxy = through(delay=0.1)
    told = settings(proxy, chat_server[1], f"translate.tm={tmp_path / 'tm.sqlite'}")
    children = []
    for name in ("one", "two"):
        command = [sys.executable, "-m", "pipeline", "run", str(source), "-o", str(tmp_path / name), "-q",
                   "--stages", STAGES]
        children.append(subprocess.Popen(command + [part for setting in told for part in ("--set", setting)]))
    assert [child.wait(240) for child in children] == [0, 0]
    assert len(proxy.log) == 14
    assert proxy.most_open == 1  # concurrency = 1, over both
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_failed_segments_leave_everything_aligned_and_can_be_asked_for_again(
        through: Start, chat_server: tuple[int, str], source: Path, tmp_path: Path) -> None:
    proxy = through("ok", "503", "503", "ok", "cut", "cut")
    out = tmp_path / "out"
    report = run(source, out, settings(proxy, chat_server[1]))
    assert report.exit_code == 1
    assert report.segments["failed"] == 2
    rows = [json.loads(line) for line in (out / "corpus.jsonl").read_text("utf-8").splitlines()]
    segments = [s for row in rows for s in row["translation"]]
    assert len(segments) == 14
    assert [s["checks"] for s in segments if s["en"] is None] == [["server_error"], ["unreachable"]]
    asked = len(proxy.log)
    again = run(source, out, settings(proxy, chat_server[1], "translate.retry_failed=true"))
    assert again.exit_code == 0
    assert len(proxy.log) - asked == 2
    assert all(s["en"] for line in (out / "corpus.jsonl").read_text("utf-8").splitlines()
               for s in json.loads(line)["translation"])


def test_thoughts_and_announcements_are_taken_off_and_the_key_is_nowhere(
        through: Start, chat_server: tuple[int, str], source: Path, tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    proxy = through(*["think"] * 14)
    out = tmp_path / "out"
    report = run(source, out, settings(proxy, chat_server[1], "translate.openai.api_key_env=MY_KEY"))
    assert report.segments["translated"] >= 12
    assert all("think" not in (s["en"] or "") and "translation:" not in (s["en"] or "")
               for line in (out / "corpus.jsonl").read_text("utf-8").splitlines()
               for s in json.loads(line)["translation"])
    for path in out.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path
    assert all(seen.headers["Authorization"] == f"Bearer {KEY}" for seen in proxy.log)
    asked = len(proxy.log)
    dry = run(source, tmp_path / "dry", settings(proxy, chat_server[1], "translate.dry_run=true"))
    assert dry.segments["requests"] == 14
    assert len(proxy.log) == asked
