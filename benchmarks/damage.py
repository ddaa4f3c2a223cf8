"""Damages clean text in the ways of MOJIBAKE: forward models only, nothing of the repair is used but `misread`."""
from __future__ import annotations

import random
import unicodedata
import urllib.parse
from collections.abc import Callable
from functools import cache

from pipeline.cjk.misreading import misread, slipped

Damage = Callable[[str, random.Random], str | None]
NAMED = {"“": "&ldquo;", "”": "&rdquo;", "—": "&mdash;", "…": "&hellip;", "·": "&middot;", "‘": "&lsquo;",
         "’": "&rsquo;", "×": "&times;"}
FOLD = {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F)}
LOSSLESS = ("utf8_as_latin1", "utf8_as_cp1252", "utf8_as_cp437", "utf8_as_macroman", "utf8_as_gb18030", "gbk_as_latin1",
            "gbk_as_cp1252", "big5_as_latin1", "big5_as_cp1252", "double_utf8_latin1", "double_utf8_cp1252",
            "triple_utf8_latin1", "double_utf8_gbk", "utf8_latin1_then_gbk", "html_numeric", "html_hex", "html_double",
            "html_named", "percent_utf8", "percent_gbk", "u_escape", "cesu8_latin1", "surrogate_pairs",
            "kangxi_radical", "compat_ideograph", "zero_width", "bidi", "hkscs_private", "gb18030_private",
            "pinyin_injection", "separators")
LOSSY = ("utf8_as_gbk_w1", "utf8_as_gbk_w2", "utf8_as_gbk_j1", "utf8_as_gbk_deleted", "utf8_as_big5", "utf8_as_sjis",
         "utf8_as_euckr", "gbk_as_big5", "big5_as_gbk", "gbk_slip", "pinyin_odd")


def cp1252(data: bytes) -> str:
    """Return `data` as browsers read windows-1252: undefined bytes show as C1 controls."""
    return "".join(chr(b) if b in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes((b,)).decode("cp1252") for b in data)


def latin1(text: str) -> str:
    """Return `text` in UTF-8 read as Latin-1."""
    return text.encode().decode("latin-1")


def slip(text: str, rng: random.Random) -> str | None:
    """Overwrite the first byte of one character with ``?`` and read on."""
    places = [i for i, c in enumerate(text) if c in "。，、“”《》：；！？（）"] or list(range(len(text)))
    at = rng.choice(places)
    return text[:at] + slipped(text[at:]) if _encodes(text, "gbk") else None


def _encodes(text: str, charset: str) -> bool:
    try:
        return bool(text.encode(charset))
    except UnicodeEncodeError:
        return False


