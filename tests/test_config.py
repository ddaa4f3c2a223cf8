"""Settings: what is accepted, where paths point, and what a mistake is told."""
from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pipeline import Pipeline
from pipeline.config import GENERAL, ORDER, Config, ConfigError, packaged
from pipeline.keys import stage_keys
from pipeline.render import toml


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "my.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_file_overlays_the_packaged_defaults_and_set_overlays_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, 'max_document_mb = 3\n[decode]\ncharset = "big5"\n')
    config = Config.load(path, ["decode.keep_binary=true", "provenance=lean"])
    assert config.max_document_mb == 3.0
    assert config.sections["decode"] == {"charset": "big5", "keep_binary": True}
    assert config.provenance == "lean"
    assert config.stages == Config.load().stages


def test_set_takes_a_toml_value_else_a_string() -> None:
    assert Config.load(None, ["decode.charset=gbk"]).sections["decode"]["charset"] == "gbk"
    assert Config.load(None, ['decode.charset="gbk"']).sections["decode"]["charset"] == "gbk"


def test_a_list_setting_accepts_one_string(tmp_path: Path) -> None:
    assert Config.load(None, ["stages=decode"]).stages == ("decode",)
    here = Config.load(None, ["glossary.files=mine.tsv"]).sections["glossary"]["files"]
    assert here == (Path("mine.tsv"),)


def test_paths_in_a_file_are_relative_to_it(tmp_path: Path) -> None:
    config = Config.load(write(tmp_path, '[glossary]\nfiles = ["mine.tsv", "/abs.tsv"]\n'))
    assert config.sections["glossary"]["files"] == (tmp_path / "mine.tsv", Path("/abs.tsv"))


def test_segment_takes_the_files_of_the_glossary(tmp_path: Path) -> None:
    path = write(tmp_path, '[glossary]\nfiles = ["mine.tsv"]\n[segment]\nuse_glossary = true\n')
    (tmp_path / "mine.tsv").write_text("来到北京\tarrive in Beijing\n", "utf-8")
    for stages in ("", "decode,segment"):
        config = Config.load(path, (), stages)
        assert config.settings("segment").glossary == (tmp_path / "mine.tsv",)
        assert Pipeline(config).clean("我来到北京").segmented == "我 来到北京"
    assert Config.load(path, ["segment.use_glossary=false"]).settings("segment").glossary == ()
    default = Config.load(None, ["segment.use_glossary=true"], "decode,segment").settings("segment")
    assert [file.name for file in default.glossary] == ["glossary.tsv"]
    with pytest.raises(ConfigError, match="no setting 'glossary'"):
        Config.load(None, ["segment.glossary=mine.tsv"])


def test_what_segment_borrows_counts_for_its_work(tmp_path: Path) -> None:
    (tmp_path / "mine.tsv").write_text("来到北京\tarrive\n", "utf-8")

    def key(*settings: str) -> str:
        config = Config.load(None, [f"glossary.files={tmp_path / 'mine.tsv'}", *settings], "decode,segment")
        return stage_keys(config, config.build())[1]

    used, unused = key("segment.use_glossary=true"), key()
    (tmp_path / "mine.tsv").write_text("来到北京\tcome to\n", "utf-8")
    assert key("segment.use_glossary=true") != used
    assert key() == unused


def test_stages_named_on_the_command_line_run_in_their_own_order() -> None:
    assert Config.load(None, stages="simplify, decode").stages == ("decode", "simplify")


@pytest.mark.parametrize(("text", "message"), [
    ("[dekode]\n", "no setting or stage is called 'dekode'; did you mean 'decode'?"),
    ("provenence = 'full'\n", "no setting or stage is called 'provenence'; did you mean 'provenance'?"),
    ("[decode]\nchar_set = 'x'\n", r"\[decode\] has no setting 'char_set'; did you mean 'charset'?"),
    ("[decode]\nkeep_binary = 1\n", "decode.keep_binary must be true or false, not 1"),
    ("[decode]\ncharset = 1\n", "decode.charset must be a string, not 1"),
    ("decode = 1\n", r"decode is a stage; write \[decode\]"),
    ("max_document_mb = 'big'\n", "max_document_mb must be a number"),
    ("max_document_mb = 0\n", "max_document_mb must be more than 0"),
    ("provenance = 'half'\n", 'provenance is "full" or "lean"'),
    ("stages = ['decode', 'simplfy']\n", "no stage is called 'simplfy'; did you mean 'simplify'?"),
    ("stages = ['simplify', 'decode']\n", '"decode" comes first'),
    ("stages = ['simplify']\n", '"decode" comes first'),
    ("stages = ['decode', 'simplify', 'simplify']\n", "named twice"),
    ("a = \n", "my.toml: .*line 1"),
    ("[input]\ntxt = 'x'\n", r"\[input\] has no setting 'txt'; did you mean 'text'?"),
])
def test_a_mistake_is_one_sentence_that_names_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=f"(?s)(my.toml|stages|no stage).*{message}|{message}") as caught:
        Config.load(write(tmp_path, text)).build()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("setting", ["decode", "=1", "decode.nothing=1", "nothing.at=1", "decode.keep_binary=maybe"])
def test_a_wrong_set_is_told_before_any_work(setting: str) -> None:
    with pytest.raises(ConfigError, match="--set"):
        Config.load(None, [setting])


def test_a_missing_or_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        Config.load(tmp_path / "none.toml")
    (tmp_path / "bin.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        Config.load(tmp_path / "bin.toml")


def test_the_default_file_holds_every_setting_with_its_default() -> None:
    text = (packaged() / "default.toml").read_text("utf-8")
    held = tomllib.loads(text)
    every = tuple(s for s in ORDER if (Path(__file__).parent.parent / "pipeline/stages" / f"{s}.py").is_file())
    bare = Config(every).effective()
    for section, values in bare.items():
        if isinstance(values, dict):
            assert set(held.get(section, {})) == set(values), section
            for key, default in values.items():
                if (section, key) not in (("glossary", "files"), ("translate", "glossary")):  # files beside the config
                    assert held[section][key] == default, f"{section}.{key}"
        elif section != "stages":
            assert held[section] == values
    assert set(GENERAL) <= set(held)


def test_every_setting_in_the_default_file_has_a_comment() -> None:
    for line in (packaged() / "default.toml").read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            assert "#" in line or line.startswith("stages"), line


def test_what_config_prints_is_a_config(tmp_path: Path) -> None:
    effective = Config.load().effective()
    again = Config.load(write(tmp_path, toml(effective))).effective()
    assert again == effective
