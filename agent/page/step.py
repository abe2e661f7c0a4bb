"""One step of a trace as a section: what was seen, thought, written and done, and what it took."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qvl_agent.agent.page.drawing import caption, overlay
from qvl_agent.agent.page.images import Embedded
from qvl_agent.agent.page.markup import Html, join, tag

__all__ = ["Picture", "Record", "StepView", "duration", "render_end", "render_step"]

Record = Mapping[str, Any]
Picture = Callable[[str], Embedded | None]
"""From a picture's name to the picture; None when it is missing or damaged."""

_PHASES = ("preprocess", "vision", "prefill", "decode")
_PHASE_NAMES = {
    "preprocess": "image preparation",
    "vision": "vision",
    "prefill": "prefill",
    "decode": "decode",
    "wait": "other policy time",
    "world": "world",
    "agent": "agent and trace",
}


@dataclass(slots=True)
class StepView:
    """The events of one step, and what was seen before it.

    Attributes:
        number: From 0.
        seen: The observation it was chosen for; None where the trace does not hold it.
        figure: The world's picture for people before it, by its name, where there is one.
        events: In order.
    """

    number: int
    seen: Record | None
    figure: str | None = None
    events: list[Record] = field(default_factory=list)

    def all(self, name: str) -> list[Record]:
        """Return its events of a name."""
        return [event for event in self.events if event["event"] == name]

    @property
    def acted(self) -> Record | None:
        """The event that finished it, if it was finished."""
        return next(iter(self.all("acted")), None)

    @property
    def chosen(self) -> Record | None:
        """The last action that was chosen, finished, denied or cut off."""
        choices = [e for e in self.events if e["event"] in ("acted", "chose", "denied")]
        return choices[-1] if choices else None

    @property
    def troubled(self) -> bool:
        """Whether anything went wrong in it."""
        trouble = ("parse_failed", "denied", "world_failed")
        failed = self.acted is not None and bool(self.acted["error"])
        return failed or self.acted is None or any(e["event"] in trouble for e in self.events)


def duration(seconds: float) -> str:
    """Return seconds in a form that reads at a glance."""
    if seconds < 0.0095:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 0.95:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def render_step(step: StepView, picture: Picture) -> Html:
    """Return the section of a step."""
    acted, chosen = step.acted, step.chosen
    answers = {event["turn"]: event for event in step.all("generated")}
    tried = [_problem(event, answers) for event in step.events]
    seconds = sum(acted["seconds"].values()) if acted else None
    body = [
        tag(
            "h2",
            f"Step {step.number + 1}",
            tag("span", caption(chosen["action"])) if chosen else None,
            tag("span", duration(seconds), class_="when") if seconds is not None else None,
        ),
        *tried,
    ]
    if chosen is not None and chosen["event"] != "denied":
        answer = answers.get(chosen["turn"])
        body += [_answer(chosen, answer)]
    body.append(_result(acted) if acted else _cut_off(step))
    body.append(_meters(step))
    return tag(
        "section",
        _screen(step.seen, chosen, picture),
        tag("div", *body, _map(step.figure, picture)),
        id=f"step-{step.number + 1}",
    )


def render_end(
    seen: Record | None, figure: str | None, ended: Record | None, picture: Picture
) -> Html:
    """Return the last section: what the world looks like now, and how it stands."""
    body: list[Html] = [tag("h2", "The end")]
    if ended is None:
        body.append(tag("p", "The trace does not say how the run ended."))
    else:
        outcome = ended["outcome"] or {"metrics": {}}
        told = [f"reason: {ended['reason'].replace('_', ' ')}"]
        if "success" in outcome:
            told.append(f"success: {'yes' if outcome['success'] else 'no'}")
        told += [f"{key.replace('_', ' ')}: {value}" for key, value in outcome["metrics"].items()]
        body.append(_chips((text, "") for text in told))
        if ended["detail"]:
            body.append(tag("p", ended["detail"]))
    standing = tag("div", *body, _map(figure, picture))
    return tag("section", _screen(seen, None, picture), standing, id="end")


