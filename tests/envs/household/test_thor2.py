"""The real ai2thor 2.1.0 Controller drives the bundled simulator over HTTP.

2.1.0 cannot be installed beside 5.x, so it lies in a folder of its own (`make` puts it there) and
the checks run in a process that finds it first.
"""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.household.thor2 import Thor2Body

FOLDER = Path(sys.prefix) / "thor210"

needs_210 = pytest.mark.skipif(
    not (FOLDER / "ai2thor").is_dir(),
    reason=f"ai2thor 2.1.0 is not in {FOLDER}: pip install --target {FOLDER} --no-deps "
    "ai2thor==2.1.0 progressbar2 python-utils",
)


def _run(program: str, home: Path, *arguments: str) -> Any:
    """Return the JSON that a program prints when it finds ai2thor 2.1.0 first."""
    environment = {**os.environ, "PYTHONPATH": str(FOLDER), "HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@needs_210
def test_pictures_state_and_refusals_are_those_of_the_simulator_itself(tmp_path: Path) -> None:
    told = _run(_SAME, tmp_path)
    assert told["version"] == "2.1.0"
    assert told["name"] == "bundled simulator"
    assert told["images"] is True
    assert told["instances"] > 3
    assert told["depth_error_m"] < 1e-5
    assert told["different"] == []
    assert 0 < told["failed"] < told["commands"]


_SAME = """
import json, numpy as np
from qvl_agent.envs.household.bodies import make_body
from qvl_agent.envs.household.bundled import BundledBody
from qvl_agent.envs.household.session import Session
from qvl_agent.envs.household.thor2 import thor_version
here, there = BundledBody(), make_body("controller")
a, b = here.reset("Kitchen5"), there.reset("Kitchen5")
same = all(
    np.array_equal(b.sight.segments == k, a.sight.segments == a.sight.ids.index(key))
    for k, key in enumerate(b.sight.ids)
)
told = {
    "version": thor_version(), "name": there.name, "instances": len(b.sight.ids),
    "images": same and bool(np.array_equal(a.sight.image, b.sight.image)),
    "depth_error_m": float(np.abs(np.minimum(a.sight.depth, 5) - b.sight.depth).max()),
}
things = [o for o in here.reset("Kitchen7").metadata["objects"]]
fork = next(o["objectId"] for o in things if o["objectType"] == "Fork")
fridge = next(o["objectId"] for o in things if o["objectType"] == "Fridge")
sessions = [Session(here), Session(there)]
for session in sessions:
    start = session.body.reset("Kitchen7").metadata["agent"]["position"]
    pose = {"action": "TeleportFull", **start, "rotation": 90, "horizon": 30}
    session.restore({"floor_plan": "Kitchen7", "init_action": pose})
commands = [
    {"action": "MoveAhead", "forceAction": True, "moveMagnitude": 0.25},
    {"action": "RotateLeft", "forceAction": True},
    {"action": "RotateRight", "forceAction": True},
    {"action": "LookUp", "forceAction": True},
    {"action": "LookDown", "forceAction": True},
    {"action": "PickupObject", "objectId": fork},
    {"action": "PickupObject", "objectId": "Fork|+09.00|+09.00|+09.00"},
    {"action": "PutObject", "objectId": fork, "receptacleObjectId": fridge},
    {"action": "OpenObject", "objectId": fridge, "moveMagnitude": 1.0},
    {"action": "CloseObject", "objectId": fridge, "forceAction": True},
    {"action": "ToggleObjectOn", "objectId": fork},
    {"action": "ToggleObjectOff", "objectId": fork},
    {"action": "SliceObject", "objectId": fork},
]
different, failed = [], 0
for command in commands:
    results = [session.low(command) for session in sessions]
    states = [session.now.metadata["objects"] for session in sessions]
    failed += not results[0].ok
    if results[0].ok != results[1].ok or states[0] != states[1]:
        different.append(command)
there.close()
print(json.dumps(told | {"commands": len(commands), "failed": failed, "different": different}))
"""


@needs_210
@pytest.mark.parametrize("limit_s", [60, pytest.param(1, marks=pytest.mark.slow)])
def test_a_dead_simulator_is_noticed_at_once_and_closing_frees_the_port(
    tmp_path: Path, limit_s: float
) -> None:
    told = _run(_DEAD, tmp_path)
    assert told["error"] == "DeviceError"
    assert told["seconds"] < limit_s  # an answer is overdue after 300
    assert told["process"] is False
    assert told["port"] is False


_DEAD = """
import json, os, signal, socket, time
from qvl_agent.envs.household.thor import bundled_program
from qvl_agent.envs.household.thor2 import Thor2Body
body = Thor2Body(bundled_program(), timeout_s=300)
body.reset("Kitchen1")
pid, port = body.pid, body._controller.server.wsgi_server.port
os.kill(pid, signal.SIGKILL)
began = time.monotonic()
try:
    body.act({"action": "Pass"})
    error = ""
except Exception as exc:
    error = type(exc).__name__
seconds = time.monotonic() - began
with socket.socket() as probe:
    listening = probe.connect_ex(("127.0.0.1", port)) == 0
told = {"error": error, "seconds": seconds, "port": listening}
print(json.dumps(told | {"process": os.path.exists(f"/proc/{pid}")}))
"""


@needs_210
@pytest.mark.slow
def test_every_recorded_plan_is_met_through_2_1_0(tmp_path: Path) -> None:
    data = Path(__file__).parents[3].resolve().parent / "shared" / "data" / "alfred"
    if not data.is_dir():
        pytest.skip("the sample of ALFRED's dataset is not here")
    assert _run(_REPLAYS, tmp_path, str(data)) == {"plans": 27, "met": 27, "failures": 0}


_REPLAYS = """
import json, sys
from pathlib import Path
from qvl_agent.envs.household.bodies import make_body
from qvl_agent.envs.household.session import Session
from qvl_agent.evals.alfred.data import find_trajectories, read_trajectory
from qvl_agent.evals.alfred.replay import replay
data = Path(sys.argv[1])
session = Session(make_body("controller", data))
plans = [t for t in map(read_trajectory, find_trajectories(data)) if t.has_plan]
met = failures = 0
for trajectory in plans:
    met += replay(session, trajectory).success
    failures += session.num_failures
session.body.close()
print(json.dumps({"plans": len(plans), "met": met, "failures": failures}))
"""


def test_another_version_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    class Installed:
        __version__ = "5.0.0"

    monkeypatch.setattr(importlib, "import_module", lambda name: Installed)
    with pytest.raises(UsageError, match=r"ai2thor 5\.0\.0 is installed.*2\.1\.0"):
        Thor2Body()
