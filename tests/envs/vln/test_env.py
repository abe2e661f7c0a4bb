import math
import random
from typing import Any

import gymnasium
import numpy as np
import pytest

from qvl_agent.actions.errors import DataError, ResetNeeded, UsageError
from qvl_agent.actions.navigation import GoTo, Look, Select, Stop, Turn
from qvl_agent.envs.registry import make
from qvl_agent.envs.testing import check_world
from qvl_agent.envs.vln.buildings.dataset import DatasetConfig, write_dataset
from qvl_agent.envs.vln.env import NavigationEnv
from qvl_agent.envs.vln.views import VLN_CAMERA, bearing, candidates, navigable, view_angles
from qvl_agent.envs.vln.walk import Walk, direction_words

SMALL: dict[str, Any] = {"rooms": 3, "face": 64, "moves": (1, 3), "max_pixels": 40_000}


@pytest.fixture(scope="module")
def data(tmp_path_factory: Any) -> Any:
    root = tmp_path_factory.mktemp("vln")
    write_dataset(root, DatasetConfig(train=0, unseen=1, rooms=3, paths=3, moves=(2, 4), face=128))
    return root


def play(env: Any, seed: Any = None, **options: Any) -> Any:
    """Let the expert play an episode; return how it ended."""
    env.reset(seed=seed, options=options or None)
    for _ in range(80):
        _, reward, terminated, truncated, _ = env.step(env.expert().action)
        if terminated or truncated:
            return reward, terminated
    raise AssertionError("the expert did not end the episode")


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"benchmark": "reverie", "expert": "annotated"},
        {"level": "low"},
        {"composition": "panorama", "held_out": True},
        {"composition": "glance", "directions": "landmarks", "rooms": 4},
    ],
)
def test_navigation_keeps_the_contract_of_worlds(config: Any) -> None:
    # Worlds that share a venue share its building, which is the dear part of a new world.
    venue = NavigationEnv(**{**SMALL, "buildings": 1, **config}).venue
    check_world(
        lambda: NavigationEnv(**{**SMALL, **config}, max_steps=6, venue=venue),
        seeds=(3,),
        max_steps=6,
    )


def test_worlds_that_share_nothing_show_the_same() -> None:
    one, other = NavigationEnv(**SMALL), NavigationEnv(**SMALL)
    assert one.reset(seed=3) == other.reset(seed=3)
    assert one.step(one.expert().action) == other.step(other.expert().action)


def test_it_is_registered() -> None:
    env = make("vln", **SMALL)
    assert isinstance(env, NavigationEnv)
    assert env.action_space.names == ("GoTo", "Stop")


@pytest.mark.parametrize("level", ["viewpoint", "low"])
def test_the_experts_succeed_on_the_shortest_way(level: Any) -> None:
    env = NavigationEnv(**SMALL, level=level, max_steps=99, buildings=2)
    for seed in range(4):
        reward, terminated = play(env, seed)
        scores = env.outcome().metrics
        assert (reward, terminated, scores["navigation_error"]) == (1.0, True, 0.0)
        assert scores["success_rate"] == scores["spl"] == 1.0


@pytest.mark.parametrize("route", ["shortest", "annotated"])
def test_the_reverie_expert_finds_the_object(route: Any) -> None:
    env = NavigationEnv(**SMALL, benchmark="reverie", expert=route)
    for seed in range(2):
        assert play(env, seed) == (1.0, True)
        assert env.outcome().metrics["rgs"] == 1.0


def test_stopping_at_the_start_fails_where_the_goal_is_far(data: Any) -> None:
    env = NavigationEnv(data)
    env.reset(seed=1)
    _, reward, terminated, _, _ = env.step(Stop())
    far = env.outcome().metrics["navigation_error"] >= 3.0
    assert (reward, terminated) == (float(not far), True)
    assert len(env.trajectory) == 1


def test_going_faces_the_view_of_the_candidate_and_is_told_so() -> None:
    env = NavigationEnv(**SMALL)
    observation, _ = env.reset(seed=2)
    walk = env._walk
    choices = candidates(walk.graph, walk.at)
    labels = [f"Candidate {number}" for number in range(1, len(choices) + 1)]
    assert [view.label for view in observation.views] == labels
    observation, *_, info = env.step(GoTo(2))
    assert (walk.at, walk.view) == (choices[1].viewpoint, choices[1].view)
    assert info["viewpoint"] == walk.graph.viewpoints[walk.at]
    assert "Route so far: 0 -> 2." in observation.text
    assert env.trajectory[-1] == (info["viewpoint"], *view_angles(choices[1].view))


