"""Composes test pages: articles (benchmarks/pages/articles) in the furniture of 26 kinds of sites (benchmarks/pages).

The articles are written for this project, or laws of the PRC and Taiwan, which are free; the furniture is
written after real sites' markup, with texts of our own. An article's first line is its title; `# ` is a
heading, `- ` a list item, `| ` a table row, `> ` a quote, `^ ` a caption, ``` encloses code;
`[text](address)` is a link.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

PAGES = Path(__file__).parent / "pages"
AUTHOR, DATE, SITE = "林晓舟", "2024-05-21 09:30", "某某晚报"


class Sample(NamedTuple):
    """A composed page and the text that belongs to its article, one line a block."""

    name: str
    page: str
    title: str
    gold: list[str]


class Block(NamedTuple):
    """One block of an article: p, h2, li, tr, quote, caption or code."""

    kind: str
    text: str


_MARKS = {"# ": "h2", "- ": "li", "| ": "tr", "> ": "quote", "^ ": "caption"}
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")


def read_article(path: Path) -> tuple[str, list[Block]]:
    """Return title and blocks of an article file."""
    title, *lines = path.read_text("utf-8").splitlines()
    blocks: list[Block] = []
    code: list[str] | None = None
    for line in lines:
        if line.startswith("```"):
            if code is not None:
                blocks.append(Block("code", "\n".join(code)))
            code = [] if code is None else None
        elif code is not None:
            code.append(line)
        elif line.strip():
            kind = _MARKS.get(line[:2], "p")
            blocks.append(Block(kind, line[2:] if kind != "p" else line.strip()))
    return title, blocks


def gold(blocks: list[Block]) -> list[str]:
    """Return the article's lines as a reader sees them."""
    out: list[str] = []
    for kind, text in blocks:
        text = _LINK.sub(r"\1", text)
        out += text.split("\n") if kind == "code" else ["\t".join(text.split(" | ")) if kind == "tr" else text]
    return out


def _inline(text: str) -> str:
    return _LINK.sub(r'<a href="\2">\1</a>', escape(text, quote=False))


def _paragraph(style: str, text: str) -> str:
    inner = _inline(text)
    if style == "br":
        return f"&nbsp;&nbsp;&nbsp;&nbsp;{inner}<br /><br />"
    if style == "p2":
        return f"<p>　　{inner}</p>"
    if style == "span":
        return f'<p style="text-indent: 2em;"><span style="font-family: 宋体; font-size: 16px;">{inner}</span></p>'
    if style == "word":
        parts = re.sub(r"(?<![&\w])([0-9A-Za-z.,%-]+)(?![^<]*>|;)", r'</span><span lang="EN-US">\1</span><span>', inner)
        return f'<p class="MsoNormal" style="text-indent:32.0pt"><span>{parts}<o:p></o:p></span></p>'
    if style == "section":
        styled = f'<p><span style="font-size: 15px;">{inner}</span></p>'
        return f'<section style="margin: 0 8px"><section>{styled}</section></section>'
    if style == "div":
        return f"<div>{inner}</div>"
    if style == "para":
        return f'<div class="para" label-module="para">{inner}</div>'
    return f"{inner}\n" if style == "ptt" else f"<p>{inner}</p>"


def _code(style: str, text: str) -> str:
    if style == "hexo":  # a table with line numbers in a gutter
        numbers = "<br>".join(f'<span class="line">{i + 1}</span>' for i in range(text.count("\n") + 1))
        lines = "<br>".join(f'<span class="line">{escape(line)}</span>' for line in text.split("\n"))
        return (f'<figure class="highlight python"><table><tr><td class="gutter"><pre>{numbers}</pre></td>'
                f'<td class="code"><pre>{lines}</pre></td></tr></table></figure>')
    return escape(text) + "\n" if style == "ptt" else f"<pre><code>{escape(text)}</code></pre>"


def body(style: str, blocks: list[Block]) -> str:
    """Return the blocks as a site of that style writes them."""
    out: list[str] = []
    for i, (kind, text) in enumerate(blocks):
        before = blocks[i - 1].kind if i else ""
        if before in ("li", "tr") and before != kind and style != "ptt":
            out.append("</ul>" if before == "li" else "</table>")
        if style == "ptt":
            out.append(_code(style, text) if kind == "code" else _paragraph(style, text.replace(" | ", "\t")))
        elif kind == "code":
            out.append(_code(style, text))
        elif kind == "li":
            out += ["<ul>"] * (before != "li") + [f"<li>{_inline(text)}</li>"]
        elif kind == "tr":
            cells = "".join(f"<td>{_inline(cell)}</td>" for cell in text.split(" | "))
            out += ['<table border="1">'] * (before != "tr") + [f"<tr>{cells}</tr>"]
        elif kind == "caption":
            out.append(f'<figure><img src="a.jpg" alt=""><figcaption>{_inline(text)}</figcaption></figure>')
        else:
            tag = {"h2": "h2", "quote": "blockquote"}.get(kind)
            out.append(f"<{tag}>{_inline(text)}</{tag}>" if tag else _paragraph(style, text))
    if blocks and blocks[-1].kind in ("li", "tr") and style != "ptt":
        out.append("</ul>" if blocks[-1].kind == "li" else "</table>")
    return ("" if style in ("br", "ptt") else "\n").join(out)


def compose() -> Iterator[Sample]:
    """Yield every article in every kind of page."""
    articles = [(path.stem, *read_article(path)) for path in sorted((PAGES / "articles").glob("*.txt"))]
    for template in sorted(PAGES.glob("*.html")):
        head, page = template.read_text("utf-8").split("\n", 1)
        style = head.split()[1]
        for name, title, blocks in articles:
            filled = page.replace("{{body}}", body(style, blocks)).replace("{{title}}", escape(title, quote=False))
            for mark, value in (("author", AUTHOR), ("date", DATE), ("site", SITE)):
                filled = filled.replace("{{" + mark + "}}", value)
            yield Sample(f"{template.stem}/{name}", filled, title, gold(blocks))
