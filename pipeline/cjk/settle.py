"""From facts to verdicts: what is done to each text of a corpus, and why."""
from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from pipeline.cjk.batch import BATCH
from pipeline.cjk.corpus import Corpus
from pipeline.cjk.facts import REPEATS, SHORT, Plan, body
from pipeline.cjk.keepers import CONTAINED, EXACT, Measure, Removal, copies, families, near
from pipeline.cjk.partners import About, anchors, left, partners, stars, ties
from pipeline.cjk.passages import same_script, sentences, shared, sound_readings

LENDERS = 8  # copies that a damaged keeper may take readings from
TOLD = 16  # texts that share a passage with it are noted on the better one
SPANS = 16  # differing spans that are listed for a removed copy
SLICE = 1 << 16  # texts a slice of the anchors that are sorted together, 64 MB
WHOLE = -1  # as the end of a mark: the end of the text

Change = tuple[int, int, str, str]  # start, end, new text, rule
Mark = tuple[int, int, str, str]  # start, end, kind of tag, value
Found = tuple[dict[int, list[Change]], dict[int, list[Mark]]]


class Rules(NamedTuple):
    """What counts as near, and what is done about texts that share a part only."""

    similarity: float = 0.8
    consensus: bool = True
    partial: str = "mark"
    containment: float = 0.8
    passage: int = 100


class Verdict(NamedTuple):
    """What is to be done to one text: dropped by a rule, or changed; and what is noted.

    `again` says that a body stands in it twice: `without_repeats` adds the cuts.
    """

    drop: str = ""
    again: bool = False
    changes: tuple[Change, ...] = ()
    marks: tuple[Mark, ...] = ()


class Parting(NamedTuple):
    """A removal, and what is noted on the text that goes."""

    removal: Removal
    marks: tuple[Mark, ...]
    note: Mapping[str, str]


def settle(corpus: Corpus, rules: Rules) -> dict[str, Verdict]:
    """Return a verdict for each text, by id, that there is something to say about.

    `pipeline.cjk.apart` does the same in many small corpora.
    """
    if len(corpus.table) < 2:  # a text alone can only repeat itself
        return verdicts(corpus, rules, {}, [])
    partings = removals(corpus, rules)
    pairs = [] if rules.partial == "off" else _partners(corpus, partings.keys())
    return verdicts(corpus, rules, partings, pairs)


def verdicts(corpus: Corpus, rules: Rules, partings: dict[int, Parting], pairs: list[tuple[int, int]]
             ) -> dict[str, Verdict]:
    """Return the verdicts, given who goes and which pairs of kept texts, the better one first, may share passages.

    What is said of a text depends on no other texts than those it is connected with by these.
    """
    table = corpus.table
    partings = partings | _reprints(corpus, rules, pairs)
    families: dict[int, list[Parting]] = defaultdict(list)
    for parting in partings.values():
        families[parting.removal.keeper].append(parting)
    changes: dict[int, list[Change]] = defaultdict(list)
    marks: dict[int, list[Mark]] = defaultdict(list)
    again = set(np.flatnonzero(table.column("flags") & REPEATS).tolist())
    _mark_passages(corpus, rules, [p for p in pairs if not partings.keys() & set(p)], (changes, marks))
    for keeper in sorted(families, key=lambda n: int(table.by_id[n])):
        _keep(corpus, rules, (keeper, families[keeper]), (changes, marks))
    found = {n: Verdict("", n in again, _ordered(changes[n]), tuple(marks[n]))
             for n in {*changes, *marks, *again} if n >= corpus.settled}
    found.update({n: Verdict(p.removal.why, marks=p.marks) for n, p in partings.items()})
    return {table.id(n): v for n, v in sorted(found.items(), key=lambda x: int(table.by_id[x[0]]))}


