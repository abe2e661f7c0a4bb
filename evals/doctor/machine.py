"""`doctor`: this machine and what is installed on it. Knows no phone and no checkpoint."""

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from qvl_agent.evals.doctor.findings import Finding, Level
from qvl_agent.model import diagnosis

__all__ = ["check_machine", "check_package", "check_space", "check_torch", "check_torchvision"]

_PROJECT = "qvl-agent"
_GIB = 1 << 30
_ROOM_FOR_A_MODEL = 10 * _GIB
_DEVELOPERS = "dev"
_PROGRAMS = (
    (("adb",), "phones", "apt install adb, or pip install 'qvl-agent[android]', which brings one"),
    (("Xvfb",), "desktops without a screen", "apt install xvfb"),
    (("chromium", "chromium-browser", "google-chrome"), "web pages", "apt install chromium"),
)


def check_machine() -> Iterator[Finding]:
    """Yield what there is to say of Python, packages, torch, disk and programs."""
    try:
        wanted = [Requirement(line) for line in requires(_PROJECT) or ()]
        python = metadata(_PROJECT)["Requires-Python"]
    except PackageNotFoundError:
        remedy = "run: pip install -e . in its folder"
        yield Finding(_PROJECT, "fail", "the project is not installed", remedy)
        return
    yield _python(python)
    for requirement in wanted:
        if _holds(requirement):
            yield check_package(requirement)
    yield check_torch()
    yield check_torchvision()
    yield from _extras(wanted)
    yield check_space(_weights_folder())
    for names, purpose, remedy in _PROGRAMS:
        yield _program(names, purpose, remedy)


def _python(wanted: str) -> Finding:
    found = platform.python_version()
    if SpecifierSet(wanted).contains(found, prereleases=True):
        return Finding("python", "pass", f"{found} ({platform.machine()}, {platform.system()})")
    remedy = f"make a virtual environment with Python {wanted} and install there"
    return Finding("python", "fail", f"{found}, and {wanted} is needed", remedy)


def check_package(requirement: Requirement, *, optional: bool = False) -> Finding:
    """Return whether a package is there in a version that is asked for.

    Args:
        requirement: As in pyproject.toml.
        optional: Whether it may be absent.
    """
    name, remedy = requirement.name, f"run: pip install '{_bare(requirement)}'"
    try:
        found = version(name)
    except PackageNotFoundError:
        if optional:
            return Finding(name, "pass", "not installed, and not needed otherwise", remedy)
        return Finding(name, "fail", f"not installed; {_bare(requirement)} is needed", remedy)
    if requirement.specifier.contains(found, prereleases=True):
        return Finding(name, "pass", found)
    level: Level = "warn" if optional else "fail"
    return Finding(name, level, f"{found}, and {requirement.specifier} is needed", remedy)


def _bare(requirement: Requirement) -> str:
    return f"{requirement.name}{requirement.specifier}"


def check_torch(build: Callable[[], diagnosis.TorchBuild] = diagnosis.torch_build) -> Finding:
    """Return whether torch loads, and what it computes on."""
    try:
        found = build()
    except Exception as exc:  # a missing library is an OSError, a wrong one can be anything
        remedy = "install it again, for this Python and this machine: https://pytorch.org"
        return Finding("device", "fail", f"torch does not load: {exc}", remedy)
    built = f"CUDA {found.cuda}" if found.cuda else "CPU only"
    if found.devices:
        return Finding("device", "pass", f"{', '.join(found.devices)} (torch is built for {built})")
    if shutil.which("nvidia-smi") is None:
        return Finding("device", "pass", f"the CPU (torch is built for {built})")
    remedy = "install the build of torch that fits the driver: https://pytorch.org"
    return Finding("device", "warn", f"a GPU, and torch ({built}) cannot use it", remedy)


def check_torchvision(
    broken: Callable[[], str | None] = diagnosis.broken_torchvision,
) -> Finding:
    """Return whether a torchvision that does not fit keeps transformers from loading models."""
    if find_spec("torchvision") is None:
        return Finding("torchvision", "pass", "not installed, and not needed")
    why = broken()
    if why is None:
        return Finding("torchvision", "pass", f"{version('torchvision')} fits torch")
    return Finding(
        "torchvision",
        "fail",
        f"it does not fit torch ({why}), and keeps transformers from loading any Qwen model",
        "run: pip uninstall torchvision (it is not needed), or install the build that fits",
    )


def _extras(wanted: list[Requirement]) -> Iterator[Finding]:
    """Yield a finding for each package that is not needed by everybody."""
    for extra in metadata(_PROJECT).get_all("Provides-Extra") or ():
        for requirement in wanted:
            if extra != _DEVELOPERS and _holds(requirement, extra) and not _holds(requirement):
                yield check_package(requirement, optional=True)


def _holds(requirement: Requirement, extra: str = "") -> bool:
    """Return whether a requirement is one of an extra, or of everybody, on this machine."""
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _weights_folder() -> Path:
    """Return where the hub's client keeps checkpoints, or the nearest folder above that exists."""
    home = Path(os.environ.get("HF_HOME", "~/.cache/huggingface")).expanduser()
    return next(folder for folder in (home, *home.absolute().parents) if folder.is_dir())


def check_space(folder: Path, room: int = _ROOM_FOR_A_MODEL) -> Finding:
    """Return whether a disk has room for a checkpoint.

    Args:
        folder: On that disk.
        room: In bytes.
    """
    free = shutil.disk_usage(folder).free
    detail = f"{free / _GIB:.1f} GiB free at {folder}"
    if free >= room:
        return Finding("disk", "pass", detail)
    remedy = (
        f"{room / _GIB:.0f} GiB are good to have for a 2B checkpoint: free some, or set HF_HOME"
    )
    return Finding("disk", "warn" if free >= _GIB else "fail", detail, remedy)


def _program(names: tuple[str, ...], purpose: str, remedy: str) -> Finding:
    found = next(filter(None, map(shutil.which, names)), None)
    if found:
        return Finding(names[0], "pass", found)
    if names == ("adb",) and find_spec("adbutils"):
        return Finding(names[0], "pass", "the one that adbutils brings")
    return Finding(names[0], "pass", f"not found; only {purpose} need it", remedy)
