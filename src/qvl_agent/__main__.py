"""`python -m qvl_agent` and the `qvl-agent` command."""

import sys

__all__ = ["main"]


def main() -> int:
    """Run the command line and return its exit code."""
    from qvl_agent.cli import app

    return app.main()


if __name__ == "__main__":
    sys.exit(main())
