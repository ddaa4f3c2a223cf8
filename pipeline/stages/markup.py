"""HTML to text: tags, scripts, hidden text and page furniture are cut; entities and block ends become text.

Every character of the result stands where it stood in the page, or traces to the reference or tag that it stands for.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.document import Change, Document
from pipeline.edits import Tag
from pipeline.html.content import decide
from pipeline.html.evidence import is_html
from pipeline.html.head import metadata
from pipeline.html.page import parse
from pipeline.html.render import changes


@dataclass(frozen=True)
class Markup:
    """Leaves the main text of a page, one line a block; the head's title, dates and names become ``meta:`` tags.

    >>> page = "<title>会议</title><nav><a href=/>首页</a></nav><p>今天开会，讨论了三件事。<br>散会&nbsp;了。"
    >>> doc = Document("a", page).after(Markup(sniff=True))
    >>> doc.text, doc.meta["title"]
    ('今天开会，讨论了三件事。\\n散会 了。', '会议')
    """

    sniff: bool = True
    main_content: bool = True
    second_opinion: bool = True

    name = "markup"

    def __call__(self, doc: Document) -> Iterator[Change]:
        text = doc.text
        if not text or "<" not in text or not (doc.given.kind == "html" or (self.sniff and is_html(text))):
            return
        page = parse(text)
        meta = metadata(page)
        for start, end, key, value in meta:
            yield Tag(start, end, f"meta:{key}", value)
        title = next((value for _, _, key, value in meta if key == "title"), "")
        whys = decide(page, title, self.second_opinion) if self.main_content else [""] * len(page.runs)
        page.nodes.clear()  # a big page's edits take its place
        for change in changes(page, whys):
            yield doc.replace(*change)
