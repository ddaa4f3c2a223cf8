"""TOML to stages.  A stage's own fields are its settings; there is no list of settings but those."""
from __future__ import annotations

import dataclasses
import difflib
import importlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast, get_args, get_origin, get_type_hints

from pipeline.document import Stage, Survey
from pipeline.outputs import FORMATS, Layout
from pipeline.sources import Fields

ORDER = ("decode", "markup", "mojibake", "boilerplate", "sitewide", "spam", "dedup", "simplify", "segment", "glossary",
         "translate")
Layer = tuple[dict[str, Any], Path, str]  # what a file or option says, what its paths are relative to, its name
GENERAL: dict[str, Any] = {"stages": (), "provenance": "full", "max_document_mb": 64.0}


class ConfigError(ValueError):
    """A configuration that cannot be used; the message names the file or option and the key."""


def packaged() -> Path:
    """Return the folder of the default config: inside the installed package, else in the checkout."""
    here = Path(__file__).parent
    inside = here / "_config"
    return inside if inside.is_dir() else here.parent / "config"


@dataclass(frozen=True)
class Config:
    """The effective settings: general ones, and for each stage the arguments of its dataclass."""

    stages: tuple[str, ...]
    provenance: str = "full"
    max_document_mb: float = 64.0
    fields: Fields = field(default=Fields())
    layout: Layout = field(default=Layout())
    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def load(cls, file: str | Path | None = None, settings: Iterable[str] = (), stages: str = "") -> Config:
        """Return the packaged defaults, overlaid by `file`, then by ``stage.key=value`` settings.

        Raises:
            ConfigError: a file, key or value is not usable.
        """
        default = packaged() / "default.toml"
        layers = [_read(default)]
        if file is not None and Path(file).resolve() != default.resolve():
            layers.append(_read(Path(file)))
        layers += [(_parse_setting(setting), Path(), f"--set {setting}") for setting in settings]
        if stages:
            layers.append(({"stages": list(_pick(stages))}, Path(), "--stages"))
        merged: dict[str, Any] = {}
        for layer in _needed(layers):
            merged = _merge(merged, *layer)
        return cls._of(merged)

    @classmethod
    def _of(cls, merged: dict[str, Any]) -> Config:
        general = {key: merged.pop(key, default) for key, default in GENERAL.items()}
        names = tuple(general.pop("stages"))
        for name in names:
            _stage_class(name)
        if "decode" in names[1:] or (names and names[0] != "decode"):
            raise ConfigError('stages: "decode" comes first; the other stages work on text, not on bytes')
        if len(set(names)) < len(names):
            raise ConfigError("stages: a stage is named twice")
        fields, layout = Fields(**merged.pop("input", {})), Layout(**merged.pop("output", {}))
        if layout.format not in FORMATS:
            raise ConfigError(f"output.format is {layout.format!r}; it must be one of {', '.join(FORMATS)}")
        if layout.shard_mb < 0:
            raise ConfigError("output.shard_mb must be 0 (one file) or more")
        return cls(names, fields=fields, layout=layout, sections=merged, **general)

    def build(self) -> list[Stage | Survey]:
        """Return the stages, ready to work; files they name are read and checked.

        Raises:
            ConfigError: a stage does not accept its settings or their files.
        """
        stages = []
        for name in self.stages:
            try:
                stage = self.settings(name)
                check = getattr(stage, "check", None)
                if check:
                    check()
            except (ValueError, OSError) as error:
                message = str(error) if not isinstance(error, OSError) else f"{error.filename}: {error.strerror}"
                raise ConfigError(message) from error
            stages.append(stage)
        return stages

    def settings(self, name: str) -> Any:
        """Return a stage with its settings, its files not yet read."""
        return _stage_class(name)(**self.sections.get(name, {}), **self.borrowed(name))

    def borrowed(self, name: str) -> dict[str, Any]:
        """Return what a stage takes from the settings of another: fields marked with ``of`` and ``if``."""
        own = self.sections.get(name, {})
        return {f.name: self.sections.get(f.metadata["of"][0], {}).get(f.metadata["of"][1], ())
                for f in dataclasses.fields(_stage_class(name)) if "of" in f.metadata and own.get(f.metadata["if"])}

    def effective(self) -> dict[str, Any]:
        """Return every setting with its value, as JSON and TOML can hold them."""
        out: dict[str, Any] = {"stages": list(self.stages), "provenance": self.provenance,
                               "max_document_mb": self.max_document_mb, "input": self.fields._asdict(),
                               "output": self.layout._asdict()}
        for name in self.stages:
            stage = self.settings(name)
            values = {f.name: getattr(stage, f.name) for f in _settings(type(stage))}
            if values:
                out[name] = {key: _plain(value) for key, value in values.items()}
        return out


def _needed(layers: list[Layer]) -> list[Layer]:
    """Return the layers, the lowest without sections of stages that neither run nor are named above it.

    To check a section its stage is imported, and `translate` alone takes as long as half the others.  Another
    stage may borrow from `glossary`.
    """
    lowest, base, place = layers[0]
    lists = [values["stages"] for values, *_ in layers if "stages" in values]
    runs = lists[-1] if isinstance(lists[-1], list) else [lists[-1]]
    named = {key for values, *_ in layers[1:] for key in values}
    wanted = {*GENERAL, "input", "output", "glossary", *map(str, runs)} | named
    return [({key: value for key, value in lowest.items() if key in wanted}, base, place), *layers[1:]]


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return value.as_posix() if value != Path() else ""
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if dataclasses.is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return dict(value) if isinstance(value, Mapping) else value


