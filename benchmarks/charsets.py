"""How often bytes are read as the text they are, by detector; and how fast `decode` is.

    python benchmarks/charsets.py [DATA]     (DATA or QINGYUAN_DATA holds encodings/made.jsonl and its pages)

Without data, strings of 4 to 400 characters are cut from the seeds and encoded. A detector's answer is
decoded with the superset that browsers use (gb18030 for gb2312, big5hkscs for big5), errors replaced; right
means that the text is equal.
"""
from __future__ import annotations

import base64
import importlib.util
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parent.parent)

from pipeline.cjk.encoding import normalised
from pipeline.document import Document
from pipeline.stages.decode import Decode

ROOT = Path(__file__).parent.parent
CODECS = ("utf-8", "gbk", "gb18030", "big5", "big5hkscs", "cp950", "utf-16-le", "utf-16-be", "hz")
LENGTHS = (4, 8, 16, 40, 100, 400)


def own(data: bytes) -> str:
    """Return what the stage reads."""
    return Document.read("x", data).after(Decode()).text


def by_label(detect: Callable[[bytes], str | None]) -> Callable[[bytes], str]:
    """Return a reader that decodes with the label that `detect` gives."""
    def read(data: bytes) -> str:
        label = detect(data) or "utf-8"
        name = normalised(label) or label
        try:
            return data.decode(name, "replace").removeprefix("\ufeff")
        except LookupError:
            return ""
    return read


def detectors() -> dict[str, Callable[[bytes], str]]:
    """Return the readers: our own, and those of the libraries that are installed."""
    found: dict[str, Callable[[bytes], str]] = {"decode": own}
    if importlib.util.find_spec("chardet"):
        import chardet
        found["chardet"] = by_label(lambda data: chardet.detect(data)["encoding"])
    if importlib.util.find_spec("charset_normalizer"):
        from charset_normalizer import from_bytes

        def normalizer(data: bytes) -> str | None:
            best = from_bytes(data).best()
            return best.encoding if best else None
        found["charset-normalizer"] = by_label(normalizer)
    return found


def cases(data: Path | None) -> Iterator[tuple[str, int, bytes, str]]:
    """Yield (encoding, length in characters, bytes, text)."""
    if data:
        for line in (data / "encodings/made.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            yield row["encoding"], row["chars"], base64.b64decode(row["bytes_b64"]), row["text"]
        return
    for path in sorted((ROOT / "seeds").glob("*.txt")):
        text = "".join(path.read_text("utf-8").split())
        for codec in CODECS:
            for size in LENGTHS:
                for start in range(100, len(text) - size, len(text) // 12):
                    piece = text[start : start + size]
                    try:
                        yield codec, size, piece.encode(codec), piece
                    except UnicodeEncodeError:
                        continue


def speed() -> None:
    """Print megabytes a CPU second for large inputs, the core's check of the edit included."""
    text = "".join(path.read_text("utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))) * 200
    inputs = {"ASCII": b"The quick brown fox jumps over the lazy dog.\n" * 400_000, "UTF-8": text.encode(),
              "GB18030": text.encode("gb18030"), "UTF-16": text.encode("utf-16"),
              "Big5": text.encode("big5hkscs", "ignore")}
    stage = Decode()
    for name, data in inputs.items():
        doc = Document.read("x", data)
        alone = min(_seconds(lambda doc=doc: list(stage(doc))) for _ in range(3))  # type: ignore[misc]
        whole = min(_seconds(lambda doc=doc: doc.after(stage)) for _ in range(3))  # type: ignore[misc]
        codec = {"ASCII": "ascii", "Big5": "big5hkscs"}.get(name, name)
        bare = min(_seconds(lambda data=data, codec=codec: data.decode(codec)) for _ in range(3))  # type: ignore[misc]
        rates = (len(data) / 1e6 / max(seconds, 1e-9) for seconds in (alone, whole, bare))
        print(f"{name:8} {len(data) / 1e6:6.1f} MB  stage {next(rates):7.0f} MB/s, with the core's check "
              f"{next(rates):7.0f} MB/s, Python's codec alone {next(rates):7.0f} MB/s")


def _seconds(run: Callable[[], object]) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


def main() -> None:
    """Print right readings by encoding and by length for each detector, then speeds."""
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("QINGYUAN_DATA")
    rows = list(cases(Path(given) if given else None))
    total: Counter[str | int] = Counter()
    for encoding, size, _, _ in rows:
        total.update([encoding, size])
    keys = sorted(total, key=lambda key: (isinstance(key, int), key))
    print(f"{len(rows)} strings; right by encoding and by length")
    for name, read in detectors().items():
        right: Counter[str | int] = Counter()
        begin = time.process_time()
        for encoding, size, data, text in rows:
            if read(data) == text:
                right.update([encoding, size, ""])
        print(f"{name}: {right['']} right, {time.process_time() - begin:.1f} s;",
              " ".join(f"{key} {right[key]}/{total[key]}" for key in keys))
    speed()


if __name__ == "__main__":
    main()
