"""The agent as a part of a 10-30 Hz controller: submit what is seen, poll what to do, never wait.

The controller's side imports no torch; the policy thinks in a process or thread of its own.
See docs/embedding.md for the rules.
"""

from qvl_agent.agent.realtime.pilot import RealtimeAgent
from qvl_agent.agent.realtime.processes import ProcessWorker
from qvl_agent.agent.realtime.rules import (
    Act,
    Directive,
    Hold,
    HoldCause,
    Note,
    NoteKind,
    Stop,
    StopCause,
    Timing,
)
from qvl_agent.agent.realtime.threads import ThreadWorker
from qvl_agent.agent.realtime.worker import (
    Answer,
    Beat,
    Failure,
    MakeAgent,
    Message,
    Question,
    Ready,
    Worker,
)

__all__ = [
    "Act",
    "Answer",
    "Beat",
    "Directive",
    "Failure",
    "Hold",
    "HoldCause",
    "MakeAgent",
    "Message",
    "Note",
    "NoteKind",
    "ProcessWorker",
    "Question",
    "Ready",
    "RealtimeAgent",
    "Stop",
    "StopCause",
    "ThreadWorker",
    "Timing",
    "Worker",
]
