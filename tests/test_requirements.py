"""The pins are complete: installed without their dependencies they still are everything needed."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# Their versions are dates: no number tells of a change that breaks something.
CALENDAR = {"certifi", "dask", "distributed"}
EXTRAS = PROJECT["project"]["optional-dependencies"]


def pins_in(text: str) -> dict[str, Requirement]:
    """The pinned packages of this Python and platform, by canonical name."""
    lines = (line.split(" \\")[0].strip() for line in text.splitlines())
    pins = (Requirement(line) for line in lines if "==" in line and not line.startswith("--"))
    return {canonicalize_name(pin.name): pin for pin in pins if applies(pin)}


def applies(need: Requirement, extras: set[str] | None = None) -> bool:
    return need.marker is None or any(
        need.marker.evaluate({"extra": extra}) for extra in (extras or {""})
    )


def unmet(pins: dict[str, Requirement], wanted: list[str]) -> list[str]:
    """What the project or a pinned package wants and no pin gives, extras included."""
    missing = []
    needs = [("the project", Requirement(text)) for text in wanted]
    followed = set()
    while needs:
        by, need = needs.pop()
        name = canonicalize_name(need.name)
        pin = pins.get(name)
        version = str(pin.specifier).removeprefix("==") if pin else ""
        if not version or version not in need.specifier:
            missing.append(f"{by} needs {need}, pinned is {version or 'nothing'}")
        elif (name, frozenset(need.extras)) not in followed:
            followed.add((name, frozenset(need.extras)))
            further = map(Requirement, distribution(name).requires or [])
            needs += [(name, one) for one in further if applies(one, {"", *need.extras})]
    return missing


def wanted_by(*extras: str) -> list[str]:
    own = f"{PROJECT['project']['name']}["
    listed = [*PROJECT["project"]["dependencies"], *(need for e in extras for need in EXTRAS[e])]
    return [need for need in listed if not need.startswith(own)]


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("app.txt", wanted_by("app", "risk", "store")),
        ("dev.txt", [*wanted_by(*EXTRAS), *PROJECT["dependency-groups"]["dev"]]),
    ],
)
def test_every_need_of_a_pinned_package_is_pinned(file: str, wanted: list[str]) -> None:
    pins = pins_in((ROOT / "requirements" / file).read_text(encoding="utf-8"))
    assert len(pins) > 30
    assert unmet(pins, wanted) == []
    for name, pin in pins.items():  # what the metadata was read from
        assert distribution(name).version in pin.specifier


def test_a_missing_pin_is_noticed() -> None:
    text = (ROOT / "requirements" / "app.txt").read_text(encoding="utf-8")
    pins = pins_in(text)
    del pins["python-dateutil"]
    assert any("python-dateutil" in line for line in unmet(pins, wanted_by("app")))
    pins = pins_in(re.sub(r"(?m)^pandas==\S+", "pandas==0.1", text))
    assert any("pandas<4,>=3.0, pinned is 0.1" in line for line in unmet(pins, wanted_by("app")))


def test_an_extra_that_a_package_wants_of_another_is_followed() -> None:
    pins = pins_in((ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8"))
    assert pins["coverage"].extras == {"toml"}


def test_the_next_major_version_of_a_package_is_not_taken_unseen() -> None:
    pins = pins_in((ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8"))
    wanted = map(Requirement, wanted_by(*EXTRAS))
    bounds = {
        canonicalize_name(need.name): [one for one in need.specifier if one.operator == "<"]
        for need in wanted
    }
    for name, upper in bounds.items():
        major = Version(str(pins[name].specifier).removeprefix("==")).major
        expected = [] if name in CALENDAR else [str(major + 1)]
        assert [one.version for one in upper] == expected, name
    assert set(bounds) >= CALENDAR