def test_the_picture_of_a_candidate_is_its_view() -> None:
    env = NavigationEnv(**{**SMALL, "max_pixels": 10**7})
    observation, info = env.reset(seed=2)
    stage: Any = env._stage
    for candidate, view in zip(env._walk.candidates(), observation.views, strict=True):
        wanted = stage.pictures.view(
            info["scan"], info["viewpoint"], *view_angles(candidate.view), VLN_CAMERA
        )
        assert view.image.shape == (480, 640, 3)
        assert np.array_equal(view.image, wanted)


def test_pictures_shrink_to_keep_the_budget() -> None:
    env = NavigationEnv(**SMALL)
    observation, _ = env.reset(seed=2)
    pictures = [observation.image, *(view.image for view in observation.views)]
    total = sum(p.shape[0] * p.shape[1] for p in pictures)
    assert 0.6 * SMALL["max_pixels"] <= total <= SMALL["max_pixels"]


def test_what_cannot_be_done_changes_nothing_and_is_said() -> None:
    env = NavigationEnv(**SMALL, level="low", max_steps=9)
    _, before = env.reset(seed=0)
    observation, reward, _, _, info = env.step(GoTo(99))
    assert info == {**before, "refused": True}
    assert observation.text.startswith("Not possible: there is no candidate 99")
    env.step(Look("up"))
    observation, *_, info = env.step(Look("up"))
    assert info["refused"]
    assert "cannot look further up" in observation.text
    assert reward == 0.0
    for wrong in (Select(1), GoTo(0)):
        with pytest.raises(gymnasium.error.InvalidAction):
            env.step(wrong)


def test_reverie_takes_only_objects_that_are_in_sight() -> None:
    env = NavigationEnv(**SMALL, benchmark="reverie")
    env.reset(seed=0)
    *_, info = env.step(Select(0))
    assert info["refused"]  # not yet stopped
    while not isinstance(action := env.expert().action, Stop):
        env.step(action)
    observation, _, terminated, _, _ = env.step(action)
    assert not terminated
    choice = env.expert().action
    assert isinstance(choice, Select)
    target = choice.object
    assert f"\n{target}: " in observation.text
    observation, _, terminated, _, info = env.step(Select(10**6))
    assert info["refused"]
    assert not terminated
    assert "object 1000000 is not in sight" in observation.text
    *_, info = env.step(GoTo(1))
    assert info["refused"]
    _, reward, terminated, _, _ = env.step(Select(target))
    assert (reward, terminated, env.chosen) == (1.0, True, target)


def test_an_episode_is_cut_off_after_max_steps() -> None:
    env = NavigationEnv(**SMALL, max_steps=2)
    env.reset(seed=0)
    assert env.step(GoTo(99))[3] is False
    assert env.step(GoTo(99))[3] is True
    with pytest.raises(ResetNeeded):
        env.step(Stop())


def test_low_level_rollouts_follow_the_simulators_rules() -> None:
    """A second walk, written out from the reference's table, in step with the world."""
    rng = random.Random(0)
    env = NavigationEnv(**SMALL, level="low", max_steps=10**6)
    env.reset(seed=5)
    graph, at, degrees, level = env._walk.graph, env._walk.at, env._walk.view % 12 * 30, 0
    for _ in range(60):
        kind = rng.choice(["turn", "turn", "look", "go"])
        if kind == "turn":
            side: Any = rng.choice(["left", "right"])
            env.step(Turn(side))
            degrees = (degrees + (30 if side == "right" else -30)) % 360
        elif kind == "look":
            way: Any = rng.choice(["up", "down"])
            env.step(Look(way))
            level = max(-1, min(1, level + (1 if way == "up" else -1)))
        else:
            ahead = navigable(graph, at, math.radians(degrees), math.radians(30 * level))[1:]
            if ahead:
                number = rng.randint(1, len(ahead))
                env.step(GoTo(number))
                at = ahead[number - 1].viewpoint
        name, heading, elevation = env.trajectory[-1]
        assert name == graph.viewpoints[at]
        assert heading == pytest.approx(math.radians(degrees))
        assert elevation == pytest.approx(math.radians(30 * level))


