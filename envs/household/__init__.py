"""A household robot: skills over a body, ALFRED's goals, and a simulator that needs no Unity."""

from qvl_agent.envs.household.bodies import BODIES, make_body, standing
from qvl_agent.envs.household.body import Body, Sight, Snapshot
from qvl_agent.envs.household.bundled import BundledBody
from qvl_agent.envs.household.env import Household
from qvl_agent.envs.household.failures import Failure, FailureCode
from qvl_agent.envs.household.goals import TASK_TYPES, Goal, Progress, TaskType, Treated, progress
from qvl_agent.envs.household.grounding import BoxSegmenter, OracleSegmenter, Segmenter
from qvl_agent.envs.household.session import LowResult, Session
from qvl_agent.envs.household.skills import Skill, SkillResult, Skills
from qvl_agent.envs.household.thor import ThorBody, bundled_program
from qvl_agent.envs.household.thor2 import Thor2Body

__all__ = [
    "BODIES",
    "TASK_TYPES",
    "Body",
    "BoxSegmenter",
    "BundledBody",
    "Failure",
    "FailureCode",
    "Goal",
    "Household",
    "LowResult",
    "OracleSegmenter",
    "Progress",
    "Segmenter",
    "Session",
    "Sight",
    "Skill",
    "SkillResult",
    "Skills",
    "Snapshot",
    "TaskType",
    "Thor2Body",
    "ThorBody",
    "Treated",
    "bundled_program",
    "make_body",
    "progress",
    "standing",
]
