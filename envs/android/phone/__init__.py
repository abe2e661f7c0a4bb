"""A simulated phone: deterministic and seeded, drawn at any resolution."""
