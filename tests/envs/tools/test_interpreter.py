import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from qvl_agent.actions.errors import EnvError
from qvl_agent.envs.tools import Interpreter, Limits
from qvl_agent.envs.tools import interpreter as interpreter_module

SANDBOX = Path(interpreter_module.__file__).with_name("sandbox.py")
LIMITS = Limits(seconds=60, memory=256 << 20, files=8 << 20, processes=16)
# Without namespaces only a Python that every user may run can be given to another user.
ANYONES_PYTHON = shutil.which("python3", path="/usr/bin")


@pytest.fixture(params=["namespaces", "limits only"])
def within(request: pytest.FixtureRequest) -> Callable[[Limits], Interpreter]:
    """Return what makes an interpreter with such limits, with and without namespaces."""
    if request.param == "namespaces":
        return Interpreter
    if os.geteuid() != 0:
        return partial(Interpreter, namespaces=False)
    if ANYONES_PYTHON is None:
        pytest.skip("as root, and no Python in /usr/bin to run as another user")
    return partial(Interpreter, namespaces=False, python=ANYONES_PYTHON)


@pytest.fixture
def interpreter(within: Callable[[Limits], Interpreter]) -> Iterator[Interpreter]:
    with within(LIMITS) as made:
        yield made
    assert not running(made)


@pytest.fixture
def impatient(within: Callable[[Limits], Interpreter]) -> Iterator[Interpreter]:
    with within(replace(LIMITS, seconds=2)) as made:
        yield made
    assert not running(made)


@pytest.fixture
def isolated() -> Iterator[Interpreter]:
    with Interpreter(LIMITS) as made:
        if "files" not in made.run("").layers:
            pytest.skip("this kernel does not permit namespaces")
        yield made


def running(interpreter: Interpreter) -> list[str]:
    """Return the command lines of processes that work in the interpreter's folder."""
    return working(interpreter._uid, str(interpreter.folder))


