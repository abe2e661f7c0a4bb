"""An agent under a grammar: even a model that says only noise writes a valid call at every step."""

import pytest

from qvl_agent.actions.desktop import desktop_space
from qvl_agent.agent.events import Acted, Chose, Ended, Generated, ParseFailed
from qvl_agent.agent.limits import Limits
from qvl_agent.agent.loop import Agent
from qvl_agent.envs.registry import make
from qvl_agent.model.policy import Profile
from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.tiny import make_tiny_checkpoint


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Qwen2VLPolicy:
    folder = make_tiny_checkpoint(tmp_path_factory.mktemp("tiny"), context=8192)
    return Qwen2VLPolicy.load(folder, device="cpu", max_pixels=28 * 28 * 16)


@pytest.mark.parametrize("temperature", [0.0, 1.3])
@pytest.mark.parametrize(
    ("name", "dialect", "frame"),
    [
        ("points24", "star", "0-1000"),
        ("household", "qwen_fn", "0-1000"),
        ("vln", "star", "0-1"),
        ("android", "hermes", "pixels"),
    ],
)
def test_every_answer_in_a_world_holds_one_call_that_parses(
    tiny: Qwen2VLPolicy, name: str, dialect: str, frame: str, temperature: float
) -> None:
    tiny.profile = Profile(dialect=dialect, frame=frame, max_tokens=160, context_tokens=8192)
    with make(name) as world:
        agent = Agent(
            tiny,
            world.action_space,
            limits=Limits(steps=4),
            constrained=True,
            temperature=temperature,
        )
        events = list(agent.stream(world, seed=3))
    answers = [event for event in events if isinstance(event, Generated)]
    assert answers
    assert [event.generation.stop for event in answers] == ["call"] * len(answers)
    assert not [event for event in events if isinstance(event, ParseFailed)]
    assert sum(isinstance(event, Chose) for event in events) == len(answers)
    assert any(isinstance(event, Acted) for event in events)
    assert isinstance(events[-1], Ended)


def test_without_the_grammar_the_same_model_writes_none(tiny: Qwen2VLPolicy) -> None:
    tiny.profile = Profile(max_tokens=160, context_tokens=8192)
    world = make("points24")
    events = list(Agent(tiny, world.action_space).stream(world, seed=3))
    assert not [event for event in events if isinstance(event, Chose)]
    assert [event for event in events if isinstance(event, ParseFailed)]


def test_the_grammar_is_that_of_the_functions_as_the_dialect_packs_them(
    tiny: Qwen2VLPolicy,
) -> None:
    agent = Agent(tiny, desktop_space(), dialect="hermes", constrained=True)
    assert agent.decoding.space is agent.space
    assert [function.name for function in agent.space.functions] == ["computer_use"]