def _map(figure: str | None, picture: Picture) -> Html | None:
    """Return the world's picture for people, where there is one."""
    drawn = picture(figure) if figure else None
    if drawn is None:
        return None
    return tag("figure", tag("img", src=drawn.full, alt="The episode so far"), class_="map")


def _screen(seen: Record | None, chosen: Record | None, picture: Picture) -> Html:
    """Return the picture with the action drawn on it, further views and the words beside it."""
    if seen is None:
        return tag("figure", tag("figcaption", "No picture was recorded."), class_="screen")
    image = picture(seen["image"])
    shown = (
        tag("img", src=image.full, alt="What was seen", width=seen["width"], height=seen["height"])
        if image
        else tag("pre", "This picture is missing or damaged.")
    )
    marks = pill = None
    if chosen is not None:
        grounding = chosen.get("info", {}).get("grounding")
        grounding = grounding if isinstance(grounding, Mapping) else {}
        marks = overlay(chosen["action"], seen["width"], seen["height"], mask=grounding.get("mask"))
        style = "pill off" if chosen["event"] == "denied" else "pill"
        meant = f" → {grounding['target'] or 'nothing'}" if "target" in grounding else ""
        pill = tag("span", caption(chosen["action"]) + meant, class_=style)
    views = [
        tag("figure", tag("img", src=small.full, alt="") if small else None, view["label"])
        for view in seen["views"]
        for small in [picture(view["image"])]
    ]
    return tag(
        "figure",
        tag("div", shown, marks if image else None, pill, class_="frame"),
        tag("div", *views, class_="views") if views else None,
        tag("figcaption", seen["text"]) if seen["text"] else None,
        class_="screen",
    )


def _problem(event: Record, answers: Mapping[int, Record]) -> Html | None:
    """Return what went wrong in an event, if it is one of those."""
    match event["event"]:
        case "parse_failed":
            kind = event["kind"].replace("_", " ")
            return _card(f"No valid call: {kind}", event["message"], answers.get(event["turn"]))
        case "denied":
            title = f"{'Stopped' if event['verdict'] == 'stop' else 'Denied'}: "
            title += caption(event["action"])
            return _card(title, event["reason"], answers.get(event["turn"]))
        case "world_failed":
            return _card(f"The world failed: {event['kind']}", event["message"], None, "bad")
        case _:
            return None


def _card(title: str, message: str, answer: Record | None, kind: str = "") -> Html:
    wrote = answer["generation"]["text"] if answer else ""
    return tag(
        "div",
        tag("b", title),
        tag("p", message),
        _details("What the policy wrote", wrote or "(nothing)") if answer else None,
        class_=f"problem {kind}".strip(),
    )


def _answer(chosen: Record, answer: Record | None) -> Html:
    """Return the thought, and the call as it was written."""
    thought = chosen["thought"].strip()
    if answer is not None:
        written = answer["generation"]["text"].strip()
        call = written.removeprefix(thought).strip() if thought else written
    else:
        call = json.dumps(chosen["call"], ensure_ascii=False)
    flags = [(f"repaired: {flag.replace('_', ' ')}", "warn") for flag in chosen["flags"]]
    return join(
        tag("p", thought, class_="thought") if thought else None,
        tag("pre", call, class_="call"),
        _chips(flags) if flags else None,
    )


def _result(acted: Record) -> Html:
    """Return what the action came to."""
    chips: list[tuple[str, str]] = []
    reward = acted["reward"]
    if isinstance(reward, int | float):
        kind = "good" if reward > 0 else "bad" if reward < 0 else ""
        chips.append((f"reward {reward:+g}" if reward else "reward 0", kind))
    elif reward is not None:
        chips.append((f"reward {reward}", ""))
    chips += [(name, "") for name in ("terminated", "truncated") if acted[name]]
    error = acted["error"]
    info = json.dumps(acted["info"], ensure_ascii=False, indent=2)
    return join(
        tag("div", tag("b", "The action failed"), tag("p", error), class_="problem bad")
        if error
        else None,
        tag("p", acted["hint"], class_="problem warn") if acted.get("hint") else None,
        _chips(chips) if chips else None,
        _details("What the world reported", info) if acted["info"] else None,
    )


