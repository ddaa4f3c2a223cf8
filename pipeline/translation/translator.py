"""Brings memory, backend and checks together: from segments to rows, each paid for once."""
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.translation.answers import unwrap
from pipeline.translation.backend import Answer, Ask, Backend, Refused
from pipeline.translation.checks import RETRY, VERSION, Finding, Limits, check
from pipeline.translation.locks import number_of
from pipeline.translation.memory import Memory, Row, import_key, key_of
from pipeline.translation.prompts import remark
from pipeline.translation.terms import Term, missed

FAILURES = "failures of this run"  # a count in the memory, set to nought when a run begins
UNPAID = ("unreachable", "server_error", "bad_answer")  # no answer: not remembered


@dataclass
class Translator:
    """Translates segments from one language into another.

    Args:
        backend: None for the memory alone.
        retry: codes of findings; ask again for what failed by one of them in an earlier run.
        max_failures: failed segments of this run, over all processes, after which it is stopped; 0: no end.
    """

    backend: Backend | None
    memory: Memory
    langs: tuple[str, str] = ("zh", "en")
    limits: Limits = field(default_factory=Limits)
    retry: frozenset[str] = frozenset()
    max_failures: int = 0
    spent: Counter[str] = field(default_factory=Counter)  # of this run: requests, tokens_in, tokens_out, reused

    def ask(self, source: str, terms: tuple[Term, ...] = (), context: tuple[str, ...] = ()) -> Ask:
        """Return the request for a segment, with the key of its answer."""
        backend = self.backend
        sent = tuple(sorted(terms)) if backend and backend.sends_terms else ()
        identity = backend.identity if backend else {"backend": "glossary"}
        return Ask(key_of(source, self.langs, identity, sent, context), source, tuple(sorted(terms)), context)

    def known(self, asks: Sequence[Ask]) -> dict[str, Row]:
        """Return what is remembered of `asks`, by key, judged by the checks as they are set now.

        An imported translation comes before one that a backend made.
        """
        imports = {import_key(a.source, *self.langs): a for a in asks}
        rows = self.memory.get([*{a.key: a for a in asks}, *imports])
        out: dict[str, Row] = {}
        for ask in asks:
            row = rows.get(import_key(ask.source, *self.langs)) or rows.get(ask.key)
            if row is None and self.backend is None:
                row = self.memory.any_of(ask.source, *self.langs)
            if row is None or (row.failed and self.retry.intersection(_failing(row))):
                continue
            judged = self._judged(row, ask)
            if not judged.failed or row.failed or self.backend is None:
                out[ask.key] = judged
        return out

    def translate(self, asks: Sequence[Ask], seen: Callable[[Row], None] = lambda row: None) -> dict[str, Row]:
        """Return a row for every key of `asks`: remembered, or made now (failed ones too).

        Raises:
            Refused: the server will answer no request at all.
        """
        asks = list({ask.key: ask for ask in asks}.values())
        done = self.known(asks)
        self.spent["reused"] += len(done)
        if self.backend is None:
            return done
        missing = [ask for ask in asks if ask.key not in done]
        mine = [ask for ask in missing if self.memory.locks.try_lock(number_of(ask.key))]
        locked = {ask.key for ask in mine}
        done |= self._make(mine)
        for ask in missing:  # another process is at these
            if ask.key not in locked:
                self.memory.locks.wait(number_of(ask.key))
                done |= self._make([ask])
        return done

    def _make(self, asks: Sequence[Ask]) -> dict[str, Row]:
        """Make the rows of `asks`, whose locks are held, and let go of each lock when its row is on disk."""
        left = {number_of(ask.key) for ask in asks}
        done: dict[str, Row] = {}
        try:
            done = self.known(asks)  # another process may have made some before the lock was taken
            todo = [ask for ask in asks if ask.key not in done]
            for row in self._rounds(todo):
                done[row.key] = row
                number = number_of(row.key)
                if number in left:
                    left.discard(number)
                    self.memory.locks.unlock(number)
        finally:
            for number in left:
                self.memory.locks.unlock(number)
        return done

    def _rounds(self, asks: Sequence[Ask]) -> Iterator[Row]:
        """Ask, and ask once more where the answer can be expected to be better the second time."""
        before: dict[str, Answer] = {}
        for last in (False, True):
            again: list[Ask] = []
            if not asks:
                return
            assert self.backend is not None
            for ask, answer in self.backend.answers(asks):
                self._count(answer)
                answer = _added(answer, before.get(ask.key))
                text, findings = self._judge(ask, answer)
                failing = {f.code: f.detail for f in findings if f.fails}
                if failing and not last and not answer.error and RETRY.issuperset(failing):
                    before[ask.key] = answer
                    gone = tuple(missed(text, ask.terms, self.langs[1]))
                    again.append(ask._replace(remark=remark(failing, gone)))
                    continue
                yield self._remember(ask, answer, text, findings)
            asks = again

    def _judge(self, ask: Ask, answer: Answer) -> tuple[str, list[Finding]]:
        text = unwrap(answer.text, ask.source)
        if answer.error:
            return text, [Finding(answer.error, True, answer.detail)]
        return text, check(ask.source, text, ask.terms, self.langs[1], self.limits)

    def _judged(self, row: Row, ask: Ask) -> Row:
        """Return a remembered row with the verdict of today's checks."""
        if row.judged == self.judge_id(ask) or row.target is None:
            return row
        answer = Answer(row.target, finish=json.loads(row.about).get("finish", ""))
        if row.failed and answer.finish == "length":
            return row
        findings = check(ask.source, row.target, ask.terms, self.langs[1], self.limits)
        return row._replace(failed=any(f.fails for f in findings), codes=_codes(findings))

    def judge_id(self, ask: Ask) -> str:
        """Return what a verdict on an answer depends on: the checks, their settings, the expected terms."""
        return key_of(VERSION, repr(self.limits), ask.terms)[:16]

    def _remember(self, ask: Ask, answer: Answer, text: str, findings: list[Finding]) -> Row:
        assert self.backend is not None
        about = {"finish": answer.finish, "usage": list(answer.usage), "attempts": answer.attempts,
                 "score": answer.score}
        row = Row(ask.key, ask.source, text or None, *self.langs, any(f.fails for f in findings), _codes(findings),
                  self.judge_id(ask), json.dumps({k: v for k, v in about.items() if v not in (None, "")}),
                  str(self.backend.identity["backend"]))
        if answer.error not in UNPAID:
            self.memory.put(row)
        if row.failed and self.max_failures and self.memory.count(FAILURES) > self.max_failures:
            raise Refused(f"more than {self.max_failures} segments could not be translated (translate.max_failures); "
                          f"the last: {', '.join(_failing(row))}; what was translated is in the memory")
        return row

    def _count(self, answer: Answer) -> None:
        self.spent["requests"] += answer.attempts
        self.spent["tokens_in"] += answer.usage[0]
        self.spent["tokens_out"] += answer.usage[1]


def _failing(row: Row) -> list[str]:
    """Return the codes of the findings that a row failed by."""
    return [code for code, fails, *_ in json.loads(row.codes) if fails]


def _added(answer: Answer, before: Answer | None) -> Answer:
    """Return an answer that counts what the one before it cost, too."""
    if before is None:
        return answer
    usage = (before.usage[0] + answer.usage[0], before.usage[1] + answer.usage[1])
    return answer._replace(usage=usage, attempts=before.attempts + answer.attempts)


def _codes(findings: Sequence[Finding]) -> str:
    return json.dumps([[f.code, f.fails, f.detail] for f in findings], ensure_ascii=False, separators=(",", ":"))
