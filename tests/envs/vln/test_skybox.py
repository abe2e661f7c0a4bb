import math
from typing import Any

import numpy as np
import pytest
from PIL import Image

from qvl_agent.actions.errors import DataError
from qvl_agent.envs.vln.graph import NavGraph
from qvl_agent.envs.vln.pictures import PreparedPictures, SkyboxPictures, open_pictures
from qvl_agent.envs.vln.skybox import FACES, Skybox, face_rays, panorama_rays, view_axes
from qvl_agent.envs.vln.views import VIEWS, VLN_CAMERA, Camera, view_angles


def rotation(yaw: Any = 0.7, tilt: Any = 0.03) -> Any:
    forward, right, up = view_axes(yaw, tilt)
    return np.stack([right, -up, forward], axis=1)


def colour_of(directions: Any) -> Any:
    unit = directions / np.linalg.norm(directions, axis=-1, keepdims=True)
    return 128 + 100 * unit


def coloured_skybox(turn: Any, size: Any = 256) -> Any:
    """Return a skybox each pixel of which is coloured by its direction in the world."""
    rays = np.stack([face_rays(size, face) for face in range(6)])
    return Skybox(np.rint(colour_of(rays @ turn.T)).astype(np.uint8), turn)


def world_rays(heading: Any, elevation: Any, camera: Any) -> Any:
    """Return the pixels' directions, by turning a forward-looking camera's rays step by step."""
    f = camera.height / 2 / math.tan(camera.vfov / 2)
    u, v = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)
    x, y, z = (u - camera.width / 2) / f, np.ones_like(u), (camera.height / 2 - v) / f
    y, z = (
        y * math.cos(elevation) - z * math.sin(elevation),
        y * math.sin(elevation) + z * math.cos(elevation),
    )
    x, y = (
        x * math.cos(heading) + y * math.sin(heading),
        -x * math.sin(heading) + y * math.cos(heading),
    )
    return np.stack([x, y, z], axis=-1)


def test_faces_follow_the_published_table() -> None:
    size = 8
    s = t = 2 * 5.5 / size - 1  # the pixel in row 5, column 5
    assert face_rays(size, 3)[5, 5] == pytest.approx([s, t, 1])
    assert face_rays(size, 1)[5, 5] == pytest.approx([-s, t, -1])
    assert face_rays(size, 4)[5, 5] == pytest.approx([1, t, -s])
    assert face_rays(size, 2)[5, 5] == pytest.approx([-1, t, s])
    assert face_rays(size, 0)[5, 5] == pytest.approx([-s, -1, -t])
    assert face_rays(size, 5)[5, 5] == pytest.approx([-s, 1, t])
    assert all(np.linalg.det(axes) == pytest.approx(1) for axes in FACES[:, [1, 2, 0]])


@pytest.mark.parametrize("turn", [rotation(), rotation(3.9, -0.02), np.eye(3)[:, [0, 2, 1]]])
def test_every_pixel_of_a_view_shows_its_own_direction(turn: Any) -> None:
    if np.linalg.det(turn) < 0:
        turn = turn * [1, -1, 1]
    skybox, camera = coloured_skybox(turn), Camera(160, 120)
    for heading, elevation in map(view_angles, range(0, VIEWS, 5)):
        seen = skybox.view(heading, elevation, camera).astype(int)
        wanted = colour_of(world_rays(heading, elevation, camera))
        # Half a level twice, and half a pixel at seams.
        assert np.abs(seen - wanted).max() <= 1.5, (heading, elevation)


def test_any_direction_and_size_works_and_equals_the_general_path() -> None:
    skybox, camera = coloured_skybox(rotation()), Camera(101, 67, 1.2)
    seen = skybox.view(1.234, -0.9, camera)
    general = skybox.look(world_rays(1.234, -0.9, camera))
    assert np.abs(seen.astype(int) - general).max() <= 1


def test_bilinear_weights_are_exact_on_a_ramp() -> None:
    faces = np.zeros((6, 64, 64, 3), np.uint8)
    faces[3] = (np.arange(64) * 4)[None, :, None]
    turn = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])  # camera forward is north
    seen = Skybox(faces, turn).view(0.0, 0.0, Camera(200, 40, math.radians(20)))
    s = (np.arange(200) + 0.5 - 100) / (20 / math.tan(math.radians(10)))
    wanted = ((s + 1) / 2 * 64 - 0.5) * 4
    assert np.abs(seen[20, :, 0] - wanted).max() <= 0.51
    assert np.array_equal(seen[..., 0], seen[..., 2])


