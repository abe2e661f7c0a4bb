"""The loop: context, step, limits, guard, trace."""
