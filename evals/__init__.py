"""How good it is: suites, scorers, statistics, reports."""
