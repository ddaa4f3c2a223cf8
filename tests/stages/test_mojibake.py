"""Mojibake: what is repaired, what stays, and how it is told."""
from __future__ import annotations

import json
import pickle
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cjk.lossy import DARING
from pipeline.cjk.misreading import misread
from pipeline.document import Document
from pipeline.edits import rewind
from pipeline.stages.mojibake import Mojibake

SEEDS = Path(__file__).parents[2] / "seeds"
SIMPLE = "我们昨天去公园散步，看见很多孩子在湖边放风筝。"
FULL = "這家公司的產品品質優良，深受消費者的喜愛。"


def clean(text: str) -> str:
    return Document("t", text).after(Mojibake()).text


def cp1252(data: bytes) -> str:
    return "".join(chr(b) if b in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes((b,)).decode("cp1252") for b in data)


def latin1(text: str) -> str:
    return text.encode().decode("latin-1")


def as_gb18030(text: str) -> str:
    return text.encode().decode("gb18030")


def twice_gbk(before: str, text: str, after: str) -> str:
    return before + text.encode().decode("gb18030").encode().decode("gb18030") + after


EXACT = {
    "utf8 as latin-1": latin1,
    "utf8 as cp1252": lambda s: cp1252(s.encode()),
    "utf8 as cp437": lambda s: s.encode().decode("cp437"),
    "utf8 as mac roman": lambda s: s.encode().decode("mac_roman"),
    "gbk as latin-1": lambda s: s.encode("gbk").decode("latin-1"),
    "gbk as cp1252": lambda s: cp1252(s.encode("gbk")),
    "double utf8 as latin-1": lambda s: latin1(latin1(s)),
    "triple utf8 as latin-1": lambda s: latin1(latin1(latin1(s))),
    "double utf8 as cp1252": lambda s: cp1252(cp1252(s.encode()).encode()),
    "utf8 as latin-1, as gb18030": lambda s: latin1(s[:-1]).encode().decode("gb18030") + s[-1],
    "decimal entities": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "hex entities": lambda s: "".join(f"&#x{ord(c):x};" for c in s),
    "doubled entities": lambda s: "".join(f"&amp;#{ord(c)};" for c in s),
    "percent utf-8": urllib.parse.quote,
    "percent gbk": lambda s: urllib.parse.quote(s.encode("gbk")),
    "unicode escapes": lambda s: "".join(f"\\u{ord(c):04x}" for c in s),
    "zero width": "\u200b".join,
    "direction marks": lambda s: s[:4] + "\u202d" + s[4:9] + "\u202c" + s[9:],
}


@pytest.mark.parametrize("sentence", [SIMPLE, FULL])
@pytest.mark.parametrize("damage", EXACT)
def test_damage_that_keeps_all_information_is_undone(damage: str, sentence: str) -> None:
    shown = EXACT[damage](sentence)
    assert shown != sentence
    assert clean(shown) == sentence
    assert clean(f"前文正常。{shown}后文也正常。") == f"前文正常。{sentence}后文也正常。"


