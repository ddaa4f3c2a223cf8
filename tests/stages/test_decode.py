"""Bytes to text: what each kind of input must read as, and what must not be misread."""
from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.cjk.spelling import spell
from pipeline.document import Document, Given
from pipeline.stages.decode import Decode, declared_charset

SEEDS = sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))
SIMPLIFIED = "第一条 为了规范缔结条约工作程序，加强对缔结条约事务的管理，根据《缔结条约程序法》，制定本办法。\n" \
    "第二条 本办法适用于国务院各部门。\n"
TRADITIONAL = "第 1 條 為促進檔案開放與運用，發揮檔案功能，特制定本法。本法未規定者，適用其他法令規定。\n" \
    "第 2 條 本法所稱主管機關，為國家發展委員會。\n"
JAPANESE = "第一条　この法律は、国民の権利を守ることを目的とする。\nただし、次の各号に掲げる場合は、この限りでない。\n"
KOREAN = "제1조 이 법은 국민의 권리를 보호하는 것을 목적으로 한다.\n다만, 다음 각 호의 경우에는 그러하지 아니하다.\n"
ENGLISH = "It’s the author’s “first” résumé – see § 4.\n"


def decode(data: bytes, **given: str) -> Document:
    doc = Document.read("x", data, Given(**given)).after(Decode())
    assert doc.source == data
    assert len(doc.tagged("encoding")) == 1
    return doc


def name(doc: Document) -> str:
    return doc.tagged("encoding")[0].value


@pytest.mark.parametrize(("text", "codec", "found"), [
    (SIMPLIFIED, "utf-8", "utf-8"), (TRADITIONAL, "utf-8", "utf-8"), ("plain ASCII\n", "ascii", "utf-8"),
    (SIMPLIFIED, "gbk", "gb18030"), (SIMPLIFIED + "㐂𠀀", "gb18030", "gb18030"), (TRADITIONAL, "gbk", "gb18030"),
    (TRADITIONAL, "big5", "big5hkscs"), (TRADITIONAL + "嘅喺咗", "big5hkscs", "big5hkscs"),
    (SIMPLIFIED, "utf-16-le", "utf-16-le"), (TRADITIONAL, "utf-16-be", "utf-16-be"),
    (SIMPLIFIED, "hz", "hz"), (JAPANESE, "cp932", "cp932"), (JAPANESE, "euc_jp", "euc_jp"),
    (JAPANESE, "iso2022_jp", "iso-2022-jp"), (KOREAN, "cp949", "cp949"), (ENGLISH, "cp1252", "cp1252"),
    ("中文网页", "gbk", "gb18030"), ("漢字", "big5", "big5hkscs"),
    ("<p>Hello, world! Some English before one word: 你好。</p>\n", "gbk", "gb18030"),
    ("plain ASCII as UTF-16\n", "utf-16-le", "utf-16-le"),
])
def test_one_encoding_reads_exactly(text: str, codec: str, found: str) -> None:
    """A file in one encoding gives its text, whatever the codec, and names the codec."""
    doc = decode(text.encode(codec))
    assert (doc.text, name(doc)) == (text, found)


@pytest.mark.parametrize("codec", ["utf-8", "gbk", "big5", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL])
@pytest.mark.parametrize("size", [12, 20, 40])
def test_short_strings(text: str, codec: str, size: int) -> None:
    """Twelve characters are enough."""
    try:
        data = text[:size].encode(codec)
    except UnicodeEncodeError:
        pytest.skip("not in this character set")
    assert decode(data).text == text[:size]


