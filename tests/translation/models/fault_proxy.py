"""A loopback proxy before a real OpenAI-compatible server that makes its connection go wrong, on a script.

    proxy = Proxy(8124, ["ok", "429:1", "503", "stall:5", "cut", "html", "401"])
    base_url = f"http://127.0.0.1:{proxy.port}/v1"  # after the script every request passes
    proxy.log                                       # what was asked, when and how
"""
from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Seen(NamedTuple):
    """One request: when it came (seconds), what was done with it, its headers and body."""

    at: float
    action: str
    headers: dict[str, str]
    body: dict[str, Any]


class Proxy:
    """Counts, logs and spoils requests on their way to ``127.0.0.1:upstream``."""

    def __init__(self, upstream: int, script: Iterable[str] = (), delay: float = 0.0) -> None:
        self.script, self.log, self.upstream, self.delay = list(script), list[Seen](), upstream, delay
        self.open = self.most_open = 0
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who hung up is part of the test
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def reply(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for key, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
                self.send_header(key.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with proxy.lock:
                action, _, value = (proxy.script.pop(0) if proxy.script else "ok").partition(":")
                proxy.log.append(Seen(time.monotonic(), action, dict(self.headers), json.loads(body)))
                proxy.open += 1
                proxy.most_open = max(proxy.most_open, proxy.open)
            try:
                self.answer(action, value, body)
            finally:
                with proxy.lock:
                    proxy.open -= 1

        def answer(self, action: str, value: str, body: bytes) -> None:
            if action.isdigit():
                said = json.dumps({"error": {"message": f"injected {action} for {self.headers.get('Authorization')}"}})
                return self.reply(int(action), said.encode(), **({"Retry_After": value} if value else {}))
            if action == "html":
                return self.reply(200, b"<html>gateway</html>", Content_Type="text/html")
            time.sleep(float(value) if action == "stall" else proxy.delay)
            status, answer = self.forward(body)
            if action == "think":  # as a reasoning model would have answered
                answer = json.dumps(_thinking(json.loads(answer))).encode()
            if action == "cut":  # promise all, send half, hang up
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer[: len(answer) // 2])
                self.close_connection = True
                return None
            return self.reply(status, answer)

        def forward(self, body: bytes) -> tuple[int, bytes]:
            link = http.client.HTTPConnection("127.0.0.1", proxy.upstream, timeout=300)
            link.request(self.command, self.path, body, {"Content-Type": "application/json"})
            answer = link.getresponse()
            return answer.status, answer.read()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _thinking(answer: dict[str, Any]) -> dict[str, Any]:
    message = answer["choices"][0]["message"]
    message["content"] = f"<think>\n先想想\n</think>\n\nHere is the translation:\n{message['content']}"
    return answer