RESTORED = [
    (twice_gbk("他當了", "十天的總統[", "^9]。"), "他當了十天的總統[^9]。"),
    (twice_gbk("前項價", "購公有土地之價款", "，以當期公告為準。"), "前項價購公有土地之價款，以當期公告為準。"),
    (twice_gbk("作品形式是計算的副", "產物，不", "是構想的兌現。"), "作品形式是計算的副產物，不是構想的兌現。"),
    ("鍏充簬鎴戜滑", "关于我们"),
    ("旅客須知：ªF¦è", "旅客須知：ªF¦è"),  # too short to be sure
    ("这是⼀个⽤户的⻚面", "这是一个用户的页面"),
    ("他\uf9b4導大家前進", "他領導大家前進"),
    ("他说：&ldquo;好的，明天见&rdquo;", "他说：“好的，明天见”"),
    ("今天的天气真好\\ud83d\\ude00大家都出门了", "今天的天气真好😀大家都出门了"),
    ("我.们.今.天.去.公.园散步", "我们今天去公园散步"),
    ("其中有八位，含院長?⒏痹洪L，任期四年", "其中有八位，含院長、副院長，任期四年"),
    ("前項研究員(yuán)得由教育人員(yuán)任用，業(yè)務(wù)由機關(guān)辦理", "前項研究員得由教育人員任用，業務由機關辦理"),
    ("2022 ¦~ 1 ¤ë 15 ¤é¦Ü 4 ¤ë 17 ¤é¡A¥_¬üÀ]¬°¤ý³sÑÔ¿ì¤F­Ó®i¡m²V¨PÃä¬É¡n¡]Beyond Consciousness¡^[^9]¡C",
     "2022 年 1 月 15 日至 4 月 17 日，北美館為王連晟辦了個展《混沌邊界》（Beyond Consciousness）[^9]。"),
    ("台灣選民" + cp1252("不再容忍被偷走的選票".encode()) + "。", "台灣選民不再容忍被偷走的選票。"),
    ("他们说**" + cp1252("「真".encode()) + "正的艺术在这里。", "他们说**「真正的艺术在这里。"),
    ("《憨豆特工》\uecd1重新演繹，佢更高\uecd1A等級", "《憨豆特工》嘅重新演繹，佢更高嘅A等級"),
    ("龍目島超過10%\uecd1人口，佢\ue5a2\uecd8T台", "龍目島超過10%嘅人口，佢哋喺T台"), ("\uecd815洞\uecd1時候佢贏\uecd9個獎", "喺15洞嘅時候佢贏咗個獎"),
    ("法軍軍官嘉諾（Eug\uf332ne Garnot）是第三個。", "法軍軍官嘉諾（Eugène Garnot）是第三個。"),
    ("公園で太極拳デビュ\uf6f3しませんか？", "公園で太極拳デビューしませんか？"),
    ("佢\uecd8香港住\uecd9三年，王仲\ue0c6、張永達去蕭\ue0ce睇\ueaa3魚。", "佢喺香港住咗三年，王仲堃、張永達去蕭壠睇鯝魚。"),
    ("當(dāng)?shù)貪h人稱這些「毒氣蒸鬱」的熱泉為「女巫湯」。", "當地漢人稱這些「毒氣蒸鬱」的熱泉為「女巫湯」。"),
    ("图/书/馆/通/过/开/展/文献信息资源开发", "图书馆通过开展文献信息资源开发"),
    ("太/魯/閣/國/家/公/園/管理處也持續進行", "太魯閣國家公園管理處也持續進行"),
    ("依/然/係/拉/丁/美/洲/最受歡迎嘅總統", "依然係拉丁美洲最受歡迎嘅總統"),
    ("海.外.服.務.網.路.橫.跨 9 個國家", "海外服務網路橫跨 9 個國家"),
    ("台灣經(jīng)濟(jì)奇蹟?shù)墓适逻€沒結束。", "台灣經濟奇蹟的故事還沒結束。"),
    ("本廠業(yè)務(wù)由協(xié)理負責，合約到期或?qū)闷诓挥枥m(xù)聘。", "本廠業務由協理負責，合約到期或屆期不予續聘。"),
]


@pytest.mark.parametrize(("shown", "expected"), RESTORED)
def test_table_of_repairs(shown: str, expected: str) -> None:
    assert clean(shown) == expected


