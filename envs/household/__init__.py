"""A household robot: skills over a body, ALFRED's goals, and a simulator that needs no Unity."""
