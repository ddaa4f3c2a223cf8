"""Documentation is tested: every command, stage and setting has its line."""
from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.config import ORDER

ROOT = Path(__file__).parent.parent
STAGES = [s for s in ORDER if (ROOT / "pipeline/stages" / f"{s}.py").is_file()]


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_and_option_has_its_line(command: str) -> None:
    text = (ROOT / "docs/cli.md").read_text("utf-8")
    assert f"`qingyuan {command}" in text
    for parameter in main.commands[command].params:
        if parameter.param_type_name == "option" and parameter.name != "help":
            assert any(option in text for option in parameter.opts), parameter.opts


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_and_setting_has_its_line(stage: str) -> None:
    text = (ROOT / f"docs/{stage}.md").read_text("utf-8")
    cls = getattr(importlib.import_module(f"pipeline.stages.{stage}"), stage.capitalize())
    for setting in dataclasses.fields(cls):
        if setting.init and not setting.name.startswith("_") and "of" not in setting.metadata:
            assert f"`{setting.name}`" in text or f"`{stage}.{setting.name}" in text, setting.name
    assert f"({stage}.md)" in (ROOT / "docs/stages.md").read_text("utf-8")


def test_no_document_names_a_file_that_is_not_there() -> None:
    import re
    for page in [*ROOT.glob("docs/*.md"), ROOT / "README.md"]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_benchmark_can_be_loaded() -> None:
    import subprocess
    import sys
    names = sorted(path.stem for path in ROOT.glob("benchmarks/*.py"))
    done = subprocess.run([sys.executable, "-c", "".join(f"import benchmarks.{name}\n" for name in names)], cwd=ROOT,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_readme_shows_what_really_happens(tmp_path: Path) -> None:
    from pipeline import Pipeline
    from pipeline.explain import Story, explain_line
    from pipeline.verify import rebuild
    readme = (ROOT / "README.md").read_text("utf-8")
    Pipeline().build(ROOT / "seeds", tmp_path)
    story = Story(rebuild(tmp_path, "001_353f1514be4973cd.txt"))
    for row in explain_line(story, 39):
        assert row in readme
    start, end = story.line(39)
    assert story.source[start:end] in readme
    assert story.doc.text[story.place(start) : story.place(end)].strip() in readme


def test_the_library_example_of_the_readme_runs() -> None:
    from pipeline import Pipeline
    doc = Pipeline().clean("這個軟體很好用,開發者也很用心。")
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"doc.text            # {doc.text!r}" in readme
    assert f"doc.segmented       # {doc.segmented!r}" in readme
    assert f"doc.trace(2, 4)     # {doc.trace(2, 4)!r}:" in readme