def test_panorama_runs_once_around_with_the_heading_in_the_middle() -> None:
    turn = rotation()
    rays = panorama_rays(2.0, 240, 60, 1.0)
    middle = rays[30, 119:121, :2].mean(axis=0)
    assert math.atan2(*middle) == pytest.approx(2.0)
    seen = coloured_skybox(turn).look(rays).astype(int)
    assert np.abs(seen - colour_of(rays)).max() <= 1.5


def graph_with(viewpoint: Any, turn: Any) -> Any:
    pose = np.eye(4)
    pose[:3, :3] = turn
    return NavGraph("scan", (viewpoint,), pose[None], np.zeros((1, 1), bool))


def write_faces(folder: Any, skybox: Any, *, small: Any, skip: Any = None) -> None:
    folder.mkdir(parents=True)
    if small:
        strip = np.concatenate(list(skybox.faces), axis=1)
        Image.fromarray(strip).save(folder / "vp_skybox_small.jpg", quality=98, subsampling=0)
        return
    for k, face in enumerate(skybox.faces):
        if k != skip:
            Image.fromarray(face).save(folder / f"vp_skybox{k}_sami.jpg", quality=98, subsampling=0)


@pytest.mark.parametrize("small", [True, False])
def test_both_file_layouts_show_the_same(tmp_path: Any, small: Any) -> None:
    skybox = coloured_skybox(rotation())
    folder = tmp_path / "v1" / "scans" / "scan" / "matterport_skybox_images"
    write_faces(folder, skybox, small=small)
    pictures = open_pictures(tmp_path, {"scan": graph_with("vp", rotation())})
    assert isinstance(pictures, SkyboxPictures)
    seen = pictures.view("scan", "vp", 1.0, 0.4, Camera(160, 120)).astype(int)
    assert np.abs(seen - skybox.view(1.0, 0.4, Camera(160, 120))).max() <= 3  # JPEG


def test_a_missing_face_is_named(tmp_path: Any) -> None:
    folder = tmp_path / "v1" / "scans" / "scan" / "matterport_skybox_images"
    write_faces(folder, coloured_skybox(rotation(), 32), small=False, skip=4)
    pictures = SkyboxPictures(tmp_path, {"scan": graph_with("vp", rotation())})
    with pytest.raises(DataError, match=r"face 4 of viewpoint vp is missing: .*skybox4_sami\.jpg"):
        pictures.view("scan", "vp", 0.0, 0.0, VLN_CAMERA)


def test_prepared_views_serve_the_nearest_direction(tmp_path: Any) -> None:
    turn, camera = rotation(), Camera(160, 120)
    skybox = coloured_skybox(turn)
    (tmp_path / "scan" / "vp").mkdir(parents=True)
    for view in range(VIEWS):
        image = Image.fromarray(skybox.view(*view_angles(view), camera))
        image.save(tmp_path / "scan" / "vp" / f"{view}.jpg", quality=98, subsampling=0)
    pictures = open_pictures(tmp_path, {"scan": graph_with("vp", turn)})
    assert isinstance(pictures, PreparedPictures)
    seen = pictures.view("scan", "vp", math.radians(92), math.radians(3), camera).astype(int)
    assert np.abs(seen - skybox.view(*view_angles(15), camera)).max() <= 4
    strip = pictures.panorama("scan", "vp", math.radians(90), 240, 60)
    # The middle of the strip looks at the heading, a quarter turn further is east of it.
    for column, heading in ((120, 90), (180, 180), (60, 0)):
        direction = np.array([math.sin(math.radians(heading)), math.cos(math.radians(heading)), 0])
        assert np.abs(strip[30, column] - colour_of(direction)).max() < 8
    (tmp_path / "scan" / "vp" / "15.jpg").unlink()
    with pytest.raises(DataError, match="view 15 of viewpoint vp is missing"):
        pictures.view("scan", "vp", math.radians(92), 0.0, camera)


def test_a_folder_without_pictures_is_refused(tmp_path: Any) -> None:
    with pytest.raises(DataError, match="no pictures below"):
        open_pictures(tmp_path, {})
