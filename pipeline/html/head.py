"""What a page says of itself in meta tags, JSON-LD and OpenGraph: title, authors, dates, site, language, keywords."""
from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from pipeline.html.page import IN_TITLE, Break, Page
from pipeline.html.tokens import attributes

Found = tuple[int, int, str, str]  # start, end, key, value
_META = re.compile(r"<meta\s[^<>]*>", re.I)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,2000})", re.I)
_LD = re.compile(r"<script[^>]{0,200}application/ld\+json[^>]{0,200}>", re.I)
_LINK = re.compile(r"<link\s[^<>]*\brel\s*=\s*[\"']?(canonical|license)\b[^<>]*>", re.I)
_LANG = re.compile(r"<html\b[^<>]*\blang\s*=[^<>]*>", re.I)
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
                   r"(?:[T\s]*(\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?)?")
_SEPARATOR = re.compile(r"\s*[_|–—»·]\s*|\s+[-:：]\s+|-(?=[^-]{2,12}\Z)")
_NAMES = {
    "og:title": "title", "twitter:title": "title2", "articletitle": "title", "title": "title2", "dc.title": "title2",
    "author": "authors", "article:author": "authors", "dc.creator": "authors", "og:article:author": "authors",
    "byl": "authors",
    "editor": "editors", "og:site_name": "site", "sitename": "site", "application-name": "site2",
    "contentsource": "site3",
    "article:published_time": "date", "pubdate": "date", "publishdate": "date", "og:pubdate": "date", "dc.date": "date",
    "datepublished": "date", "publish_date": "date", "og:published_time": "date", "date": "date2",
    "weibo:article:create_at": "date",
    "article:modified_time": "modified", "og:updated_time": "modified", "lastmod": "modified",
    "datemodified": "modified",
    "keywords": "tags", "article:tag": "tags", "news_keywords": "tags", "og:url": "urls", "geo.placename": "place",
    "weibo:article:update_at": "modified",
}
HEAD_LIMIT = 300_000  # characters: metadata stands in the head, and a page without one is not searched to its end


def metadata(page: Page) -> list[Found]:
    """Return (start, end, key, value) for what the page declares, the best source of each key first.

    >>> from pipeline.html.page import parse
    >>> metadata(parse('<meta property="article:published_time" content="2024-05-01T08:00:00+08:00">'))[0][2:]
    ('date', '2024-05-01T08:00:00+08:00')
    """
    text = page.text[:HEAD_LIMIT]
    found = [*_metas(text), *_linked_data(text), *_elements(text)]
    headings = _headings(page)
    out: list[Found] = []
    seen: set[tuple[str, str]] = set()
    for start, end, ranked, value in sorted(found, key=lambda f: (f[2], f[0])):
        key = ranked.rstrip("123")
        value = _normal(key, value)
        if key == "title":
            value = next((heading for heading in headings if heading in value), value)
        single = key not in ("authors", "editors", "tags", "urls", "licences")
        if value and (key, "" if single else value) not in seen:
            seen.add((key, "" if single else value))
            out.append((start, end, key, value))
    return sorted(out)


def _headings(page: Page) -> list[str]:
    """Return the texts of the page's first-level headings that are long enough to be titles."""
    found: list[str] = []
    for run in page.runs:
        if page.nodes[run.node].flags & IN_TITLE:
            text = page.text[run.start : run.end]
            if run.gap is Break.LINE or not found:
                found.append(text)
            else:
                found[-1] += text
    texts = (" ".join(html.unescape(text).split()) for text in found)
    return [text for text in texts if len(text) >= 4]


def _metas(text: str) -> Iterator[Found]:
    for m in _META.finditer(text):
        attrs = attributes(m[0])
        key = _NAMES.get((attrs.get("property") or attrs.get("name") or attrs.get("itemprop") or "").lower())
        content = attrs.get("content", "").strip()
        if not key or not content:
            continue
        parts = re.split(r"[,，;；、|]\s*", content) if key in ("tags", "authors") else [content]
        for part in parts:
            if part and not (part.startswith("http") and key == "authors"):
                yield _place(text, m.start(), m.end(), key, part)


def _place(text: str, start: int, end: int, key: str, value: str) -> Found:
    """Return the finding at the value's own characters, or at the whole element where it is spelled otherwise."""
    at = text.find(value, start, end)
    return (start, end, key, value) if at < 0 else (at, at + len(value), key, value)


def _elements(text: str) -> Iterator[Found]:
    if m := _TITLE.search(text):
        yield m.start(1), m.end(1), "title3", main_title(html.unescape(m[1]))
    for m in _LINK.finditer(text):
        href = attributes(m[0]).get("href", "")
        if href.startswith("http"):
            yield m.start(), m.end(), "urls" if m[1].lower() == "canonical" else "licences", href
    if m := _LANG.search(text):
        yield m.start(), m.end(), "language", attributes(m[0]).get("lang", "")


def main_title(title: str) -> str:
    """Return a page title without the site's and the column's name.

    >>> main_title("条例全文公布_法制频道_某某网")
    '条例全文公布'
    """
    title = " ".join(title.split())
    parts = [part for part in _SEPARATOR.split(title) if part and part.strip()]
    return parts[0] if parts and len(parts[0]) >= 4 else title


def _linked_data(text: str) -> Iterator[Found]:
    for m in _LD.finditer(text):
        end = text.find("</script", m.end())
        try:
            data = json.loads(text[m.end() : end].strip().rstrip(";")) if end > 0 else None
        except (ValueError, RecursionError):
            continue
        for item in _items(data):
            for key, value in _fields(item):
                if isinstance(value, str) and value.strip():
                    yield _place(text, m.end(), end, key, html.unescape(value.strip()))


def _items(data: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if isinstance(data, list) and depth < 4:
        for item in data:
            yield from _items(item, depth + 1)
    elif isinstance(data, dict):
        if "headline" in data or "datePublished" in data:
            yield data
        if depth < 4:
            yield from _items(data.get("@graph"), depth + 1)


def _fields(item: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "title1", item.get("headline")
    yield "date1", item.get("datePublished")
    yield "modified1", item.get("dateModified")
    for key, ranked in (("author", "authors"), ("editor", "editors"), ("publisher", "site1")):
        values = item.get(key)
        for value in values if isinstance(values, list) else [values]:
            yield ranked, value.get("name") if isinstance(value, dict) else value
    words = item.get("keywords")
    for word in words if isinstance(words, list) else re.split(r"[,，、;；]\s*", words) if isinstance(words,
                                                                                                   str) else []:
        yield "tags", word
    licence = item.get("license")
    yield "licences", licence if isinstance(licence, str) else None


def _normal(key: str, value: str) -> str:
    """Return a value as the manifest shows it; "" if it is none."""
    value = " ".join(value.split()).encode("utf-8", "replace").decode()
    if key in ("date", "modified"):
        return iso_date(value)
    return value if len(value) <= 500 else ""


def iso_date(text: str) -> str:
    """Return the first date of `text` in ISO 8601, with its time and zone if they stand there; "" if there is none.

    >>> iso_date("2024年5月1日 08:30")
    '2024-05-01T08:30'
    """
    m = _DATE.search(text)
    if not m or not (1 <= int(m[2]) <= 12 and 1 <= int(m[3]) <= 31):
        return ""
    day = f"{m[1]}-{int(m[2]):02}-{int(m[3]):02}"
    if not m[4]:
        return day
    zone = m[5] or ""
    return f"{day}T{m[4].zfill(5)}{zone if len(zone) != 5 else zone[:3] + ':' + zone[3:]}"
