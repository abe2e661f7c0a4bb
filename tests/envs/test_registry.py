import importlib
import subprocess
import sys
from collections.abc import Iterator

import gymnasium
import pytest

from qvl_agent.actions.errors import UsageError
from qvl_agent.envs import World, list_worlds, make, register_all
from qvl_agent.envs.cards import NumberLine, Points24


def test_short_names_and_full_ids_make_the_same_world() -> None:
    assert type(make("numberline")) is type(make("qvl_agent/NumberLine-v0")) is NumberLine


def test_arguments_reach_the_world() -> None:
    world = make("points24", rules="strict", treat_face_cards_as_10=False)
    assert isinstance(world, Points24)
    assert len(world.ACTIONS) == 20


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("numberlin", "did you mean 'numberline'"),
        ("NumberLine", "did you mean 'numberline'"),
        ("point24", "did you mean 'points24'"),
        ("qvl_agent/Points24-v1", "did you mean 'qvl_agent/Points24-v0'"),
        ("zzz", "numberline, blackjack"),
        ("", "numberline, blackjack"),
        ("a/b/c:d", "numberline, blackjack"),
    ],
)
def test_an_unknown_world_names_the_nearest(name: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        make(name)


@pytest.fixture
def foreign_id() -> Iterator[str]:
    env_id = "somebody/Else-v0"
    gymnasium.register(env_id, entry_point="gymnasium.envs.classic_control:CartPoleEnv")
    yield env_id
    del gymnasium.registry[env_id]


def test_an_environment_that_is_no_world_is_refused(foreign_id: str) -> None:
    with pytest.raises(UsageError, match="no World"):
        make(foreign_id)


@pytest.fixture
def third_party_id() -> Iterator[str]:
    env_id = "somebody/Line-v0"
    gymnasium.register(
        env_id, entry_point="qvl_agent.envs.cards:NumberLine", kwargs={"max_position": 9}
    )
    yield env_id
    del gymnasium.registry[env_id]


def test_a_registered_world_of_another_package_can_be_made(third_party_id: str) -> None:
    world = make(third_party_id)
    assert isinstance(world, NumberLine)
    assert world.max_position == 9


def test_registering_again_changes_nothing() -> None:
    before = dict(gymnasium.registry)
    register_all()
    assert dict(gymnasium.registry) == before


def test_every_entry_can_be_imported_and_is_named_once() -> None:
    worlds = list_worlds()
    assert len({w.name for w in worlds}) == len({w.id for w in worlds}) == len(worlds)
    for entry in worlds:
        assert entry.id in gymnasium.registry
        assert entry.summary.endswith(".")
        module, _, name = entry.entry_point.partition(":")
        assert issubclass(getattr(importlib.import_module(module), name), World)


def test_gymnasium_makes_the_same_worlds() -> None:
    env = gymnasium.make("qvl_agent/Blackjack-v0", render_mode="rgb_array")
    env.reset(seed=1)
    assert env.render().shape == (300, 300, 3)  # type: ignore[union-attr]
    assert env.spec is not None
    assert env.spec.id == "qvl_agent/Blackjack-v0"


def test_listing_worlds_imports_none_of_them() -> None:
    program = (
        "import sys, qvl_agent.envs as e; e.list_worlds(); "
        "sys.exit(any(m in sys.modules for m in ('torch', 'PIL', 'qvl_agent.envs.cards')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
