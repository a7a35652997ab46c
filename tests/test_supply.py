"""What gets installed is what was locked, and the bill of materials tells what is installed."""

import json
import re
from datetime import UTC, datetime
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from survey.sbom import bill
from survey.settings import ROOT

LOCKS = {
    "requirements.lock": ["requirements.txt"],
    "requirements-dev.lock": ["requirements.txt", "requirements-dev.txt"],
}
PLATFORMS = [
    {"sys_platform": system, "python_version": python, "python_full_version": f"{python}.0"}
    for system in ("linux", "darwin", "win32")
    for python in ("3.11", "3.12", "3.13")
]


def direct(name: str) -> list[Requirement]:
    """What a requirements file asks for itself."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text("utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def locked(name: str) -> list[tuple[Requirement, list[str]]]:
    """Every entry of a lock with its hashes."""
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    entries = (
        line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    )
    return [
        (Requirement(line.partition(" --hash=")[0].strip()), re.findall(r"--hash=(\S+)", line))
        for line in entries
    ]


def disagreements(lock: str, sources: list[str], entries: list[tuple[Requirement, list[str]]]) -> list[str]:
    """What of the files people write is not in the lock as they wrote it."""
    wrong = []
    for source in sources:
        for one in direct(source):
            if not re.fullmatch(r"==[^*,]+", str(one.specifier)):
                wrong.append(f"{source}: {one.name} is not pinned")
            pins = {
                str(found.specifier)
                for found, _ in entries
                if canonicalize_name(found.name) == canonicalize_name(one.name)
            }
            if pins != {str(one.specifier)}:
                wrong.append(f"{lock}: {one.name} is {pins}, not {one.specifier}; run make lock")
    return wrong


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_say_what_the_requirements_say(lock: str) -> None:
    entries = locked(lock)
    assert disagreements(lock, LOCKS[lock], entries) == []
    assert disagreements(lock, LOCKS[lock], entries[1:]) != [], "alembic is not there"


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_locked_is_pinned_and_hashed(lock: str) -> None:
    for one, hashes in locked(lock):
        assert re.fullmatch(r"==[^*,]+", str(one.specifier)), one
        assert hashes, one
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), one
    assert "://" not in (ROOT / lock).read_text("utf-8"), (
        "no address: where packages come from is the machine's affair"
    )


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize(
    "platform", PLATFORMS, ids=lambda one: f"{one['sys_platform']}-{one['python_version']}"
)
def test_each_platform_gets_one_version_of_each(lock: str, platform: dict[str, str]) -> None:
    names = [one.name for one, _ in locked(lock) if one.marker is None or one.marker.evaluate(platform)]
    assert len(names) == len(set(names))
    assert {canonicalize_name(one.name) for one in direct("requirements.txt")} <= set(names)


def test_both_locks_agree() -> None:
    product = {(str(one), *hashes) for one, hashes in locked("requirements.lock")}
    assert product <= {(str(one), *hashes) for one, hashes in locked("requirements-dev.lock")}


def test_make_installs_the_locks_and_nothing_else() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    installs = [line.strip() for line in makefile.splitlines() if line.lstrip().startswith("$(INSTALL)")]
    bare = [
        line
        for line in installs
        if "--require-hashes" not in line and "--no-deps --no-build-isolation -e ." not in line
    ]
    assert bare == ["$(INSTALL) $$(grep -o '^uv==[^ ]*' requirements-dev.txt)"], (
        "only the tool that makes the locks"
    )


def test_the_bill_lists_what_is_installed_and_why() -> None:
    made = bill(datetime(2026, 3, 10, tzinfo=UTC))
    found = {one["name"]: one for one in made["components"]}
    asked = {canonicalize_name(one.name) for one in direct("requirements.txt")}
    assert asked <= set(found)
    assert "pytest" not in found, "only what the product draws in"
    assert all(found[name]["version"] == version(name) for name in asked)
    known = {one["bom-ref"] for one in [*made["components"], made["metadata"]["component"]]}
    for edge in made["dependencies"]:
        assert {edge["ref"], *edge["dependsOn"]} <= known
    reached, ahead = set(), {made["metadata"]["component"]["bom-ref"]}
    edges = {edge["ref"]: edge["dependsOn"] for edge in made["dependencies"]}
    while ahead:
        reached |= ahead
        ahead = {other for ref in ahead for other in edges.get(ref, ())} - reached
    assert {one["bom-ref"] for one in made["components"] if one["type"] == "library"} <= reached
    missing = [name for name, one in found.items() if one["type"] == "library" and "licenses" not in one]
    assert set(missing) <= {"pysqlite3"}, "its makers state none"


def test_the_bill_keeps_to_its_standard() -> None:
    schema = pytest.importorskip("cyclonedx.validation.json")
    from cyclonedx.schema import SchemaVersion

    check = schema.JsonStrictValidator(SchemaVersion.V1_6)
    made = bill(datetime(2026, 3, 10, tzinfo=UTC))
    assert check.validate_str(json.dumps(made)) is None
    made["components"][0]["type"] = "something"
    assert check.validate_str(json.dumps(made)) is not None
