"""Which line is the title of a page?"""
from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice

from pipeline.cjk.page import Removal

_ENDS = re.compile(r"[。;；,，:：、]$")
_BARS = re.compile(r"[|｜_]")
HEAD_RULES = ("byline", "dateline", "source", "reporter-place", "editor", "account", "reading-now", "breadcrumb",
              "title-echo")
SHORTEST, LONGEST, LOOK = 4, 60, 4


def find_title(text: Callable[[int], str], count: int, removals: Sequence[Removal]) -> int | None:
    """Return the number of the line that is the title, or None; `text` gives line i of `count`.

    The title is the first line that stays, if it is short, does not end as a sentence does, and has
    the head of an article beside it: a byline or a date within the next lines, furniture above, or a
    paragraph that is much longer below.

    >>> lines = ["石拱桥的由来", "石拱桥是用天然石料作为主要建筑材料的拱桥,在河流上很常见,历史也很长。" * 2]
    >>> find_title(lines.__getitem__, 2, [])
    0
    """
    gone = {r.line: r.rule for r in removals}
    kept = list(islice((i for i in range(min(count, 60)) if i not in gone and len(_BARS.findall(text(i))) < 4), LOOK))
    if len(kept) < 2:
        return None
    first = kept[0]
    line = text(first)
    if not SHORTEST <= len(line) <= LONGEST or _ENDS.search(line) or line.startswith(("|", "```", "- ", "* ", "“")):
        return None
    head = any(gone.get(i) in HEAD_RULES for i in range(min(first + 6, count)))
    longer = any(not text(i) or len(text(i)) >= max(40, 2 * len(line))
                 or (text(i)[-1] in "。!?！？”」" and len(text(i)) >= max(20, 1.5 * len(line))) for i in kept[1:3])
    return first if head or longer else None
