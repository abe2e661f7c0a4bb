"""The loop between a policy and a world, and the record of what happened in it.

Knows the protocols of worlds, policies and dialects, and none of their members. No torch.
"""

from qvl_agent.agent.context import Context, Counter, Sight, Window
from qvl_agent.agent.events import (
    Acted,
    Choice,
    Chose,
    Denied,
    Ended,
    Episode,
    Event,
    Generated,
    ParseFailed,
    Request,
    Started,
    StepSeconds,
    WorldFailed,
)
from qvl_agent.agent.guard import (
    ALLOW,
    AllowAll,
    AskFunctions,
    AskGuard,
    Consent,
    DenyFunctions,
    Guard,
    Verdict,
)
from qvl_agent.agent.limits import EndReason, GaveUp, Limits
from qvl_agent.agent.loop import Agent, WorldEnv
from qvl_agent.agent.page import export_page
from qvl_agent.agent.schema import EVENT_SCHEMA, SCHEMA_VERSION
from qvl_agent.agent.session import Dialogue, Session, drive
from qvl_agent.agent.trace import Trace, TraceWriter, new_trace_folder, read_trace

__all__ = [
    "ALLOW",
    "EVENT_SCHEMA",
    "SCHEMA_VERSION",
    "Acted",
    "Agent",
    "AllowAll",
    "AskFunctions",
    "AskGuard",
    "Choice",
    "Chose",
    "Consent",
    "Context",
    "Counter",
    "Denied",
    "DenyFunctions",
    "Dialogue",
    "EndReason",
    "Ended",
    "Episode",
    "Event",
    "GaveUp",
    "Generated",
    "Guard",
    "Limits",
    "ParseFailed",
    "Request",
    "Session",
    "Sight",
    "Started",
    "StepSeconds",
    "Trace",
    "TraceWriter",
    "Verdict",
    "Window",
    "WorldEnv",
    "WorldFailed",
    "drive",
    "export_page",
    "new_trace_folder",
    "read_trace",
]
