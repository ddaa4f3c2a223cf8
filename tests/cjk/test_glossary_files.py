"""Every glossary format gives the same rows, and every broken one a sentence with file and line."""
from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cjk.glossary_files import Row, read

PAIRS = [("阿里云", ("Alibaba Cloud",)), ("大模型", ("large language model",))]
TBX3 = """<?xml version="1.0"?><tbx style="dca" type="TBX-Core" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2">
<text><body>
<conceptEntry id="1"><langSec xml:lang="zh-CN"><termSec><term>阿里云</term></termSec></langSec>
<langSec xml:lang="en"><termSec><term>Alibaba
Cloud</term><termNote type="partOfSpeech">noun</termNote></termSec></langSec></conceptEntry>
<conceptEntry id="2"><langSec xml:lang="fr"><termSec><term>grand modèle</term></termSec></langSec>
<langSec xml:lang="zh"><termSec><term>大模型</term></termSec></langSec>
<langSec xml:lang="en-US"><termSec><term>large language model</term></termSec></langSec></conceptEntry>
<conceptEntry id="3"><langSec xml:lang="zh"><termSec><term>无译</term></termSec></langSec></conceptEntry>
</body></text></tbx>"""
TBX2 = """<martif type="TBX" xml:lang="en"><text><body>
<termEntry><langSet xml:lang="zh"><tig><term>阿里云</term></tig></langSet>
<langSet xml:lang="en"><ntig><termGrp><term>Alibaba Cloud</term></termGrp></ntig></langSet></termEntry>
<termEntry><langSet xml:lang="en"><tig><term>large language model</term></tig></langSet>
<langSet xml:lang="zh"><tig><term>大模型</term></tig></langSet></termEntry></body></text></martif>"""
TMX = """<tmx version="1.4"><header srclang="zh"/><body><tu><tuv xml:lang="zh-CN"><seg>阿里<bpt i="1"/>云</seg></tuv>
<tuv xml:lang="en"><seg>Alibaba Cloud</seg></tuv></tu><tu><tuv lang="ZH"><seg>大模型</seg></tuv><tuv lang="EN-US">
<seg>large
 language model</seg></tuv></tu></body></tmx>"""
GOOD = {
    "plain.tsv": "zh\ten\ttype\tnote\n阿里云\tAlibaba Cloud\torg\t\n大模型\tlarge language model\n",
    "no-header.tsv": "阿里云\tAlibaba Cloud\n大模型\tlarge language model\n",
    "crlf-bom.tsv": "\ufeffzh\ten\r\n阿里云\tAlibaba Cloud\r\n\r\n大模型\tlarge language model\r\n",
    "turned-header.tsv": "note\tEnglish\tsource\nx\tAlibaba Cloud\t阿里云\n\tlarge language model\t大模型",
    "extra.tsv": "zh\ten\ttype\tnote\ten_alt\towner\n阿里云\tAlibaba Cloud\torg\t\t\tme\n"
                 "大模型\tlarge language model\t\t\t\tyou\n",
    "deepl4.csv": "阿里云,Alibaba Cloud,zh,en\n大模型,large language model,ZH,EN-US\n",
    "deepl5.tsv": "阿里云\tAlibaba Cloud\tZH\tEN\tnoun\n大模型\tlarge language model\tzh\ten\t\n",
    "quotes.csv": '术语,译文\n"阿里云","Alibaba Cloud"\n大模型,"large language model"\n',
    "semicolon.csv": "zh;en\r\n阿里云;Alibaba Cloud\r\n大模型;large language model\r\n",
    "v3.tbx": TBX3, "martif.tbx": TBX2, "memory.tmx": TMX,
    "v1.u8": "# CC-CEDICT\n#! version=1\n阿里云 阿里云 [A1 li3 Yun2] /Alibaba Cloud/\n"
             "大模型 大模型 [da4 mo2] /large language model/\n",
    "v2.u8": "阿里云 阿里云 [[A1li3 Yun2]] /Alibaba Cloud/\r\n"
             "大模型 大模型 [[da4mo2]] /large language model/CL:個|个[ge4]/\r\n",
}


