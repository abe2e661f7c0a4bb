"""The real ai2thor.Controller drives the bundled simulator over its FIFO protocol."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from qvl_agent.actions.errors import DataError, DeviceError, UsageError
from qvl_agent.envs.household.bundled import BundledBody
from qvl_agent.envs.household.masks import choose_object
from qvl_agent.envs.household.session import Session
from qvl_agent.envs.household.thor import ThorBody, bundled_program, to_thor5

pytest.importorskip("ai2thor", reason="ai2thor is not installed (pip install 'qvl-agent[thor]')")

# The Controller leaves its log files to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThorBody]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        made = ThorBody(bundled_program())
        yield made
        made.close()


def test_pictures_depth_and_instances_arrive_as_they_were_drawn(body: ThorBody) -> None:
    ours, theirs = BundledBody().reset("Kitchen5"), body.reset("Kitchen5")
    for name in ("image", "depth"):
        np.testing.assert_array_equal(getattr(ours.sight, name), getattr(theirs.sight, name))
    a, b = ours.sight, theirs.sight
    assert a.segments is not None
    assert b.segments is not None
    for index, key in enumerate(b.ids):
        mask = b.segments == index
        np.testing.assert_array_equal(mask, a.segments == a.ids.index(key))
        assert choose_object(mask, b, theirs.metadata) in (key, None)
    assert len(b.ids) > 3


def test_every_low_level_action_and_its_failure_crosses_the_wire(body: ThorBody) -> None:
    here, there = Session(BundledBody()), Session(body)
    pose = {"action": "TeleportFull", "rotation": 90, "horizon": 30}
    for session in (here, there):
        start = session.body.reset("Kitchen7").metadata["agent"]["position"]
        session.restore({"floor_plan": "Kitchen7", "init_action": {**start, **pose}})
    fork = next(o for o in here.now.metadata["objects"] if o["objectType"] == "Fork")["objectId"]
    fridge = next(o for o in here.now.metadata["objects"] if o["objectType"] == "Fridge")
    commands = [
        {"action": "MoveAhead", "forceAction": True, "moveMagnitude": 0.25},
        {"action": "RotateLeft", "forceAction": True},
        {"action": "RotateRight", "forceAction": True},
        {"action": "LookUp", "forceAction": True},
        {"action": "LookDown", "forceAction": True},
        {"action": "PickupObject", "objectId": fork},
        {"action": "PickupObject", "objectId": "Fork|+09.00|+09.00|+09.00"},
        {"action": "PutObject", "objectId": fork, "receptacleObjectId": fridge["objectId"]},
        {"action": "OpenObject", "objectId": fridge["objectId"], "moveMagnitude": 1.0},
        {"action": "CloseObject", "objectId": fridge["objectId"], "forceAction": True},
        {"action": "ToggleObjectOn", "objectId": fork},
        {"action": "ToggleObjectOff", "objectId": fork},
        {"action": "SliceObject", "objectId": fork},
    ]
    failed = 0
    for command in commands:
        ours, theirs = here.low(command), there.low(command)
        assert ours == theirs, command
        assert here.now.metadata["objects"] == there.now.metadata["objects"]
        failed += not ours.ok
    assert 0 < failed < len(commands)


def test_an_unknown_scene_and_an_unknown_action_are_told(body: ThorBody) -> None:
    with pytest.raises(DataError, match="FloorPlan10"):
        body.reset("FloorPlan10")
    body.reset("Kitchen1")
    with pytest.raises(UsageError, match="Invalid action"):
        body.act({"action": "Fly"})


def test_a_dead_simulator_is_noticed_at_once_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = ThorBody(bundled_program(), timeout_s=300)
    pid = made.pid
    assert pid is not None
    os.kill(pid, 9)
    start = time.monotonic()
    with pytest.raises(DeviceError, match="the simulator is gone"):
        made.act({"action": "Pass"})
    assert time.monotonic() - start < 60  # not when an answer is overdue
    assert not Path(f"/proc/{pid}").exists()
    assert not list(tmp_path.glob("tmp*"))
    made.close()


def test_a_program_that_dies_at_once_is_a_device_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    start = time.monotonic()
    with pytest.raises(DeviceError, match="does not start"):
        ThorBody("/bin/false", timeout_s=300)
    assert time.monotonic() - start < 60


def test_a_missing_unity_build_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(self: object, *args: object, **options: object) -> None:
        raise Exception("No build exists for arch=Linux")

    monkeypatch.setattr("ai2thor.controller.Controller.__init__", lacking)
    with pytest.raises(DeviceError) as caught:
        ThorBody()
    for part in ("No build exists", "~/.ai2thor/releases", "libvulkan1", "--body bundled"):
        assert part in str(caught.value)
    with pytest.raises(DeviceError, match="the bundled simulator does not start"):
        ThorBody(bundled_program())


def test_thors_http_server_of_5_is_served_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ai2thor.controller import Controller
    from ai2thor.wsgi_server import WsgiServer

    monkeypatch.setenv("HOME", str(tmp_path))
    controller = Controller(
        local_executable_path=bundled_program(),
        x_display=":0",
        server_class=WsgiServer,
        scene="Kitchen5",
        fieldOfView=60,
        visibilityDistance=1.5,
        renderDepthImage=True,
        renderInstanceSegmentation=True,
    )
    try:
        event = controller.step("RotateRight")
        ours = BundledBody()
        ours.reset("Kitchen5")
        here = ours.act({"action": "RotateRight"})
        np.testing.assert_array_equal(event.frame, here.sight.image)
        assert here.sight.depth is not None
        np.testing.assert_array_equal(event.depth_frame, here.sight.depth)
        assert event.metadata["objects"] == here.metadata["objects"]
        segments = here.sight.segments
        assert segments is not None
        assert len(event.instance_masks) == len(np.unique(segments[segments >= 0])) > 1
        assert not controller.step("PickupObject", objectId="Ghost|1|1|1")
    finally:
        controller.stop()


def test_commands_are_translated_to_5() -> None:
    put = {"action": "PutObject", "objectId": "Mug|1", "receptacleObjectId": "Sink|1"}
    assert to_thor5(put) == {"action": "PutObject", "objectId": "Sink|1"}
    opened = to_thor5({"action": "OpenObject", "objectId": "x", "moveMagnitude": 1.0})
    assert opened == {"action": "OpenObject", "objectId": "x", "openness": 1.0}
    teleport = to_thor5({"action": "TeleportFull", "rotation": 90, "rotateOnTeleport": True})
    assert teleport["rotation"] == {"x": 0, "y": 90, "z": 0}
    assert "rotateOnTeleport" not in teleport