@pytest.mark.parametrize(("data", "text", "whys"), [
    (b"", "", []),
    (b"\xef\xbb\xbf", "", ["bom"]),
    (b"\xef\xbb\xbf" + "条".encode(), "条", ["bom", "utf-8"]),
    ("条约".encode("utf-16"), "条约", ["bom", "utf-16-le"]),
    (b"\xfe\xff" + "条约".encode("utf-16-be"), "条约", ["bom", "utf-16-be"]),
    ("条约".encode("utf-32"), "条约", ["bom", "utf-32-le"]),
    (b"\xef\xbb\xbf" + SIMPLIFIED.encode("gbk"), SIMPLIFIED, ["bom", "gb18030"]),  # a mark that lies about the rest
    (SIMPLIFIED.encode() + "条".encode()[:2], SIMPLIFIED, ["utf-8", "truncated"]),
    ("条".encode()[2:] + SIMPLIFIED.encode(), SIMPLIFIED, ["truncated", "utf-8"]),
    (SIMPLIFIED.encode("gbk") + b"\xb5", SIMPLIFIED, ["gb18030", "truncated"]),
    (SIMPLIFIED.encode("utf-16") + b"\x01", SIMPLIFIED, ["bom", "utf-16-le", "truncated"]),
    ("条".encode() + b"\xff" + "约".encode(), "条\ufffd约", ["utf-8", "undecodable", "utf-8"]),
    ("规范\0\0条约".encode(), "规范条约", ["utf-8", "nul", "utf-8"]),
    (b"ab\0\0\0c", "abc", ["nul"]),
    (b"a\xed\xa0\xbd\xed\xb8\x80b" + "条约".encode(), "a😀b条约", ["cesu-8", "utf-8"]),
    ("价格100元，约".encode("gbk") + b"\x8012" + "；第一条规定".encode("gbk"), "价格100元，约€12；第一条规定",
     ["gb18030", "cp936", "gb18030"]),
    ("第十條至第卅條".encode("big5").replace("十".encode("big5"), b"\xa2\xcc"), "第十條至第卅條", ["big5hkscs"] * 3),
    (b"~{VPND~} and ~~ and ~\nmore", "中文 and ~ and more", ["hz"] * 5),
    (b"\x1b$)A\x0eVPND\x0f!", "中文!", ["iso-2022-cn"] * 4),
])
def test_edges(data: bytes, text: str, whys: list[str]) -> None:
    """Marks, cut-off ends, NULs, unreadable bytes and double spellings: each is its own edit."""
    doc = decode(data)
    assert doc.text == text
    edits = [e.why for p in doc.patches for e in p.edits]
    assert [w for w in edits if w != "utf-8" or "utf-8" in whys] == whys


@pytest.mark.parametrize("data", [
    b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n",
    b"PK\x03\x04\x14\0\0\0\x08\0" + bytes(200), b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)),
    b"GIF89a\x01\0\x01\0",
    bytes(random.Random(7).randbytes(5000)), bytes(4096),
])
def test_binary_is_dropped(data: bytes) -> None:
    """Images, archives, documents and noise are dropped whole, with their reason and their bytes in the record."""
    doc = decode(data)
    assert (doc.text, doc.why, name(doc)) == ("", "binary", "binary")


@pytest.mark.parametrize("data", [
    b"GIF images are old.\n", b"PK is a Pakistan domain\n", b"BM means benchmark\n", b"MZ was a programmer\n",
    b"ID3 tags are in MP3\n",
    "PNG 图片不是文本。\n".encode(), b"tab\tand\x0cform feed\n", b"\x1b[31mcoloured log\x1b[0m\n" * 20,
])
def test_text_is_not_binary(data: bytes) -> None:
    """Text about file types, tabs, form feeds and terminal colours stays."""
    assert decode(data).text == data.decode()


@pytest.mark.parametrize("text", ["cp ~{alice,bob}/x\n", "Fig.~{\\ref{a}}\n", "a ~~ b\n", "~{x}~{y}~}\n", "~ 100\n"])
def test_ascii_is_not_hz(text: str) -> None:
    """A tilde before a brace is not Chinese."""
    assert decode(text.encode()).text == text


