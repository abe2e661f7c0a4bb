"""How good it is: suites, the harness that plays them, scorers, statistics, reports.

No torch: a policy is whatever answers prompts.
"""

from qvl_agent.evals.stats import Interval, Rate, wilson
from qvl_agent.evals.suite import Suite, Task

__all__ = ["Interval", "Rate", "Suite", "Task", "wilson"]
