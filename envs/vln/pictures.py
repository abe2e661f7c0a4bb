"""Where the pictures of a scan come from: skyboxes, pre-rendered views, or a generated building.

This module knows file layouts and decodes pictures. It knows no graph edges and no episodes.

The layouts, below a folder:
    v1/scans/<scan>/matterport_skybox_images/<viewpoint>_skybox<k>_sami.jpg, k = 0..5
    v1/scans/<scan>/matterport_skybox_images/<viewpoint>_skybox_small.jpg, six faces side by side
    <scan>/<viewpoint>/<view>.jpg, view = 0..35, horizontal field of view by 60 degrees vertically
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image as PillowImage

from qvl_agent.actions.errors import DataError
from qvl_agent.envs.base import Image
from qvl_agent.envs.vln.buildings.building import Building
from qvl_agent.envs.vln.buildings.survey import Survey
from qvl_agent.envs.vln.glance import TURN_HEIGHT, TURN_WIDTH, turned
from qvl_agent.envs.vln.graph import NavGraph
from qvl_agent.envs.vln.skybox import Skybox, panorama_rays
from qvl_agent.envs.vln.views import STEP, VLN_CAMERA, Camera, signed_angle, snap, view_angles

__all__ = [
    "BuildingPictures",
    "Pictures",
    "PreparedPictures",
    "SkyboxPictures",
    "SurveyedPictures",
    "open_pictures",
]

_FACES = 6
_KEPT = 4
"""Panoramas kept in memory: the agent mostly looks where it stands."""


class Pictures(Protocol):
    """A source of pictures, by scan, viewpoint id and direction."""

    def view(
        self, scan: str, viewpoint: str, heading: float, elevation: float, camera: Camera
    ) -> Image:
        """Return what a camera sees; angles in radians."""
        ...

    def panorama(self, scan: str, viewpoint: str, heading: float, width: int, height: int) -> Image:
        """Return a full turn around the horizon with `heading` in the middle."""
        ...


class _Skyboxes:
    """Views from skyboxes that a subclass loads; the latest few are kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Skybox] = OrderedDict()
        self._lock = threading.Lock()

    def _load(self, scan: str, viewpoint: str) -> Skybox:
        raise NotImplementedError

    def skybox(self, scan: str, viewpoint: str) -> Skybox:
        """Return a viewpoint's skybox."""
        key = (scan, viewpoint)
        with self._lock:
            skybox = self._kept.pop(key, None)
        skybox = skybox or self._load(scan, viewpoint)
        with self._lock:  # worlds that are played side by side share their pictures
            self._kept[key] = skybox
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return skybox

    def view(
        self, scan: str, viewpoint: str, heading: float, elevation: float, camera: Camera
    ) -> Image:
        """Return what a camera sees; angles in radians."""
        return self.skybox(scan, viewpoint).view(heading, elevation, camera)

    def panorama(self, scan: str, viewpoint: str, heading: float, width: int, height: int) -> Image:
        """Return a full turn around the horizon, a cylinder with square pixels."""
        vfov = 2.0 * math.atan(math.pi * height / width)
        return self.skybox(scan, viewpoint).look(panorama_rays(heading, width, height, vfov))


class SkyboxPictures(_Skyboxes):
    """Matterport's skybox files, the raw ones or the simulator's small ones.

    Args:
        root: The folder that holds `v1/scans`.
        graphs: By scan; a skybox is turned by its viewpoint's pose.
    """

    def __init__(self, root: Path, graphs: Mapping[str, NavGraph]) -> None:
        super().__init__()
        self._root = root
        self._graphs = graphs

    def _load(self, scan: str, viewpoint: str) -> Skybox:
        graph = self._graphs[scan]
        rotation = graph.poses[graph.number(viewpoint), :3, :3]
        folder = self._root / "v1" / "scans" / scan / "matterport_skybox_images"
        small = folder / f"{viewpoint}_skybox_small.jpg"
        if small.is_file():
            strip = _read(small)
            n = strip.shape[0]
            if strip.shape[1] != _FACES * n:
                raise DataError(
                    f"{small}: expected six square faces side by side, got {strip.shape}"
                )
            faces = np.ascontiguousarray(strip.reshape(n, _FACES, n, 3).swapaxes(0, 1))
            return Skybox(faces, rotation)
        raw = [folder / f"{viewpoint}_skybox{k}_sami.jpg" for k in range(_FACES)]
        for k, path in enumerate(raw):
            if not path.is_file():
                raise DataError(f"skybox face {k} of viewpoint {viewpoint} is missing: {path}")
        pictures = [_read(path) for path in raw]
        if any(p.shape != pictures[0].shape or p.shape[0] != p.shape[1] for p in pictures):
            raise DataError(f"the skybox faces of {viewpoint} are not squares of one size")
        return Skybox(np.stack(pictures), rotation)


