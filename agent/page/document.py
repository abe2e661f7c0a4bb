"""The whole page of a trace: how it went, a strip of all steps, and a section for each.

Nothing on the page comes from elsewhere and nothing in it can act: pictures are data URIs, every
text is escaped where it enters, and a content policy lets only this program's style and script run.
"""

import base64
import hashlib
import json
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from qvl_agent.actions.errors import UsageError
from qvl_agent.agent.page.images import Embedded, embed
from qvl_agent.agent.page.markup import Html, join, raw, tag
from qvl_agent.agent.page.step import Picture, Record, StepView, duration, render_end, render_step
from qvl_agent.agent.page.style import SCRIPT, STYLE
from qvl_agent.agent.trace import Trace, read_trace

__all__ = ["export_page", "render_page"]

_LONG_TASK = 160
"""Characters from which a task is set in smaller type."""

_REASONS = {
    "success": ("Success", "good"),
    "failure": ("No success", "bad"),
    "step_limit": ("Step limit", "warn"),
    "time_limit": ("Time limit", "warn"),
    "token_limit": ("Token limit", "warn"),
    "no_progress": ("No progress", "bad"),
    "too_many_errors": ("Too many errors", "bad"),
    "stopped_by_guard": ("Stopped by the guard", "warn"),
    "env_error": ("The world failed", "bad"),
    "policy_error": ("The policy failed", "bad"),
    "interrupted": ("Interrupted", "warn"),
    "closed": ("Closed", ""),
}


def export_page(trace_folder: Path, out_html: Path) -> None:
    """Write a trace as one self-contained HTML page.

    Args:
        trace_folder: A trace, of a run that ended or was cut off.
        out_html: The file to write; it appears whole or not at all.

    Raises:
        DataError: If the folder holds no trace.
        UsageError: If the page cannot be written, naming it.
    """
    page = render_page(read_trace(trace_folder))
    out_html = Path(out_html)
    partial = out_html.with_name(f".{out_html.name}.{os.getpid()}.tmp")
    try:
        # A text from a screen may hold half a surrogate pair, which no encoding can write.
        partial.write_bytes(page.encode("utf-8", "replace"))
        partial.replace(out_html)
    except OSError as exc:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise UsageError(f"the page {out_html} cannot be written: {exc.strerror or exc}") from exc


def render_page(trace: Trace) -> str:
    """Return the page of a trace."""
    steps, last_seen, last_figure = _steps(trace)
    started, ended = trace.first("started"), trace.first("ended")
    task = (started or ended or {}).get("task") or trace.manifest.get("task") or "(no task)"

    @cache
    def picture(key: str) -> Embedded | None:
        return embed(trace.image(key))

    sections = [render_step(step, picture) for step in steps]
    sections.append(render_end(last_seen, last_figure, ended, picture))
    body = join(
        _masthead(trace, str(task), steps, ended),
        _strip(steps, last_seen, picture),
        tag("main", *sections),
        _footer(trace),
        tag("script", raw(SCRIPT)),
    )
    head = join(
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy()),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{task} · qvl-agent"),
        tag("style", raw(STYLE)),
    )
    return "<!doctype html>\n" + tag("html", tag("head", head), tag("body", body), lang="en")


def _steps(trace: Trace) -> tuple[list[StepView], Record | None, str | None]:
    """Return the steps with what was seen before each, and what was seen and drawn last."""
    steps: dict[int, StepView] = {}
    seen: Record | None = None
    figure: str | None = None
    for event in trace.events:
        if "step" in event:
            number = event["step"]
            steps.setdefault(number, StepView(number, seen, figure)).events.append(event)
        seen = event.get("observation", seen)
        figure = event.get("figure", figure)
    return list(steps.values()), seen, figure


def _masthead(trace: Trace, task: str, steps: list[StepView], ended: Record | None) -> Html:
    manifest = trace.manifest
    policy = manifest.get("policy")
    name = policy.get("name") if isinstance(policy, dict) else None
    title, kind = _REASONS[ended["reason"]] if ended else ("Cut off", "warn")
    if ended and ended["success"] and ended["reason"] != "success":
        title += ", though the world says success"
    about = [manifest.get("env"), f"policy {name}" if name else None, manifest.get("created")]
    if manifest.get("seed") is not None:
        about.append(f"seed {manifest['seed']}")
    return tag(
        "header",
        tag("div", *(tag("span", str(part)) for part in about if part), class_="eyebrow"),
        tag("h1", task, class_="long" if len(task) > _LONG_TASK else None),
        tag(
            "div",
            tag("span", title, class_=f"badge {kind}".strip()),
            tag("p", ended["detail"]) if ended and ended["detail"] else None,
            class_="verdict",
        ),
        _facts(steps, ended),
        *(tag("p", note, class_="note") for note in trace.notes),
        class_="masthead",
    )


def _facts(steps: list[StepView], ended: Record | None) -> Html:
    """Return the figures of the whole episode."""
    finished = [step.acted for step in steps if step.acted]
    answers = [answer for step in steps for answer in step.all("generated")]
    facts: list[tuple[str, str, str]] = [("Steps", f"{len(finished)}", "")]
    rewards = [e["reward"] for e in finished if isinstance(e["reward"], int | float)]
    if rewards:
        facts.append(("Reward", f"{sum(rewards):g}", ""))
    if ended:
        facts.append(("Time", duration(ended["seconds"]), ""))
    if finished:
        mean = sum(sum(e["seconds"].values()) for e in finished) / len(finished)
        facts.append(("Per step", duration(mean), ""))
    if answers:
        generated = sum(len(answer["generation"]["tokens"]) for answer in answers)
        if generated:
            facts.append(("Generated", f"{generated:,}", " tokens"))
        fullest = max(answers, key=lambda answer: answer["window"]["tokens"])["window"]
        facts.append(("Fullest context", f"{fullest['tokens']:,}", f" of {fullest['budget']:,}"))
    troubles = sum(step.troubled for step in steps)
    if troubles:
        facts.append(("Steps with trouble", f"{troubles}", ""))
    return tag(
        "dl",
        *(
            tag("div", tag("dt", label), tag("dd", value, tag("small", unit) if unit else None))
            for label, value, unit in facts
        ),
        class_="facts",
    )


def _strip(steps: list[StepView], last_seen: Record | None, picture: Picture) -> Html:
    """Return the strip of small pictures that leads to each step."""

    def link(target: str, label: str, seen: Record | None, trouble: bool) -> Html:
        small = picture(seen["image"]) if seen else None
        return tag(
            "li",
            tag(
                "a",
                tag("img", src=small.thumb, alt="") if small else None,
                tag("i", title="something went wrong here") if trouble else None,
                label,
                href=f"#{target}",
            ),
        )

    links = [
        link(f"step-{step.number + 1}", f"{step.number + 1}", step.seen, step.troubled)
        for step in steps
    ]
    links.append(link("end", "end", last_seen, False))
    return tag("nav", tag("ol", *links), aria_label="Steps")


def _footer(trace: Trace) -> Html:
    manifest = json.dumps(trace.manifest, ensure_ascii=False, indent=2)
    return tag(
        "footer",
        tag("details", tag("summary", "How it was run"), tag("pre", manifest)),
        tag(
            "p",
            tag("kbd", "j"),
            " ",
            tag("kbd", "k"),
            " or ",
            tag("kbd", "←"),
            " ",
            tag("kbd", "→"),
            " go from step to step.",
        ),
    )


def _policy() -> str:
    """Return the content security policy: these very style and script, and pictures in the page."""
    style, script = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (STYLE, SCRIPT)
    )
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{style}'; "
        f"script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
    )
