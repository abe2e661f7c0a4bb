import math
from typing import Any

import numpy as np
import pytest

from qvl_agent.envs.vln.graph import NavGraph
from qvl_agent.envs.vln.views import (
    VIEWS,
    VLN_CAMERA,
    Candidate,
    bearing,
    candidates,
    navigable,
    signed_angle,
    snap,
    view_angles,
)

DEG = math.pi / 180


def star(*offsets: Any) -> Any:
    """Return a graph whose viewpoint 0 stands at the origin, joined to one at each offset."""
    n = len(offsets) + 1
    poses = np.tile(np.eye(4), (n, 1, 1))
    poses[1:, :3, 3] = offsets
    adjacency = np.zeros((n, n), bool)
    adjacency[0, 1:] = adjacency[1:, 0] = True
    return NavGraph("star", tuple(map(str, range(n))), poses, adjacency)


def toward(heading_deg: Any, elevation_deg: Any = 0.0, metres: Any = 2.0) -> Any:
    h, e = heading_deg * DEG, elevation_deg * DEG
    flat = metres * math.cos(e)
    return (flat * math.sin(h), flat * math.cos(h), metres * math.sin(e))


def test_view_indices_run_right_then_up() -> None:
    assert view_angles(0) == (0.0, -30 * DEG)
    assert view_angles(15) == pytest.approx((90 * DEG, 0.0))
    assert view_angles(35) == pytest.approx((330 * DEG, 30 * DEG))
    with pytest.raises(ValueError, match="0..35"):
        view_angles(36)


@pytest.mark.parametrize(
    ("heading", "elevation", "view"),
    [(0, 0, 12), (14.9, 0, 12), (15.1, 0, 13), (344.9, 0, 23), (345.1, 0, 12), (-31, 0, 23)]
    + [(725, 0, 12), (90, -14.9, 15), (90, -15.1, 3), (90, 14.9, 15), (90, 15.1, 27), (90, 80, 27)],
)
def test_directions_snap_to_the_nearest_view(heading: Any, elevation: Any, view: Any) -> None:
    assert snap(heading * DEG, elevation * DEG) == view


def test_half_way_headings_go_up_and_every_view_snaps_to_itself() -> None:
    assert snap(15 * DEG, 0.0) == 13
    assert [snap(*view_angles(ix)) for ix in range(VIEWS)] == list(range(VIEWS))


def test_heading_zero_is_plus_y_and_grows_to_the_right() -> None:
    graph = star((0, 1, 0), (1, 0, 0), (0, -1, 0), (-1, 0, 1))
    got = [bearing(graph, 0, i) for i in range(1, 5)]
    assert [h / DEG for h, _ in got] == pytest.approx([0, 90, 180, 270])
    assert got[3][1] == pytest.approx(45 * DEG)


def test_angle_test_uses_the_linear_field_of_view() -> None:
    assert pytest.approx(40 * DEG) == VLN_CAMERA.half_hfov
    graph = star(toward(39.9), toward(40.1), toward(-39.9), toward(180))
    here, *seen = navigable(graph, 0, 0.0, 0.0)
    assert (here.viewpoint, here.angle) == (0, 0.0)
    assert [s.viewpoint for s in seen] == [1, 3]
    assert [s.rel_heading / DEG for s in seen] == pytest.approx([39.9, -39.9])
    assert len(navigable(graph, 0, 0.0, 0.0, restricted=False)) == 5


def test_elevation_is_not_tested_but_counts_in_the_order() -> None:
    graph = star(toward(0, 80), toward(30))
    assert [s.viewpoint for s in navigable(graph, 0, 0.0, 0.0)] == [0, 2, 1]
    assert [s.viewpoint for s in navigable(graph, 0, 0.0, 30 * DEG)] == [0, 2, 1]
    up = navigable(graph, 0, 0.0, 0.0)[2]
    assert up.rel_elevation == pytest.approx(80 * DEG)
    assert up.rel_distance == pytest.approx(2.0)


def test_candidate_keeps_its_nearest_view() -> None:
    graph = star(toward(95, 20, metres=3.0))
    (only,) = candidates(graph, 0)
    assert (only.viewpoint, only.view, only.rank) == (1, 27, 1)
    assert only.heading == pytest.approx(95 * DEG)
    assert only.elevation == pytest.approx(20 * DEG)
    assert only.angle == pytest.approx(math.hypot(5, 10) * DEG)
    assert only.metres == pytest.approx(3.0)


def by_the_published_loop(graph: Any, at: Any) -> Any:
    """The rule as a loop over the simulator's views, as published agents run it."""
    found: dict[int, Candidate] = {}
    for ix in range(VIEWS):
        heading, elevation = view_angles(ix)
        for rank, loc in enumerate(navigable(graph, at, heading, elevation)[1:], 1):
            angle = math.sqrt(loc.rel_heading**2 + loc.rel_elevation**2)
            if loc.viewpoint not in found or angle < found[loc.viewpoint].angle:
                found[loc.viewpoint] = Candidate(
                    loc.viewpoint,
                    ix,
                    rank,
                    heading + loc.rel_heading,
                    elevation + loc.rel_elevation,
                    angle,
                    loc.rel_distance,
                )
    return list(found.values())


@pytest.mark.parametrize("seed", range(20))
def test_candidates_equal_the_published_loop_and_the_neighbours(seed: Any) -> None:
    rng = np.random.default_rng(seed)
    graph = star(*rng.normal(0, 3, (rng.integers(1, 12), 3)) * (1, 1, 0.3))
    got, wanted = candidates(graph, 0), by_the_published_loop(graph, 0)
    assert [(c.viewpoint, c.view, c.rank) for c in got] == [
        (c.viewpoint, c.view, c.rank) for c in wanted
    ]
    for field in ("heading", "elevation", "angle", "metres"):
        assert [getattr(c, field) for c in got] == pytest.approx(
            [getattr(c, field) for c in wanted], abs=1e-9
        )
    assert sorted(c.viewpoint for c in got) == list(graph.neighbours[0])


def test_a_viewpoint_straight_above_is_never_in_view() -> None:
    graph = star((0, 0, 2.5), (0, 2, 0))
    assert [c.viewpoint for c in candidates(graph, 0)] == [2]
    assert [s.viewpoint for s in navigable(graph, 0, 0.0, 0.0)] == [0, 2]


def test_signed_angle_is_in_the_half_open_range() -> None:
    assert signed_angle(-math.pi) == math.pi
    assert signed_angle(3 * math.pi / 2) == pytest.approx(-math.pi / 2)