def _cut_off(step: StepView) -> Html | None:
    if step.all("world_failed"):
        return None
    if step.all("chose"):
        text = "The action was chosen; the trace holds nothing of what came of it."
    else:
        text = "No action came of this step."
    return tag("p", tag("span", text, class_="chip"))


def _chips(chips: Iterable[tuple[str, str]]) -> Html:
    spans = (tag("span", text, class_=f"chip {kind}".strip()) for text, kind in chips)
    return tag("div", *spans, class_="chips")


def _details(summary: str, text: str) -> Html:
    return tag("details", tag("summary", summary), tag("pre", text))


def _meters(step: StepView) -> Html | None:
    """Return the bars: where the time went, and how full the context was."""
    answers = step.all("generated")
    if not answers:
        return None
    return tag("div", _time_meter(step, answers), _context_meter(answers[-1]), class_="meters")


def _time_meter(step: StepView, answers: list[Record]) -> Html:
    parts = {
        phase: sum(answer["generation"]["seconds"][phase] for answer in answers)
        for phase in _PHASES
    }
    waited = sum(answer["seconds"] for answer in answers)
    parts["wait"] = max(0.0, waited - sum(parts.values()))
    if step.acted is not None:
        parts |= {name: step.acted["seconds"][name] for name in ("world", "agent")}
    total = sum(parts.values()) or 1.0
    shown = {name: value for name, value in parts.items() if value / total >= 0.005}
    legend = [
        tag("span", tag("i", class_=f"k-{name}"), f"{_PHASE_NAMES[name]} {duration(value)}")
        for name, value in shown.items()
    ]
    more = f" · {len(answers)} answers" if len(answers) > 1 else ""
    return tag(
        "div",
        tag("p", tag("span", f"Time{more}"), tag("b", duration(total))),
        _bar([(name, value / total) for name, value in shown.items()], "Where the time went"),
        tag("div", *legend, class_="legend"),
    )


def _context_meter(answer: Record) -> Html:
    window, generation = answer["window"], answer["generation"]
    budget = window["budget"] or 1
    told = [f"{window['tokens']:,} of {window['budget']:,} tokens"]
    if generation["reused_tokens"]:
        told.append(f"{generation['reused_tokens']:,} reused")
    if generation["tokens"]:
        told.append(f"{len(generation['tokens']):,} generated")
    legend = [f"{window['reserve']:,} tokens kept for the answer"]
    if window["kept"]:
        legend.append(f"{_counted(window['kept'], 'past turn')} shown")
    if window["dropped"]:
        legend.append(f"the {_counted(window['dropped'], 'oldest turn')} dropped")
    shares = [("used", window["tokens"] / budget), ("reserve", window["reserve"] / budget)]
    return tag(
        "div",
        tag("p", tag("span", "Context"), tag("b", " · ".join(told))),
        _bar(shares, "How full the context was"),
        tag("div", tag("span", tag("i", class_="k-reserve"), ", ".join(legend)), class_="legend"),
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _bar(shares: Iterable[tuple[str, float]], label: str) -> Html:
    """Return a bar of 1000 x 1 units; a share is in [0, 1]."""
    rects, left = [], 0.0
    for name, share in shares:
        width = min(share * 1000, 1000 - left)
        rects.append(tag("rect", x=left, y=0, width=width, height=1, class_=f"k-{name}"))
        left += width
    return tag(
        "svg",
        *rects,
        class_="bar",
        viewBox="0 0 1000 1",
        preserveAspectRatio="none",
        role="img",
        aria_label=label,
    )
