"""Any server that speaks OpenAI's chat completions: vLLM, Ollama, llama.cpp, transformers serve, Qwen-MT.

One segment a request.  What may pass (408, 429, 5xx, a broken connection, an answer that is no JSON) is
tried again with growing pauses; Retry-After is obeyed by all processes that share the memory.  What will
not pass (400, 401, 403, 404, 422) stops the run with the server's own words.
"""
from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from pipeline.translation.backend import Answer, Ask, Refused
from pipeline.translation.memory import Memory
from pipeline.translation.prompts import VERSION, chat_messages, estimated_tokens, qwen_mt_body

PASSING = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524, 529))
FILTERS = ("data_inspection_failed", "datainspectionfailed", "content_filter", "content_policy_violation")
LOCAL = ("localhost", "127.0.0.1", "::1", "0.0.0.0")
LONGEST_PAUSE = 120.0  # seconds between two tries, unless the server asks for more
LONGEST_ASKED = 600.0


@dataclass(frozen=True)
class OpenAI:
    """The settings of [translate.openai]; those without influence on an answer are left out of its repr."""

    base_url: str = ""
    model: str = ""
    api_key_env: str = "OPENAI_API_KEY"
    dialect: str = "chat"
    terms: str = "matched"
    temperature: float = 0.0
    seed: int = 0
    domain: str = ""
    max_tokens_factor: float = 4.0
    disable_thinking: bool = False
    rpm: int = field(default=0, repr=False)
    tpm: int = field(default=0, repr=False)
    concurrency: int = field(default=2, repr=False)
    retries: int = field(default=4, repr=False)
    backoff_s: float = field(default=2.0, repr=False)
    timeout_s: float = field(default=120.0, repr=False)
    price_in_per_m: float = field(default=0.0, repr=False)
    price_out_per_m: float = field(default=0.0, repr=False)

    def check(self) -> None:
        """Refuse settings that no request could be made with.

        Raises:
            ValueError: one sentence that names the setting.
        """
        url = urlsplit(self.base_url)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError('translate.openai.base_url must be the address of a server, such as '
                             f'"http://127.0.0.1:8000/v1", not {self.base_url!r}')
        if url.username or url.password:
            raise ValueError("translate.openai.base_url must not hold a password; put the key into the environment "
                             "variable that translate.openai.api_key_env names")
        if not self.model:
            raise ValueError("translate.openai.model must name the model as the server knows it")
        if self.dialect not in ("chat", "qwen-mt"):
            raise ValueError(f'translate.openai.dialect must be "chat" or "qwen-mt", not {self.dialect!r}')
        if self.terms not in ("matched", "none"):
            raise ValueError(f'translate.openai.terms must be "matched" or "none", not {self.terms!r}')
        if self.concurrency < 1 or self.retries < 0 or self.timeout_s <= 0:
            raise ValueError("translate.openai: concurrency must be 1 or more, retries 0 or more, timeout_s above 0")
        if self.api_key_env and not os.environ.get(self.api_key_env) and url.hostname not in LOCAL:
            raise ValueError(f"the environment variable {self.api_key_env} (translate.openai.api_key_env) is not set; "
                             "set it to the server's API key, or api_key_env to \"\" if it needs none")
        _httpx()


def _httpx() -> Any:
    try:
        import httpx
    except ImportError:
        raise ValueError('the backend "openai" needs httpx: pip install "qingyuan[translate]"') from None
    return httpx


