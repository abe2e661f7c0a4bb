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
from qvl_agent.actions.errors import DeviceError, PolicyError, ResetNeeded, UsageError
from qvl_agent.actions.mobile import Tap, mobile_space
from qvl_agent.actions.types import Action, Point
from qvl_agent.agent.events import (
    Acted,
    Chose,
    Denied,
    Ended,
    Event,
    Generated,
    ParseFailed,
    Request,
    Started,
    WorldFailed,
)
from qvl_agent.agent.guard import ALLOW, Verdict
from qvl_agent.agent.limits import GaveUp, Limits
from qvl_agent.agent.loop import Agent
from qvl_agent.agent.trace import read_trace
from qvl_agent.envs.base import Observation, Outcome
from qvl_agent.envs.registry import make
from qvl_agent.model.policy import Decoding, Generation, Profile
from qvl_agent.model.prompt import Prompt, Text
from qvl_agent.model.scripted import ScriptedPolicy

PLUS, MINUS = Plus(), Minus()
World = Any  # the fixture's class
Say = Callable[..., str]
Scripted = Callable[..., ScriptedPolicy]


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


class Recording(ScriptedPolicy):
    """Keeps what it was asked."""

    def __init__(self, outputs: Sequence[str], tokens: int = 0, **profile: Any) -> None:
        super().__init__(outputs, profile=Profile(**profile))
        self.asked: list[tuple[Prompt, Decoding]] = []
        self.tokens = tokens

    def generate(self, prompt: Prompt, decoding: Decoding) -> Generation:
        self.asked.append((prompt, decoding))
        text = super().generate(prompt, decoding).text
        return Generation(text, tuple(range(self.tokens)), prompt_tokens=self.length(prompt))


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
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(1)
    policy = Recording([say(PLUS)])
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


def test_info_never_reaches_a_prompt(corridor: World, say: Say) -> None:
    env, policy = corridor(2), Recording([say(PLUS), say(PLUS)])
    Agent(policy, env.action_space).run(env)
    assert "green" not in repr([prompt for prompt, _ in policy.asked])


def test_a_parse_error_goes_back_as_a_result_and_never_ends_the_task(
    corridor: World, say: Say
) -> None:
    env = corridor(1)
    policy = Recording(["I am Done.", "", say(PLUS)])
    events, ended = played(Agent(policy, env.action_space), env)
    failed = [event for event in events if isinstance(event, ParseFailed)]
    assert [event.kind for event in failed] == ["no_call", "empty_output"]
    assert [(event.step, event.turn) for event in failed] == [(0, 0), (0, 1)]
    told = last_text(policy.asked[1][0])
    assert told == "I am Done." + result(failed[0].message)
    assert "*FUNCTION*: one of Minus, Plus" in told
    assert ended.episode.reason == "success"
    assert (ended.episode.steps, ended.episode.turns) == (1, 3)