class BuildingPictures(_Skyboxes):
    """Panoramas of generated buildings, rendered when they are first looked at.

    Args:
        buildings: By scan.
        size: Pixels along a skybox face.
    """

    def __init__(self, buildings: Mapping[str, Building], size: int = 512) -> None:
        super().__init__()
        self._buildings = buildings
        self._size = size

    def _load(self, scan: str, viewpoint: str) -> Skybox:
        building = self._buildings[scan]
        return building.panorama(building.graph.number(viewpoint), self._size)[0]


class SurveyedPictures(BuildingPictures):
    """The same, where the turns of `glance` are kept once they were looked at.

    Args:
        survey: Of the one building.
        size: Pixels along a skybox face.
    """

    def __init__(self, survey: Survey, size: int = 512) -> None:
        super().__init__({survey.building.scan: survey.building}, size)
        self._survey = survey

    def panorama(self, scan: str, viewpoint: str, heading: float, width: int, height: int) -> Image:
        """Return a full turn around the horizon, a cylinder with square pixels."""
        view = snap(heading, 0.0)
        whole = abs(signed_angle(heading - view_angles(view)[0])) < 1e-6
        if (width, height) != (TURN_WIDTH, TURN_HEIGHT) or not whole:
            return super().panorama(scan, viewpoint, heading, width, height)
        number = self._survey.building.graph.number(viewpoint)
        return turned(self._survey.prospect(number).turn, view)


class PreparedPictures:
    """The 36 discretised views as files: any direction gives the nearest of them.

    Args:
        root: The folder of the scans' folders.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def _file(self, scan: str, viewpoint: str, view: int) -> Image:
        path = self._root / scan / viewpoint / f"{view}.jpg"
        if not path.is_file():
            raise DataError(f"view {view} of viewpoint {viewpoint} is missing: {path}")
        return _read(path)

    def view(
        self, scan: str, viewpoint: str, heading: float, elevation: float, camera: Camera
    ) -> Image:
        """Return the nearest discretised view, scaled to the camera's size."""
        picture = self._file(scan, viewpoint, snap(heading, elevation))
        return _scaled(picture, camera.width, camera.height)

    def panorama(self, scan: str, viewpoint: str, heading: float, width: int, height: int) -> Image:
        """Return the middle 30 degrees of the twelve views at the horizon, side by side."""
        centre = snap(heading, 0.0) % 12
        half = math.tan(STEP / 2) / math.tan(VLN_CAMERA.vfov / 2)  # in halves of the height
        strips = []
        for k in range(12):
            picture = self._file(scan, viewpoint, 12 + (centre + k - 6) % 12)
            middle, reach = picture.shape[1] / 2, half * picture.shape[0] / 2
            strips.append(picture[:, round(middle - reach) : round(middle + reach)])
        # The heading is the middle of a strip: half a strip goes from the left end to the right.
        whole = np.roll(np.concatenate(strips, axis=1), -strips[0].shape[1] // 2, axis=1)
        return _scaled(whole, width, height)


def open_pictures(root: Path, graphs: Mapping[str, NavGraph]) -> Pictures:
    """Return the pictures below a folder: skyboxes where there are any, else prepared views.

    Raises:
        DataError: If there are neither.
    """
    if (root / "v1" / "scans").is_dir():
        return SkyboxPictures(root, graphs)
    for folder in (root, root / "views", root / "images"):
        if any((folder / scan).is_dir() for scan in graphs):
            return PreparedPictures(folder)
    raise DataError(
        f"no pictures below {root}: expected v1/scans/<scan>/matterport_skybox_images or "
        "<scan>/<viewpoint>/<view>.jpg"
    )


def _read(path: Path) -> Image:
    try:
        with PillowImage.open(path) as picture:
            return np.asarray(picture.convert("RGB"))
    except OSError as exc:
        raise DataError(f"cannot read the picture {path}: {exc}") from exc


def _scaled(picture: Image, width: int, height: int) -> Image:
    if picture.shape[:2] == (height, width):
        return picture.copy()
    pillow = PillowImage.fromarray(picture)
    return np.asarray(pillow.resize((width, height), PillowImage.Resampling.BILINEAR))
