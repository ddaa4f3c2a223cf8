"""HTML to text: what pages must read as, what must not be lost, and that nothing breaks it."""
from __future__ import annotations

import html
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import Config, Pipeline
from pipeline.document import Document, Given
from pipeline.html.evidence import is_html
from pipeline.stages.markup import Markup

SENTENCE = "第一条为了规范缔结条约工作程序，加强对缔结条约事务的管理，制定本办法。"


def clean(page: str, **stage: bool) -> Document:
    doc = Document("a", page, given=Given(kind="html")).after(Markup(**stage))
    assert_traces(page, doc)
    return doc


def assert_traces(page: str, doc: Document) -> None:
    """Every character stands in the page where it says, or stands for the reference, tag or space that stands there."""
    trace = doc.trace
    for i, c in enumerate(doc.text):
        start, end = trace(i, i + 1)
        place = page[start:end]
        assert start < end
        assert c == place or c in "\n\t ^" or c in html.unescape(place) or "&" in place, (i, c, place)


def whys(doc: Document) -> set[str]:
    return {e.why for p in doc.patches for e in p.edits}


@pytest.mark.parametrize(("page", "text"), [
    ("<p>一</p><p>二</p>", "一\n二"),
    ("<p>一<p>二", "一\n二"),
    ("<div>一<div>二</div>三</div>", "一\n二\n三"),
    ("一<br>二<BR/>三<br />四", "一\n二\n三\n四"),
    ("<br><br>一<br><br>二<br>", "一\n二"),
    ("<p>\n  一行\n  两行\n</p>", "一行两行"),
    ("<p>one\n two\tthree</p>", "one two three"),
    ("<p>中文 English  混排</p>", "中文 English 混排"),
    ("<p>　　缩进的段落</p>", "缩进的段落"),
    ("<p>&nbsp;&nbsp;&nbsp;缩进的段落&nbsp;</p>", "缩进的段落"),
    ("<p>甲&nbsp;&nbsp;乙</p>", "甲 乙"),
    ("<p>甲　乙</p>", "甲　乙"),
    ("<p>粗<b>体</b>字</p>", "粗体字"),
    ("<p>a<b> b </b>c</p>", "a b c"),
    ("<h1>题</h1>文", "题\n文"),
    ("<ul><li>一<li>二<ul><li>三</ul></ul>", "一\n二\n三"),
    ("<dl><dt>甲<dd>乙</dl>", "甲\n乙"),
    ("<p>H<sub>2</sub>O 和 x<sup>2</sup></p>", "H2O 和 x^2"),
    ("<ruby>漢<rp>(</rp><rt>hàn</rt><rp>)</rp>字<rt>zì</rt></ruby>", "漢字"),
    ("<pre>\nif a:\n    b = 1\n\n    c\n</pre><p>完", "if a:\n    b = 1\n\n    c\n完"),
    ("<pre><code>a &lt; b\r\nc</code></pre>", "a < b\nc"),
    ("<p>超<wbr>长</p>", "超长"),
    ("<div><span class=a>张三</span><span class=b>新闻</span><em id=t>5月1日</em></div>", "张三 新闻 5月1日"),
    ("<div><span>分</span><span>开</span>的<span class=x>词</span></div>", "分开的词"),
    ("<div><span style='color:red'>分</span><span style='color:blue'>开</span></div>", "分开"),
    ("<div><span class=ql>分</span><span class=ql>开</span></div>", "分开"),
    ("<p><span class=a>分</span><span class=b>开</span></p>", "分开"),
    ("<div><a href=1>甲</a><a href=2>乙</a></div>", "甲 乙"),
    ("", ""),
])
def test_blocks_and_spaces(page: str, text: str) -> None:
    """Block ends and <br> are line ends; white space is as a browser shows it, but no space inside wrapped Chinese."""
    assert clean(page).text == text


