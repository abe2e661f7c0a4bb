"""How fast the policy engine is, and that it is exact: the scorecard behind `qvl-agent bench`.

The scenarios' modules load torch; this package does not until `run_engine` is called.
"""

from qvl_agent.evals.bench.engine import ENGINE_ROWS, run_engine
from qvl_agent.evals.bench.scorecard import Figure, Row, environment

__all__ = ["ENGINE_ROWS", "Figure", "Row", "environment", "run_engine"]
