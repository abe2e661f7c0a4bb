"""The inside of the code interpreter: runs one Python file with as little as the system allows.

Started as `python -I sandbox.py CONFIG` by `envs.tools.interpreter`, it imports nothing but the
standard library, for it runs before and outside of everything else. Where the kernel permits:

| layer | what is taken away |
| --- | --- |
| network | all of it: an empty network namespace |
| processes | a process namespace: when its first process ends, the kernel ends all the others |
| files | all but the folder, the interpreter and the system's libraries, these read-only |
| signals | all processes but its own: they can be neither signalled nor traced |
| user | the rights of the user who started it, when that is root |

and always resource limits. Files are a tree of their own in namespaces. A user without those (as
on Ubuntu since 24.04) has Landlock, which asks for no right: it guards what files contain, signals
and TCP, so that code cannot read the user's keys or end the user's session. What was had is written
to the report, JSON lines on the file descriptor `report`. Without the process layer this process
adopts orphans and ends them itself.

Linux only in its layers; elsewhere the limits alone hold.

Source: man 2 unshare, mount, pivot_root, prctl, setrlimit; man 7 user_namespaces, landlock.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import Any, NoReturn

_CLONE_NEWNS = 0x00020000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWPID = 0x20000000
_CLONE_NEWNET = 0x40000000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV = 1, 2, 4
_MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 32, 4096, 16384, 1 << 18
_MNT_DETACH = 2
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_PR_SET_NO_NEW_PRIVS = 38

# include/uapi/linux/landlock.h; the numbers of its calls are the same on every architecture.
_LANDLOCK_CREATE_RULESET, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT_SELF = 444, 445, 446
_LANDLOCK_VERSION, _LANDLOCK_PATH_BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_FILE_RIGHTS: dict[int, int] = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
"""What each version can take away; the third added truncation."""
_TCP_RIGHTS, _TCP_SINCE = 3, 4
_SCOPES, _SCOPES_SINCE = 3, 6

_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_INSIDE = "/sandbox"
"""Where the folder is shown inside; a name that no Python is installed under."""

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> NoReturn:
    """Run the file that the configuration in `sys.argv[1]` names; exits like it."""
    config: dict[str, Any] = json.loads(sys.argv[1])
    os.set_inheritable(config["report"], False)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    uid = config["uid"] if os.geteuid() == 0 else None
    layers = _unshare() if config["namespaces"] else set()
    if "processes" in layers:
        # A process namespace holds the next child, not its maker.
        child = os.fork()
        if child == 0:
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            _attend(config, layers, uid)
        os.waitpid(child, 0)
        os._exit(0)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    _attend(config, layers, uid)


def _attend(config: dict[str, Any], layers: set[str], uid: int | None) -> NoReturn:
    """Start the worker, wait for it, report how it ended, and take everything down with it."""
    folder = config["folder"]
    if uid is not None:
        os.chown(folder, uid, uid)
        layers.add("user")
    if "files" in layers:
        try:
            _enter_tree(folder, config["root"])
            folder = _INSIDE
        except OSError:
            layers.discard("files")
    if uid is not None and "files" not in layers and not _is_reachable(sys.executable):
        # Root's own processes are not counted by any limit: nothing would stop a fork bomb.
        _tell(config, refused=f"no other user than root may run {sys.executable}")
        os._exit(0)
    fence = None if "files" in layers else _build_fence(folder, layers)
    worker = os.fork()
    if worker == 0:
        _become_worker(config, folder, uid, fence)
    _tell(config, layers=sorted(layers))
    status = _wait_for(worker)
    _tell(config, status=os.waitstatus_to_exitcode(status))
    _end_orphans()
    os._exit(0)


def _tell(config: dict[str, Any], **facts: Any) -> None:
    """Write one line to the report: the layers at once, for the run may not get to its end."""
    os.write(config["report"], json.dumps(facts).encode() + b"\n")


def _become_worker(
    config: dict[str, Any], folder: str, uid: int | None, fence: int | None
) -> NoReturn:
    try:
        os.setsid()
        os.chdir(folder)
        for name, value in config["limits"].items():
            if name == "RLIMIT_NPROC" and uid is None:
                value += _own_tasks()  # the limit counts all that this user runs
            # Not above what this process itself may have.
            hard = resource.getrlimit(getattr(resource, name))[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(getattr(resource, name), (value, value))
        if uid is not None:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # not before: a change of user takes it back
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        if fence is not None:
            _check(_libc.syscall(_LANDLOCK_RESTRICT_SELF, fence, 0), "landlock_restrict_self")
        os.execve(sys.executable, [sys.executable, "-I", *config["argv"]], config["environment"])
    except BaseException as exc:
        os.write(2, f"the sandbox could not start the code: {exc!r}\n".encode())
        os._exit(127)


def _wait_for(worker: int) -> int:
    """Return the worker's wait status; whatever else ends meanwhile is an orphan of its."""
    while True:
        pid, status = os.wait()
        if pid == worker:
            return status


def _end_orphans() -> None:
    """Kill and reap every process that the worker left behind."""
    while True:
        for pid in _children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return


def _children() -> list[int]:
    found = []
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else []:
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError):
                stat = Path(f"/proc/{entry}/stat").read_text()
                if int(stat.rpartition(")")[2].split()[1]) == os.getpid():
                    found.append(int(entry))
    return found