@pytest.mark.parametrize(("page", "text"), [
    ("<table><tr><th>项目</th><th>金额</th></tr><tr><td>甲</td><td>1</td></tr></table>", "项目\t金额\n甲\t1"),
    ("<table><tr><td><p>甲</p></td><td><p>1</p></td></tr></table>", "甲\t1"),
    ("<table><tr><td>甲<td>1<tr><td>乙<td>2</table>", "甲\t1\n乙\t2"),
    ("<table><tr><td>甲</td><td></td><td>3</td></tr></table>", "甲\t\t3"),
    (f"<table><tr><td><p>{SENTENCE}</p><p>{SENTENCE}</p></td><td>边</td></tr></table>", f"{SENTENCE}\n{SENTENCE}\n边"),
    ("<table><caption>表一</caption><tr><td>甲</td><td>1</td></tr></table>", "表一\n甲\t1"),
    ("<table><tr><td><table><tr><td>甲</td><td>1</td></tr></table></td></tr></table>", "甲\t1"),
])
def test_tables_keep_their_rows(page: str, text: str) -> None:
    """Cells of one line each are joined by tabs, an empty cell keeps its column; layout tables give lines."""
    assert clean(page, main_content=False).text == text


@pytest.mark.parametrize(("page", "text"), [
    ("A&amp;B", "A&B"), ("&lt;p&gt;", "<p>"), ("&#20013;&#x6587;", "中文"), ("&#55357;&#56832;", "😀"),
    ("&ldquo;好&rdquo;", "“好”"),
    ("&copy 2024", "© 2024"), ("?a=1&copy=2", "?a=1&copy=2"), ("&unknown; & &", "&unknown; & &"),
    ("&amp;nbsp;", "&nbsp;"),
    ("&#150;&#0;&#xD800;", "–\ufffd\ufffd"), ("AT&T", "AT&T"), ("&hellip;&mdash;", "…—"),
    ("&#99999999999;", "&#99999999999;"),
])
def test_character_references(page: str, text: str) -> None:
    """References are read once, as the standard says; what is none stays."""
    assert clean(f"<p>{page}</p>").text == text


@pytest.mark.parametrize(("page", "text", "why"), [
    ("<p>前</p><script>if (a<b) {'</p>'}</script><p>后</p>", "前\n后", "script"),
    ("<style>p > a {color:red}</style><p>文</p>", "文", "style"),
    ("<p>前<!-- <p>注</p> -->后</p>", "前后", "comment"),
    ("<p>前<!-->后</p>", "前后", "comment"),
    ("<p>前<!-- 没有结束>后", "前后", "comment"),
    ("<p>前<![if !IE]>后<![endif]></p>", "前后", "comment"),
    ("<?xml version='1.0'?><p>文</p>", "文", "comment"),
    (f"<p>{SENTENCE}</p><div style='display: none'>隐藏</div>", SENTENCE, "hidden"),
    (f"<p>{SENTENCE}<span style='font-size:0px'>赌</span></p>", SENTENCE, "hidden"),
    (f"<p>{SENTENCE}</p><p hidden>藏</p>", SENTENCE, "hidden"),
    (f"<p>{SENTENCE}</p><noscript>请启用脚本</noscript>", SENTENCE, "hidden"),
    (f"<nav><a href=/>首页</a></nav><p>{SENTENCE}</p>", SENTENCE, "chrome"),
    (f"<title>题</title><p>{SENTENCE}</p>", SENTENCE, "head"),
    (f"<p>{SENTENCE}</p><textarea>写评论</textarea>", SENTENCE, "form"),
])
def test_what_is_cut(page: str, text: str, why: str) -> None:
    """Scripts, styles, comments, hidden text and furniture are cut, each by its own rule."""
    doc = clean(page)
    assert doc.text == text
    assert why in whys(doc)