def working(by: int, at: str) -> list[str]:
    """Return the command lines of a user's processes and of those that name a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            uid = entry.stat().st_uid
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if uid == by or at in command:
            found.append(command)
    return found


def wait_until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_printed_text_and_the_value_of_the_last_line_come_back(interpreter: Interpreter) -> None:
    result = interpreter.run("print('softmax')\nx = [1, 2]\nsum(x), x")
    assert (result.ending, result.text) == ("ok", "softmax\n(3, [1, 2])")


def test_an_exception_is_told_with_its_line_and_without_the_runners_frames(
    interpreter: Interpreter,
) -> None:
    result = interpreter.run("x = 0\n1 / x")
    assert result.ending == "error"
    assert "1 / x" in result.text
    assert "ZeroDivisionError" in result.text
    assert "runner.py" not in result.text


def test_pictures_that_the_code_writes_come_back_and_only_new_ones() -> None:
    with Interpreter() as interpreter:
        code = "from PIL import Image\nImage.new('RGB', (40, 30), (255, 0, 0)).save('plot.png')"
        (picture,) = interpreter.run(code).pictures
        assert picture.shape == (30, 40, 3)
        assert picture[0, 0].tolist() == [255, 0, 0]
        assert interpreter.run("1").pictures == ()


def test_what_only_looks_like_a_picture_is_not_opened(interpreter: Interpreter) -> None:
    code = (
        "import os\n"
        "os.mkfifo('pipe.png')\n"  # opening it would wait for ever
        "os.symlink('/etc/hostname', 'link.png')\n"
        "open('text.png', 'w').write('no picture')\n"
        "os.mkdir('folder.png')"
    )
    result = interpreter.run(code)
    assert (result.ending, result.pictures) == ("ok", ())


def test_files_stay_between_runs_and_variables_do_not(interpreter: Interpreter) -> None:
    interpreter.run("x = 1\nopen('notes.txt', 'w').write('hello')")
    assert interpreter.run("open('notes.txt').read()").text == "'hello'"
    assert "NameError" in interpreter.run("x").text


def test_an_endless_loop_ends_at_the_time_limit(impatient: Interpreter) -> None:
    result = impatient.run("while True:\n    pass")
    assert result.ending == "timeout"
    assert "longer than 2 seconds" in result.text
    assert 2 <= result.seconds < 30


def test_ten_gigabytes_of_memory_are_refused(interpreter: Interpreter) -> None:
    result = interpreter.run("x = bytearray(10 << 30)\nprint('had it')")
    assert result.ending == "error"
    assert "MemoryError" in result.text


def test_memory_is_limited_over_all_processes_together(interpreter: Interpreter) -> None:
    code = (
        "import os, time\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        x = bytearray(b'x') * (120 << 20)\n"
        "        time.sleep(30)\n"
        "time.sleep(30)"
    )
    assert interpreter.run(code).ending == "memory"


def test_a_gigabyte_of_output_is_cut_off(interpreter: Interpreter) -> None:
    result = interpreter.run("import sys\nfor _ in range(1 << 14): sys.stdout.write('x' * 65536)")
    assert result.ending == "output"
    assert len(result.text) < LIMITS.output + 100


def test_a_full_folder_ends_the_run_and_not_the_next_one(interpreter: Interpreter) -> None:
    code = (
        "import time\nfor i in range(8): open(str(i), 'wb').write(bytes(4 << 20))\ntime.sleep(50)"
    )
    assert interpreter.run(code).ending == "files"
    assert interpreter.run("print('again')").text == "again"


def test_a_fork_bomb_is_held_and_leaves_nothing(impatient: Interpreter) -> None:
    result = impatient.run(
        "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
    )
    assert result.ending in ("timeout", "processes")
    assert running(impatient) == []


def test_a_process_that_hides_in_a_session_of_its_own_does_not_outlive_the_run(
    interpreter: Interpreter,
) -> None:
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        os.close(1), os.close(2)\n"
        "        time.sleep(60)\n"
        "    os._exit(0)\n"
        "print('gone')"
    )
    assert interpreter.run(code).text == "gone"
    assert running(interpreter) == []


def test_code_does_not_outlive_a_program_that_was_killed(interpreter: Interpreter) -> None:
    how = {"namespaces": interpreter._namespaces, "python": interpreter._python}
    program = (
        "from qvl_agent.envs.tools import Interpreter\n"
        f"made = Interpreter(**{how})\n"
        "print(made._uid, made.folder, flush=True)\n"
        "made.run('import time\\ntime.sleep(60)')"
    )
    with tempfile.TemporaryDirectory() as left_behind:
        Path(left_behind).chmod(0o711)
        with subprocess.Popen(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": left_behind},
        ) as host:
            assert host.stdout is not None
            uid, folder = host.stdout.readline().split()
            wait_until(lambda: len(working(int(uid), folder)) > 1)
            host.kill()
        wait_until(lambda: not working(int(uid), folder))


def test_the_hosts_environment_is_not_there(
    interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    assert "hunter2" not in interpreter.run("import os\nprint(dict(os.environ))").text


def test_limits_cannot_be_raised_from_inside(interpreter: Interpreter) -> None:
    code = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))"
    assert "ValueError" in interpreter.run(code).text


@pytest.mark.parametrize("claimed", [40_000, 12_000], ids=["an error", "a warning"])
def test_a_picture_that_would_unpack_to_gigabytes_is_left_out(
    interpreter: Interpreter, claimed: int
) -> None:
    code = (
        "import struct, zlib\n"
        "def chunk(name, data):\n"
        "    check = zlib.crc32(name + data)\n"
        "    return struct.pack('>I', len(data)) + name + data + struct.pack('>I', check)\n"
        f"size = struct.pack('>IIBBBBB', {claimed}, {claimed}, 8, 2, 0, 0, 0)\n"
        "rows = chunk(b'IDAT', zlib.compress(bytes(100)))\n"
        "png = b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', size) + rows + chunk(b'IEND', b'')\n"
        "open('bomb.png', 'wb').write(png)"
    )
    result = interpreter.run(code)
    assert (result.ending, result.pictures) == ("ok", ())


def test_files_of_the_host_cannot_be_read_without_namespaces_either(
    interpreter: Interpreter,
) -> None:
    written = ("/tmp/mine", "/dev/shm/mine", "/usr/bin/mine", "../mine")
    code = (
        "def tried(path, mode):\n"
        "    try:\n"
        "        return open(path, mode).read(1) if mode == 'r' else open(path, mode).close()\n"
        "    except OSError:\n"
        "        return 'refused'\n"
        f"for path in {written}: tried(path, 'w')\n"
        "[tried(path, 'r') for path in ('/etc/passwd', '/etc/hostname', '/etc/group')]"
    )
    result = interpreter.run(code)
    if "files" not in result.layers:
        pytest.skip("this kernel has neither namespaces for us nor Landlock")
    assert result.text == str(["refused"] * 3)
    assert not any(Path(interpreter.folder, path).exists() for path in written)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be a user who runs nothing else")
def test_code_of_a_user_without_namespaces_cannot_end_that_users_session(tmp_path: Path) -> None:
    """Here the code has the same user as the sandbox: nothing but Landlock holds it."""
    if ANYONES_PYTHON is None:
        pytest.skip("no Python in /usr/bin to run as another user")
    uid = 1_234_567_890
    with Interpreter(LIMITS, namespaces=False, python=ANYONES_PYTHON) as interpreter:
        if "signals" not in interpreter.run("").layers:
            pytest.skip("this kernel's Landlock does not know signals")
        os.chown(interpreter.folder, uid, uid)
        sandbox = interpreter.folder / "sandbox.py"
        sandbox.write_text(SANDBOX.read_text())
        (interpreter.folder / "attack.py").write_text(
            "import os, signal\n"
            "for victim in (os.getppid(), int(open('victim').read())):\n"
            "    try:\n"
            "        os.kill(victim, signal.SIGKILL)\n"
            "    except PermissionError:\n"
            "        print('refused')\n"
        )
        victim = subprocess.Popen(["/bin/sleep", "60"], user=uid, group=uid, extra_groups=[])
        (interpreter.folder / "victim").write_text(str(victim.pid))
        reader, writer = os.pipe()
        config = {
            "report": writer,
            "folder": str(interpreter.folder),
            "root": "",
            "uid": uid,
            "namespaces": False,
            "argv": ["attack.py"],
            "limits": {"RLIMIT_CPU": 60},
            "environment": {},
        }
        done = subprocess.run(
            [ANYONES_PYTHON, "-I", str(sandbox), json.dumps(config)],
            user=uid,
            group=uid,
            extra_groups=[],
            pass_fds=(writer,),
            capture_output=True,
            text=True,
            timeout=300,
        )
        alive = victim.poll() is None
        victim.kill()
        victim.wait()
        os.close(reader)
        os.close(writer)
    assert (done.returncode, done.stdout) == (0, "refused\nrefused\n"), done.stderr
    assert alive


def test_code_that_puts_something_in_the_runners_place_breaks_no_later_run(
    interpreter: Interpreter,
) -> None:
    interpreter.run("import os\nos.remove('runner.py'), os.mkdir('runner.py'), os.chmod('.', 0)")
    assert interpreter.run("print('still here')").text == "still here"


@pytest.mark.parametrize(
    "code", ["((((", "\0", "print('\\ud800')", "\ud800", "raise SystemExit('bye')", "(" * 10_000]
)
def test_whatever_the_code_is_there_is_a_result(code: str) -> None:
    with Interpreter(LIMITS) as interpreter:
        result = interpreter.run(code)
    assert result.ending == "error"
    assert result.text


def test_there_is_no_network(isolated: Interpreter) -> None:
    code = "import socket\nsocket.create_connection(('127.0.0.1', 80), timeout=2)"
    assert "Network is unreachable" in isolated.run(code).text
    assert "network" in isolated.run("").layers


def test_files_of_the_host_are_not_there_and_the_system_cannot_be_written(
    isolated: Interpreter, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2")
    for code in (
        f"print(open({str(secret)!r}).read())",
        "print(open('/etc/passwd').read())",
        "open('/usr/bin/mine', 'w')",
        f"open({sys.prefix!r} + '/mine', 'w')",
    ):
        result = isolated.run(code)
        assert result.ending == "error", code
        assert "hunter2" not in result.text


def test_other_processes_cannot_be_seen_or_signalled(isolated: Interpreter) -> None:
    code = f"import os\nos.kill({os.getpid()}, 0)"
    assert "ProcessLookupError" in isolated.run(code).text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs code as another user")
def test_code_does_not_run_as_root(isolated: Interpreter) -> None:
    assert isolated.run("import os\nos.getuid()").text != "0"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's processes escape all limits")
def test_root_without_namespaces_is_refused_where_no_other_user_can_run_python(
    tmp_path: Path,
) -> None:
    tmp_path.chmod(0o700)
    (python := tmp_path / "python").symlink_to(sys.executable)
    hidden = any(not p.stat().st_mode & 1 for p in Path(sys.executable).resolve().parents)
    if not hidden:
        pytest.skip("this Python may be run by every user")
    with (
        Interpreter(LIMITS, namespaces=False, python=str(python)) as interpreter,
        pytest.raises(EnvError, match="does not run code as root"),
    ):
        interpreter.run("1")


def test_closing_removes_the_folder() -> None:
    interpreter = Interpreter(LIMITS)
    interpreter.run("open('x', 'w').write('1')")
    interpreter.close()
    interpreter.close()
    assert not interpreter.folder.exists()