def test_mixed_encodings_come_apart() -> None:
    """Lines and attributes in another encoding are read in theirs, and every byte is accounted for."""
    parts = [(SIMPLIFIED, "gbk"), ("本页由他人转载，仅供参考。\n", "utf-8"), (SIMPLIFIED, "gbk"), (TRADITIONAL, "big5"),
             ('<a title="', "ascii"), ("联系我们的编辑部", "utf-8"), ('">', "ascii"), (SIMPLIFIED, "gbk")]
    doc = decode(b"".join(text.encode(codec) for text, codec in parts))
    assert doc.text == "".join(text for text, _ in parts)
    assert name(doc) == "mixed"


def test_utf8_with_a_gbk_line() -> None:
    """A page in UTF-8 with one line pasted in GBK."""
    doc = decode(SIMPLIFIED.encode() * 3 + "责任编辑在此声明如下\n".encode("gbk") + SIMPLIFIED.encode())
    assert doc.text == SIMPLIFIED * 3 + "责任编辑在此声明如下\n" + SIMPLIFIED


def test_damage_in_utf8_is_not_taken_for_gbk() -> None:
    """One broken byte in a short line does not turn its neighbours into other characters."""
    doc = decode(SIMPLIFIED.encode() + b"<b>" + "国".encode() + b"\xe5</b>\n" + SIMPLIFIED.encode())
    assert doc.text == f"{SIMPLIFIED}<b>国\ufffd</b>\n{SIMPLIFIED}"


def test_a_row_is_utf8() -> None:
    """A row's charset is known: NULs are cut, and tildes or odd signatures are just text."""
    assert decode(b"~{VPND~} %PDF-1.4", charset="utf-8").text == "~{VPND~} %PDF-1.4"
    assert decode(b"%PDF-1.4\0 said the row", charset="utf-8").text == "%PDF-1.4 said the row"
    assert decode("\ufeff条约".encode(), charset="utf-8").text == "条约"


@pytest.mark.parametrize(("head", "charset"), [
    (b'<html><head><meta charset="GBK">', "GBK"),
    (b"<META http-equiv=Content-Type content='text/html; charset=big5'>", "big5"),
    (b'<?xml version="1.0" encoding="gb2312"?>', "gb2312"), (b"<p>charset=gbk</p>", ""), (b"", ""),
])
def test_declared_charset(head: bytes, charset: str) -> None:
    """Pages and XML files name their charset in their head."""
    assert declared_charset(head) == charset


def test_declaration_decides_where_the_bytes_do_not() -> None:
    """A declared charset that is no candidate is tried too; one that the bytes contradict is not believed."""
    russian = "Конституция Российской Федерации, статья первая\n"
    assert decode(b'<meta charset="koi8-r">' + russian.encode("koi8-r")).text.endswith(russian)
    assert decode(b'<meta charset="gbk">' + SIMPLIFIED.encode()).text.endswith(SIMPLIFIED)
    assert decode(b'<meta charset="utf-8">' + SIMPLIFIED.encode("gbk")).text.endswith(SIMPLIFIED)
    assert decode(b'<meta charset="no-such-thing">' + SIMPLIFIED.encode("gbk")).text.endswith(SIMPLIFIED)


def test_other_alphabets_are_not_binary() -> None:
    """Greek that nobody declared is misread, but it is no binary data: it stays, and declared it is read."""
    greek = "Το Σύνταγμα εξασφαλίζει τα δικαιώματα του πολίτη και ορίζει τα όργανα του κράτους. " * 3
    assert name(decode(greek.encode("cp1253"))) != "binary"
    assert decode(greek.encode("cp1253"), charset="windows-1253").text == greek


def test_a_carrier_may_be_wrong() -> None:
    """A server that says UTF-8 of a page in GBK, or GBK of a page in UTF-8, is not believed."""
    assert decode(SIMPLIFIED.encode("gbk"), charset="utf-8").text == SIMPLIFIED
    assert decode(SIMPLIFIED.encode(), charset="gbk").text == SIMPLIFIED