def without_repeats(verdict: Verdict, text: str, plan: Plan) -> Verdict:
    """Return a verdict with the cuts of what stands twice in the text added."""
    cuts = body(text, plan).cuts
    changes = [(c.start, c.end, "", "repeated-body") for c in cuts]
    marks = [(c.start, c.end, "evidence", _json({"repeats": [c.source, c.source_end]})) for c in cuts]
    return verdict._replace(again=False, changes=_ordered((*changes, *verdict.changes)), marks=(*marks, *verdict.marks))


def removals(corpus: Corpus, rules: Rules) -> dict[int, Parting]:
    """Return the texts that equal a better one, or are near it; each names a text that stays."""
    exact: list[Removal] = []
    for group in _prepared(corpus, copies(corpus.table), ranked=True):
        keeper = min(group, key=corpus.rank)
        exact += [Removal(n, keeper, 1.0, EXACT) for n in group if n != keeper]
    among = corpus.table.column("flags") & SHORT == 0
    among[[r.member for r in exact]] = False
    measure = Measure(rules.similarity, corpus.agreement)
    out: dict[int, Parting] = {}
    for family in _prepared(corpus, families(corpus.table, among)):
        order, settled = sorted(family, key=corpus.rank), sum(n < corpus.settled for n in family)
        out.update((r.member, _parting(corpus, r)) for r in near(corpus.table, order, settled, measure))
    for r in exact:
        if r.member >= corpus.settled:
            moved = out.get(r.keeper)
            out[r.member] = _parting(corpus, moved.removal._replace(member=r.member) if moved else r)
    return out


def _prepared(corpus: Corpus, groups: Iterable[list[int]], ranked: bool = False) -> Iterator[list[int]]:
    """Yield the groups, their texts read and folded at once: several groups at a time, as long as they are small."""
    waiting: list[list[int]] = []
    size = 0
    for group in groups:
        waiting.append(group)
        size += int(corpus.table.column("chars")[group].sum())
        if size > BATCH:
            corpus.prepare(chain.from_iterable(waiting), ranked)
            yield from waiting
            waiting, size = [], 0
    corpus.prepare(chain.from_iterable(waiting), ranked)
    yield from waiting


def _partners(corpus: Corpus, gone: Iterable[int]) -> list[tuple[int, int]]:
    """Return the pairs of kept texts that may share passages, the better one first."""
    table = corpus.table
    numbers = left(len(table), gone)
    tied = ties(table.ids[n] for n in numbers.tolist())
    about = About(numbers, numbers.astype(np.uint64), tied, numbers < corpus.settled)
    slices = 1 + len(numbers) // SLICE
    found = partners(np.concatenate([stars(anchors(table.rows, about, (n, slices))) for n in range(slices)]))
    return list(zip(found["best"].tolist(), found["other"].tolist(), strict=True))


def _reprints(corpus: Corpus, rules: Rules, pairs: list[tuple[int, int]]) -> dict[int, Parting]:
    """Return the removals of texts that stand in a fuller one, when the rules ask for them."""
    if rules.partial != "drop":
        return {}
    held: dict[int, list[Removal]] = defaultdict(list)
    for pair in pairs:
        sizes = [len(corpus.shingles(n)) for n in pair]
        keeper, member = pair if sizes[0] >= sizes[1] else pair[::-1]
        both = corpus.agreement(keeper, member)
        if both.containment >= rules.containment and member >= corpus.settled:
            held[member].append(Removal(member, keeper, both.similarity, CONTAINED, both))
    out: dict[int, Removal] = {}
    undecided = set(held)
    for member in sorted(held, key=lambda n: (-len(corpus.shingles(n)), corpus.rank(n))):
        undecided.discard(member)
        living = [r for r in held[member] if r.keeper not in out and r.keeper not in undecided]
        if living:
            out[member] = max(living, key=lambda r: (r.similarity, [-x for x in corpus.rank(r.keeper)]))
    return {n: _parting(corpus, r) for n, r in out.items()}