UNTOUCHED = [
    # other languages
    "今日は天気がいいですね。東京都の鷗外記念館で、鯨の骨格標本を見学しました。",
    "변증법적인 수속에 관한 논리학은 이미 이야기되었다. 똠방각하와 펲시콜라.",
    "Người Việt Nam rất hiếu khách; đường phố Hà Nội luôn nhộn nhịp.",
    "« C’est compliqué », a-t-elle expliqué. L’été, la santé » compte.",
    "Elle a jugé ce comportement «\xa0inapproprié\xa0», et l’a dit.",
    "Straße, Äpfel, Øresund, São Paulo, naïve façade — “quoted” … ©",
    "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "عربي \u200fנסה\u200e 和 کتاب\u200cها",
    # rare characters, classical Chinese, names, lists
    "舳艫敝水，蹀躞垂鞅，饕餮之徒，魑魅魍魎莫能逢之。",
    "朱镕基、陶喆、李喆、贠娟、亓官氏、尉迟恭与龑、㐱、𠮷野家。",
    "殯葬、誹謗、逕為答覆或為虛偽之陳述，秸秆气化与秸秆发酵。",
    "冗冗 冗冗 [rong3 rong3] /numerous/\n呫呫 呫呫 [tie4 tie4] /to whisper/",
    "番薯、珊瑚礁、玻璃、瑕疵、蝙蝠、烘焙坊、葫芦画、乒乓球拍；罰鍰、湮滅、遴選、褫奪公權。",
    "他养了鳑鲏、鱊、鳤；菜单上有鲃鱼莼菜羹、蕹菜、薤白。", "㑊㗂㨃𡃁——粵語俗字，𠮶、𨋢、𠝹，也在這裡。",
    "子曰：「觚不觚，觚哉！觚哉！」", "鬒髮如雲，不屑髢也；玉之瑱也，象之揥也。",
    "臺（こ）は薹、蕗の薹、鬱蒼とした樅の林。", "ｶﾀｶﾅと半角ｶﾅ、①②③、㍿、㌔。", "똠얌꿍, 쫘르륵, 뷁, 햏자, 믜리도 괴리도 업시.",
    "Tiếng Việt: Nguyễn Huệ đánh tan quân Thanh ở Ngọc Hồi – Đống Đa.", "Žluťoučký kůň příšerně úpěl ďábelské ódy.",
    "甲/乙/丙/丁/戊/己/庚/辛", "我/你/他/她/它/您/咱", "衣/食/住/行/育/樂", "柴.米.油.盐.酱.醋.茶", "赵·钱·孙·李·周·吴·郑", "金·木·水·火·土·春·夏",
    "红/橙/黄/绿/青/蓝/紫/黑色都有。", "京/津/冀/晋/蒙/辽/吉/黑八省区", "父·母·兄·弟·姐·妹·叔·伯等亲属", "酸·甜·苦·辣·咸·麻等口味",
    "吃/喝/玩/乐/睡/拉撒", "刀·枪·剑·戟·斧·钺·钩·叉等兵器", "我/不/想/再/去/那/家/餐厅/吃/饭", "主/谓/宾/定/状/补/表/同位语",
    "┌───┬──┐\n│姓名  │年齡│\n└───┴──┘ ─── ═══ ██",
    # code, addresses, text about damage
    's = "\\u4e2d\\u6587\\u5b57\\u7b26"', 'assert quote("a b/c") == "a%20b/c"', "if (a && b) { x &lt; y; }",
    "见 https://zh.wikipedia.org/wiki/%E4%B8%AD%E6%96%87%E7%BB%B4%E5%9F%BA%E7%99%BE%E7%A7%91 一文",
    "我把“关于我们”存成 UTF-8，同事用 GBK 打开，屏幕上是“鍏充簬鎴戜滑”。",
    "旧系统把“订单”写成了“è®¢å•”，这一段是乱码的例子。", "写成 &#20013;&#25991; 这样的实体也能显示。",
    "康熙部首里有⼀⼁⼂⼃⼄⼅。",
    '            "msg": "\\\\u3053\\\\u3093\\\\u306b\\\\u3061\\\\u306f"', "        key = 'PÃ¶p'",
    '        _raw_input(prompt="HasÅ‚o: ",stream=stream)',
    "get_content(m), 'Basic text\ufffd.'\nget_content(m), 'Basic text.'\nget_content(m), 'Basic text.'",
    # pinyin that belongs there
    "注音版：國(guó)家與(yǔ)社會(huì)的關(guān)係(xì)學(xué)習(xí)單，生(shēng)字(zì)表(biǎo)另附。",
    "姓氏如覃(qín)、仇(qiú)、任(rén)、单(shàn)，读音与常用字不同。", "他姓解(xiè)，單名一個翀(chōng)字。",
    "春(chūn)眠(mián)不(bù)觉(jué)晓(xiǎo)，处(chù)处(chù)闻(wén)啼(tí)鸟(niǎo)。",
    "“着”字有四个读音：着(zhe)、着(zháo)、着(zhuó)、着(zhāo)，要看它的意思。",
    "龘(dá)字由三个龍组成，读音少见。", "日活(DAU)与月活躍用戶(MAU)都在增長，見報告(2025)。",
    # marks, emoji, questions
    "他问：“真的??你确定???”没人回答。", "价格从?元到?元不等，待定。", "符號：\ue168\ue16e\ue174\ue17a\ue180\ue197 表格線。",
    "點擊\ue0c6，打開\ue0ce選單，返回\ueaa3頁面。", "下載App\ue0c6請按這裡", "王仲\ue0c6、張永達", "按Enter\ue000鍵、F5\ue001鍵開始",
    "点击\ue021，打开\ue022，返回\ue023。", "問卷：1.是?2.否?3.不知道?", "SELECT * FROM 用户 WHERE 名称=? AND 状态=?；",
    "乱码如锘挎槸 BOM 被 GBK 读出来的样子，编码要设成 UTF-8。", "網址 https://example.tw/?q=%E5%8F%B0%E7%81%A3&p=2 不動。",
    "为什么不去?我不知道。真的吗??当然!", "家人👨‍👩‍👧‍👦和❤️都在", "　　全角空格和ＡＢＣ１２３、（括号）不动。",
    "温度23°29′，面积3×4㎡，价格€20、£15、±5%。",
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_table_of_what_stays(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("policy", ["w1", "w2", "j1"])
def test_a_guess_without_margin_is_a_mark_not_a_word(policy: str) -> None:
    """What is lost is either right or marked; nothing known is thrown away."""
    text = "百度公司发布新产品，我们从来没有见过这样的事情。"
    found = clean(misread(text.encode(), "gbk", policy))
    assert "公司" in found
    assert "我们从来没有见过这样的事情" in found
    assert all(c in text or c == "\ufffd" for c in found)


DOCUMENTS = [  # (what is clean, what was misread and how), in turns
    [(latin1, "上海市城市规划条例"), "\n第一条 为了加强城市规划管理，制定本条例。\n"],
    ["第一行正常。\n", (latin1, "第二行是这样的文字，"), "\n第三行正常。\n", (as_gb18030, "第四行也是这样的文字"), "\n第五行正常。\n",
     (lambda s: s.encode("gbk").decode("latin-1"), "第六行又是别的编码写的文字"), "\n结束了。"],
    ["名称,说明,数量\n苹果,好吃的水果,3\n", (lambda s: s.encode("cp950").decode("latin-1"), "香蕉,進口的水果,來自菲律賓"), ",5\n"],
    ["| 項目 | 說明 |\n|---|---|\n| ", (as_gb18030, "電子郵件"), " | ", (as_gb18030, "請輸入有效的電子郵件地址"), " |\n"],
    ["文件：\n", (as_gb18030, "会议记录"), "_2024.pdf\n", (latin1, "年度总结报告"), ".pptx\n"],
    ["今天好开心😀", (latin1, "我们去了海边玩"), "🎉🎉明天继续"], [(latin1, "我今天吃了火锅😋真的很好吃"), "，推荐给大家👍"],
    ["ｶﾀｶﾅの半角はﾃｽﾄです。", (lambda s: misread(s.encode(), "shift-jis", "j1"), "这个文件的内容是中文，请用正确的编码打开"), "ｵﾜﾘ"],
    ["可以追溯到", (lambda s: misread(s.encode(), "gbk", "w2"), "十九世紀末，當時的政府決定"), "設立這所學校。"],
    ["子曰：", (as_gb18030, "「學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？"), "」"],
    [(latin1, "關關雎鳩，在河之洲。窈窕淑女，君子好逑。")], ["联系人 ", (latin1, "欧阳振华"), " 电话 13800138000"],
    ["作者：", (latin1, "刘慈欣"), "　出版社：", (latin1, "重庆出版社")], ["[00:18.20]", (as_gb18030, "你问我爱你有多深"), "\n"],
    ["<title>", (latin1, "首页 - 中国铁路客户服务中心"), "</title>\n<p>欢迎访问。</p>"],
    [(lambda s: cp1252(s.encode("gbk")), "星雲法師在大樹麻竹園動土建寺"), "——佛法不在山林裡，在人間。"],
    ["雖然大", (lambda s: cp1252(s.encode("gbk")), "屯火山群上次噴發是 5000 年前，但地底仍有 700-1000"), "°C 的熾熱岩漿。"],
    ["1\n00:00:01,000 --> 00:00:03,000\n", (latin1, "你怎么还没有走？"), "\n\n2\n"],
]


@pytest.mark.parametrize("parts", DOCUMENTS)
def test_damage_among_clean_text_is_undone_and_nothing_else(parts: list[str | tuple[Callable[[str], str], str]]) -> None:
    whole = [part if isinstance(part, str) else part[1] for part in parts]
    shown = [part if isinstance(part, str) else part[0](part[1]) for part in parts]
    assert shown != whole
    assert clean("".join(shown)) == "".join(whole)


def test_a_number_is_not_guessed_where_another_fits() -> None:
    """百分之六十 and 百分之八十 are as good as each other."""
    shown = misread("公司拥有员工三百余人，其中技术人员占百分之六十。".encode(), "gbk", "j1")
    assert "百分之\ufffd十" in clean(shown)


@pytest.mark.parametrize(("before", "text", "after"), [
    ("會議", "决定了第二個方案，我們都說好", "。"), ("他们", "第一次去中国西部旅行，看到了大山", "。"),
    ("", "中山高速公路", "動工"), ("這是", "大多數台灣人的習慣", "，不是"), ("他們", "第二年離開了家鄉，到台北工作", "。")])
def test_deleted_characters_are_found_on_borders_of_characters_and_passages(before: str, text: str, after: str) -> None:
    shown = misread(text.encode(), "gbk", "del")
    assert len(shown) < len(misread(text.encode(), "gbk", "w2"))
    assert clean(before + shown + after) == before + text + after


@pytest.mark.parametrize("text", ["一排锟斤拷锟斤拷之后", "变量是烫烫烫烫", "丢了\ufffd\ufffd\ufffd字节"])
def test_dead_damage_is_flagged_and_stays(text: str) -> None:
    doc = Document("t", text).after(Mojibake())
    assert doc.text == text
    assert len(doc.tagged("dead")) == 1


def test_seed_001_is_restored_whole() -> None:
    """All injected pinyin goes, both byte slips take the reading of the other copy, real brackets stay."""
    text = next(SEEDS.glob("001*")).read_text("utf-8")
    doc = Document("001", text).after(Mojibake())
    whys = [e.why for p in doc.patches for e in p.edits]
    assert whys.count("injected pinyin") == 456
    assert whys.count("byte-level injection") == 4  # six pieces: two of them stand in one run
    assert whys.count("sound copy") == 2
    for sound in ("頭頂的達摩克利斯之劍", "演變為戰略性的缺憾", "創作需求。夸克則通過深化", "更快更好。”"):
        assert doc.text.count(sound) == 2
    for real in ("月活躍用戶(MAU)", "日活(DAU)", "報告(2025)"):
        assert real in doc.text


@pytest.mark.parametrize("seed", ["000", "002", "003", "004"])
def test_other_seeds_do_not_change(seed: str) -> None:
    text = next(SEEDS.glob(f"{seed}*")).read_text("utf-8")
    assert clean(text) == text


def test_damage_right_behind_other_damage_is_seen() -> None:
    """However suspicious the longer passage was, the short one after it has a line of its own."""
    long, short = SIMPLE.encode().decode("gb18030", "ignore"), "关于我们".encode().decode("gb18030")
    assert clean(f"{long}\n页。\n{short}\n页。").endswith("\n页。\n关于我们\n页。")


def test_a_repair_tells_channel_score_and_codec() -> None:
    doc = Document("t", latin1(SIMPLE)).after(Mojibake())
    (edit,) = doc.patches[0].edits
    (tag,) = doc.patches[0].tags
    assert (edit.why, edit.codec) == ("utf-8 read as latin-1", "latin-1>utf-8")
    told = json.loads(tag.value)
    assert told["channel"] == "utf-8 read as latin-1"
    assert told["exact"] is True
    assert told["score"] > 50


def test_a_guess_tells_its_policy_margin_and_candidates() -> None:
    """What is left open is recorded with its candidates, the likeliest first."""
    shown = misread("五、百度公司发布新产品，她看了一眼。".encode(), "gbk", "j1")
    (told,) = [json.loads(t.value) for t in Document("t", shown).after(Mojibake(margin=14.0)).tagged("repair")]
    assert (told["channel"], told["loss"], told["exact"]) == ("utf-8 read as gbk", "j1", True)
    assert told["margin"] >= 14.0 * DARING
    assert told["candidates"]
    assert all(len(c) > 1 for c in told["candidates"])


def test_layers_and_slips_keep_their_notes() -> None:
    shown = latin1(SIMPLE[:-1]).encode().decode("gb18030") + "。\n其中有八位，含院長?⒏痹洪L，任期四年"
    notes = [json.loads(t.value) for t in Document("t", shown).after(Mojibake()).tagged("repair")]
    assert [n["channel"] for n in notes] == ["utf-8 read as latin-1, utf-8 read as gb18030", "gbk byte slip"]
    assert all(n["exact"] and n["score"] > 9 and n["margin"] >= 1 for n in notes)


def test_dead_damage_beside_a_repair_is_told_apart() -> None:
    shown = misread("百度公司发布新产品，我们从来没有见过这样的事情。".encode(), "gbk", "j1") + "\n最后丢了\ufffd\ufffd字"
    doc = Document("t", shown).after(Mojibake())
    assert [shown[t.start : t.end] for t in doc.tagged("dead")] == ["\ufffd\ufffd"]


@pytest.mark.parametrize("unit", ["?好", "今天?彋好", "\ufffd好", "鎴戜?", "好?zhàn)", "&#20013;?"])
def test_time_is_linear_in_a_text_full_of_signs(unit: str) -> None:
    def spent(times: int) -> float:
        start = time.process_time()
        clean(unit * times)
        return time.process_time() - start

    clean(unit * 10)
    assert spent(4000) < 12 * spent(1000) + 0.5


def test_every_repair_can_be_undone() -> None:
    text = "\n".join([EXACT[k](SIMPLE) for k in EXACT] + [shown for shown, _ in RESTORED])
    doc = Document("t", text).after(Mojibake())
    assert doc.text != text
    assert rewind(doc.text, doc.patches) == text


def test_cleaning_twice_changes_nothing() -> None:
    text = "\n".join([EXACT[k](s) for k in EXACT for s in (SIMPLE, FULL)] + [shown for shown, _ in RESTORED] + UNTOUCHED)
    once = clean(text)
    assert clean(once) == once


def test_each_setting_switches_its_round_off() -> None:
    text = "这是⼀个⽤户的页面"
    assert Document("t", text).after(Mojibake(look_alikes=False)).text == text
    text = latin1(SIMPLE)
    assert Document("t", text).after(Mojibake(misreadings=False, ftfy=False)).text == text


def test_the_stage_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Mojibake(margin=2.0))).margin == 2.0
