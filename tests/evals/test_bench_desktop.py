import shutil

import pytest

from qvl_agent.evals.bench.desktop import measure_desktop


def test_both_rows_are_measured_and_the_pointer_was_where_it_should_be() -> None:
    if shutil.which("Xvfb") is None:
        pytest.skip("not installed: Xvfb")
    capture, step = measure_desktop("320x240", repeats=3)
    assert (capture.id, step.id) == ("D1", "D2")
    assert capture.exact
    assert step.exact
    for row in (capture, step):
        median, fastest, cpu = row.figures
        assert 0 < fastest.value <= median.value <= row.details["slowest_ms"]
        assert cpu.value >= 0
