"""The whole loop around a real, if tiny and random, Qwen2-VL: what it says is noise."""

import dataclasses
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.agent.events import Generated
from qvl_agent.agent.limits import Limits
from qvl_agent.agent.loop import Agent
from qvl_agent.agent.trace import read_trace
from qvl_agent.envs.registry import make
from qvl_agent.model.policy import Decoding, Generation, Profile
from qvl_agent.model.prompt import Prompt
from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.tiny import make_tiny_checkpoint


class Prompted:
    """Reads every prompt with the model, and says what the world's expert would say."""

    def __init__(self, model: Qwen2VLPolicy, world: Any, dialect: str) -> None:
        self.name, self.model, self.world = "prompted", model, world
        self.profile = Profile(dialect=dialect, max_tokens=60)
        self.count, self.overhead = model.count, model.overhead
        self.length, self.picture_size = model.length, model.picture_size
        self.describe = model.describe

    def generate(self, prompt: Prompt, decoding: Decoding) -> Generation:
        read = self.model.generate(prompt, Decoding(max_tokens=1))
        decision, agent = self.world.expert(), Agent(self, self.world.action_space)
        text = agent.dialect.render(self.world.action_space.to_call(decision.action), "So. " * 30)
        return dataclasses.replace(read, text=text, tokens=(), stop="call")

    def generate_batch(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Generation]:
        return [self.generate(prompt, decoding) for prompt in prompts]


class Ahead(Prompted):
    """Reads ahead as well, and keeps what the model itself would have said."""

    def __init__(self, model: Qwen2VLPolicy, world: Any, dialect: str) -> None:
        super().__init__(model, world, dialect)
        self.prepared = 0
        self.heard: list[Generation] = []

    def prepare(self, prompt: Prompt) -> None:
        self.model.prepare(prompt)
        self.prepared += 1

    def generate(self, prompt: Prompt, decoding: Decoding) -> Generation:
        self.heard.append(self.model.generate(prompt, Decoding(max_tokens=4)))
        return super().generate(prompt, decoding)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Qwen2VLPolicy:
    folder = tmp_path_factory.mktemp("tiny")
    make_tiny_checkpoint(folder)
    return Qwen2VLPolicy.load(folder, device="cpu")


@pytest.mark.parametrize("dialect", ["star", "hermes"])
def test_the_window_is_the_length_that_the_model_reads_also_after_eviction(
    tiny: Qwen2VLPolicy, dialect: str
) -> None:
    world = make("points24")
    agent = Agent(Prompted(tiny, world, dialect), world.action_space, context_tokens=1600)
    events = [e for e in agent.stream(world, seed=7) if isinstance(e, Generated)]
    assert len(events) == 8
    assert events[-1].window.dropped > 0
    for event in events:
        assert event.window.tokens == event.generation.prompt_tokens
        assert event.window.tokens + 60 <= 1600


@pytest.mark.parametrize(("dialect", "budget"), [("star", 1800), ("hermes", 2600)])
def test_reading_ahead_while_the_world_acts_saves_work_and_changes_no_answer(
    tiny: Qwen2VLPolicy, dialect: str, budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: dict[bool, list[Generation]] = {}
    for ahead in (False, True):
        tiny.clear()
        world = make("points24")
        policy = Ahead(tiny, world, dialect)
        agent = Agent(policy, world.action_space, context_tokens=budget, read_ahead=ahead)
        threads, act = threading.active_count(), type(world.unwrapped).step

        def step(self: Any, action: Any, threads: int = threads, act: Any = act) -> Any:
            while threading.active_count() > threads:  # the world takes its time
                time.sleep(0.001)
            return act(self, action)

        with monkeypatch.context() as patch:
            patch.setattr(type(world.unwrapped), "step", step)
            events = [e for e in agent.stream(world, seed=7) if isinstance(e, Generated)]
        pairs = zip(events, events[1:], strict=False)
        evicted = [b.step for a, b in pairs if b.window.dropped > a.window.dropped]
        heard[ahead] = policy.heard
        assert policy.prepared == (len(evicted) if ahead else 0)
    assert [g.tokens for g in heard[True]] == [g.tokens for g in heard[False]]
    assert len(evicted) >= 1
    for number in evicted:
        late, early = heard[False][number], heard[True][number]
        assert early.reused_tokens > late.reused_tokens + 100
        assert early.prompt_tokens - early.reused_tokens < 200


def test_a_model_that_talks_nonsense_is_told_so_three_times(
    tiny: Qwen2VLPolicy, tmp_path: Path
) -> None:
    tiny.profile = Profile(max_tokens=24)
    world = make("numberline")
    agent = Agent(tiny, world.action_space, trace=tmp_path, limits=Limits(errors=3))
    episode = agent.run(world, seed=7)
    assert (episode.reason, episode.steps, episode.turns) == ("too_many_errors", 0, 3)
    assert episode.trace is not None
    trace = read_trace(episode.trace)
    answers = [event for event in trace.events if event["event"] == "generated"]
    assert episode.tokens == sum(len(a["generation"]["tokens"]) for a in answers) > 0
    for answer in answers:
        assert answer["window"]["tokens"] == answer["generation"]["prompt_tokens"]
        assert answer["generation"]["seconds"]["prefill"] > 0
    assert answers[-1]["window"]["kept"] == 2
    assert {"torch", "transformers"} <= trace.manifest["versions"].keys()