def _own_tasks() -> int:
    """Return how many threads this process's user runs, as far as /proc shows."""
    count = 0
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else []:
        if entry.isdigit():
            with contextlib.suppress(OSError):
                if os.stat(f"/proc/{entry}").st_uid == os.getuid():
                    count += len(os.listdir(f"/proc/{entry}/task"))
    return count


def _unshare() -> set[str]:
    """Leave the namespaces that can be left; return the layers that this gives."""
    wanted = _CLONE_NEWNS | _CLONE_NEWPID | _CLONE_NEWNET | _CLONE_NEWIPC
    uid, gid = os.geteuid(), os.getegid()
    if not hasattr(_libc, "unshare"):
        return set()
    if uid == 0 and _libc.unshare(wanted) == 0:
        return {"network", "processes", "files"}
    if _libc.unshare(wanted | _CLONE_NEWUSER) != 0:
        return set()
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    except OSError:
        return {"network", "processes"}
    return {"network", "processes", "files"}


def _build_fence(folder: str, layers: set[str]) -> int | None:
    """Return Landlock's rules for the worker, or None; add the layers that they give.

    Paths can still be looked at (`stat`), and the rights of the user's own files changed.
    """
    if not sys.platform.startswith("linux"):
        return None
    version = _libc.syscall(_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_VERSION)
    if version < 1:
        return None
    handled = _FILE_RIGHTS[min(version, max(_FILE_RIGHTS))]
    fields = [
        handled,
        _TCP_RIGHTS if version >= _TCP_SINCE else 0,
        _SCOPES if version >= _SCOPES_SINCE else 0,
    ]
    known = 3 if version >= _SCOPES_SINCE else 2 if version >= _TCP_SINCE else 1
    rules = struct.pack(f"={known}Q", *fields[:known])
    fence: int = _libc.syscall(_LANDLOCK_CREATE_RULESET, rules, len(rules), 0)
    if fence < 0:
        return None
    for path in (*_SYSTEM, *_prefixes()):
        _allow(fence, path, handled & (_EXECUTE | _READ_FILE | _READ_DIR))
    for path in _DEVICES:
        _allow(fence, path, handled & (_READ_FILE | _WRITE_FILE))
    _allow(fence, folder, handled)
    if version >= max(_FILE_RIGHTS):
        layers.add("files")
    if version >= _SCOPES_SINCE:
        layers.add("signals")
    return fence


def _allow(fence: int, path: str, rights: int) -> None:
    """Allow what is below a path; a path that is not there needs no rule."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):
        rights &= _EXECUTE | _WRITE_FILE | _READ_FILE  # the others are a directory's
    rule = struct.pack("=Qi", rights, place)
    added = _libc.syscall(_LANDLOCK_ADD_RULE, fence, _LANDLOCK_PATH_BENEATH, rule, 0)
    _check(added, f"landlock_add_rule {path}")
    os.close(place)


def _prefixes() -> list[str]:
    """Return the folders of the Python that runs."""
    folders = {sys.prefix, sys.base_prefix, os.path.dirname(os.path.realpath(sys.executable))}
    return sorted(folders)


def _is_reachable(program: str) -> bool:
    """Return whether any user may run a program where it really lies."""
    path = Path(os.path.realpath(program))
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents))


def _enter_tree(folder: str, root: str) -> None:
    """Make `root` the root of a tree that holds the folder and what Python needs, and go there.

    Raises:
        OSError: If the kernel does not permit it.
    """
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    _mount("tmpfs", root, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=16m,mode=755")
    for path in (*_SYSTEM, *_prefixes()):
        _bind(path, root)
    for path in _DEVICES:
        with contextlib.suppress(OSError):
            _bind(path, root, flags=_MS_NOSUID)
    os.makedirs(f"{root}/tmp", exist_ok=True)  # there already where Python is installed below it
    os.chmod(f"{root}/tmp", 0o1777)
    os.mkdir(root + _INSIDE)
    _mount(folder, root + _INSIDE, None, _MS_BIND)
    _mount(None, root + _INSIDE, None, _MS_REMOUNT | _MS_BIND | _MS_NOSUID | _MS_NODEV)
    os.mkdir(f"{root}/proc")
    with contextlib.suppress(OSError):  # refused where the host masks parts of /proc
        _mount("proc", f"{root}/proc", "proc", _MS_NOSUID | _MS_NODEV)
    os.chdir(root)
    _check(_libc.pivot_root(b".", b"."), "pivot_root")
    _check(_libc.umount2(b".", _MNT_DETACH), "umount2")
    os.chdir("/")


def _bind(path: str, root: str, flags: int = _MS_RDONLY | _MS_NOSUID | _MS_NODEV) -> None:
    """Show a path of the system inside the new tree; a path that is not there is left out."""
    target = root + path
    if os.path.islink(path):
        if not os.path.lexists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.symlink(os.readlink(path), target)
        return
    if not os.path.exists(path):
        return
    if os.path.isdir(path):
        if path in ("/", "/tmp") or os.path.ismount(target):
            return
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).touch()
    _mount(path, target, None, _MS_BIND | _MS_REC)
    _mount(None, target, None, _MS_REMOUNT | _MS_BIND | flags)


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    words = [None if w is None else w.encode() for w in (source, target, kind, options)]
    result = _libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3])
    _check(result, f"mount {target}")


def _prctl(option: int, value: int) -> None:
    if hasattr(_libc, "prctl"):
        _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    main()