@pytest.mark.parametrize("name", GOOD)
def test_formats(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(GOOD[name].encode())
    assert [(row.zh, row.en) for row in read(path)] == PAIRS


def test_all_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text('zh\ten\ttype\tnote\ten_alt\n"引号"\t"q\tterm\tseen\tb; c ;\n', encoding="utf-8")
    assert read(path) == [Row('"引号"', ('"q', "b", "c"), "term", "seen", 2)]


def test_cedict_senses(tmp_path: Path) -> None:
    path = tmp_path / "a.u8"
    path.write_text("餅乾 饼干 [bing3 gan1] /biscuit; cookie/cracker/CL:片[pian4]/see 餅|饼[bing3]/\n"
                    "屄 屄 [bi1] /variant of 逼[bi1]/\n", encoding="utf-8")
    english = ("biscuit", "cookie", "cracker")
    assert read(path) == [Row("饼干", english, "term", "", 1), Row("餅乾", english, "term", "", 1)]


BROKEN = [
    ("a.tsv", "zh\ten\n阿里云\n", "line 2: the row has one column; Chinese and English are needed."),
    ("a.tsv", "zh\ten\n\n阿里云\t \n", "line 3: the row has no English."),
    ("a.tsv", "阿里云\tAlibaba Cloud\n\tx\n", "line 2: the row has no Chinese."),
    ("a.tsv", "zh\ten\ttype\n阿里\tAlibaba\tcompany\n",
     "line 2: unknown type 'company'; known are person, org, product, term."),
    ("a.tsv", "Alibaba\t阿里\nQwen\t千问\n", "line 1: the Chinese stands in the English column; put Chinese first."),
    ("a.csv", 'zh,en\n阿里,"Alibaba\n云,Cloud\n', "line 2: this is no valid CSV: unexpected end of data."),
    ("a.u8", "# x\n阿里云 Alibaba Cloud\n",
     "line 2: this is no CC-CEDICT entry (Traditional Simplified [pin1 yin1] /sense/)."),
    ("a.tbx", "<tbx>\n<a>\n</tbx>", "line 3: this is no valid XML: mismatched tag."),
    ("a.tmx", "<tmx></tmx>", "line 1: this TMX file holds no entry with both Chinese (zh) and English (en)."),
]


@pytest.mark.parametrize(("name", "text", "message"), BROKEN)
def test_broken(name: str, text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole message is compared)
        read(path)
    assert str(error.value) == f"{path}, {message}"


def test_unreadable(tmp_path: Path) -> None:
    (tmp_path / "gbk.tsv").write_bytes("阿里\tAlibaba".encode("gbk"))
    (tmp_path / "a.docx").write_text("x")
    for name, message in (("gbk.tsv", "not UTF-8 (byte 0); save it as UTF-8."), ("none.tsv", "No such file"),
                          ("a.docx", "its name must end in one of .tsv .txt .csv .u8 .cedict .tbx .tmx.")):
        with pytest.raises(ValueError, match=message.replace("(", r"\(").replace(")", r"\)")) as error:
            read(tmp_path / name)
        assert str(error.value).startswith(str(tmp_path / name))


def test_xml_entities_are_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    path = tmp_path / "a.tmx"
    path.write_text(f'<!DOCTYPE tmx [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]><tmx><tu>'
                    '<tuv lang="zh"><seg>阿里&x;</seg></tuv><tuv lang="en"><seg>Alibaba</seg></tuv></tu></tmx>',
                    encoding="utf-8")
    assert [(row.zh, row.en) for row in read(path)] == [("阿里", ("Alibaba",))]


def test_tbx_as_tools_write_it(tmp_path: Path) -> None:
    """Namespaces, three-letter and regional language codes, terms marked as forbidden, terms without a group."""
    path = tmp_path / "a.tbx"
    path.write_text("""<?xml version="1.0"?><!DOCTYPE martif SYSTEM "TBXBasiccoreStructV02.dtd">
<martif type="TBX-Basic" xml:lang="en" xmlns:min="x"><text><body>
<termEntry id="1"><descrip type="subjectField">IT</descrip><note>cloud</note>
<langSet xml:lang="zh-Hans-CN"><tig><term> 云计算
 </term><termNote type="partOfSpeech">noun</termNote></tig>
<tig><term>云端运算</term><termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></tig></langSet>
<langSet xml:lang="EN_us"><ntig><termGrp><term>cloud computing</term></termGrp></ntig>
<tig><term>the cloud</term><termNote type="administrativeStatus">supersededTerm-admn-sts</termNote></tig></langSet>
</termEntry>
<termEntry id="2"><langSet xml:lang="zho"><term>芯片</term></langSet><langSet xml:lang="eng"><term>chip</term></langSet></termEntry>
</body></text></martif>""", encoding="utf-8")
    assert [(row.zh, row.en, row.note) for row in read(path)] == [
        ("云计算", ("cloud computing",), "cloud"), ("芯片", ("chip",), "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_tmx_in_the_encoding_it_declares(tmp_path: Path, encoding: str) -> None:
    declared = "utf-16" if encoding.startswith("utf-16") else "utf-8"
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    path = tmp_path / "a.tmx"
    path.write_bytes((mark + f'<?xml version="1.0" encoding="{declared}"?><tmx version="1.4"><body><tu>'
                      '<tuv xml:lang="EN-US"><seg>A <bpt i="1">b</bpt>chip</seg></tuv>'
                      '<tuv xml:lang="ZH-CN"><seg>芯片</seg></tuv></tu></body></tmx>').encode(encoding))
    assert [(row.zh, row.line) for row in read(path)] == [("芯片", 1)]


def test_tables_of_excel(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("中文\t英文\r\n阿里云\tAlibaba Cloud\r\n".encode("utf-16"))
    assert [(row.zh, row.en) for row in read(path)] == [("阿里云", ("Alibaba Cloud",))]
    (tmp_path / "b.csv").write_bytes("中文\t英文\n阿里云\tAlibaba, Cloud\n".encode())
    assert [(row.zh, row.en) for row in read(tmp_path / "b.csv")] == [("阿里云", ("Alibaba, Cloud",))]
