"""A run on disk survives being cut off anywhere, and mixes with no other run."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.evals.harness import Incident, Record, RunFolder, read_run

Make = Callable[..., Record]
MANIFEST = {"suite": "s", "tasks": 3, "policy": {"weights": "abc"}, "seed": 0}


def test_what_was_written_is_there_when_the_folder_is_opened_again(
    tmp_path: Path, record: Make
) -> None:
    kept = [record("a/0"), record("a/1", False, trace="traces/x", metrics={"m": 0.5})]
    with RunFolder(tmp_path, MANIFEST) as folder:
        for one in kept:
            folder.append(one)
    with RunFolder(tmp_path, MANIFEST) as folder:
        assert list(folder.records.values()) == kept


def test_a_line_that_was_cut_off_at_any_byte_is_taken_back(tmp_path: Path, record: Make) -> None:
    with RunFolder(tmp_path, MANIFEST) as folder:
        folder.append(record("a/0"))
        folder.append(record("a/1"))
    results = tmp_path / "results.jsonl"
    whole = results.read_bytes()
    first = whole.index(b"\n") + 1
    for length in range(first, len(whole)):
        results.write_bytes(whole[:length])
        assert [r.task for r in read_run(tmp_path)[1]] == ["a/0"]
        with RunFolder(tmp_path, MANIFEST) as folder:
            assert [task for task, _ in folder.records] == ["a/0"]
            folder.append(record("a/1"))
        assert results.read_bytes() == whole


def test_what_the_disk_did_not_keep_is_told_to_who_writes_next_and_at_the_end(
    tmp_path: Path, record: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(tmp_path, MANIFEST)

    def broken(handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    folder.append(record("a/0"))
    assert len((tmp_path / "results.jsonl").read_bytes().splitlines()) == 1  # not only in memory
    assert folder._syncing is not None
    folder._syncing.join(300)
    with pytest.raises(UsageError, match="cannot be written: Input/output error"):
        folder.append(record("a/1"))
    with pytest.raises(UsageError, match="cannot be written: Input/output error"):
        folder.close()


def test_all_is_on_the_disk_when_a_folder_is_closed(
    tmp_path: Path, record: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    sync = os.fsync

    def spy(handle: int) -> None:
        synced.append(Path(os.readlink(f"/proc/self/fd/{handle}")).name)
        sync(handle)

    monkeypatch.setattr(os, "fsync", spy)
    with RunFolder(tmp_path, MANIFEST) as folder:
        folder.append(record("a/0"))
        last = len(synced)
    assert {"results.jsonl", "incidents.jsonl"} <= set(synced[last:])


def test_a_trial_cannot_have_two_lines(tmp_path: Path, record: Make) -> None:
    with RunFolder(tmp_path, MANIFEST) as folder:
        folder.append(record("a/0"))
        folder.append(record("a/0", repeat=1))
        with pytest.raises(ValueError, match="has a record already"):
            folder.append(record("a/0"))
    results = tmp_path / "results.jsonl"
    results.write_bytes(results.read_bytes() * 2)
    with pytest.raises(DataError, match=r"results\.jsonl:3: a second result"):
        RunFolder(tmp_path, MANIFEST)


def test_another_run_is_refused_and_every_difference_named(tmp_path: Path) -> None:
    RunFolder(tmp_path, MANIFEST).close()
    other = MANIFEST | {"policy": {"weights": "abd"}, "seed": 7, "repeats": 2}
    with pytest.raises(UsageError) as refused:
        RunFolder(tmp_path, other)
    for told in ('policy.weights was "abc", is "abd"', "seed was 0, is 7", "repeats was absent"):
        assert told in str(refused.value)


def test_two_processes_cannot_write_one_run(tmp_path: Path) -> None:
    with RunFolder(tmp_path, MANIFEST), pytest.raises(UsageError, match="by another process"):
        RunFolder(tmp_path, MANIFEST)
    RunFolder(tmp_path, MANIFEST).close()


def test_results_of_nobody_knows_what_are_not_continued(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text("")
    with pytest.raises(UsageError, match="without a manifest"):
        RunFolder(tmp_path, MANIFEST)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{}", "task must be str"),
        ("[]", "is no object"),
        ("{", "is damaged"),
        ('{"task": "a", "repeat": 0, "seed": 0, "success": 1}', "success must be bool"),
    ],
)
def test_a_damaged_line_is_named(tmp_path: Path, line: str, told: str) -> None:
    RunFolder(tmp_path, MANIFEST).close()
    (tmp_path / "results.jsonl").write_text(f"{line}\n")
    with pytest.raises(DataError, match=told) as damaged:
        RunFolder(tmp_path, MANIFEST)
    assert "results.jsonl:1" in str(damaged.value)
    (tmp_path / "results.jsonl").unlink()
    RunFolder(tmp_path, MANIFEST).close()  # the lock was let go


def test_incidents_are_kept_apart(tmp_path: Path, record: Make) -> None:
    incident = Incident("a/0", 0, 1, "environment", "DeviceError", "gone", False)
    with RunFolder(tmp_path, MANIFEST) as folder:
        folder.note(incident)
        folder.append(record("a/0"))
    manifest, records, incidents = read_run(tmp_path)
    assert manifest == json.loads(json.dumps(MANIFEST))
    assert [r.task for r in records] == ["a/0"]
    assert incidents == [incident.to_json()]


def test_a_folder_without_a_run_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no run"):
        read_run(tmp_path)
