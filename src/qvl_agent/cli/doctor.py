"""`qvl-agent doctor`: what is not as it should be, and what to do about it.

Each line says PASS, WARN or FAIL; a remedy stands below what is not a PASS. The exit code is 1 if
anything failed.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qvl_agent.cli.errors import FAILURE
from qvl_agent.cli.options import (
    JsonOption,
    LoadingOptions,
    ModelOption,
    PolicyOptions,
    spread,
)

if TYPE_CHECKING:
    from qvl_agent.evals.doctor import Finding
    from qvl_agent.model.policy import Policy

__all__ = ["doctor"]

doctor = typer.Typer(help="Is this machine, the phone, the model as it should be?")

_LOADING = LoadingOptions()
_POLICY = PolicyOptions()


@doctor.callback(invoke_without_command=True)
def machine(context: typer.Context, as_json: JsonOption = False) -> None:
    """Check Python, packages, torch, disk and programs; or what a verb names."""
    if context.invoked_subcommand is not None:
        return
    from qvl_agent.evals.doctor.machine import check_machine

    _tell(check_machine(), as_json)


@doctor.command()
def android(
    device: Annotated[str | None, typer.Option(help="Only this serial.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check adb and the phones it knows; they are asked, and never touched."""
    from qvl_agent.evals.doctor.phone import check_phones

    _tell(check_phones(device), as_json)


@doctor.command()
@spread
def model(
    model: ModelOption = "nano",
    loading: LoadingOptions = _LOADING,
    as_json: JsonOption = False,
) -> None:
    """Check that a model is whole, loads and answers."""
    _tell(_model(model, PolicyOptions(**asdict(loading))), as_json)


@doctor.command()
@spread
def grounding(
    model: ModelOption = "nano",
    options: PolicyOptions = _POLICY,
    as_json: JsonOption = False,
) -> None:
    """Have a model tap marked places, and name the grid on which it writes its points."""
    from qvl_agent.actions.errors import PolicyError
    from qvl_agent.evals.doctor import Finding, check_grounding

    policy = _policy(model, options)
    try:
        report = check_grounding(policy, options.seed)
    except PolicyError as exc:
        remedy = f"see: qvl-agent doctor model --model {model}"
        _tell([Finding("answers", "fail", str(exc), remedy)], as_json)
    else:
        _tell(report.findings, as_json, grounding=report.to_json())


def _model(name: str, options: PolicyOptions) -> Iterator["Finding"]:
    """Yield what there is to say of a model."""
    from qvl_agent.evals.doctor.checkpoint import check_answer, check_checkpoint, check_loading

    if name != "random" and not name.startswith("scripted:"):
        from qvl_agent.model.nano import nano_courses, nano_path

        folders = [nano_path(course) for course in nano_courses()] if name == "nano" else [name]
        found = [finding for folder in folders for finding in check_checkpoint(folder)]
        yield from found
        if any(finding.level == "fail" for finding in found):
            return
    policy, loading = check_loading(lambda: _policy(name, options))
    yield loading
    if policy is not None:
        yield check_answer(policy)


def _policy(name: str, options: PolicyOptions) -> "Policy":
    """Return a policy that looks at pictures.

    Raises:
        UsageError: If it does not look, or there is none of this name.
    """
    from qvl_agent.actions.errors import UsageError
    from qvl_agent.cli.policies import policy_for
    from qvl_agent.envs import make

    if name == "expert":
        raise UsageError("the expert sees a world's state and no picture; name a model")
    return policy_for(name, options)(make("android"))


def _tell(findings: Iterable["Finding"], as_json: bool, **more: Any) -> None:
    """Show findings as they come, or all as one document.

    Raises:
        Exit: With code 1 if one failed.
    """
    from qvl_agent.evals.doctor import is_sound

    seen = []
    for finding in findings:
        seen.append(finding)
        if not as_json:
            print(f"{finding.level.upper()}  {finding.check}: {finding.detail}")
            if finding.remedy and finding.level != "pass":
                print(f"      {finding.remedy}")
    sound = is_sound(seen)
    if as_json:
        document = {"ok": sound, "findings": [one.to_json() for one in seen], **more}
        print(json.dumps(document, ensure_ascii=False))
    if not sound:
        raise typer.Exit(FAILURE)
