"""ALFRED: its dataset, its scores, its plans."""