def test_trace_inside_a_recoding() -> None:
    """Every character knows its own bytes, also behind pairs with two spellings."""
    data = "第十條：".encode("big5").replace("十".encode("big5"), b"\xa2\xcc") + TRADITIONAL.encode("big5")
    doc = decode(data)
    for i, c in enumerate(doc.text):
        start, end = doc.trace(i, i + 1)
        assert data[start:end].decode("big5hkscs") == c


@pytest.mark.parametrize("path", SEEDS, ids=lambda p: p.name[:3])
def test_seeds_are_utf8_without_loss(path: Path) -> None:
    """The seeds read as UTF-8, and decoding what was decoded changes nothing."""
    doc = decode(path.read_bytes())
    assert doc.text == path.read_text("utf-8") or doc.text == path.read_bytes().decode()
    assert doc.after(Decode()).text == doc.text
    assert doc.fates.totals == {("kept", "", ""): path.stat().st_size}


@settings(max_examples=150, deadline=None)
@example([b"\x88\xa3\x98\xe7" + "第一條 為了規範電腦程式工作程序，加強對事務的管理，制定本法。".encode("big5hkscs")])  # two characters in one pair
@given(st.lists(st.one_of(
    st.binary(max_size=30), st.text(max_size=20).map(lambda t: t.encode("utf-8", "surrogatepass")),
    st.sampled_from([s.encode(c, "replace") for s in (SIMPLIFIED, TRADITIONAL, KOREAN)
                     for c in ("utf-8", "gb18030", "big5hkscs", "utf-16", "hz", "cp949", "cp932")])), max_size=6))
def test_any_bytes_come_back(parts: list[bytes]) -> None:
    """Whatever the bytes: no error, one encoding tag, and the source is rebuilt."""
    doc = decode(b"".join(parts))
    assert sum(doc.fates.totals.values()) == sum(map(len, parts))


@pytest.mark.parametrize("codec", ["big5", "cp950", "big5hkscs", "gb18030", "cp932"])
def test_all_pairs_of_a_codec_come_back(codec: str) -> None:
    """Every two-byte code, also those with two spellings, reads as the codec says and is spelled back."""
    pairs = []
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                pairs.append((bytes((lead, trail)), bytes((lead, trail)).decode(codec)))
            except UnicodeDecodeError:
                continue
    data, text = b"\n".join(p for p, _ in pairs), "\n".join(t for _, t in pairs)
    found = list(spell(data, codec))
    assert "".join(p.now for p in found) == text
    assert [p.start for p in found] == [0, *(p.end for p in found[:-1])]
    doc = Document.read("x", data).after(Decode(charset=codec))
    assert doc.source == data


def test_a_big_file_is_linear() -> None:
    """Two megabytes of broken bytes and one line of two megabytes take seconds, not minutes."""
    decode((SIMPLIFIED.encode("gbk") + b"\xff\xfe\x80") * 2000)
    doc = decode(SIMPLIFIED.replace("\n", "").encode("gbk") * 15000 + os.urandom(3))
    assert doc.text.startswith(SIMPLIFIED[:40])


def test_a_file_that_ends_in_another_encoding_than_most_of_it_keeps_its_last_character() -> None:
    """The cut-off at the end is judged by the codec of the last span, not by that of the file."""
    first = "这是一个用来测试的段落,内容没有什么特别。今天天气很好,我们去公园散步。\n" * 3
    last = "這是一個用來測試的段落,看到了很多花。"
    for one, other in (("gb18030", "utf-8"), ("utf-8", "gb18030")):
        doc = decode(first.encode(one) + last.encode(other))
        assert doc.text == first + last
        cut = decode(first.encode(one) + last.encode(other)[:-1])
        assert cut.text == first + last[:-1]
        assert [e.why for p in cut.patches for e in p.edits][-1] == "truncated"
