import json
from typing import Any

import numpy as np
import pytest

from qvl_agent.actions.errors import DataError
from qvl_agent.envs.vln.graph import NavGraph, load_graphs


def panorama(name: Any, x: Any, y: Any, z: Any, unobstructed: Any, included: Any = True) -> Any:
    pose = [1.0, 0, 0, x, 0, 0, 1.0, y, 0, -1.0, 0, z, 0, 0, 0, 1.0]
    return {
        "image_id": name,
        "pose": pose,
        "included": included,
        "visible": unobstructed,
        "unobstructed": unobstructed,
        "height": 1.5,
    }


def line() -> Any:
    """Return a - b - c in a row 2 m and 3 m apart, and x, left out, beside b."""
    return [
        panorama("a", 0, 0, 1, [False, True, True, False]),
        panorama("x", 1, 1, 1, [True, False, True, True], included=False),
        panorama("b", 2, 0, 1, [True, True, False, True]),
        panorama("c", 2, 3, 1, [False, True, True, False]),
    ]


def random_graph(seed: Any, n: Any = 60) -> Any:
    rng = np.random.default_rng(seed)
    positions = rng.uniform(0, 20, (n, 3))
    adjacency = np.triu(rng.random((n, n)) < 0.06, 1)
    adjacency |= adjacency.T
    poses = np.tile(np.eye(4), (n, 1, 1))
    poses[:, :3, 3] = positions
    return NavGraph("random", tuple(f"{i:032x}" for i in range(n)), poses, adjacency)


def test_left_out_viewpoints_are_no_part_of_the_graph() -> None:
    graph = NavGraph.from_json("s", line())
    assert graph.viewpoints == ("a", "b", "c")
    assert graph.neighbours == ((1,), (0, 2), (1,))
    assert graph.distances.tolist() == [[0, 2, 5], [2, 0, 3], [5, 3, 0]]
    assert graph.shortest_path(0, 2) == [0, 1, 2]


@pytest.mark.parametrize("seed", range(3))
def test_distances_and_paths_equal_networkx_dijkstra(seed: Any) -> None:
    nx = pytest.importorskip("networkx")
    graph = random_graph(seed)
    other = nx.Graph()
    other.add_nodes_from(range(len(graph.viewpoints)))
    for i, j in np.argwhere(graph.adjacency).tolist():
        other.add_edge(i, j, weight=float(np.linalg.norm(graph.positions[i] - graph.positions[j])))
    for i, reached in nx.all_pairs_dijkstra_path_length(other):
        row = [reached.get(j, np.inf) for j in range(len(graph.viewpoints))]
        np.testing.assert_allclose(graph.distances[i], row, rtol=1e-12)
    ways = dict(nx.all_pairs_dijkstra_path(other))
    assert all(graph.shortest_path(i, j) == ways[i][j] for i in ways for j in list(ways[i])[:9])


def test_no_way_is_an_error_that_names_both_ends() -> None:
    records = line()
    records[2]["unobstructed"][3] = records[3]["unobstructed"][2] = False
    graph = NavGraph.from_json("s", records)
    assert graph.distances[0, 2] == np.inf
    with pytest.raises(DataError, match="no way from a to c"):
        graph.shortest_path(0, 2)


def test_one_way_edge_is_refused() -> None:
    records = line()
    records[0]["unobstructed"][2] = False
    with pytest.raises(DataError, match="b leads to a but not back"):
        NavGraph.from_json("s", records)


@pytest.mark.parametrize("broken", [{"a": 1}, [{"image_id": "a"}], [7]])
def test_malformed_file_is_refused(tmp_path: Any, broken: Any) -> None:
    (tmp_path / "s_connectivity.json").write_text(json.dumps(broken))
    with pytest.raises(DataError, match="not a connectivity file"):
        NavGraph.load(tmp_path, "s")


def test_scan_without_graph_is_named(tmp_path: Any) -> None:
    with pytest.raises(DataError, match=r"scan 'nowhere' has no navigation graph"):
        load_graphs(tmp_path, ["nowhere"])


def test_unknown_viewpoint_is_named() -> None:
    with pytest.raises(DataError, match="'x' is not in the navigation graph of scan 's'"):
        NavGraph.from_json("s", line()).number("x")