def _read(path: Path) -> tuple[dict[str, Any], Path, str]:
    try:
        with open(path, "rb") as file:
            return tomllib.load(file), path.parent, str(path)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8: {error.reason} at byte {error.start}") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error


def _parse_setting(given: str) -> dict[str, Any]:
    key, equals, text = given.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"--set {given}: write it as stage.key=value")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    setting: Any = value
    for name in reversed(key.strip().split(".")):
        setting = {name: setting}
    return cast("dict[str, Any]", setting)


def _pick(stages: str) -> tuple[str, ...]:
    names = [name.strip() for name in stages.split(",") if name.strip()]
    for name in names:
        _stage_class(name)
    return tuple(sorted(names, key=ORDER.index))


def _merge(below: dict[str, Any], above: Mapping[str, Any], base: Path, place: str) -> dict[str, Any]:
    """Return `below` overlaid by `above`, checked, with paths resolved against `base`."""
    out = {key: dict(value) if isinstance(value, Mapping) else value for key, value in below.items()}
    for key, value in above.items():
        if key in GENERAL:
            out[key] = _coerce(value, tuple[str, ...] if key == "stages" else type(GENERAL[key]), base,
                               f"{place}: {key}")
            _check_general(key, out[key], place)
            continue
        hints = _hints(key, place)
        if not isinstance(value, Mapping):
            raise ConfigError(f"{place}: {key} is a stage; write [{key}] and its settings")
        out[key] = _overlay(out.get(key, {}), value, hints, base, f"{place}: {key}")
    return out


def _overlay(below: Mapping[str, Any], above: Mapping[str, Any], hints: Mapping[str, Any], base: Path,
             place: str) -> dict[str, Any]:
    """Return the settings of a section; a setting that is a dataclass is a sub-table of its own."""
    section = dict(below)
    where, _, key = place.rpartition(": ")
    for name, setting in above.items():
        if name not in hints:
            raise ConfigError(f"{where}: [{key}] has no setting {name!r}{_suggest(name, hints)}")
        hint = hints[name]
        if not dataclasses.is_dataclass(hint):
            section[name] = _coerce(setting, hint, base, f"{place}.{name}")
            continue
        if not isinstance(setting, Mapping):
            raise ConfigError(f"{place}.{name} is a table; write [{key}.{name}] and its settings")
        known = section.get(name) or cast("type[Any]", hint)()
        inner = _overlay({}, setting, get_type_hints(hint), base, f"{place}.{name}")
        section[name] = dataclasses.replace(known, **inner)
    return section


def _check_general(key: str, value: Any, place: str) -> None:
    if key == "provenance" and value not in ("full", "lean"):
        raise ConfigError(f'{place}: provenance is "full" or "lean", not {value!r}')
    if key == "max_document_mb" and not 0 < value < float("inf"):
        raise ConfigError(f"{place}: max_document_mb must be more than 0")


def _hints(section: str, place: str) -> dict[str, Any]:
    if section in ("input", "output"):
        return get_type_hints(Fields if section == "input" else Layout)
    if section not in ORDER:
        close = _suggest(section, (*GENERAL, *ORDER, "input", "output"))
        raise ConfigError(f"{place}: no setting or stage is called {section!r}{close}")
    hints = get_type_hints(_stage_class(section))
    return {f.name: hints[f.name] for f in _settings(_stage_class(section))}


def _settings(stage: type[Any]) -> list[dataclasses.Field[Any]]:
    return [f for f in dataclasses.fields(stage) if f.init and not f.name.startswith("_") and "of" not in f.metadata]


def _stage_class(name: str) -> type[Any]:
    """Return the class of a stage: `dedup` is `Dedup` in pipeline/stages/dedup.py."""
    if name not in ORDER:
        raise ConfigError(f"no stage is called {name!r}{_suggest(name, ORDER)}; there are {', '.join(ORDER)}")
    module = importlib.import_module(f"pipeline.stages.{name}")
    return cast("type[Any]", getattr(module, name.capitalize()))


def _amount(value: Any, place: str) -> Any:
    """Return a number that every setting could take: each is an amount, a share, a length or a time."""
    if not 0 <= value < float("inf"):
        raise ConfigError(f"{place} must be a number, 0 or more, not {value}")
    return value


def _suggest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _coerce(value: Any, hint: Any, base: Path, place: str) -> Any:
    """Return `value` as the type a setting wants; a list setting accepts one string."""
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        values = value if isinstance(value, list) else [value]
        return tuple(_coerce(v, item, base, place) for v in values)
    if hint is Path:
        if isinstance(value, str):
            return base / value if value else Path()
    elif hint is float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(_amount(value, place))
    elif hint is int:
        if isinstance(value, int) and not isinstance(value, bool):
            return _amount(value, place)
    elif hint in (str, bool):
        if isinstance(value, hint):
            return value
    elif get_args(hint) and type(None) in get_args(hint):
        return _coerce(value, next(a for a in get_args(hint) if a is not type(None)), base, place)
    elif isinstance(value, Mapping):
        return dict(value)
    names = {str: "a string", bool: "true or false", int: "a whole number", float: "a number", Path: "a path"}
    raise ConfigError(f"{place} must be {names.get(hint, 'a table')}, not {value!r}")
