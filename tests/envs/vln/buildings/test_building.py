import math
from itertools import islice
from typing import Any

import numpy as np
import pytest

from qvl_agent.envs.vln.buildings.boxes import NEAR_M, boxes_of
from qvl_agent.envs.vln.buildings.building import generate_building
from qvl_agent.envs.vln.buildings.language import (
    HELD_OUT,
    TRAINING,
    describe_route,
    facts_of,
    refer_to,
    routes,
    turn_word,
)
from qvl_agent.envs.vln.buildings.plan import STOREY_M, make_plan
from qvl_agent.envs.vln.views import Camera, bearing, candidates, view_angles


@pytest.fixture(scope="module")
def house() -> Any:
    return generate_building(5, storeys=2, rooms=6)


@pytest.mark.parametrize("seed", range(4))
def test_one_can_walk_everywhere_and_the_graph_looks_like_the_real_ones(seed: Any) -> None:
    building = generate_building(seed)
    graph = building.graph
    assert np.isfinite(graph.distances).all()
    assert len(building.left_out) <= 0.1 * len(graph.viewpoints)
    assert 2.8 <= graph.adjacency.sum(axis=1).mean() <= 4.8  # val_unseen: 3.9
    assert 1.8 <= graph.lengths[graph.adjacency].mean() <= 2.8  # val_unseen: 2.17
    assert {building.room_of(v).number for v in range(len(graph.viewpoints))} == {
        room.number for room in building.plan.rooms
    }


def test_a_seed_makes_the_same_building_and_another_one_another() -> None:
    one, same, other = generate_building(3), generate_building(3), generate_building(4)
    assert (one.scan, one.graph.viewpoints, one.shapes) == (
        same.scan, same.graph.viewpoints, same.shapes,
    )  # fmt: skip
    assert np.array_equal(one.graph.poses, same.graph.poses)
    assert one.scan != other.scan


def test_rooms_do_not_overlap_and_doors_join_neighbours() -> None:
    plan = make_plan(np.random.default_rng(0), storeys=2, rooms=9)
    for a in plan.rooms:
        for b in plan.rooms:
            if a.number < b.number and a.storey == b.storey:
                apart = (
                    a.high[0] <= b.low[0] or b.high[0] <= a.low[0]
                    or a.high[1] <= b.low[1] or b.high[1] <= a.low[1]
                )  # fmt: skip
                assert apart, (a, b)
    for door in plan.doors:
        one, other = (plan.rooms[k] for k in door.rooms)
        assert one.storey == other.storey
        step = 0.3
        x, y = door.middle
        before = (x - step, y) if door.axis == 0 else (x, y - step)
        after = (x + step, y) if door.axis == 0 else (x, y + step)
        assert one.holds(*before)
        assert other.holds(*after)


def test_stairs_join_the_storeys(house: Any) -> None:
    heights = house.graph.positions[:, 2]
    up = int(np.argmax(heights))
    down = int(np.argmin(heights))
    path = house.graph.shortest_path(down, up)
    climbs = [bearing(house.graph, a, b)[1] for a, b in zip(path, path[1:], strict=False)]
    assert heights[up] - heights[down] == pytest.approx(STOREY_M, abs=0.1)
    assert max(climbs) > math.radians(20)
    kinds = [fact.kind for fact in facts_of(house, path, 0.0)]
    assert kinds.count("up") == 1
    assert "down" not in kinds


def test_left_and_right_are_told_as_the_compass_has_them() -> None:
    assert [turn_word(math.radians(d)) for d in (0, 39, 90, -90, 180, -150)] == [
        "forward", "forward", "right", "left", "around", "around",
    ]  # fmt: skip


def test_instructions_name_the_rooms_that_are_entered_in_their_order(house: Any) -> None:
    rng = np.random.default_rng(0)
    for path in islice(routes(rng, house.graph, (3, 6)), 20):
        rooms = [house.room_of(v) for v in path]
        entered = [
            b.kind
            for a, b in zip(rooms, rooms[1:], strict=False)
            if a.number != b.number and not a.kind == b.kind == "stairwell"
        ]
        told = [fact.name for fact in facts_of(house, path, 1.0) if fact.kind == "enter"]
        assert told == entered
        for wording in (*TRAINING, *HELD_OUT):
            text = describe_route(house, path, 1.0, wording)
            assert text[0].isupper()
            assert "{" not in text
            places = [text.find(f" {kind}") for kind in dict.fromkeys(entered)]
            assert all(place >= 0 for place in places), text


def test_held_out_wordings_share_no_phrase_with_training() -> None:
    def phrases(wording: Any) -> Any:
        return {
            p.lower()
            for p in (*wording.enter, *wording.passing, wording.left, wording.stop, wording.find)
        }

    training = set().union(*map(phrases, TRAINING))
    held_out = set().union(*map(phrases, HELD_OUT))
    assert not training & held_out


def test_an_object_is_referred_to_only_when_it_is_the_only_one(house: Any) -> None:
    phrases = [(house.plan.rooms[t.room].kind, t.phrase) for t in house.things]
    for thing in house.things:
        alone = phrases.count((house.plan.rooms[thing.room].kind, thing.phrase)) == 1
        assert (refer_to(house, thing, TRAINING[0]) is not None) == alone


def test_boxes_hold_the_objects_and_only_near_ones(house: Any) -> None:
    viewpoint = 9
    skybox, numbers = house.panorama(viewpoint, 256)
    found = boxes_of(house, viewpoint, numbers)
    assert any(seen.views for seen in found.values())
    for number, seen in found.items():
        away = np.array(house.things[number].place) - house.graph.positions[viewpoint]
        assert np.linalg.norm(away) <= NEAR_M
        assert len(seen.views) == len(seen.boxes)
    # An independent look: the silhouette in the view itself. A face pixel is 3 to 6 view pixels.
    tinted = np.zeros((6, 256, 256, 3), np.uint8)
    number, seen = max(found.items(), key=lambda item: len(item[1].views))
    tinted[numbers == number] = 255
    mask_of = type(skybox)(tinted, skybox.rotation)
    for view, (x, y, w, h) in zip(seen.views, seen.boxes, strict=True):
        mask = mask_of.view(*view_angles(view), Camera())[..., 0] > 127
        rows, columns = np.nonzero(mask)
        assert columns.min() == pytest.approx(x, abs=8)
        assert rows.min() == pytest.approx(y, abs=8)
        assert columns.max() + 1 == pytest.approx(x + w, abs=8)
        assert rows.max() + 1 == pytest.approx(y + h, abs=8)


def test_two_hundred_viewpoints_have_the_candidates_of_their_graph() -> None:
    building = generate_building(2, storeys=3, rooms=13)
    graph = building.graph
    assert len(graph.viewpoints) >= 200
    for at in range(len(graph.viewpoints)):
        found = candidates(graph, at)
        assert sorted(c.viewpoint for c in found) == list(graph.neighbours[at])
        for candidate in found:
            heading, elevation = bearing(graph, at, candidate.viewpoint)
            assert candidate.heading % math.tau == pytest.approx(heading, abs=1e-9)
            assert candidate.elevation == pytest.approx(elevation, abs=1e-9)
            assert candidate.metres == pytest.approx(graph.lengths[at, candidate.viewpoint])
