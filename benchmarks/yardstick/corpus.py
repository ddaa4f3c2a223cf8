"""A damaged corpus for timing: rows of about 2.6 KB, the same for the same seed.

Text comes from the piles of an evaluation data folder (argument DATA or QINGYUAN_DATA: files
pile_*/docs.jsonl.xz), else from seeds/.  Around it stands page furniture; some of it is damaged.

    python benchmarks/yardstick/corpus.py COUNT FILE.jsonl [DATA]
"""
from __future__ import annotations

import json
import lzma
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
BODY = 850  # characters, about 2.6 KB
HEADS = ["首页 > 新闻 > 国内", "登录 | 注册 | 收藏本站", "首頁|要聞|財經|體育|娛樂", "当前位置:首页>资讯>正文",
         "来源:本站 编辑:小王", "發布時間:2024-03-05 10:22", "2023年5月6日 08:30 来源:晨报", "字号:大 中 小"]
FEET = ["分享到:微信 微博 QQ空间", "责任编辑:李明", "版权所有 未经许可不得转载", "上一篇:关于规范管理的通知",
        "下一篇:没有了", "返回顶部", "点击加载更多", "扫码下载客户端", "相关阅读", "發表評論",
        "京ICP备10000000号-1", "关注我们的公众号"]
SPAM = ["棋牌游戏|真人娱乐|在线投注|彩票平台|注册送彩金", "无抵押贷款_当天放款_小额借钱_征信黑户贷款",
        "办证刻章 加V信 abc12345 诚信办理"]


def bodies(data: Path | None) -> Iterator[str]:
    """Yield paragraphs' worth of text, about BODY characters each, over and over."""
    while True:
        for text in _texts(data):
            chunk: list[str] = []
            size = 0
            for line in text.split("\n"):
                if line.strip():
                    chunk.append(line.strip())
                    size += len(line)
                if size >= BODY:
                    yield "\n".join(chunk)
                    chunk, size = [], 0


def _texts(data: Path | None) -> Iterator[str]:
    if data is None:
        for path in sorted((ROOT / "seeds").glob("*.txt")):
            yield path.read_text("utf-8")
        return
    piles = [lzma.open(p, "rt", encoding="utf-8")  # noqa: SIM115 (read to their ends in turn)
             for p in sorted(data.glob("pile_*/docs.jsonl.xz"))]
    while piles:
        for pile in list(piles):
            row = pile.readline()
            if row:
                yield json.loads(row)["text"]
            else:
                piles.remove(pile)


def damage(text: str, rng: random.Random) -> str:
    """Return `text` with one of its lines damaged."""
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    line = lines[at]
    way = rng.randrange(5)
    if way == 0:
        line = line.encode("utf-8").decode("latin-1")
    elif way == 1:
        line = line.encode("gb18030", "replace").decode("latin-1")
    elif way == 2:
        line = line.encode("utf-8").decode("gb18030", "replace")
    elif way == 3:
        line = "".join(f"&#{ord(c)};" for c in line)
    else:
        line = line.replace("的", "的\u200b")
    lines[at] = line
    return "\n".join(lines)


def make(count: int, data: Path | None = None, seed: int = 1) -> Iterator[dict[str, str]]:
    """Yield `count` rows: 10 % copies, 10 % damaged, 5 % with a spam line, all with furniture."""
    rng = random.Random(seed)
    source = bodies(data)
    kept: list[str] = []
    for n in range(count):
        if kept and rng.random() < 0.10:
            body = rng.choice(kept)
            if rng.random() < 0.5:
                body = body.replace("的", "之", 1)
        else:
            body = next(source)
            if len(kept) < 5000:
                kept.append(body)
        if rng.random() < 0.10:
            body = damage(body, rng)
        lines = [*rng.sample(HEADS, 3), "", *body.split("\n"), "", *rng.sample(FEET, 4)]
        if rng.random() < 0.05:
            lines.insert(rng.randrange(len(lines)), rng.choice(SPAM))
        yield {"id": f"d{n:07}", "text": "\n".join(lines), "url": f"https://site{n % 97}.example/{n}.html"}


def data_folder(argument: str | None = None) -> Path | None:
    """Return the evaluation data folder, if one is given."""
    given = argument or os.environ.get("QINGYUAN_DATA")
    return Path(given) if given else None


def write(path: Path, count: int, data: Path | None) -> int:
    """Write `count` rows as JSONL and return the bytes of their texts."""
    size = 0
    with open(path, "w", encoding="utf-8") as file:
        for row in make(count, data):
            size += len(row["text"].encode("utf-8"))
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return size


if __name__ == "__main__":
    size = write(Path(sys.argv[2]), int(sys.argv[1]), data_folder(sys.argv[3] if len(sys.argv) > 3 else None))
    print(size)