def test_three_errors_in_a_row_end_the_episode_with_the_last_ones_words(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(9)
    policy = scripted([say(PLUS), "?", "?", say(PLUS), "?", "?", "?", say(PLUS)])
    events, ended = played(Agent(policy, env.action_space), env)
    assert ended.episode.reason == "too_many_errors"
    assert (ended.episode.steps, ended.episode.turns) == (2, 7)
    assert ended.episode.detail.startswith("3 errors in a row; the last: Error: there is no call")
    assert not ended.episode.success


def test_the_limit_of_errors_can_be_one(corridor: World, scripted: Scripted) -> None:
    agent = Agent(scripted(["?"]), corridor().action_space, limits=Limits(errors=1))
    assert agent.run(corridor()).reason == "too_many_errors"


def test_an_action_that_the_world_refuses_is_told_without_the_same_picture_again(
    corridor: World, say: Say
) -> None:
    env = corridor(3, refused=1)
    policy = Recording([say(PLUS), say(PLUS), say(MINUS), say(MINUS)])
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


@pytest.mark.parametrize(
    ("limits", "reason", "steps"),
    [
        (Limits(steps=4), "step_limit", 4),
        (Limits(tokens=25), "token_limit", 3),
        (Limits(seconds=1e-9), "time_limit", 0),
    ],
)
def test_each_limit_ends_the_episode_with_its_reason(
    corridor: World, say: Say, limits: Limits, reason: str, steps: int
) -> None:
    env, policy = corridor(99), Recording([say(PLUS)] * 9, tokens=10)
    episode = Agent(policy, env.action_space, limits=limits).run(env)
    assert (episode.reason, episode.steps) == (reason, steps)
    assert episode.detail


def test_no_answer_may_be_longer_than_what_the_token_limit_leaves(
    corridor: World, say: Say
) -> None:
    env, policy = corridor(99), Recording([say(PLUS)] * 9, tokens=10, max_tokens=12)
    Agent(policy, env.action_space, limits=Limits(tokens=25)).run(env)
    assert [decoding.max_tokens for _, decoding in policy.asked] == [12, 12, 5]


def test_a_success_at_the_step_limit_is_success_by_the_worlds_state(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(1)
    env.step = lambda action: (env._look(), 0.0, False, False, {})
    env.outcome = lambda: Outcome(True)
    agent = Agent(scripted([say(PLUS)]), env.action_space, limits=Limits(steps=1))
    episode = agent.run(env)
    assert (episode.reason, episode.success) == ("step_limit", True)


class Unstopped(Recording):
    """A server that does not know where to stop."""

    def generate(self, prompt: Prompt, decoding: Decoding) -> Generation:
        self.asked.append((prompt, decoding))
        return Generation(self._answer(prompt), (1, 2, 3))


class Rule:
    """A guard with one verdict on `Plus`."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def check(self, action: Action, observation: Observation, task: str) -> Verdict:
        return self.verdict if action == PLUS else ALLOW


def test_a_denied_action_is_not_carried_out_and_its_reason_goes_back(
    corridor: World, say: Say
) -> None:
    env, policy = corridor(3), Recording([say(PLUS), say(MINUS)])
    agent = Agent(policy, env.action_space, guard=Rule(Verdict("deny", "the door is private")))
    events, ended = played(agent, env)
    assert names(events) == [
        "Started", "Generated", "Denied", "Generated", "Chose", "Acted", "Ended",
    ]  # fmt: skip
    assert last_text(policy.asked[1][0]).endswith(
        result("Denied: the door is private. Choose another action.")
    )
    assert ended.episode.steps == 1


def test_asking_with_nobody_there_is_a_denial(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor()
    agent = Agent(scripted([say(PLUS)] * 3), env.action_space, guard=Rule(Verdict("ask")))
    events, ended = played(agent, env)
    denied = [event for event in events if isinstance(event, Denied)]
    assert [event.verdict for event in denied] == ["ask"] * 3
    assert "nobody is there" in denied[0].reason
    assert ended.episode.reason == "too_many_errors"
    assert env.at == 0


def test_a_guard_can_stop_the_episode(corridor: World, say: Say, scripted: Scripted) -> None:
    env = corridor()
    guard = Rule(Verdict("stop", "a person stands in the door"))
    agent = Agent(scripted([say(PLUS)] * 3), env.action_space, guard=guard)
    episode = agent.run(env)
    assert (episode.reason, episode.detail) == ("stopped_by_guard", "a person stands in the door")
    assert (episode.turns, env.at) == (1, 0)


def test_a_broken_world_is_an_env_error_and_not_the_policys_failure(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(3, broken=1)
    events, ended = played(Agent(scripted([say(PLUS)] * 3), env.action_space), env)
    failed = events[-2]
    assert isinstance(failed, WorldFailed)
    assert (failed.step, failed.kind) == (1, "DeviceError")
    assert (ended.episode.reason, ended.episode.outcome) == ("env_error", None)
    assert ended.episode.detail == "the lamp went out; switch it on"


@pytest.mark.parametrize(
    "image",
    [np.zeros((56, 84), np.uint8), np.zeros((3, 8, 8)), np.zeros((0, 8, 3), np.uint8), None],
)
def test_a_broken_image_is_an_env_error_that_says_what_came(
    corridor: World, say: Say, scripted: Scripted, image: Any
) -> None:
    env = corridor(3)
    env.step = lambda action: (Observation(image), 0.0, False, False, {})
    episode = Agent(scripted([say(PLUS)]), env.action_space).run(env)
    assert episode.reason == "env_error"
    assert "image is uint8 (height, width, 3), got" in episode.detail


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


def test_a_world_that_cannot_say_how_it_ended_is_an_env_error(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(1)

    def gone() -> Outcome:
        raise DeviceError("the lamp went out")

    env.outcome = gone
    episode = Agent(scripted([say(PLUS)]), env.action_space).run(env)
    assert (episode.reason, episode.outcome, episode.steps) == ("env_error", None, 1)


def test_a_world_that_cannot_be_reset_is_an_env_error(
    corridor: World, scripted: Scripted, tmp_path: Path
) -> None:
    env = corridor(reset_fails=True)
    agent = Agent(scripted([]), env.action_space, trace=tmp_path)
    events, ended = played(agent, env)
    assert names(events) == ["WorldFailed", "Ended"]
    assert ended.episode.reason == "env_error"
    assert ended.episode.trace is not None
    assert [e["event"] for e in read_trace(ended.episode.trace).events] == ["world_failed", "ended"]


def test_a_broken_policy_is_a_policy_error_and_the_world_is_still_asked(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(3)
    episode = Agent(scripted([say(PLUS)]), env.action_space).run(env)
    assert (episode.reason, episode.steps) == ("policy_error", 1)
    assert "script" in episode.detail
    assert episode.outcome == Outcome(False, {"doors": 1.0})


def test_an_observation_beyond_the_budget_is_a_policy_error(
    corridor: World, scripted: Scripted
) -> None:
    env = corridor()
    episode = Agent(scripted([]), env.action_space, context_tokens=600).run(env)
    assert episode.reason == "policy_error"
    assert "budget is 600" in episode.detail


def test_a_bug_is_not_swallowed_and_the_trace_is_closed(
    corridor: World, tmp_path: Path, scripted: Scripted
) -> None:
    def broken(prompt: Prompt) -> str:
        raise ZeroDivisionError

    agent = Agent(scripted(broken), corridor().action_space, trace=tmp_path)
    with pytest.raises(ZeroDivisionError):
        agent.run(corridor())
    (folder,) = tmp_path.iterdir()
    trace = read_trace(folder)
    assert [event["event"] for event in trace.events] == ["started"]
    assert trace.notes == ("the run was cut off: the trace does not say how it ended",)


def interrupt(*_: object) -> str:
    raise KeyboardInterrupt


def test_ctrl_c_while_the_policy_thinks_ends_in_good_order(
    corridor: World, scripted: Scripted, tmp_path: Path
) -> None:
    agent = Agent(scripted(interrupt), corridor().action_space, trace=tmp_path)
    episode = agent.run(corridor())
    assert episode.reason == "interrupted"
    assert episode.trace is not None
    assert [e["event"] for e in read_trace(episode.trace).events] == ["started", "ended"]


def test_ctrl_c_while_the_world_is_at_work_ends_in_good_order(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    env = corridor(3, interrupted=1)
    episode = Agent(scripted([say(PLUS)] * 3), env.action_space).run(env)
    assert (episode.reason, episode.steps) == ("interrupted", 1)


def test_ctrl_c_while_a_step_is_shown_ends_in_good_order(
    corridor: World, say: Say, scripted: Scripted
) -> None:
    def watch(event: Event) -> None:
        if isinstance(event, Acted):
            raise KeyboardInterrupt

    agent = Agent(scripted([say(PLUS)] * 3), corridor().action_space)
    episode = agent.run(corridor(), watch=watch)
    assert (episode.reason, episode.steps) == ("interrupted", 1)


def test_who_stops_listening_leaves_a_closed_trace(
    corridor: World, say: Say, scripted: Scripted, tmp_path: Path
) -> None:
    agent = Agent(scripted([say(PLUS)] * 3), corridor().action_space, trace=tmp_path)
    for event in agent.stream(corridor()):
        if isinstance(event, Chose):
            break
    del event
    (folder,) = tmp_path.iterdir()
    ended = read_trace(folder).events[-1]
    assert (ended["event"], ended["reason"]) == ("ended", "interrupted")


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


def test_text_after_the_call_never_stands_in_the_history(corridor: World, say: Say) -> None:
    made_up = "\n*RESULT*: you won\n*RETURN*: \n*FUNCTION*: Minus\n*ARGS*: {}"
    env, policy = corridor(2), Unstopped([say(PLUS) + made_up] * 2)
    Agent(policy, env.action_space).run(env)
    said = policy.asked[1][0].turns[-1].parts[0]
    assert said == Text(say(PLUS))


def test_the_policys_own_tokens_stand_in_the_history(corridor: World, say: Say) -> None:
    env, policy = corridor(2), Recording([say(PLUS)] * 2, tokens=4)
    Agent(policy, env.action_space).run(env)
    assert policy.asked[1][0].turns[-1].parts[0] == Text(say(PLUS), (0, 1, 2, 3))


def test_decoding_stops_after_the_call(corridor: World, say: Say) -> None:
    env, policy = corridor(1), Recording([say(PLUS)], max_tokens=77)
    agent = Agent(policy, env.action_space, temperature=0.5, top_p=0.9, seed=3)
    agent.run(env)
    decoding = policy.asked[0][1]
    assert decoding.stop_words == agent.dialect.stop_words != ()
    assert decoding.stop_after is not None
    assert decoding.stop_after(say(PLUS) + " more") == len(say(PLUS))
    assert (decoding.max_tokens, decoding.temperature, decoding.top_p) == (77, 0.5, 0.9)


@pytest.mark.parametrize(("temperature", "seeds"), [(0.7, [3, 4, 5, 3]), (0.0, [3, 3, 3, 3])])
def test_a_second_try_samples_with_another_seed(
    corridor: World, say: Say, temperature: float, seeds: list[int]
) -> None:
    env, policy = corridor(2), Recording(["?", "?", say(PLUS), say(PLUS)])
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


def test_in_somebody_elses_loop_step_returns_the_action(
    corridor: World, say: Say, tmp_path: Path
) -> None:
    env, policy = corridor(2), Recording([say(PLUS, "Go."), "?", say(PLUS)])
    agent = Agent(policy, env.action_space, trace=tmp_path)
    observation, _ = env.reset()
    agent.reset("walk")
    assert agent.step(observation) == PLUS
    observation, reward, *_, info = env.step(PLUS)
    assert agent.step(observation, reward=reward, info=info) == PLUS
    episode = agent.close(Outcome(True))
    assert episode is not None
    assert (episode.reason, episode.success, episode.steps) == ("success", True, 1)
    assert [p.key for p in policy.asked[1][0].pictures] != []
    assert len(policy.asked[2][0].pictures) == 2
    assert episode.trace is not None
    events = [event["event"] for event in read_trace(episode.trace).events]
    assert events == [
        "started", "generated", "chose", "acted", "generated", "parse_failed", "generated",
        "chose", "ended",
    ]  # fmt: skip


def test_closing_with_the_last_observation_completes_the_last_step(
    corridor: World, say: Say, scripted: Scripted, tmp_path: Path
) -> None:
    agent = Agent(scripted([say(PLUS)]), corridor().action_space, trace=tmp_path)
    agent.reset("walk")
    agent.step(Observation(np.zeros((56, 84, 3), np.uint8)))
    episode = agent.close(observation=Observation(np.ones((56, 84, 3), np.uint8)))
    assert episode is not None
    assert (episode.reason, episode.steps) == ("closed", 1)
    assert episode.trace is not None
    assert len(read_trace(episode.trace).steps) == 1


def test_step_copies_what_a_camera_may_overwrite(corridor: World, say: Say) -> None:
    env, policy = corridor(9), Recording([say(PLUS)] * 2)
    agent = Agent(policy, env.action_space)
    agent.reset("walk")
    buffer = np.zeros((56, 84, 3), np.uint8)
    agent.step(Observation(buffer))
    buffer[:] = 255
    agent.step(Observation(buffer))
    assert [int(p.pixels[0, 0, 0]) for p in policy.asked[1][0].pictures] == [0, 255]


def test_step_tells_the_policy_what_failed(corridor: World, say: Say) -> None:
    env, policy = corridor(9), Recording([say(PLUS)] * 2)
    agent = Agent(policy, env.action_space)
    agent.reset("walk")
    seen = Observation(np.zeros((56, 84, 3), np.uint8))
    agent.step(seen)
    agent.step(seen, info={"error": "the gripper slipped"})
    assert "Failed: the gripper slipped" in last_text(policy.asked[1][0])


def test_step_gives_up_with_a_typed_reason_and_the_task_is_over(
    corridor: World, scripted: Scripted, tmp_path: Path
) -> None:
    agent = Agent(scripted(["?"] * 3), corridor().action_space, trace=tmp_path)
    agent.reset("walk")
    seen = Observation(np.zeros((56, 84, 3), np.uint8))
    with pytest.raises(GaveUp) as caught:
        agent.step(seen)
    assert caught.value.reason == "too_many_errors"
    with pytest.raises(ResetNeeded):
        agent.step(seen)
    (folder,) = tmp_path.iterdir()
    assert read_trace(folder).events[-1]["reason"] == "too_many_errors"


def test_step_passes_a_policys_failure_on(corridor: World, scripted: Scripted) -> None:
    agent = Agent(scripted([]), corridor().action_space)
    agent.reset("walk")
    with pytest.raises(PolicyError):
        agent.step(Observation(np.zeros((56, 84, 3), np.uint8)))


def test_step_before_reset_says_what_to_do(corridor: World, scripted: Scripted) -> None:
    agent = Agent(scripted([]), corridor().action_space)
    with pytest.raises(ResetNeeded, match=r"agent\.reset"):
        agent.step(Observation(np.zeros((56, 84, 3), np.uint8)))
    assert agent.close() is None


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
