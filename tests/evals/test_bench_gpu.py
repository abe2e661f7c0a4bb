"""The GPU's scorecard: its arithmetic against published sizes, and every line of it run, tiny."""

import dataclasses

import pytest

from qvl_agent.evals.bench.geometry import GEOMETRIES
from qvl_agent.evals.bench.gpu import GPU_ROWS, REHEARSED, run_gpu

TWO, SEVEN = GEOMETRIES


def test_sizes_are_those_of_the_checkpoints() -> None:
    assert TWO.linear_weights == pytest.approx(1.310e9, rel=1e-3)
    assert SEVEN.linear_weights == pytest.approx(6.525e9, rel=1e-3)
    assert (TWO.cache_bytes, SEVEN.cache_bytes) == (28_672, 57_344)
    assert TWO.bytes_read == pytest.approx(3.09e9, rel=2e-3)
    assert SEVEN.bytes_read == pytest.approx(14.1e9, rel=5e-3)


def test_operations_are_those_of_the_architecture() -> None:
    assert TWO.vision_operations(1280) == pytest.approx(10.8e12, rel=5e-3)
    assert TWO.prefill_operations(1400, 0) == pytest.approx(3.8e12, rel=0.02)
    assert SEVEN.prefill_operations(1400, 30_000) == pytest.approx(35.5e12, rel=0.02)


def test_the_floor_of_writing_is_that_of_an_h200() -> None:
    for geometry, tokens_a_second in ((TWO, 1209), (SEVEN, 285)):
        assert 4.3e12 / geometry.decode_bytes(16_384) == pytest.approx(tokens_a_second, rel=0.01)


def test_every_row_can_be_rehearsed_without_a_gpu() -> None:
    rows = list(run_gpu(REHEARSED))
    assert [row.id for row in rows] == ["S3", *(f"{name} tiny" for name in GPU_ROWS)]
    assert all(row.exact for row in rows)
    assert all(figure.value > 0 for row in rows[1:] for figure in row.figures)
    assert all(figure.goal is None for row in rows[1:] for figure in row.figures)


def test_the_gate_comes_first_whatever_is_asked_for() -> None:
    scale = dataclasses.replace(REHEARSED, rate_size=16, rate_bytes=1024)
    assert [row.id for row in run_gpu(scale, ["G3"])] == ["S3", "G3 tiny"]
