import json
import math
import random
from typing import Any

import numpy as np
import pytest

from qvl_agent.actions.errors import DataError
from qvl_agent.envs.vln.annotations import Episode, SeenObject
from qvl_agent.envs.vln.graph import NavGraph
from qvl_agent.evals.vln.results import Pose, Result, read_results, write_results
from qvl_agent.evals.vln.score import score_r2r, score_reverie


def graph_of(positions: Any, edges: Any) -> Any:
    """Return the graph "s" of named positions (metres, in the plane) and named edges."""
    names = list(positions)
    poses = np.tile(np.eye(4), (len(names), 1, 1))
    poses[:, :2, 3] = list(positions.values())
    adjacency = np.zeros((len(names),) * 2, bool)
    for a, b in edges:
        i, j = names.index(a), names.index(b)
        adjacency[i, j] = adjacency[j, i] = True
    return NavGraph("s", tuple(names), poses, adjacency)


# a - b - c - d, two metres apart, e beside b: the values below are worked out by hand.
ROW = graph_of(
    {"a": (0, 0), "b": (2, 0), "c": (4, 0), "d": (6, 0), "e": (2, 2)}, ["ab", "bc", "cd", "be"]
)
# A ring: the annotated way p q r s is 6 m, the shortest 2 m.
RING = graph_of({"p": (0, 0), "q": (2, 0), "r": (2, 2), "s": (0, 2)}, ["pq", "qr", "rs", "sp"])


def r2r(path: Any, visited: Any, graph: Any = ROW) -> Any:
    episode = Episode("1_0", "s", tuple(path), 0.0, "Go.")
    result = Result("1_0", tuple(Pose(v) for v in visited))
    return score_r2r([episode], [result], {"s": graph}).scores[0]


def test_the_annotated_path_is_perfect() -> None:
    score = r2r("abcd", "abcd")
    assert (score.trajectory_length, score.navigation_error, score.oracle_error) == (6, 0, 0)
    ones = (score.success_rate, score.oracle_success_rate, score.spl, score.spl_duet)
    assert (*ones, score.ndtw, score.sdtw, score.cls) == (1,) * 7


def test_stopping_at_the_start() -> None:
    score = r2r("abcd", "a")
    assert (score.trajectory_length, score.navigation_error) == (0, 6)
    assert (score.success_rate, score.oracle_success_rate, score.spl, score.sdtw) == (0,) * 4
    assert score.ndtw == pytest.approx(math.exp(-(0 + 2 + 4 + 6) / (3 * 4)))
    coverage = (1 + math.exp(-2 / 3) + math.exp(-4 / 3) + math.exp(-2)) / 4
    assert score.cls == pytest.approx(coverage * 0.5)


def test_stopping_one_short_succeeds_and_is_not_paid_more_than_one() -> None:
    score = r2r("abcd", "abc")
    assert (score.navigation_error, score.success_rate, score.spl, score.spl_duet) == (2, 1, 1, 1)
    assert score.ndtw == score.sdtw == pytest.approx(math.exp(-2 / 12))


def test_a_detour_costs_length_and_likeness() -> None:
    score = r2r("abcd", "abebcd")
    assert score.trajectory_length == 10
    assert score.spl == score.spl_duet == pytest.approx(0.6)
    assert score.ndtw == pytest.approx(math.exp(-2 / 12))
    assert score.cls == pytest.approx(0.6)


def test_passing_the_goal_is_an_oracle_success_only() -> None:
    score = r2r("abcd", "abcdcba")
    assert (score.oracle_success_rate, score.success_rate, score.spl, score.sdtw) == (1, 0, 0, 0)
    # Cheapest warping: a-a b-b c-c d-c c-c b-c a-d, so 2 for d-c, 2 for b-c, 6 for a-d.
    assert score.ndtw == pytest.approx(math.exp(-10 / 12))


def test_turning_on_the_spot_costs_no_length_but_counts_in_the_warping_for_nothing() -> None:
    score = r2r("abcd", "aabbcdd")
    assert (score.trajectory_length, score.spl, score.ndtw, score.cls) == (6, 1, 1, 1)


def test_three_metres_are_not_a_success() -> None:
    row = graph_of({"a": (0, 0), "b": (3, 0), "c": (6, 0)}, ["ab", "bc"])
    assert r2r("abc", "ab", row).success_rate == 0
    near = graph_of({"a": (0, 0), "b": (3, 0), "c": (5.999, 0)}, ["ab", "bc"])
    assert r2r("abc", "ab", near).success_rate == 1


