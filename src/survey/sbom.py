"""What this installation consists of, as a CycloneDX bill of materials: told by what is installed, not by a list."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import Distribution, distribution, version
from platform import python_implementation, python_version
from typing import Any
from uuid import uuid4

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from survey.settings import ROOT
from survey.storage.database import sqlite_module

Ref = str
"""A package URL: what a component is called everywhere in the bill."""


def bill(now: datetime) -> dict[str, Any]:
    """The bill in CycloneDX 1.6: every distribution that the product draws in here, and what needs what.

    Raises `PackageNotFoundError` when the installation is not whole.
    """
    product, direct = _ref("survey", version("survey")), sorted(_direct())
    found = _gather({(name, frozenset(_extras(name))) for name in direct})
    refs = {name: _ref(name, one.version) for name, one in found.items()}
    needs = {refs[name]: sorted({refs[other] for other in _needed(one) if other in refs})
             for name, one in found.items()}  # fmt: skip
    needs[product] = sorted({refs[name] for name in direct})
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{uuid4()}", "version": 1,
        "metadata": {
            "timestamp": now.astimezone(UTC).isoformat(timespec="seconds"),
            "component": {"type": "application", "bom-ref": product, "name": "survey", "version": version("survey")},
        },
        "components": [*(_component(name, one) for name, one in sorted(found.items())), *_beneath()],
        "dependencies": [{"ref": ref, "dependsOn": others} for ref, others in sorted(needs.items())],
    }  # fmt: skip


def requirements() -> Iterator[Requirement]:
    """What requirements.txt asks for, our own code excepted."""
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        wanted = line.partition("#")[0].strip()
        if wanted and not wanted.startswith("-"):
            yield Requirement(wanted)


def _direct() -> set[str]:
    return {canonicalize_name(one.name) for one in requirements() if _applies(one, frozenset())}


def _extras(name: str) -> set[str]:
    return {extra for one in requirements() if canonicalize_name(one.name) == name for extra in one.extras}


def _gather(wanted: set[tuple[str, frozenset[str]]]) -> dict[str, Distribution]:
    """Name → distribution of all that is wanted, with the extras asked for, and all that these want."""
    seen: set[tuple[str, frozenset[str]]] = set()
    while ahead := wanted - seen:
        seen |= ahead
        for name, extras in ahead:
            needed = _requires(distribution(name), extras)
            wanted |= {(canonicalize_name(one.name), frozenset(one.extras)) for one in needed}
    return {name: distribution(name) for name, _ in sorted(seen, key=lambda one: one[0])}


def _requires(one: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    """What a distribution needs on this machine, with those of its extras that were asked for."""
    return (wanted for wanted in map(Requirement, one.requires or ()) if _applies(wanted, extras))


def _applies(one: Requirement, extras: frozenset[str]) -> bool:
    return one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _needed(one: Distribution) -> set[str]:
    extras = frozenset(one.metadata.get_all("Provides-Extra") or ())
    return {canonicalize_name(wanted.name) for wanted in _requires(one, extras)}


def _ref(name: str, number: str) -> Ref:
    return f"pkg:pypi/{name}@{number}"


def _component(name: str, one: Distribution) -> dict[str, Any]:
    ref = _ref(name, one.version)
    told = {"type": "library", "bom-ref": ref, "name": name, "version": one.version, "purl": ref}
    return told | ({"licenses": [_license(one)]} if _license(one) else {})


def _license(one: Distribution) -> dict[str, Any]:
    """As its makers put it: an SPDX expression, or the name of a licence."""
    if expressions := one.metadata.get_all("License-Expression"):
        return {"expression": expressions[0]}
    kinds = [
        kind.rpartition(" :: ")[2]
        for kind in one.metadata.get_all("Classifier") or ()
        if "License ::" in kind
    ]
    name = kinds[0] if kinds else "".join(one.metadata.get_all("License") or ()).strip().partition("\n")[0]
    return {"license": {"name": name}} if name else {}


def _beneath() -> Iterator[dict[str, Any]]:
    """What no package index lists: the interpreter, and the SQLite inside a wheel."""
    for name, number in (
        (python_implementation(), python_version()),
        ("SQLite", sqlite_module().sqlite_version),
    ):
        yield {"type": "platform", "bom-ref": f"{name}@{number}", "name": name, "version": number}