@pytest.mark.parametrize(("page", "text"), [
    (f"<div id=js_content style='visibility: hidden; opacity: 0'><p>{SENTENCE}</p></div>", SENTENCE),
    # shown by a script
    (f"<body class='nav-open comment-page has-sidebar'><p>{SENTENCE}</p>", SENTENCE),
    (f"<form action=x><div><p>{SENTENCE}</p></div></form>", SENTENCE),  # one form around the page
    (f"<div class=footer><p>{SENTENCE}</p></div>", SENTENCE),  # nothing else is on the page
    (f"<p>{SENTENCE}</p><p>见<a href=1>第二条</a>、<a href=2>第三条</a>的规定。</p>",
     f"{SENTENCE}\n见第二条、第三条的规定。"),
    ("<p>若a<b且c>d，则成立。</p>", "若a<b且c>d，则成立。"),
    ("<p>写信给<zhang@example.com>即可。</p>", "写信给<zhang@example.com>即可。"),
    ("<p>未完<a href='x", "未完<a href='x"),
    ('<p><a href="x>链接</a>之后的<b class="y">正文</b>还在。', "链接之后的正文还在。"),
    ("<p title='a>b'>文</p>", "文"), ("<p data-x='<p>非文</p>' >文</p>", "文"), ('<a href="1"class="2">连</a>', "连"),
    ("<title>未闭合<p>正文在此。", "未闭合\n正文在此。"),
    ("<script/><p>正文在此。", "正文在此。"),
    ("<b><p>粗</b>体</p>外", "粗体\n外"),
    ("</div></p>前</span>后", "前后"),
    ("<div <p>破标签</p>", "破标签"),
])
def test_real_text_is_not_lost(page: str, text: str) -> None:
    """Broken markup and misleading names cost no sentence."""
    assert clean(page).text == text


ARTICLES = ["第二条国务院各部门应当按照职责分工，做好条约的谈判、签署、批准和备案工作，并及时报告。",
            "第三条条约草案应当征求有关部门的意见，涉及财政支出的，还应当征求财政部门的意见。",
            "第四条条约经批准后，由外交部门办理交换批准书的手续，并在规定的期限内予以公布。",
            "第五条本办法自公布之日起施行，过去的规定与本办法不一致的，以本办法为准，不再适用。"]


def split_page(opening: str, closing: str) -> str:
    parts = "".join(f"{opening}<p>{text}</p><p>{text}</p>{closing}" for text in ARTICLES)
    return f"<h1>缔结条约办法</h1><div class=intro><p>{SENTENCE}{SENTENCE}</p></div>{parts}"


def test_a_page_of_frames_keeps_the_text_for_readers_without_frames() -> None:
    frames = "<html><frameset cols='20%,80%'><frame src=a.html></frameset>"
    assert clean(f"{frames}<noframes><body><p>{SENTENCE}</p></body></noframes></html>").text == SENTENCE
    assert clean(f"<p>{SENTENCE}</p><noframes><p>请换一个浏览器</p></noframes>").text == SENTENCE


@pytest.mark.parametrize("name", ["widget", "recommend", "rank", "vote", "tools", "dropdown-menu"])
def test_names_that_hold_most_of_the_text_mean_something_else(name: str) -> None:
    """A text in four boxes whose name sounds like furniture stays; comments of the same size go."""
    text = clean(split_page(f"<div class={name}>", "</div>"), second_opinion=False).text
    assert all(text.count(article) == 2 for article in ARTICLES)
    assert clean(split_page("<div class=comments>", "</div>")).text == f"缔结条约办法\n{SENTENCE}{SENTENCE}"


def test_second_opinion() -> None:
    """Where tags hide most of the text, trafilatura brings it back; without it the rest stays as it is."""
    pytest.importorskip("trafilatura")
    page = split_page("<fieldset>", "</fieldset>")
    assert clean(page, second_opinion=False).text == f"缔结条约办法\n{SENTENCE}{SENTENCE}"
    text = clean(page).text
    assert all(text.count(article) == 2 for article in ARTICLES)


def test_metadata() -> None:
    """Title, names, dates, site, language, keywords, address and licence come from the head, normalised."""
    doc = clean("""<html lang="zh-TW"><head><title>條例公布_新聞_某網</title><meta name="Author" content="王小明、李四">
    <meta property="og:site_name" content="某網"><meta name="keywords" content="條例,公布"><link rel=canonical
    href="https://a.example/1"> <link rel="license" href="https://creativecommons.org/licenses/by/4.0/">
    <script
    type="application/ld+json">{"@type":"NewsArticle","headline":"條例今日公布","datePublished":"2024-05-01T08:00:00+0800",
    "dateModified":"2024-05-02","author":[{"name":"王小明"}]}</script></head><body><h1>條例今日公布</h1><p>今日公布條例，即日施行。</p>""")
    assert doc.meta == {"title": "條例今日公布", "site": "某網", "date": "2024-05-01T08:00:00+08:00",
                        "modified": "2024-05-02",
                        "authors": ["王小明", "李四"], "tags": ["條例", "公布"], "urls": ["https://a.example/1"],
                        "licences": ["https://creativecommons.org/licenses/by/4.0/"], "language": "zh-TW"}
    assert doc.text == "條例今日公布\n今日公布條例，即日施行。"


