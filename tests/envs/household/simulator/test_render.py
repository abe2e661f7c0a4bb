import numpy as np
import pytest

from qvl_agent.envs.household.simulator.generated import generate_scene
from qvl_agent.envs.household.simulator.render import Renderer
from qvl_agent.envs.household.simulator.scene import Box, Fixture, Pose, Scene, Thing
from qvl_agent.envs.household.simulator.shapes import shape_of
from qvl_agent.envs.household.simulator.sight import camera_of
from qvl_agent.envs.household.simulator.state import Home
from qvl_agent.envs.household.tables import KINDS


@pytest.fixture
def table() -> Home:
    """A table 1 m ahead with an apple in its middle and a mug behind it."""
    box = Box((-0.5, 0.0, 0.8), (0.5, 0.9, 1.8))
    top = Fixture("DiningTable|+00.00|+00.00|+01.30", (0.0, 0.0, 1.3), box, (0, -1))
    things = (Thing("Apple_1", (0.0, 0.945, 1.2)), Thing("Mug_1", (0.0, 0.9, 1.6)))
    return Home(Scene("Room", (top,), things, ((0.0, 0.0), (0.0, -2.0)), Pose(0.0, 0.0, 0.0, 30.0)))


def _mask(home: Home, name: str, **pose: float) -> tuple[np.ndarray, np.ndarray]:
    home.pose = Pose(0.0, 0.0, **pose) if pose else home.pose
    frame = Renderer().draw(home, camera_of(home.pose, home.scene.agent_y))
    index = next(k for k, key in enumerate(frame.ids) if key.startswith(name))
    return frame.segments == index, frame.depth


def test_an_object_is_drawn_where_the_camera_formula_puts_it(table: Home) -> None:
    mask, depth = _mask(table, "Apple")
    camera = camera_of(table.pose, table.scene.agent_y)
    right, up, forward = camera.to_view(np.array([0.0, 0.945, 1.2]))
    x = 150 + right / (forward * camera.slope) * 150
    y = 150 - up / (forward * camera.slope) * 150
    rows, columns = mask.nonzero()
    assert abs(columns.mean() - x) < 2
    assert abs(rows.mean() - y) < 4
    assert abs(float(np.median(depth[mask])) - forward) < 0.06


def test_the_near_hides_the_far_and_the_table_bears_both(table: Home) -> None:
    table.pose = Pose(0.0, 0.0, 0.0, 30.0)
    apple, depth = _mask(table, "Apple")
    mug, _ = _mask(table, "Mug")
    assert apple.sum() > 100
    assert mug.sum() > 100
    assert not (apple & mug).any()
    assert depth[apple].mean() < depth[mug].mean()


def test_nothing_is_drawn_of_what_lies_behind_the_camera(table: Home) -> None:
    table.pose = Pose(0.0, 0.0, 180.0, 30.0)
    frame = Renderer().draw(table, camera_of(table.pose, table.scene.agent_y))
    assert (frame.segments == -1).all()


def test_depth_of_the_floor_follows_the_plane(table: Home) -> None:
    table.pose = Pose(0.0, 0.0, 180.0, 60.0)
    camera = camera_of(table.pose, table.scene.agent_y)
    frame = Renderer().draw(table, camera)
    eye = float(camera.position[1])
    # The middle ray falls by sin(60) per metre along the view direction.
    assert abs(float(frame.depth[150, 150]) - eye / np.sin(np.radians(60))) < 0.02


def test_types_differ_in_the_picture(table: Home) -> None:
    pictures = {}
    for name in ("Apple", "Mug", "Tomato", "Bread", "Lettuce", "Plate", "Knife", "Pan", "Egg"):
        table.place([Thing(f"{name}_1", (0.0, 0.95, 1.2))])
        table.version += 1
        mask, _ = _mask(table, name)
        frame = Renderer().draw(table, camera_of(table.pose, table.scene.agent_y))
        pictures[name] = (frame.image[mask].mean(axis=0), mask)
    names = list(pictures)
    for k, a in enumerate(names):
        for b in names[k + 1 :]:
            colour = float(np.abs(pictures[a][0] - pictures[b][0]).max())
            both = pictures[a][1] & pictures[b][1]
            either = pictures[a][1] | pictures[b][1]
            assert colour > 20 or both.sum() / either.sum() < 0.7, (a, b)


def test_every_type_has_a_shape_that_faces_outwards() -> None:
    for name in KINDS:
        mesh = shape_of(name)
        assert len(mesh.quads) == len(mesh.colours)
        normals = np.cross(mesh.quads[:, 2] - mesh.quads[:, 0], mesh.quads[:, 3] - mesh.quads[:, 1])
        # The volume that the faces enclose, by the divergence theorem.
        volume = np.einsum("ij,ij->i", normals, mesh.quads.mean(axis=1)).sum() / 6
        assert volume > 0, name


def test_pictures_of_a_version_do_not_outlive_it(table: Home) -> None:
    renderer = Renderer()
    camera = camera_of(table.pose, table.scene.agent_y)
    before = renderer.draw(table, camera).image.copy()
    table.place([])
    table.version += 1
    assert (renderer.draw(table, camera).image != before).any()


def test_a_made_up_scene_is_always_the_same() -> None:
    assert generate_scene("Kitchen7") == generate_scene("Kitchen7")
    assert generate_scene("Kitchen7") != generate_scene("Kitchen8")
    with pytest.raises(ValueError, match="Kitchen7"):
        generate_scene("Attic1")