def test_the_two_readings_of_spl_differ_where_the_annotated_path_is_a_detour() -> None:
    on_path = r2r("pqrs", "pqrs", RING)
    assert (on_path.spl, on_path.spl_duet) == (pytest.approx(1 / 3), 1)
    short_cut = r2r("pqrs", "ps", RING)
    assert (short_cut.spl, short_cut.spl_duet) == (1, 1)
    assert short_cut.cls == pytest.approx(published_cls(RING, [0, 3], [0, 1, 2, 3]))


def test_a_jump_is_refused_by_name_in_r2r() -> None:
    with pytest.raises(DataError, match="1_0 moves from a to c"):
        r2r("abcd", "acd")


@pytest.mark.parametrize(
    ("path", "visited", "message"),
    [
        ("abcd", "bcd", "begins at b, not at its start a"),
        ("abcd", ["a", "zz"], "1_0: viewpoint 'zz' is not in the navigation graph"),
        ("a", "a", "a test split cannot be scored"),
    ],
)
def test_trajectories_that_do_not_fit_are_refused(path: Any, visited: Any, message: Any) -> None:
    with pytest.raises(DataError, match=message):
        r2r(path, visited)


def test_an_annotated_path_off_the_graph_names_the_instruction() -> None:
    with pytest.raises(DataError, match="the annotated path of 1_0: viewpoint 'zz' is not in"):
        r2r(["a", "zz"], "a")


def test_missing_repeated_and_unknown_ids() -> None:
    episodes = [Episode(f"1_{i}", "s", tuple("abcd"), 0.0, "") for i in range(3)]
    good, bad = tuple(map(Pose, "abcd")), tuple(map(Pose, "a"))
    results = [Result("1_0", good), Result("1_0", bad), Result("9_9", bad), Result("1_1", good)]
    with pytest.raises(DataError, match="1 of 3 instructions have no result: 1_2"):
        score_r2r(episodes, results, {"s": ROW})
    report = score_r2r(episodes, [*results, Result("1_2", bad)], {"s": ROW})
    assert (report.repeated, report.unknown, len(report.scores)) == (1, 1, 3)
    assert report.means()["success_rate"] == pytest.approx(2 / 3)


def test_a_scan_without_a_graph_is_named() -> None:
    with pytest.raises(DataError, match=r"scan 's' \(1_0\) has no graph"):
        score_r2r([Episode("1_0", "s", ("a", "b"), 0, "")], [Result("1_0", (Pose("a"),))], {})


def seen(views: Any) -> Any:
    return SeenObject("chair", views, tuple((0.0, 0.0, 9.0, 9.0) for _ in views))


# The target 7 can be seen from c and d, is near b but out of sight there; 8 is visible at a.
OBJECTS = {
    "s": {"a": {8: seen((3,))}, "b": {7: seen(())}, "c": {7: seen((1, 2))}, "d": {7: seen((5,))}}
}


def reverie(visited: Any, target: Any, graph: Any = ROW, path: Any = "abcd") -> Any:
    episode = Episode("1_7_0", "s", tuple(path), 0.0, "Bring me the chair.", 7)
    result = Result("1_7_0", tuple(Pose(v) for v in visited), target)
    return score_reverie([episode], [result], {"s": graph}, OBJECTS).scores[0]


def test_reverie_succeeds_where_the_target_can_be_seen() -> None:
    score = reverie("abc", "7")
    assert (score.success_rate, score.spl, score.rgs, score.rgspl) == (1, 1, 1, 1)
    near_but_hidden = reverie("ab", "7")
    assert (near_but_hidden.success_rate, near_but_hidden.oracle_success_rate) == (0, 0)


def test_reverie_spl_weighs_by_the_way_to_the_end_of_the_path() -> None:
    score = reverie("abebcd", "7")
    assert (score.spl, score.rgspl) == (pytest.approx(0.6), pytest.approx(0.6))


def test_grounding_counts_wherever_the_agent_stands_as_published() -> None:
    score = reverie("a", "7")
    assert (score.success_rate, score.rgs, score.rgspl) == (0, 1, 1)
    assert score.choice_visible == 0
    assert reverie("a", "8").choice_visible == 1
    assert reverie("abcd", None).rgs == 0


def test_reverie_oracle_success_and_walking_back() -> None:
    score = reverie("abcdcba", "7")
    assert (score.oracle_success_rate, score.success_rate, score.spl) == (1, 0, 0)
    assert score.rgspl == pytest.approx(0.5)


def test_a_jump_counts_its_walking_distance_in_reverie() -> None:
    assert reverie("ad", "7").trajectory_length == 6
    with pytest.raises(DataError, match="jumps to where no way leads"):
        reverie("ae", "7", graph_of(dict.fromkeys("abcde", (0, 0)), ["ab", "bc", "cd"]))


