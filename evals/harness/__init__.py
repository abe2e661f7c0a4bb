"""The harness under all suites: trials in many seats on one policy, each written down as it ends.

A run may be killed at any moment and started again; a world may hang, die or fail. What was
measured is in `results.jsonl`, what broke in `incidents.jsonl`, what was run in `manifest.json`.
"""

from qvl_agent.evals.harness.episodes import AgentForTrial, EpisodePlayer, KeepTraces
from qvl_agent.evals.harness.folder import RunFolder, read_run
from qvl_agent.evals.harness.manifest import differences, digest, make_manifest, prompt_digest
from qvl_agent.evals.harness.memory import MemoryStore
from qvl_agent.evals.harness.progress import Estimate, Pacer
from qvl_agent.evals.harness.records import FAILURES, Failure, Incident, Record, Trial
from qvl_agent.evals.harness.remote import RemoteWorld, WorldProcess
from qvl_agent.evals.harness.runner import Player, Store, run_trials

__all__ = [
    "FAILURES",
    "AgentForTrial",
    "EpisodePlayer",
    "Estimate",
    "Failure",
    "Incident",
    "KeepTraces",
    "MemoryStore",
    "Pacer",
    "Player",
    "Record",
    "RemoteWorld",
    "RunFolder",
    "Store",
    "Trial",
    "WorldProcess",
    "differences",
    "digest",
    "make_manifest",
    "prompt_digest",
    "read_run",
    "run_trials",
]
