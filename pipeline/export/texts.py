"""A folder of text files, one a kept document, named by its id."""
from __future__ import annotations

import re
from pathlib import Path

from pipeline.manifest import sha256
from pipeline.verify import records

ODD = re.compile(r'[\x00-\x1f\x7f%<>:"\\|?*]')
LONGEST = 200  # bytes of a name; file systems allow 255


def write(folder: Path, target: Path) -> None:
    """Write each document's text, as it is in the corpus, to a file below `target`."""
    target.mkdir()
    for row in records(folder, "corpus"):
        path = target / file_name(row["id"])
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():  # of "a" and "a.txt" the later one
            path = path.with_name(f"{path.stem}%{sha256(row['id'])[:16]}.txt")
        with open(path, "xb") as file:
            file.write(row["text"].encode("utf-8", "surrogatepass"))


def file_name(id: str) -> str:
    """Return a file name for an id, the same on every system; only "a" and "a.txt" have the same one.

    Slashes make folders; what no file name may hold is percent-encoded; a name that is too long ends
    in a hash.

    >>> file_name("news/a.txt"), file_name("https://example.org/?q=1"), file_name("../x")
    ('news/a.txt', 'https%3A/%/example.org/%3Fq=1.txt', '%2E%2E/x.txt')
    """
    *folders, name = id.split("/")
    bare = name[:-4] if len(name) > 4 and name.endswith(".txt") else name
    return "/".join([*(_part(f, True) for f in folders), _part(bare, False) + ".txt"])


def _part(text: str, folder: bool) -> str:
    safe = ODD.sub(lambda m: f"%{ord(m[0]):02X}", text)
    if safe.strip(".") == "":
        safe = "%2E" * len(safe) or "%"
    elif safe[-1] in ". ":
        safe = f"{safe[:-1]}%{ord(safe[-1]):02X}"
    if folder and safe.endswith(".txt"):
        safe += "%"  # another document may be a file of that name
    data = safe.encode("utf-8", "surrogatepass")
    if len(data) > LONGEST:
        safe = f"{data[: LONGEST - 24].decode('utf-8', 'ignore')}%{sha256(safe)[:16]}"
    return safe.encode("utf-8", "replace").decode()