def test_the_map_in_words_knows_only_what_was_seen() -> None:
    env = NavigationEnv(**SMALL)
    env.reset(seed=4)
    walk = Walk.start(env._walk.graph, env._walk.at, 0.0)
    first = walk.at
    walk.go(walk.candidates()[0].viewpoint)
    seen = {first, walk.at, *walk.graph.neighbours[first], *walk.graph.neighbours[walk.at]}
    assert set(walk.places) == seen
    text = walk.map_text()
    assert "Route so far: 0 -> 1." in text
    assert f"Place {walk.place(walk.at)} is connected with" in text
    stranger = next(v for v in range(len(walk.graph.viewpoints)) if v not in seen)
    with pytest.raises(ValueError, match="no edge"):
        walk.go(stranger)


def test_directions_in_words() -> None:
    turns = {0: "go forward", 29: "go forward", 60: "turn right", -60: "turn left"}
    for degrees, words in (turns | {170: "turn around"}).items():
        assert direction_words(math.radians(degrees), 0.0) == words
    assert direction_words(1.0, 0.5) == "go up"
    assert direction_words(1.0, -0.5) == "go down"


def test_thoughts_name_what_is_on_the_way() -> None:
    env = NavigationEnv(**SMALL)
    env.reset(seed=3)
    thought = env.expert().thought
    to = env._guide.next_viewpoint(env._walk)
    assert to is not None
    assert env._need_stage().place(to) in thought
    assert env._walk.way_to(to) in thought


def test_an_episode_can_be_had_by_its_id_again() -> None:
    env = NavigationEnv(**SMALL)
    first, info = env.reset(seed=8)
    env.reset(seed=9)
    again, same = env.reset(options={"episode": info["instr_id"]})
    assert (again, same) == (first, info)
    for wrong in ("nonsense", "1_x"):
        with pytest.raises(UsageError, match="expected an id"):
            env.reset(options={"episode": wrong})
    with pytest.raises(UsageError, match="unknown options"):
        env.reset(options={"task": "x"})


def test_a_data_folder_gives_its_instructions(data: Any) -> None:
    env = NavigationEnv(data, "reverie", max_pixels=40_000)
    _, info = env.reset(seed=0)
    _, again = env.reset(options={"episode": info["instr_id"]})
    assert info == again
    assert play(env, 0)[0] == 1.0
    with pytest.raises(UsageError, match="no instruction '0_0_0'"):
        env.reset(options={"episode": "0_0_0"})
    with pytest.raises(DataError, match=r"no R2R_test\.json below"):
        NavigationEnv(data, split="test")
    with pytest.raises(DataError, match="no data folder"):
        NavigationEnv(data / "nowhere")


def test_panorama_marks_lie_where_the_candidates_are() -> None:
    env = NavigationEnv(**{**SMALL, "max_pixels": 10**6}, composition="panorama")
    observation, _ = env.reset(seed=2)
    walk, (height, width, _) = env._walk, observation.image.shape
    assert width == 4 * height
    red = (observation.image == (214, 40, 40)).all(axis=-1)
    for candidate in walk.candidates():
        heading, _ = bearing(walk.graph, walk.at, candidate.viewpoint)
        column = round((heading - walk.heading) / math.tau * width + width / 2) % width
        near = [(column + k) % width for k in range(-9, 10)]
        assert red[:, near].any()


def test_render_draws_both_routes() -> None:
    env = NavigationEnv(**SMALL, render_mode="rgb_array")
    play(env, 1)
    picture = env.render().astype(int)
    assert picture.dtype.kind == "i"
    red = (np.abs(picture - (205, 74, 46)).max(axis=-1) < 30).sum()
    blue = (np.abs(picture - (44, 116, 190)).max(axis=-1) < 30).sum()
    assert red > 50
    assert blue > 50


@pytest.mark.parametrize(
    "wrong", [{"benchmark": "rxr"}, {"level": "high"}, {"composition": "x"}, {"expert": "x"}]
)
def test_wrong_arguments_name_the_legal_ones(wrong: Any) -> None:
    with pytest.raises(UsageError, match=f"{next(iter(wrong))} must be one of"):
        NavigationEnv(**wrong)
