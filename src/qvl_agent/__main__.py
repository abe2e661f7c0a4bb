"""`python -m qvl_agent` and the `qvl-agent` command."""

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    from qvl_agent.cli.app import app

    app()


if __name__ == "__main__":
    main()
