"""Is this machine, this phone, this model as it should be? Findings, each with its remedy.

It changes nothing, downloads nothing and drives nothing: a phone is asked and never touched.
"""

from qvl_agent.evals.doctor.findings import Finding, Level, is_sound
from qvl_agent.evals.doctor.grounding import Report, check_grounding

__all__ = ["Finding", "Level", "Report", "check_grounding", "is_sound"]
