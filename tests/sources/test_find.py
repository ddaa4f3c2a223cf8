"""Which files an input names, and in which order."""
from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.sources import InputError, find


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def names(*inputs: object, leave_out: Path | None = None) -> list[str]:
    return [f.name for f in find([str(i) for i in inputs], leave_out).files]


def test_a_folder_is_its_own_root_and_sorted_by_code_point(tmp_path: Path) -> None:
    make(tmp_path, "b.txt", "a/z.txt", "a.txt", "Z.html", "中.txt", "a-1.jsonl", "a/b/c.jsonl.gz")
    assert names(tmp_path) == ["Z.html", "a-1.jsonl", "a.txt", "a/b/c.jsonl.gz", "a/z.txt", "b.txt", "中.txt"]


def test_other_kinds_and_hidden_files_are_passed_over_and_counted(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "b.png", ".hidden.txt", ".git/x.txt", "c.TXT")
    listing = find([tmp_path])
    assert [f.name for f in listing.files] == ["a.txt", "c.TXT"]
    assert listing.passed_over == 2


def test_a_file_named_by_itself_is_taken_whatever_its_ending(tmp_path: Path) -> None:
    make(tmp_path, "page.log")
    assert names(tmp_path / "page.log") == ["page.log"]


def test_a_glob_has_the_part_before_the_first_wildcard_as_root(tmp_path: Path) -> None:
    make(tmp_path, "x/a/1.txt", "x/b/2.txt", "x/b/3.html", "y/4.txt")
    assert names(f"{tmp_path}/x/*/*.txt") == ["a/1.txt", "b/2.txt"]
    assert names(f"{tmp_path}/**/*.txt") == ["x/a/1.txt", "x/b/2.txt", "y/4.txt"]
    assert names(f"{tmp_path}/x/*") == ["a/1.txt", "b/2.txt", "b/3.html"]


def test_inputs_come_in_the_order_given(tmp_path: Path) -> None:
    make(tmp_path, "b/1.txt", "a/2.txt", "c.txt")
    assert names(tmp_path / "b", tmp_path / "c.txt", tmp_path / "a") == ["1.txt", "c.txt", "2.txt"]


def test_the_output_folder_is_never_an_input(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "out/corpus.jsonl")
    assert names(tmp_path, leave_out=tmp_path / "out") == ["a.txt"]


def test_the_output_folder_of_another_run_is_no_input_unless_it_is_named(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "out/corpus.jsonl", "out/run.json", "out/.store/lock")
    assert names(tmp_path) == ["a.txt"]
    assert names(tmp_path / "out") == ["corpus.jsonl"]


def test_a_file_whose_name_has_brackets_is_a_file(tmp_path: Path) -> None:
    make(tmp_path, "a[1].txt")
    assert names(tmp_path / "a[1].txt") == ["a[1].txt"]


@pytest.mark.parametrize("name", ["nowhere", "nowhere/*.txt"])
def test_nothing_there_is_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"nowhere.*(no such file or folder|holds no documents)"):
        find([f"{tmp_path}/{name}"])


def test_a_folder_without_documents_is_an_error_that_says_what_was_looked_for(tmp_path: Path) -> None:
    make(tmp_path, "a.png")
    with pytest.raises(InputError, match=r"holds no documents \(looked for \.txt"):
        find([tmp_path])


def test_a_link_to_nothing_is_found_so_that_it_is_not_lost(tmp_path: Path) -> None:
    os.symlink(tmp_path / "gone", tmp_path / "a.txt")
    assert names(tmp_path) == ["a.txt"]


def test_a_file_called_as_standard_input_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-").write_text("一行文字。", "utf-8")
    for given in ("./-", str(tmp_path / "-"), "./*"):
        assert [(file.name, file.kind) for file in find([given]).files] == [("./-", "text")]
    assert [(file.name, file.kind) for file in find(["-"]).files] == [("-", "rows")]