def test_jumps_that_are_counted_in_reverie_are_told() -> None:
    episode = Episode("1_7_0", "s", tuple("abcd"), 0.0, "", 7)
    jumps = [Result("1_7_0", tuple(map(Pose, walk)), "7") for walk in ("abcd", "acd", "adab")]
    told = [score_reverie([episode], [r], {"s": ROW}, OBJECTS).jumps for r in jumps]
    assert told == [0, 1, 2]


def test_reverie_test_split_cannot_be_scored() -> None:
    episode = Episode("1_0", "s", tuple("abcd"), 0.0, "")
    with pytest.raises(DataError, match="has no target"):
        score_reverie([episode], [Result("1_0", (Pose("a"),))], {"s": ROW}, OBJECTS)


# The same formulas, written out as the published scripts write them, against random walks.
def published_dtw(graph: Any, prediction: Any, reference: Any) -> Any:
    table = np.full((len(prediction) + 1, len(reference) + 1), np.inf)
    table[0][0] = 0
    for i in range(1, len(prediction) + 1):
        for j in range(1, len(reference) + 1):
            step = min(table[i - 1][j], table[i][j - 1], table[i - 1][j - 1])
            table[i][j] = graph.distances[prediction[i - 1]][reference[j - 1]] + step
    return table[len(prediction)][len(reference)]


def published_cls(graph: Any, prediction: Any, reference: Any) -> Any:
    def length(nodes: Any) -> Any:
        return np.sum([graph.distances[a][b] for a, b in zip(nodes, nodes[1:], strict=False)])

    coverage = np.mean(
        [np.exp(-np.min([graph.distances[u][v] for v in prediction]) / 3.0) for u in reference]
    )
    expected = coverage * length(reference)
    return coverage * expected / (expected + np.abs(expected - length(prediction)))


@pytest.mark.parametrize("seed", range(30))
def test_random_walks_score_as_the_published_formulas_do(seed: Any) -> None:
    rng = random.Random(seed)
    side = 6
    cells = [(x, y) for x in range(side) for y in range(side)]
    places = {f"{x}{y}": (x * 1.7 + rng.random(), y * 2.1) for x, y in cells}
    edges = [
        (a, b)
        for a in places
        for b in places
        if abs(int(a[0]) - int(b[0])) + abs(int(a[1]) - int(b[1])) == 1
    ]
    grid = graph_of(places, edges)

    def walk(start: Any, steps: Any) -> Any:
        path = [start]
        for _ in range(steps):
            path.append(rng.choice(grid.neighbours[path[-1]]))
        return path

    visited = walk(0, rng.randint(0, 12))
    reference = walk(0, rng.randint(1, 7))
    names = grid.viewpoints
    score = r2r([names[i] for i in reference], [names[i] for i in visited], grid)
    wanted = published_dtw(grid, visited, reference)
    assert score.ndtw == pytest.approx(math.exp(-wanted / (3.0 * len(reference))), abs=1e-12)
    assert score.cls == pytest.approx(published_cls(grid, visited, reference), abs=1e-12)
    assert score.navigation_error == grid.distances[visited[-1], reference[-1]]


def test_submissions_round_trip(tmp_path: Any) -> None:
    results = [
        Result("1_7_0", (Pose("a", 0.5, -0.1), Pose("b", 1.0)), "7"),
        Result("1_7_1", (Pose("a"),)),
    ]
    write_results(tmp_path / "r.json", results)
    assert read_results(tmp_path / "r.json") == results
    assert json.loads((tmp_path / "r.json").read_text())[0] == {
        "instr_id": "1_7_0",
        "trajectory": [["a", 0.5, -0.1], ["b", 1.0, 0.0]],
        "predObjId": 7,
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[{]", "is not JSON"),
        ("7", "expected a list of results"),
        ('[{"trajectory": []}]', "entry 0: expected an object"),
        ('[{"instr_id": "1_0", "trajectory": []}]', "begins with the start"),
        ('[{"instr_id": "1_0", "trajectory": [["a", "b"]]}]', "a pose is"),
        ('[{"instr_id": "1_0", "trajectory": ["a"]}]', "a pose is"),
    ],
)
def test_malformed_submissions_are_refused(tmp_path: Any, content: Any, message: Any) -> None:
    (tmp_path / "r.json").write_text(content)
    with pytest.raises(DataError, match=message):
        read_results(tmp_path / "r.json")


def test_missing_results_file_is_named(tmp_path: Any) -> None:
    with pytest.raises(DataError, match=r"cannot read the results .*r\.json"):
        read_results(tmp_path / "r.json")
