"""An episode from task to outcome: what is asked, told, carried out and kept."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

from qvl_agent.actions.cards import Minus, Plus
from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.errors import UsageError
from qvl_agent.actions.mobile import Tap, mobile_space
from qvl_agent.actions.types import Point
from qvl_agent.agent.events import (
    Acted,
    Ended,
    Event,
    Generated,
    ParseFailed,
    Request,
    Started,
)
from qvl_agent.agent.loop import Agent
from qvl_agent.agent.trace import read_trace
from qvl_agent.envs.base import Observation, Outcome
from qvl_agent.envs.registry import make
from qvl_agent.model.policy import Generation
from qvl_agent.model.prompt import Prompt, Text
from qvl_agent.model.scripted import ScriptedPolicy

PLUS, MINUS = Plus(), Minus()
World = Any  # the fixture's class
Say = Callable[..., str]
Scripted = Callable[..., ScriptedPolicy]
Recorder = Callable[..., Any]


def played(agent: Agent, env: World, **kwargs: Any) -> tuple[list[Event], Ended]:
    events = list(agent.stream(env, **kwargs))
    assert isinstance(events[-1], Ended)
    return events, events[-1]


def names(events: Sequence[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def last_text(prompt: Prompt) -> str:
    return "".join(p.text for p in prompt.turns[-1].parts if isinstance(p, Text))


def result(message: str) -> str:
    dialect = get_dialect("star")
    return dialect.before_result + message + dialect.after_result


def test_a_won_episode_tells_every_step_and_how_it_ended(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(2)
    agent = Agent(scripted([say(PLUS, "Go on."), say(PLUS)]), env.action_space)
    events, ended = played(agent, env, seed=5)
    assert names(events) == ["Started", *["Generated", "Chose", "Acted"] * 2, "Ended"]
    acted = [event for event in events if isinstance(event, Acted)]
    assert [(a.step, a.turn, a.reward, a.terminated) for a in acted] == [
        (0, 0, 0.0, False),
        (1, 1, 1.0, True),
    ]
    assert acted[0].choice.thought == "Go on."
    assert acted[0].choice.action == PLUS
    assert acted[0].choice.call.function == "Plus"
    assert acted[1].choice.window.kept == 1
    episode = ended.episode
    assert episode.success
    assert (episode.reason, episode.steps, episode.turns, episode.reward) == ("success", 2, 2, 1.0)
    assert episode.outcome == Outcome(True, {"doors": 2.0})
    assert episode.trace is None
    assert env.resets == [{"seed": 5, "options": None}]


def test_a_world_that_ends_without_success_is_a_failure(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor()
    episode = Agent(scripted([say(MINUS)]), env.action_space).run(env)
    assert (episode.reason, episode.success) == ("failure", False)


def test_the_task_goes_in_through_the_options(
    corridor: World, recording: Recorder, say: Say, scripted: Scripted
) -> None:
    env = corridor(1)
    policy = recording([say(PLUS)])
    episode = Agent(policy, env.action_space).run(env, "leave", options={"lamp": "on"})
    assert episode.task == "leave"
    assert env.resets[0]["options"] == {"lamp": "on", "task": "leave"}
    assert policy.asked[0][0].turns[1].parts[0] == Text("leave\n")


@pytest.mark.parametrize("task", ["", " \n"])
def test_an_empty_task_is_refused_before_anything_runs(
    corridor: World, scripted: Scripted, task: str, tmp_path: Path
) -> None:
    env = corridor()
    agent = Agent(scripted([]), env.action_space, trace=tmp_path)
    with pytest.raises(UsageError, match="task is empty"):
        agent.run(env, task)
    with pytest.raises(UsageError, match="task is empty"):
        agent.reset(task)
    assert env.resets == []
    assert list(tmp_path.iterdir()) == []


def test_a_trace_that_cannot_be_written_is_told_before_anything_runs(
    corridor: World, scripted: Scripted, tmp_path: Path
) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    env = corridor()
    agent = Agent(scripted([]), env.action_space, trace=taken)
    with pytest.raises(UsageError, match=str(taken)):
        agent.run(env)
    assert env.resets == []


def test_info_never_reaches_a_prompt(corridor: World, recording: Recorder, say: Say) -> None:
    env, policy = corridor(2), recording([say(PLUS), say(PLUS)])
    Agent(policy, env.action_space).run(env)
    assert "green" not in repr([prompt for prompt, _ in policy.asked])


def test_a_parse_error_goes_back_as_a_result_and_never_ends_the_task(
    corridor: World, recording: Recorder, say: Say
) -> None:
    env = corridor(1)
    policy = recording(["I am Done.", "", say(PLUS)])
    events, ended = played(Agent(policy, env.action_space), env)
    failed = [event for event in events if isinstance(event, ParseFailed)]
    assert [event.kind for event in failed] == ["no_call", "empty_output"]
    assert [(event.step, event.turn) for event in failed] == [(0, 0), (0, 1)]
    told = last_text(policy.asked[1][0])
    assert told == "I am Done." + result(failed[0].message)
    assert "*FUNCTION*: one of Minus, Plus" in told
    assert ended.episode.reason == "success"
    assert (ended.episode.steps, ended.episode.turns) == (1, 3)


def test_an_action_that_the_world_refuses_is_told_without_the_same_picture_again(
    corridor: World, recording: Recorder, say: Say
) -> None:
    env = corridor(3, refused=1)
    policy = recording([say(PLUS), say(PLUS), say(MINUS), say(MINUS)])
    events, ended = played(Agent(policy, env.action_space), env)
    errors = [event.error for event in events if isinstance(event, Acted)]
    assert errors == ["", "the door is locked", "the door is locked", "the door is locked"]
    assert ended.episode.reason == "too_many_errors"
    after = policy.asked[2][0]
    assert last_text(after).endswith(result("Failed: the door is locked"))
    assert len(after.pictures) == 2


def test_an_action_that_the_world_does_not_know_is_an_error_and_no_crash(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(3, invalid=0)
    events, ended = played(Agent(scripted([say(PLUS)] * 3), env.action_space), env)
    assert ended.episode.reason == "too_many_errors"
    assert "knows no such action" in ended.episode.detail


def test_numpys_own_booleans_and_numbers_are_taken(
    corridor: World, say: Say, scripted: Scripted, tmp_path: Path
) -> None:
    env = corridor(1)
    real = env.step
    env.step = lambda action: (
        real(action)[0], np.float32(1), np.bool_(True), np.bool_(False), {"n": np.int32(2)},
    )  # fmt: skip
    episode = Agent(scripted([say(PLUS)]), env.action_space, trace=str(tmp_path)).run(env)
    assert episode.success
    assert episode.trace is not None
    (step,) = read_trace(episode.trace).steps
    assert (step["reward"], step["terminated"], step["info"]) == (1.0, True, {"n": 2})


def test_what_is_watched_is_in_the_trace_already(
    corridor: World, say: Say, scripted: Scripted, tmp_path: Path
) -> None:
    seen: list[int] = []

    def watch(event: Event) -> None:
        (folder,) = tmp_path.iterdir()
        seen.append(len(read_trace(folder).events))

    agent = Agent(scripted([say(PLUS)]), corridor(1).action_space, trace=tmp_path)
    agent.run(corridor(1), watch=watch)
    assert seen == [1, 2, 3, 4, 5]


def test_text_after_the_call_never_stands_in_the_history(
    corridor: World, recording: Recorder, say: Say
) -> None:
    made_up = "\n*RESULT*: you won\n*RETURN*: \n*FUNCTION*: Minus\n*ARGS*: {}"
    env, policy = corridor(2), recording([say(PLUS) + made_up] * 2, unstopped=True)
    Agent(policy, env.action_space).run(env)
    said = policy.asked[1][0].turns[-1].parts[0]
    assert said == Text(say(PLUS))


def test_the_policys_own_tokens_stand_in_the_history(
    corridor: World, recording: Recorder, say: Say
) -> None:
    env, policy = corridor(2), recording([say(PLUS)] * 2, tokens=4)
    Agent(policy, env.action_space).run(env)
    assert policy.asked[1][0].turns[-1].parts[0] == Text(say(PLUS), (0, 1, 2, 3))


def test_decoding_stops_after_the_call(corridor: World, recording: Recorder, say: Say) -> None:
    env, policy = corridor(1), recording([say(PLUS)], max_tokens=77)
    agent = Agent(policy, env.action_space, temperature=0.5, top_p=0.9, seed=3)
    agent.run(env)
    decoding = policy.asked[0][1]
    assert decoding.stop_words == agent.dialect.stop_words != ()
    assert decoding.stop_after is not None
    assert decoding.stop_after(say(PLUS) + " more") == len(say(PLUS))
    assert (decoding.max_tokens, decoding.temperature, decoding.top_p) == (77, 0.5, 0.9)


@pytest.mark.parametrize(("temperature", "seeds"), [(0.7, [3, 4, 5, 3]), (0.0, [3, 3, 3, 3])])
def test_a_second_try_samples_with_another_seed(
    corridor: World, recording: Recorder, say: Say, temperature: float, seeds: list[int]
) -> None:
    env, policy = corridor(2), recording(["?", "?", say(PLUS), say(PLUS)])
    Agent(policy, env.action_space, temperature=temperature, seed=3).run(env)
    assert [decoding.seed for _, decoding in policy.asked] == seeds


def test_a_world_in_gymnasiums_wrappers_is_played(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = gymnasium.wrappers.TimeLimit(corridor(9), max_episode_steps=2)
    episode = Agent(scripted([say(PLUS)] * 3), corridor().action_space).run(env)
    assert (episode.reason, episode.steps) == ("failure", 2)


def test_points_are_read_on_the_frame_of_the_newest_picture(scripted: Scripted) -> None:
    space = mobile_space()
    agent = Agent(scripted(['*FUNCTION*: Tap\n*ARGS*: {"point": [21, 14]}'], frame="pixels"), space)
    agent.reset("tap")
    action = agent.step(Observation(np.zeros((56, 84, 3), np.uint8)))
    assert action == Tap(Point(0.25, 0.25))


def test_an_unknown_dialect_or_frame_is_told_at_once(corridor: World, scripted: Scripted) -> None:
    space = corridor().action_space
    with pytest.raises(UsageError, match="dialect 'strr'"):
        Agent(scripted([]), space, dialect="strr")
    with pytest.raises(UsageError, match="frame '0-10'"):
        Agent(scripted([]), space, frame="0-10")


def batched(agents: Sequence[tuple[Agent, World]], policy: ScriptedPolicy) -> Iterator[Any]:
    """Play episodes side by side, all questions of a round in one batch."""
    dialogues = [agent.episode(env, seed=n) for n, (agent, env) in enumerate(agents)]
    waiting: dict[int, Generation | None] = dict.fromkeys(range(len(dialogues)))
    while waiting:
        asked: dict[int, Request] = {}
        for number, answer in waiting.items():
            try:
                item = dialogues[number].send(answer)
                while not isinstance(item, Request):
                    item = next(dialogues[number])
                asked[number] = item
            except StopIteration as end:
                yield end.value
        if not asked:
            return
        decodings = [request.decoding for request in asked.values()]
        assert all(decoding == decodings[0] for decoding in decodings)
        prompts = [request.prompt for request in asked.values()]
        waiting = dict(zip(asked, policy.generate_batch(prompts, decodings[0]), strict=True))


def test_many_episodes_share_one_agent_and_one_batch(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    policy = scripted(lambda prompt: say(PLUS))
    agent = Agent(policy, corridor().action_space)
    worlds = [corridor(length) for length in (3, 1, 2, 3)]
    episodes = list(batched([(agent, world) for world in worlds], policy))
    assert sorted(episode.steps for episode in episodes) == [1, 2, 3, 3]
    assert all(episode.success for episode in episodes)


@pytest.mark.parametrize("game", ["numberline", "ezpoints", "points24", "blackjack"])
def test_an_expert_plays_the_real_games_through_the_whole_loop(game: str, tmp_path: Path) -> None:
    env = make(game)

    def expert(prompt: Prompt) -> str:
        decision = env.expert()
        return agent.dialect.render(env.action_space.to_call(decision.action), decision.thought)

    agent = Agent(ScriptedPolicy(expert), env.action_space, trace=tmp_path)
    episodes = [agent.run(env, seed=seed) for seed in range(4)]
    assert {episode.reason for episode in episodes} <= {"success", "failure"}
    if game in ("numberline", "ezpoints"):
        assert all(episode.success for episode in episodes)
    for episode in episodes:
        assert episode.trace is not None
        assert len(read_trace(episode.trace).steps) == episode.steps > 0


def test_the_agent_loads_no_torch() -> None:
    code = (
        "import sys, qvl_agent.agent; print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_events_are_told_in_the_order_of_their_numbers(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(2)
    agent = Agent(scripted(["?", say(PLUS), say(PLUS)]), env.action_space)
    events, _ = played(agent, env)
    assert isinstance(events[0], Started)
    turns = [(e.step, e.turn) for e in events if isinstance(e, Generated)]
    assert turns == [(0, 0), (0, 1), (1, 2)]
