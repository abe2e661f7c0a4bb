"""Where it is done: one folder per world, each a gymnasium environment."""
