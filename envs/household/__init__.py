"""A household robot: skills over a body, ALFRED's goals, and a simulator that needs no Unity."""

from qvl_agent.envs.household.body import Body, Sight, Snapshot
from qvl_agent.envs.household.bundled import BundledBody
from qvl_agent.envs.household.env import Household
from qvl_agent.envs.household.failures import Failure, FailureCode
from qvl_agent.envs.household.goals import TASK_TYPES, Goal, Progress, TaskType, Treated, progress
from qvl_agent.envs.household.session import LowResult, Session
from qvl_agent.envs.household.skills import Skill, SkillResult, Skills
from qvl_agent.envs.household.thor import ThorBody, bundled_program

__all__ = [
    "TASK_TYPES",
    "Body",
    "BundledBody",
    "Failure",
    "FailureCode",
    "Goal",
    "Household",
    "LowResult",
    "Progress",
    "Session",
    "Sight",
    "Skill",
    "SkillResult",
    "Skills",
    "Snapshot",
    "TaskType",
    "ThorBody",
    "Treated",
    "bundled_program",
    "progress",
]
