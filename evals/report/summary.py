"""A run in numbers: figures, repeats, claims, failures by kind, and what could not be measured.

Made from a run's manifest, records and incidents alone. Knows no layout.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from qvl_agent.evals.harness.records import FAILURES, Record
from qvl_agent.evals.intervals import DoneClaims, done_claims, pass_at_k, pass_hat_k
from qvl_agent.evals.report.figures import Figure, figures_of

__all__ = ["RunSummary"]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """Everything a report says of one run.

    Attributes:
        manifest: What was run.
        figures: What was measured.
        planned: Trials of the run.
        measured: Trials with a record.
        incidents: Tries that measured nothing, the environment's and the policy's.
        failures: Failed records by kind, in the order of `FAILURES`.
        repeats: pass@k and pass^k in percent by k; empty without repeats.
        claims: What the policy said of its success; None where no world lets it.
        unbroken: Success rate in percent if all that is not measured were failures.
    """

    manifest: Mapping[str, Any]
    figures: tuple[Figure, ...]
    planned: int
    measured: int
    incidents: tuple[Mapping[str, Any], ...]
    failures: Mapping[str, tuple[Record, ...]]
    repeats: Mapping[int, tuple[float, float]]
    claims: DoneClaims | None
    unbroken: float

    @classmethod
    def of(
        cls,
        manifest: Mapping[str, Any],
        records: Sequence[Record],
        incidents: Sequence[Mapping[str, Any]],
    ) -> Self:
        """Return the summary of a run, finished or not; the order of the records is no matter."""
        ordered = sorted(records, key=lambda record: record.key)
        said = [(r.said_done, r.success) for r in ordered if r.said_done is not None]
        planned = manifest["tasks"] * manifest["repeats"]
        return cls(
            manifest=manifest,
            figures=tuple(figures_of(manifest, ordered)),
            planned=planned,
            measured=len(ordered),
            incidents=tuple(incidents),
            failures={
                kind: tuple(r for r in ordered if not r.success and r.failure == kind)
                for kind in FAILURES
            },
            repeats=_repeats(ordered, manifest["repeats"]),
            claims=done_claims(said) if said else None,
            unbroken=round(100 * sum(r.success for r in ordered) / max(1, planned), 2),
        )

    @property
    def title(self) -> str:
        """As "cards, played by nano, seed 7"."""
        manifest = self.manifest
        return f"{manifest['suite']}, played by {manifest['model']}, seed {manifest['seed']}"

    def broken(self, by: str) -> list[Mapping[str, Any]]:
        """Return the incidents of "environment" or "policy"."""
        return [incident for incident in self.incidents if incident["by"] == by]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {
            "suite": self.manifest["suite"],
            "model": self.manifest["model"],
            "seed": self.manifest["seed"],
            "planned": self.planned,
            "measured": self.measured,
            "figures": [figure.to_json() for figure in self.figures],
            "failures": {kind: len(records) for kind, records in self.failures.items()},
            "incidents": {by: len(self.broken(by)) for by in ("environment", "policy")},
            "success_if_unmeasured_failed": self.unbroken,
            "pass_at_k": {str(k): at for k, (at, _) in self.repeats.items()},
            "pass_hat_k": {str(k): hat for k, (_, hat) in self.repeats.items()},
            "done_claims": None
            if self.claims is None
            else {
                "right": self.claims.right,
                "false": self.claims.false,
                "silent": self.claims.silent,
                "failed": self.claims.failed,
            },
            "manifest": dict(self.manifest),
        }

    def lines(self) -> Iterator[str]:
        """Yield the summary as lines of text."""
        yield self.title
        for figure in self.figures:
            bounds = (
                "too few episodes for an interval"
                if figure.low is None
                else f"95 % interval {figure.low:.1f} to {figure.high:.1f}"
            )
            yield (
                f"  {figure.group:<16} {figure.name:<14} {figure.percent:6.2f} %  "
                f"{bounds}; {figure.n} {figure.unit}; {figure.rule}"
            )
        for k, (at, hat) in self.repeats.items():
            yield f"  pass@{k} {at:.2f} %, pass^{k} {hat:.2f} %"
        if self.claims is not None:
            c = self.claims
            yield (
                f"  said done: {c.right} rightly, {c.false} wrongly; "
                f"did not say so: {c.silent} were done, {c.failed} were not"
            )
        for kind, records in self.failures.items():
            if records:
                yield f"  failed, {kind}: {len(records)}"
        for by in ("environment", "policy"):
            if self.broken(by):
                yield f"  broken by the {by}: {len(self.broken(by))} tries"
        if self.measured < self.planned:
            yield (
                f"  {self.measured} of {self.planned} trials are measured; if the others had "
                f"failed, success would be {self.unbroken:.2f} %"
            )


def _repeats(records: Sequence[Record], repeats: int) -> dict[int, tuple[float, float]]:
    """Return the mean over tasks of pass@k and pass^k, in percent, for tasks with all repeats."""
    by_task: dict[str, list[bool]] = defaultdict(list)
    for record in records:
        by_task[record.task].append(record.success)
    whole = [tries for tries in by_task.values() if len(tries) == repeats]
    if repeats < 2 or not whole:
        return {}

    def mean(measure: Callable[[int, int, int], float], k: int) -> float:
        total = sum(measure(repeats, sum(tries), k) for tries in whole)
        return round(100 * total / len(whole), 2)

    return {k: (mean(pass_at_k, k), mean(pass_hat_k, k)) for k in range(1, repeats + 1)}
