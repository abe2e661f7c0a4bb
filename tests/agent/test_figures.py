"""A world's picture for people: kept in traces, on the page, and never shown to a policy."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.agent.loop import Agent
from qvl_agent.agent.page.document import render_page
from qvl_agent.agent.trace import read_trace
from qvl_agent.envs.cards.numberline import NumberLine
from qvl_agent.model.scripted import ScriptedPolicy


class Mapped(NumberLine):
    """Draws how many pictures it was asked for."""

    drawn = 0

    def figure(self) -> Any:
        self.drawn += 1
        return np.full((20, 30, 3), self.drawn, np.uint8)


def play(world: NumberLine, trace: Path | None) -> ScriptedPolicy:
    dialect = get_dialect("star")

    def answer(_: object) -> str:
        return dialect.render(world.action_space.to_call(world.expert().action))

    policy = ScriptedPolicy(answer)
    Agent(policy, world.action_space, trace=trace).run(world, options={"start": 1, "goal": 3})
    return policy


def test_a_trace_keeps_a_figure_of_the_start_and_of_every_step(tmp_path: Path) -> None:
    world = Mapped()
    play(world, tmp_path)
    [folder] = tmp_path.iterdir()
    trace = read_trace(folder)
    figures = [event["figure"] for event in trace.events if "figure" in event]
    assert len(figures) == 1 + len(trace.steps) == world.drawn == 3
    shades = [int(np.asarray(Image.open(trace.image(name)))[0, 0, 0]) for name in figures]
    assert shades == [1, 2, 3]
    assert all("figure" not in event["info"] for event in trace.events if "info" in event)
    sections = render_page(trace).split("<section")[1:]
    assert [section.count('class="map"') for section in sections] == [1, 1, 1]


def test_nothing_is_drawn_where_no_trace_keeps_it() -> None:
    world = Mapped()
    play(world, None)
    assert world.drawn == 0


def test_a_world_without_a_figure_leaves_no_room_for_one(tmp_path: Path) -> None:
    play(NumberLine(), tmp_path)
    [folder] = tmp_path.iterdir()
    trace = read_trace(folder)
    assert not any("figure" in event for event in trace.events)
    assert 'class="map"' not in render_page(trace)


@pytest.mark.parametrize("name", ["../../secret", "x" * 64, 7])
def test_a_trace_cannot_name_a_file_elsewhere_as_a_figure(tmp_path: Path, name: Any) -> None:
    play(Mapped(), tmp_path)
    [folder] = tmp_path.iterdir()
    lines = (folder / "trace.jsonl").read_text()
    figure = read_trace(folder).events[0]["figure"]
    forged = lines.replace(f'"{figure}"', f'"{name}"' if isinstance(name, str) else str(name))
    (folder / "trace.jsonl").write_text(forged)
    trace = read_trace(folder)
    assert not trace.events
    assert "damaged" in trace.notes[0]