class ChatServer:
    """The backend `openai`: requests to one server, in threads, paced through the shared memory."""

    def __init__(self, settings: OpenAI, langs: tuple[str, str], memory: Memory) -> None:
        self.settings, self.langs, self._memory = settings, langs, memory
        httpx = _httpx()
        self._key = os.environ.get(settings.api_key_env, "") if settings.api_key_env else ""
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._client = httpx.Client(timeout=httpx.Timeout(settings.timeout_s, connect=min(settings.timeout_s, 20)),
                                    headers=headers, limits=httpx.Limits(max_connections=None))
        self._broken = (httpx.TransportError, httpx.DecodingError)
        self._url = settings.base_url.rstrip("/") + "/chat/completions"
        self._queue = f"{urlsplit(settings.base_url).netloc} {settings.model}"
        self._down = False  # nobody answered the last request, after all its tries
        self.sends_terms = settings.terms == "matched"
        decoding: dict[str, Any] = {"temperature": settings.temperature,
                                    "max_tokens_factor": settings.max_tokens_factor}
        decoding |= {k: v for k, v in (("seed", settings.seed), ("disable_thinking", settings.disable_thinking),
                                       ("domain", settings.domain)) if v}
        self.identity = {"backend": "openai", "model": settings.model, "dialect": settings.dialect, **decoding,
                         "prompt": VERSION}
        self.provenance = {"backend": "openai", "model": settings.model, "dialect": settings.dialect,
                           "host": urlsplit(settings.base_url).netloc, "prompt": VERSION, "parameters": decoding}

    def answers(self, asks: Sequence[Ask]) -> Iterator[tuple[Ask, Answer]]:
        """Yield an answer for each ask as it comes in; `concurrency` requests at a time over all processes."""
        with ThreadPoolExecutor(min(self.settings.concurrency, len(asks))) as pool:
            waiting = {pool.submit(self._answer, ask): ask for ask in asks}
            try:
                for done in as_completed(waiting):
                    yield waiting[done], done.result()
            except BaseException:
                for request in waiting:
                    request.cancel()
                raise

    def body(self, ask: Ask) -> dict[str, Any]:
        """Return the JSON of the request for a segment."""
        settings = self.settings
        body: dict[str, Any] = {"model": settings.model, "temperature": settings.temperature,
                                "max_tokens": self._most_tokens(ask)}
        if settings.dialect == "qwen-mt":
            body |= qwen_mt_body(ask, *self.langs, settings.domain)
        else:
            body["messages"] = chat_messages(ask, *self.langs)
        if settings.seed:
            body["seed"] = settings.seed
        if settings.disable_thinking:
            body["chat_template_kwargs"] = {"enable_thinking": False}
        return body

    def _most_tokens(self, ask: Ask) -> int:
        return max(64, int(self.settings.max_tokens_factor * estimated_tokens(ask.source)))

    def _answer(self, ask: Ask) -> Answer:
        tries = 1 if self._down else self.settings.retries + 1
        answer = Answer()
        for attempt in range(1, tries + 1):
            with self._memory.locks.slot(self.settings.concurrency):
                self._wait_for_turn(ask)
                answer, pause = self._request(ask)
            answer = answer._replace(attempts=attempt)
            if answer.error not in ("unreachable", "server_error", "bad_answer"):
                self._down = False
                return answer
            if attempt < tries:
                backoff = min(LONGEST_PAUSE, self.settings.backoff_s * 2 ** (attempt - 1)) * random.uniform(0.5, 1.5)
                time.sleep(max(backoff, pause))
        self._down = answer.error == "unreachable"
        return answer

    def _wait_for_turn(self, ask: Ask) -> None:
        """Wait until the limits of requests and tokens a minute, over all processes, allow a request."""
        settings = self.settings
        seconds = 60 / settings.rpm if settings.rpm else 0.0
        if settings.tpm:
            sent = sum(estimated_tokens(message["content"]) for message in self.body(ask)["messages"])
            tokens = sent + estimated_tokens(ask.source)
            seconds = max(seconds, 60 * tokens / settings.tpm)
        wait = self._memory.reserve(self._queue, seconds)
        if wait > 0:
            time.sleep(wait)

    def _request(self, ask: Ask) -> tuple[Answer, float]:
        """Make one request; return what came of it, and how long the server asks to wait (seconds)."""
        try:
            reply = self._client.post(self._url, json=self.body(ask))
        except self._broken as error:
            return Answer(error="unreachable", detail=self._clean(f"{type(error).__name__}: {error}")), 0.0
        if reply.status_code in PASSING:
            pause = _retry_after(reply.headers.get("Retry-After", ""))
            if pause:
                self._memory.delay(self._queue, pause)
            return Answer(error="server_error", detail=f"{reply.status_code}: {self._words(reply)}"), pause
        if reply.status_code != 200:
            words = self._words(reply)
            if reply.status_code == 400 and any(name in reply.text.lower() for name in FILTERS):
                return Answer(error="filtered", detail=words), 0.0
            raise Refused(f"{self._url} answered {reply.status_code}: {words}")
        return self._read(reply), 0.0

    def _read(self, reply: Any) -> Answer:
        try:
            body = reply.json()
            choice = body["choices"][0]
            text, finish = choice["message"]["content"], choice.get("finish_reason") or ""
            usage = body.get("usage") or {}
            tokens = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
            if not isinstance(text, str):
                raise TypeError("no text")
        except (ValueError, LookupError, TypeError, AttributeError):
            return Answer(error="bad_answer", detail=self._clean(" ".join(reply.text[:200].split())))
        error = {"length": "truncated", "content_filter": "filtered"}.get(finish, "")
        return Answer(text, error, "", finish, tokens)

    def _words(self, reply: Any) -> str:
        """Return what the server says is wrong, in one line."""
        try:
            body = reply.json()
            error = body.get("error", body)
            said = error.get("message") or body.get("detail") or error if isinstance(error, dict) else error
        except (ValueError, AttributeError):
            said = reply.text
        return self._clean(" ".join(str(said).split())[:500] or reply.reason_phrase)

    def _clean(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key else text


def _retry_after(value: str) -> float:
    """Return the seconds that a Retry-After header asks for: a number or a date."""
    if not value:
        return 0.0
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (TypeError, ValueError):
            return 0.0
    return min(max(seconds, 0.0), LONGEST_ASKED)
