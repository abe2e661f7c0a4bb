from qvl_agent.envs.household.navigation import AHEAD, Spot, path


def _walk(start: Spot, actions: list[str]) -> tuple[Spot, list[tuple[int, int]]]:
    x, z, turn, tilt = start.x, start.z, start.turn, start.tilt
    cells = [(x, z)]
    for action in actions:
        match action:
            case "MoveAhead":
                x, z = x + AHEAD[turn][0], z + AHEAD[turn][1]
                cells.append((x, z))
            case "RotateRight":
                turn = (turn + 1) % 4
            case "RotateLeft":
                turn = (turn - 1) % 4
            case "LookDown":
                tilt += 1
            case "LookUp":
                tilt -= 1
    return Spot(x, z, turn, tilt), cells


def test_a_path_goes_round_walls_and_ends_at_the_goal() -> None:
    cells = frozenset((x, z) for x in range(5) for z in range(5) if x != 2 or z == 4)
    start, goal = Spot(0, 0, 0, 2), Spot(4, 0, 2, 4)
    found = path(start, [goal], cells)
    assert found is not None
    actions, reached = found
    end, walked = _walk(start, actions)
    assert end == reached == goal
    assert set(walked) <= cells
    # 4 up, right, 4 across, right, 4 down, and two tilts: nothing shorter exists.
    assert len(actions) == 12 + 2 + 2
    assert actions[-2:] == ["LookDown", "LookDown"]


def test_the_nearest_of_several_goals_is_chosen() -> None:
    cells = frozenset((x, 0) for x in range(10))
    found = path(Spot(0, 0, 1, 0), [Spot(9, 0, 1, 0), Spot(3, 0, 1, 0)], cells)
    assert found == (["MoveAhead"] * 3, Spot(3, 0, 1, 0))


def test_no_way_is_no_path() -> None:
    assert path(Spot(0, 0, 0, 0), [Spot(5, 5, 0, 0)], frozenset({(0, 0), (5, 5)})) is None