def _mark_passages(corpus: Corpus, rules: Rules, pairs: list[tuple[int, int]], found: Found) -> None:
    """Note the passages that pairs of kept texts share; cut them from the worse one if the rules say so."""
    changes, marks = found
    told: Counter[int] = Counter()
    last = -1
    pairs = sorted(pairs, key=lambda p: (int(corpus.table.by_id[p[0]]), int(corpus.table.by_id[p[1]])))
    for better, worse in _prepared(corpus, map(list, pairs)):
        if better != last:
            last, there = better, corpus.windows(better)
            order = there.order()
        passages = shared(corpus.windows(worse), there, order, rules.passage)
        if not passages:
            continue
        part = round(corpus.agreement(worse, better).containment, 4)
        told[better] += 1
        for p in passages:
            marks[worse].append((p.start, p.end, "shared", _shared(corpus, better, (p.other, p.other_end), part)))
            if told[better] <= TOLD and better >= corpus.settled:
                marks[better].append((p.other, p.other_end, "shared", _shared(corpus, worse, (p.start, p.end), part)))
            if rules.partial == "cut":
                span = sentences(corpus.read(worse), p.start, p.end)
                if span:
                    changes[worse].append((*span, "", "shared-passage"))


def _shared(corpus: Corpus, other: int, span: tuple[int, int], part: float) -> str:
    return f'{{"containment":{part!r},"id":{_json(corpus.table.id(other))},"span":[{span[0]},{span[1]}]}}'


def _keep(corpus: Corpus, rules: Rules, family: tuple[int, list[Parting]], found: Found) -> None:
    """Note a keeper's family, and lend it the sound readings of its members."""
    keeper, partings = family
    if keeper < corpus.settled:
        return
    changes, marks = found
    partings = sorted(partings, key=lambda p: int(corpus.table.by_id[p.removal.member]))
    members = [p.removal for p in partings]
    listed = [{"id": corpus.table.id(r.member), "similarity": round(r.similarity, 4), "why": r.why, **p.note}
              for r, p in zip(members, partings, strict=True)]
    marks[keeper].append((0, WHOLE, "family", _json({"keeper": corpus.table.id(keeper), "members": listed})))
    if not rules.consensus or not corpus.damage(keeper):
        return
    text, folded = corpus.read(keeper), corpus.body(keeper).folded
    for lender in sorted((r.member for r in members), key=corpus.rank)[:LENDERS]:
        other = corpus.read(lender)
        readings = sound_readings(text, other)
        if readings and same_script(text, folded, other, corpus.body(lender).folded):
            for start, end, now in readings:
                changes[keeper].append((start, end, now, "consensus"))
                marks[keeper].append((start, end, "evidence", _json({"from": corpus.table.id(lender)})))


def _parting(corpus: Corpus, removal: Removal) -> Parting:
    """Return a removal with what is noted on the text: its keeper, the similarity, and where the two differ."""
    keeper, both = corpus.table.id(removal.keeper), removal.both
    evidence: dict[str, Any] = {"similarity": round(removal.similarity, 4)}
    family: dict[str, Any] = {"keeper": keeper}
    note: dict[str, str] = {}
    if both:
        evidence |= {"containment": round(both.containment, 4), "shared": both.both,
                     "shingles": [both.left, both.right]}
        here, there = corpus.differences(removal.member, removal.keeper)
        if both.similarity < 1 and corpus.only_numbers(removal.member, removal.keeper):
            evidence |= (note := {"differs": "digits"})
        family |= {"differs": here[:SPANS], "keeper_differs": there[:SPANS], "spans": [len(here), len(there)]}
    return Parting(removal, ((0, WHOLE, "duplicate-of", keeper), (0, WHOLE, "evidence", _json(evidence)),
                             (0, WHOLE, "family", _json(family))), note)


def _ordered(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes by place; of two that overlap the cut, then the first, is made."""
    out: list[Change] = []
    for change in sorted(changes, key=lambda c: (c[0], bool(c[2]), -c[1])):
        if not out or change[0] >= out[-1][1]:
            out.append(change)
        elif not change[2] and out[-1][2]:
            out[-1] = change
    return tuple(out)


_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
