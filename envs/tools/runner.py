"""What runs inside the sandbox: the policy's code, and the value of its last line.

Started as `python -I runner.py main.py` in the interpreter's folder. Like a notebook it shows the
last expression, so "p, top_experts, y" at the end is an answer. It knows nothing of limits.
"""

import ast
import linecache
import sys
import traceback
from pathlib import Path

__all__ = ["run"]


def run(path: str) -> int:
    """Run a file and return the exit code; errors are told without this file's own frames."""
    source = Path(path).read_text(encoding="utf-8")
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    namespace = {"__name__": "__main__", "__file__": path}
    try:
        tree = ast.parse(source, path)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        # Running untrusted code is this file's purpose, and it does so inside the sandbox only.
        exec(compile(tree, path, "exec"), namespace)  # noqa: S102
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), path, "eval"), namespace)  # noqa: S307
            if value is not None:
                print(repr(value))
    except SystemExit as exc:
        if isinstance(exc.code, int) or exc.code is None:
            return exc.code or 0
        print(exc.code, file=sys.stderr)
        return 1
    except BaseException as exc:
        sys.stdout.flush()
        frames = exc.__traceback__.tb_next if exc.__traceback__ else None
        traceback.print_exception(type(exc), exc, frames, limit=-10)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
