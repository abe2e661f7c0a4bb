"""From a name to a policy: what plays, and how what was asked for reaches it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.actions.dialects import DIALECTS
from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.agent.loop import Agent
from qvl_agent.cli.options import PolicyOptions
from qvl_agent.cli.policies import policy_for
from qvl_agent.envs import registry
from qvl_agent.model.tiny import make_tiny_checkpoint

Cli = Callable[..., Any]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a tiny random checkpoint."""
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny"
    make_tiny_checkpoint(folder)
    return folder


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("frame", ["0-1000", "0-1", "pixels"])
def test_the_expert_wins_in_every_dialect_and_frame(dialect: str, frame: str) -> None:
    world = registry.make("ezpoints")
    policy = policy_for("expert", PolicyOptions(dialect=dialect, frame=frame))(world)
    agent = Agent(policy, world.action_space)
    assert agent.dialect.name == dialect
    assert agent.run(world, seed=1).success


def test_random_depends_on_its_seed_alone() -> None:
    def rewards(seed: int) -> list[float]:
        world = registry.make("ezpoints")
        policy = policy_for("random", PolicyOptions(seed=seed))(world)
        agent = Agent(policy, world.action_space)
        return [agent.run(world, seed=s).reward for s in range(10)]

    assert rewards(1) == rewards(1) != rewards(2)


def test_a_checkpoint_in_a_folder_plays(cli: Cli, checkpoint: Path) -> None:
    arguments = ["run", "--json", "--model", checkpoint, "--max-tokens", "60", "--seed", "5"]
    ran = cli(*arguments, "--max-pixels", "12544", "--context", "4096", "--keep-steps", "1")
    assert ran.code in (0, 1)
    assert ran.document["model"] == "tiny"
    assert 0 < ran.document["tokens"] <= 60


def test_a_checkpoint_is_one_policy_for_all_worlds_with_what_was_asked_for(
    checkpoint: Path,
) -> None:
    options = PolicyOptions(dialect="hermes", frame="0-999", keep_steps=2, max_pixels=12544)
    policy_of = policy_for(str(checkpoint), options)
    policy = policy_of(registry.make("numberline"))
    assert policy_of(registry.make("points24")) is policy
    assert (policy.profile.dialect, policy.profile.frame) == ("hermes", "0-999")
    assert policy.profile.keep_steps == 2
    height, width = policy.picture_size(1000, 1000)
    assert height * width <= 12544


def test_a_checkpoint_keeps_its_own_profile_where_nothing_is_asked(checkpoint: Path) -> None:
    policy = policy_for(str(checkpoint), PolicyOptions())(registry.make("numberline"))
    assert policy.profile.dialect == "star"


@pytest.mark.parametrize(
    "options",
    [
        {"torch_device": "cuda:99"},
        {"torch_device": "gpu"},
        {"dtype": "int4"},
        {"attention": "fast"},
    ],
    ids=str,
)
def test_what_a_checkpoint_cannot_do_is_wrong_usage(
    checkpoint: Path, options: dict[str, str]
) -> None:
    with pytest.raises(UsageError):
        policy_for(str(checkpoint), PolicyOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("content", [b"\xff\xfe", b'{"raw": 3}'])
def test_a_script_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "script.jsonl"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"script\.jsonl"):
        policy_for(f"scripted:{path}", PolicyOptions())


def test_a_script_takes_strings_and_the_lines_that_parse_reads(cli: Cli, tmp_path: Path) -> None:
    plus = "*FUNCTION*: Plus\\n*ARGS*: {}"
    path = tmp_path / "script.jsonl"
    path.write_text(f'"{plus}"\n\n{{"raw": "{plus}"}}\n')
    ran = cli("run", "--model", f"scripted:{path}", "--option", "start=0", "--option", "goal=2")
    assert ran.code == 0