@cache
def _reverse(lo: int, hi: int, form: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for code in range(lo, hi):
        now = unicodedata.normalize(form, chr(code))  # type: ignore[arg-type]
        if now != chr(code):
            table.setdefault(now, chr(code))
    return table


def exchange(text: str, rng: random.Random, table: dict[str, str]) -> str | None:
    """Replace 70 % of what the table has."""
    now = "".join(table[c] if c in table and rng.random() < 0.7 else c for c in text)
    return now if now != text else None


def sprinkle(text: str, rng: random.Random, signs: str, share: float) -> str:
    """Put invisible characters before characters."""
    return "".join((rng.choice(signs) if rng.random() < share else "") + c for c in text)


def named(text: str, rng: random.Random) -> str | None:
    """Write marks as named entities."""
    return "".join(NAMED.get(c, c) for c in text) if any(c in NAMED for c in text) else None


def emoji(text: str, rng: random.Random) -> str:
    """Return `text` with an emoji in it."""
    at = rng.randrange(1, len(text))
    return text[:at] + rng.choice("😀😂🎉👍") + text[at:]


def halves(text: str) -> str:
    """Return `text` with astral characters as surrogate halves."""
    data = text.encode("utf-16-le")
    return "".join(chr(int.from_bytes(data[i : i + 2], "little")) for i in range(0, len(data), 2))


def separated(text: str, rng: random.Random) -> str | None:
    """Put a mark between the first eight characters."""
    if not all("\u4e00" <= c <= "\u9fff" for c in text[:8]):
        return None
    return rng.choice(".·*_/").join(text[:8]) + text[8:]


def private(text: str, rng: random.Random, charset: str) -> str | None:
    """Put characters back to where they stood before Unicode had them."""
    from pipeline.cjk.lookalikes import private_use

    if charset == "hkscs" and (not _encodes(text, "big5hkscs") or _encodes(text, "cp950") or _mainland(text)):
        return None
    table = {v: k for k, v in private_use(charset).items() if not _encodes(v, "cp950")}
    return exchange(text, rng, table)


def _mainland(text: str) -> bool:
    """Is the text Simplified?  A few sentences of it fit into HKSCS, where nobody would have written them."""
    from pipeline.cjk.model import simplified, traditional

    return sum(c in simplified() for c in text) > sum(c in traditional() for c in text)


def inject(text: str, rng: random.Random, odd: bool) -> str | None:
    """Inject pinyin byte by byte behind a table of characters; `odd`: only texts with a hit over a border."""
    from pypinyin import Style, pinyin

    from pipeline.cjk.model import traditional

    letters = sorted({c for c in text if c in traditional()})
    if len(letters) < 2 or not _encodes(text, "gbk"):
        return None
    if odd:
        pool = "數優戰業務應協屆濟關鍵據導處體間隊實當縣會題當構礎經傳單場標準質"
        letters = sorted({c for c in pool if c.encode("gbk") in text.encode("gbk")})
    data = text.encode("gbk")
    for c in letters[: rng.choice((3, 6, 12, 40))]:
        raw = c.encode("gbk")
        data = data.replace(raw, raw + f"({pinyin(c, style=Style.TONE)[0][0]})".encode("gbk"))
    shown = misread(data, "gbk", "w1")
    aligned = "?" not in shown
    return shown if shown != text and aligned != odd else None


def _wrong(write: str, read: str, policy: str) -> Damage:
    return lambda s, r: misread(s.encode(write), read, policy) if _encodes(s, write) else None


def _quote(text: str, charset: str) -> str:
    return urllib.parse.quote(text.encode(charset), safe=" ,.")


CLASSES: dict[str, Damage] = {
    "utf8_as_latin1": lambda s, r: latin1(s),
    "utf8_as_cp1252": lambda s, r: cp1252(s.encode()),
    "utf8_as_cp437": lambda s, r: s.encode().decode("cp437"),
    "utf8_as_macroman": lambda s, r: s.encode().decode("mac_roman"),
    "utf8_as_gb18030": lambda s, r: s.encode().decode("gb18030"),
    "utf8_as_gbk_w1": _wrong("utf-8", "gbk", "w1"),
    "utf8_as_gbk_w2": _wrong("utf-8", "gbk", "w2"),
    "utf8_as_gbk_j1": _wrong("utf-8", "gbk", "j1"),
    "utf8_as_gbk_deleted": _wrong("utf-8", "gbk", "del"),
    "utf8_as_big5": _wrong("utf-8", "big5", "w2"),
    "utf8_as_sjis": _wrong("utf-8", "shift-jis", "j1"),
    "utf8_as_euckr": _wrong("utf-8", "euc-kr", "j1"),
    "gbk_as_latin1": lambda s, r: s.encode("gbk").decode("latin-1"),
    "gbk_as_cp1252": lambda s, r: cp1252(s.encode("gbk")),
    "big5_as_latin1": lambda s, r: s.encode("cp950").decode("latin-1"),
    "big5_as_cp1252": lambda s, r: cp1252(s.encode("cp950")),
    "gbk_as_big5": _wrong("gbk", "big5", "w2"),
    "big5_as_gbk": _wrong("cp950", "gbk", "w2"),
    "gbk_slip": slip,
    "double_utf8_latin1": lambda s, r: latin1(latin1(s)),
    "double_utf8_cp1252": lambda s, r: cp1252(cp1252(s.encode()).encode()),
    "triple_utf8_latin1": lambda s, r: latin1(latin1(latin1(s))),
    "double_utf8_gbk": lambda s, r: s.encode().decode("gb18030").encode().decode("gb18030"),
    "utf8_latin1_then_gbk": lambda s, r: latin1(s).encode().decode("gb18030"),
    "html_numeric": lambda s, r: "".join(f"&#{ord(c)};" if ord(c) > 127 else c for c in s),
    "html_hex": lambda s, r: "".join(f"&#x{ord(c):X};" if ord(c) > 127 else c for c in s),
    "html_double": lambda s, r: "".join(f"&amp;#{ord(c)};" if ord(c) > 127 else c for c in s),
    "html_named": named,
    "percent_utf8": lambda s, r: _quote(s, "utf-8"),
    "percent_gbk": lambda s, r: _quote(s, "gbk"),
    "u_escape": lambda s, r: "".join(f"\\u{ord(c):04x}" if ord(c) > 127 else c for c in halves(s)),
    "cesu8_latin1": lambda s, r: halves(s).encode("utf-8", "surrogatepass").decode("latin-1"),
    "surrogate_pairs": lambda s, r: "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in halves(s)),
    "kangxi_radical": lambda s, r: exchange(s, r, _reverse(0x2F00, 0x2FD6, "NFKC")),
    "compat_ideograph": lambda s, r: exchange(s, r, _reverse(0xF900, 0xFADA, "NFC")),
    "zero_width": lambda s, r: sprinkle(s, r, "\u200b\u200c\u2060\ufeff", 0.2),
    "bidi": lambda s, r: sprinkle(s, r, "\u202d\u202c\u200e\u200f", 0.1),
    "hkscs_private": lambda s, r: private(s, r, "hkscs"),
    "gb18030_private": lambda s, r: private(s, r, "gb18030"),
    "pinyin_injection": lambda s, r: inject(s, r, False),
    "pinyin_odd": lambda s, r: inject(s, r, True),
    "separators": separated,
}