@pytest.mark.parametrize(("text", "found"), [
    ("<!DOCTYPE html>\n<html><body>文</body></html>", True), ("\n<!-- 存 --><HTML>", True),
    ("<?xml version='1.0'?><html>", True),
    ("标题\n" + f"<div class=a><p>{SENTENCE}</p></div>\n" * 5, True),
    ("用 <br> 换行，用 <p> 分段。", False), (SENTENCE * 3, False), ("a < b > c " * 20, False),
    ("怎样写表格：\n" + "<tr><td>1</td></tr>\n" * 20 + f"{SENTENCE}\n", False),
    ("```html\n" + "<p>示例</p>\n" * 20 + "```", False), ("<全文完>\n" * 20, False),
])
def test_evidence(text: str, found: bool) -> None:
    """A saved page is known by its beginning or by tags on all its lines; an article about HTML is none."""
    assert is_html(text) is found


def test_plain_text_is_left_alone() -> None:
    """A text document with stray tags and references is not this stage's business; a saved page is."""
    text = "用 <br> 换行 &amp; 分段。\n"
    assert Document("a", text).after(Markup()).patches == ()
    assert Document("a", f"<html><p>{SENTENCE}").after(Markup()).text == SENTENCE
    assert Document("a", f"<html><p>{SENTENCE}").after(Markup(sniff=False)).patches == ()


PIECES = ["<p>", "</p>", "<div class='nav'>", "</div>", "<br>", "<table><tr><td>", "</td><td>", "</table>",
          "<a href=x>", "</a>", "<!--", "-->",
          "<script>", "</script>", "<pre>\n", "</pre>", "<", ">", "\"", "'", "=", "&amp;", "&nbsp;", "&#x", "<title>",
          "</title>", "<ruby>", "<rt>",
          "<style", "<b", "/>", "<![CDATA[", "]]>", "<?", "<li>", "<textarea>", "\n", "  ", "\u3000", "汉字，",
          "word ", "。", "<h1>", "<span hidden>"]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=40), st.booleans())
def test_any_page_is_read_and_traced(parts: list[str], main: bool) -> None:
    """Whatever the page: no error, the page is rebuilt, and each character traces to its place."""
    page = "".join(parts).encode("utf-8", "ignore").decode()
    doc = clean(page, main_content=main)
    from pipeline.edits import rewind
    assert rewind(doc.text, doc.patches) == page


@pytest.mark.parametrize("piece",
                         ["<", "<a", "<a ", "<a \"", "<a b='", "<!--", "<!", "<p>", "<div>", "</div>", "<table>",
                          "<td>", "<a href=x>", "&", "&#",
                                   "<script>", "<title>", "<b><p>", "<textarea>", "<x y=\"'", " ", "<pre>", "<ul><li>",
                                   "\u3000", "&nbsp;", "<![CDATA["])
def test_linear_time(piece: str) -> None:
    """No repeated fragment takes more than linear time."""
    page = f"<p>{SENTENCE}</p>" + piece * (60_000 // len(piece))
    begin = time.process_time()
    Document("a", page, given=Given(kind="html")).after(Markup())
    assert time.process_time() - begin < 4


@pytest.mark.parametrize(("page", "text"), [
    ("<p>光速约为3×10<sup>8</sup>米每秒。</p>", "光速约为3×10^8米每秒。"),
    ("<p>面积5 m<sup>2</sup>,密度10<sup>-14</sup>。</p>", "面积5 m^2,密度10^-14。"),
    ("<p>水是H<sub>2</sub>O。</p>", "水是H2O。"),
    ("<p>如前所述<sup>1</sup>,另见<sup>[2]</sup>。</p>", "如前所述1,另见[2]。"),
])
def test_a_raised_number_does_not_run_into_the_number_before_it(page: str, text: str) -> None:
    assert Pipeline(Config.load(None, stages="decode,markup")).clean(page, kind="html").text == text
