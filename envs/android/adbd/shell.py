"""The commands that the bundled phone's shell knows: what the adapter and common agents send.

Commands act on a `Phone` and a table of files; nothing reaches the machine it runs on.
"""

import base64
import contextlib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from qvl_agent.envs.android.adbd.dump import hierarchy
from qvl_agent.envs.android.adbd.parse import STATUS, BadCommand, Simple, parse_line
from qvl_agent.envs.android.phone.phone import ADB_KEYBOARD, APPS, RECENTS, Phone
from qvl_agent.envs.android.phone.state import LAUNCHER

__all__ = ["Reply", "Shell"]

_KEYS = {
    "3": "home", "4": "back", "6": "sleep", "26": "power", "61": "", "66": "enter", "67": "delete",
    "82": "", "84": "", "111": "back", "123": "", "187": "recents", "223": "sleep", "224": "wake",
    "24": "", "25": "", "113": "", "29": "",
}  # fmt: skip
_KEY_NAMES = {
    "HOME": "3", "BACK": "4", "ENDCALL": "6", "POWER": "26", "TAB": "61", "ENTER": "66",
    "DEL": "67", "MENU": "82", "SEARCH": "84", "ESCAPE": "111",
    "MOVE_END": "123", "APP_SWITCH": "187", "SLEEP": "223", "WAKEUP": "224",
    "VOLUME_UP": "24", "VOLUME_DOWN": "25",
}  # fmt: skip
_OWN_KEYBOARD = "org.qvl.keyboard/.Keys"
_ACTIVITY = ".Main"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command printed."""

    out: bytes = b""
    err: bytes = b""
    code: int = 0


@dataclass(slots=True)
class Shell:
    """A shell on the phone.

    Attributes:
        phone: The phone.
        screencap: Returns the screen as PNG.
        sleep: Lets seconds go by on the phone.
        lock: Held while a command looks at or changes the phone.
        files: By path.
        settings: Of `settings get` and `put`, by "namespace/key".
        adb_keyboard: Whether ADBKeyBoard is installed.
    """

    phone: Phone
    screencap: Callable[[], bytes]
    sleep: Callable[[float], None]
    lock: threading.RLock = field(default_factory=threading.RLock)
    files: dict[str, bytes] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    adb_keyboard: bool = True

    def run(self, line: str) -> Reply:
        """Run a command line; its code is that of the last command."""
        try:
            commands = parse_line(line)
        except BadCommand as exc:
            return Reply(err=f"sh: {exc}\n".encode(), code=2)
        out, err, code, piped = b"", b"", 0, b""
        for i, command in enumerate(commands):
            if (command.joint == "&&" and code != 0) or (command.joint == "||" and code == 0):
                continue
            reply = self._simple(command, piped if command.joint == "|" else b"", code)
            err, code = err + reply.err, reply.code
            if i + 1 < len(commands) and commands[i + 1].joint == "|":
                piped = reply.out
            else:
                out += reply.out
        return Reply(out, err, code)

    def _simple(self, command: Simple, piped: bytes, code: int) -> Reply:
        name, *args = (w.replace(STATUS, str(code)) for w in command.words)
        handler = _COMMANDS.get(name)
        if handler is None:
            return Reply(
                err=f"/system/bin/sh: {name}: inaccessible or not found\n".encode(), code=127
            )
        if name == "sleep":
            return handler(self, args, piped)
        with self.lock:
            return handler(self, args, piped)


def _text(words: str, code: int = 0) -> Reply:
    return Reply(words.encode(), code=code)


def _fail(words: str, code: int = 1) -> Reply:
    return Reply(err=f"{words}\n".encode(), code=code)


def _echo(shell: Shell, args: list[str], piped: bytes) -> Reply:
    return _text(" ".join(args) + "\n")


def _exit(shell: Shell, args: list[str], piped: bytes) -> Reply:
    return Reply(code=int(args[0]) & 255 if args and args[0].isdigit() else 0)


def _sleep(shell: Shell, args: list[str], piped: bytes) -> Reply:
    try:
        seconds = float(args[0])
    except (IndexError, ValueError):
        return _fail("sleep: bad time")
    shell.sleep(min(max(seconds, 0.0), 120.0))
    return Reply()


def _screencap(shell: Shell, args: list[str], piped: bytes) -> Reply:
    png = shell.screencap()
    path = next((a for a in args if not a.startswith("-")), None)
    if path is None:
        return Reply(png)
    shell.files[path] = png
    return Reply()


def _input(shell: Shell, args: list[str], piped: bytes) -> Reply:
    phone = shell.phone
    if args[:1] and args[0] in ("touchscreen", "keyboard", "mouse"):
        args = args[1:]
    try:
        match args:
            case ["tap", x, y]:
                phone.tap(float(x) / phone.scale, float(y) / phone.scale)
            case ["swipe" | "draganddrop", *numbers] if len(numbers) in (4, 5):
                x0, y0, x1, y1 = (float(n) / phone.scale for n in numbers[:4])
                phone.swipe(x0, y0, x1, y1)
            case ["text", *words] if words:
                return _input_text(shell, words[0])
            case ["keyevent", *codes] if codes:
                for code in codes:
                    if code == "--longpress":
                        continue
                    number = _KEY_NAMES.get(code.removeprefix("KEYCODE_"), code)
                    if number not in _KEYS:
                        return _fail(f"Error: Unknown keycode: {code}")
                    if _KEYS[number]:
                        phone.key(_KEYS[number])
            case ["keycombination", "113", "29"]:
                pass  # Ctrl+A: the next delete would clear the field
            case _:
                return _fail("Error: Invalid arguments for command: input", 255)
    except ValueError:
        return _fail("Error: Invalid arguments for command: input", 255)
    return Reply()


def _input_text(shell: Shell, word: str) -> Reply:
    if not word.isascii():  # as on a real phone: no key map has these characters
        return _fail(
            "java.lang.NullPointerException: Attempt to get length of null array\n"
            "\tat com.android.commands.input.Input.sendText(Input.java)",
            255,
        )
    shell.phone.type(word.replace("%s", " "))
    return Reply()


def _wm(shell: Shell, args: list[str], piped: bytes) -> Reply:
    width, height = sorted(shell.phone.size)
    match args:
        case ["size"]:
            return _text(f"Physical size: {width}x{height}\n")
        case ["density"]:
            return _text(f"Physical density: {round(160 * shell.phone.scale)}\n")
        case ["dismiss-keyguard"]:
            shell.phone.swipe(196, 700, 196, 200)
            return Reply()
        case _:
            return _fail("wm: unknown command", 255)


def _dumpsys(shell: Shell, args: list[str], piped: bytes) -> Reply:
    phone = shell.phone
    state = phone.state
    width, height = phone.size
    front = _front(shell)
    window = f"Window{{7f u0 {front}/{front}{_ACTIVITY}}}"
    match args[:1]:
        case ["window"]:
            return _text(
                f"  mCurrentFocus={window}\n"
                f"  mFocusedApp=ActivityRecord{{3e u0 {front}/{_ACTIVITY} t7}}\n"
                f"  mCurrentRotation=ROTATION_{state.rotation * 90}\n"
                f"  isKeyguardShowing={str(state.locked).lower()}\n"
                f"  mDreamingLockscreen={str(state.locked).lower()}\n"
            )
        case ["activity"]:
            return _text(f"  topResumedActivity=ActivityRecord{{3e u0 {front}/{_ACTIVITY} t7}}\n")
        case ["display"]:
            return _text(
                f"  mViewports=[DisplayViewport{{type=INTERNAL, valid=true, "
                f"orientation={state.rotation}, logicalFrame=Rect(0, 0 - {width}, {height}), "
                f"deviceWidth={min(width, height)}, "
                f"deviceHeight={max(width, height)}}}]\n"
            )
        case ["input"]:
            return _text(f"    logicalFrame=[0, 0, {width}, {height}]\n")
        case ["power"]:
            return _text(f"  mWakefulness={'Awake' if state.awake else 'Asleep'}\n")
        case ["input_method"]:
            return _text(
                f"  mInputShown={str(bool(state.focus)).lower()}\n  mCurMethodId={state.keyboard}\n"
            )
        case ["battery"]:
            return _text("  level: 82\n  AC powered: false\n")
        case _:
            return _fail(f"Can't find service: {' '.join(args)}", 1)


def _front(shell: Shell) -> str:
    app = shell.phone.state.app
    return APPS[LAUNCHER if app == RECENTS else app].package


def _by_package(package: str) -> str | None:
    return next((a.id for a in APPS.values() if a.package == package), None)


def _am(shell: Shell, args: list[str], piped: bytes) -> Reply:
    match args:
        case ["start", *rest]:
            return _start(shell, rest)
        case ["force-stop", package]:
            app = _by_package(package)
            if app and app != LAUNCHER:
                shell.phone.close(app)
            return Reply()
        case ["broadcast", *rest]:
            return _broadcast(shell, rest)
        case _:
            return _fail("Error: unknown command", 255)


def _start(shell: Shell, args: list[str]) -> Reply:
    if "android.intent.category.HOME" in args:
        shell.phone.open(LAUNCHER)
        return _text(
            "Starting: Intent { act=android.intent.action.MAIN "
            "cat=[android.intent.category.HOME] }\n"
        )
    name = args[args.index("-n") + 1] if "-n" in args[:-1] else ""
    app = _by_package(name.split("/")[0])
    if app is None:
        return _text(
            f"Starting: Intent {{ cmp={name} }}\nError: Activity class {{{name}}} does not exist.\n"
        )
    shell.phone.open(app)
    return _text(f"Starting: Intent {{ cmp={name} }}\nStatus: ok\nComplete\n")


def _broadcast(shell: Shell, args: list[str]) -> Reply:
    """Answer like a phone: result=0 even where nobody listens."""
    action = args[args.index("-a") + 1] if "-a" in args[:-1] else ""
    message = args[args.index("msg") + 1] if "msg" in args[:-1] else ""
    if shell.phone.state.keyboard == ADB_KEYBOARD:
        if action == "ADB_INPUT_B64":
            with contextlib.suppress(ValueError):  # the keyboard types nothing and says nothing
                shell.phone.type(base64.b64decode(message, validate=True).decode("utf-8"))
        elif action == "ADB_INPUT_TEXT":
            shell.phone.type(message)
        elif action == "ADB_CLEAR_TEXT":
            shell.phone.key("clear")
        elif action == "ADB_EDITOR_CODE":
            shell.phone.key("enter")
    return _text(
        f"Broadcasting: Intent {{ act={action} flg=0x400000 (has extras) }}\n"
        "Broadcast completed: result=0\n"
    )


def _monkey(shell: Shell, args: list[str], piped: bytes) -> Reply:
    package = args[args.index("-p") + 1] if "-p" in args[:-1] else ""
    app = _by_package(package)
    if app is None:
        return _text("** No activities found to run, monkey aborted.\n", 252)
    shell.phone.open(app)
    return _text("Events injected: 1\n")


def _cmd(shell: Shell, args: list[str], piped: bytes) -> Reply:
    match args:
        case ["package", "resolve-activity", *_, package]:
            if _by_package(package):
                return _text(f"priority=0 preferredOrder=0 match=0x0\n{package}/{_ACTIVITY}\n")
            return _text("No activity found\n")
        case _:
            return _fail("cmd: unknown service", 20)


def _pm(shell: Shell, args: list[str], piped: bytes) -> Reply:
    packages = sorted(a.package for a in APPS.values())
    if shell.adb_keyboard:
        packages.append(ADB_KEYBOARD.split("/")[0])
    match args:
        case ["list", "packages", *_]:
            return _text("".join(f"package:{p}\n" for p in packages))
        case ["path", package]:
            return (
                _text(f"package:/data/app/{package}/base.apk\n")
                if package in packages
                else Reply(code=1)
            )
        case _:
            return Reply()


def _ime(shell: Shell, args: list[str], piped: bytes) -> Reply:
    known = [_OWN_KEYBOARD, *([ADB_KEYBOARD] if shell.adb_keyboard else [])]
    match args:
        case ["list", *_]:
            return _text("".join(f"{k}\n" for k in known))
        case ["enable" | "disable", name] if name in known:
            return _text(f"Input method {name}: now enabled for user #0\n")
        case ["set", name] if name in known:
            shell.phone.set_keyboard(name)
            return _text(f"Input method {name} selected for user #0\n")
        case ["reset"]:
            shell.phone.set_keyboard(_OWN_KEYBOARD)
            return Reply()
        case [_, name]:
            return _text(f"Unknown input method {name} cannot be selected for user #0\n")
        case _:
            return _fail("Error: unknown command", 255)


def _settings(shell: Shell, args: list[str], piped: bytes) -> Reply:
    match args:
        case ["get", "secure", "default_input_method"]:
            return _text(f"{shell.phone.state.keyboard}\n")
        case ["get", space, key]:
            return _text(shell.settings.get(f"{space}/{key}", "null") + "\n")
        case ["put", "system", "user_rotation", value] if value in ("0", "1", "2", "3"):
            shell.phone.turn(int(value))
            shell.settings["system/user_rotation"] = value
            return Reply()
        case ["put", "secure", "default_input_method", value]:
            return _ime(shell, ["set", value], b"")
        case ["put", space, key, value]:
            shell.settings[f"{space}/{key}"] = value
            return Reply()
        case _:
            return _fail("Invalid settings command", 255)


def _getprop(shell: Shell, args: list[str], piped: bytes) -> Reply:
    props = {
        "ro.product.model": "QVL Phone", "ro.product.name": "qvl", "ro.product.device": "qvl",
        "ro.product.manufacturer": "QVL", "ro.build.version.sdk": "34",
        "ro.build.version.release": "14", "sys.boot_completed": "1", "ro.serialno": "qvlphone",
        "ro.product.locale": "en-US",
    }  # fmt: skip
    if args:
        return _text(props.get(args[0], "") + "\n")
    return _text("".join(f"[{k}]: [{v}]\n" for k, v in props.items()))


def _grep(shell: Shell, args: list[str], piped: bytes) -> Reply:
    options = "".join(a[1:] for a in args if a.startswith("-"))
    patterns = [a for a in args if not a.startswith("-")]
    try:
        pattern = re.compile(patterns[0], re.IGNORECASE if "i" in options else 0)
    except (IndexError, re.error):
        return _fail("grep: bad pattern", 2)
    lines = [
        k
        for k in piped.decode("utf-8", "replace").splitlines()
        if bool(pattern.search(k)) != ("v" in options)
    ]
    return _text("".join(f"{k}\n" for k in lines), 0 if lines else 1)


def _uiautomator(shell: Shell, args: list[str], piped: bytes) -> Reply:
    path = next((a for a in args[1:] if a.startswith("/")), "/sdcard/window_dump.xml")
    xml = hierarchy(shell.phone).encode()
    if path == "/dev/tty":
        return Reply(xml + b"UI hierchary dumped to: /dev/tty\n")
    shell.files[path] = xml
    return _text(f"UI hierchary dumped to: {path}\n")


def _cat(shell: Shell, args: list[str], piped: bytes) -> Reply:
    if not args:
        return Reply(piped)
    missing = [a for a in args if a not in shell.files]
    if missing:
        return _fail(f"cat: {missing[0]}: No such file or directory")
    return Reply(b"".join(shell.files[a] for a in args))


def _rm(shell: Shell, args: list[str], piped: bytes) -> Reply:
    for path in args:
        shell.files.pop(path, None)
    return Reply()


def _ls(shell: Shell, args: list[str], piped: bytes) -> Reply:
    folder = next((a for a in args if not a.startswith("-")), "/")
    found = sorted(p for p in shell.files if p == folder or p.startswith(folder.rstrip("/") + "/"))
    if not found and folder not in ("/", "/sdcard", "/sdcard/", "/data/local/tmp"):
        return _fail(f"ls: {folder}: No such file or directory")
    return _text("".join(f"{p.rsplit('/', 1)[-1]}\n" for p in found))


def _nothing(shell: Shell, args: list[str], piped: bytes) -> Reply:
    return Reply()


def _false(shell: Shell, args: list[str], piped: bytes) -> Reply:
    return Reply(code=1)


_COMMANDS: dict[str, Callable[[Shell, list[str], bytes], Reply]] = {
    "am": _am,
    "cat": _cat,
    "cmd": _cmd,
    "dumpsys": _dumpsys,
    "echo": _echo,
    "exit": _exit,
    "false": _false,
    "getprop": _getprop,
    "grep": _grep,
    "id": lambda shell, args, piped: _text("uid=2000(shell) gid=2000(shell)\n"),
    "ime": _ime,
    "input": _input,
    "ls": _ls,
    "mkdir": _nothing,
    "monkey": _monkey,
    "pm": _pm,
    "rm": _rm,
    "screencap": _screencap,
    "settings": _settings,
    "sleep": _sleep,
    "svc": _nothing,
    "true": _nothing,
    "uiautomator": _uiautomator,
    "whoami": lambda shell, args, piped: _text("shell\n"),
    "wm": _wm,
}
