"""What people write today: ftfy, OpenCC, jieba, langdetect and datasketch in a Pool.  The yardstick of scale.py.

    python benchmarks/yardstick/plain_script.py ROWS.jsonl OUT.jsonl WORKERS
"""
from __future__ import annotations

import json
import logging
import re
import sys
from multiprocessing import Pool

import ftfy
import jieba
import langdetect
import opencc
from datasketch import MinHash, MinHashLSH

jieba.setLogLevel(logging.ERROR)
langdetect.DetectorFactory.seed = 0
RULES = re.compile("版权所有|责任编辑|分享到|返回顶部|上一篇|下一篇|登录|注册|评论|点击|关注|下载|首页|扫码|转载")
CONVERTER = opencc.OpenCC("t2s")


def clean(row: dict) -> dict:
    text = ftfy.fix_text(row["text"], uncurl_quotes=False, fix_character_width=False)
    lines = [line.strip() for line in text.split("\n")]
    text = "\n".join(line for line in lines if line and not (len(line) < 40 and RULES.search(line)))
    try:
        lang = langdetect.detect(text)
    except langdetect.LangDetectException:
        lang = "und"
    text = CONVERTER.convert(text)
    sketch = MinHash(num_perm=128)
    sketch.update_batch([text[i : i + 5].encode() for i in range(max(1, len(text) - 4))])
    words = " ".join(w for w in jieba.cut(text) if not w.isspace())
    return {"id": row["id"], "text": text, "lang": lang, "segmented": words, "sketch": sketch}


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    index = MinHashLSH(threshold=0.8, num_perm=128)
    with Pool(int(sys.argv[3])) as pool, open(sys.argv[2], "w", encoding="utf-8") as out:
        for row in pool.imap(clean, rows, chunksize=50):
            sketch = row.pop("sketch")
            if not index.query(sketch):
                index.insert(row["id"], sketch)
                out.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
