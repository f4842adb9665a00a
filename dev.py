"""Commands for working on MentorMatch, standard library only: `python3 dev.py demo`, `python3 dev.py test`."""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STAMP = VENV / "mentormatch-locks.json"
REQUIREMENTS = ROOT / "requirements"

OLDEST_PYTHON = (3, 11)
# Lock and the extra of pyproject.toml it adds to the base; so an environment for `test` also serves `demo`.
LOCKS = {"base": None, "test": "test", "bench": "bench"}
# What `pip install --no-build-isolation -e .` needs beside the application's own requirements.
EDITABLE = "hatchling\neditables\n"
UV = "uv~=0.13.0"
# Debian packages of the browser tests, each with a file that shows it is there; Playwright's driver needs libatomic.
BROWSER = {
    "chromium": "usr/bin/chromium",
    "fonts-noto-cjk": "usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "libatomic1": "usr/lib/*/libatomic.so.1",
}


class CannotContinueError(Exception):
    """Something outside the checkout is missing; the text says what, and how to mend it."""


def say(text: str) -> None:
    # Flushed, because the commands we start write to the same terminal.
    print(text, flush=True)


def child_environment() -> dict[str, str]:
    environment = {**os.environ, "VIRTUAL_ENV": str(VENV), "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    # Packages are installed without bytecode (half the time); it must be kept when it is made on the first import.
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH"):
        environment.pop(name, None)
    return environment


def run(command: list[str], *, quiet: bool = False, **options: str) -> int:
    """Run `command` in the checkout's root and return its exit status; Ctrl-C lets it end by itself."""
    environment = {**child_environment(), **options}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL if quiet else None)
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.wait()
        raise


def must(command: list[str], hint: str) -> None:
    status = run(command)
    if status:
        raise CannotContinueError(f"`{shlex.join(command)}` ended with status {status}.\n{hint}")


# --- Debian packages -------------------------------------------------------------------------------------------------


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages when this process may; False when it may not or the installation failed."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    say(f"Installing Debian's {', '.join(packages)}")
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    run([*apt, "update"], quiet=True)
    install = [*apt, "install", "--yes", "--no-install-recommends", *packages]
    return run(install, quiet=True, DEBIAN_FRONTEND="noninteractive") == 0


def how_to_get(packages: list[str]) -> str:
    return f"sudo apt-get install {' '.join(packages)}"


def missing_browser_packages() -> list[str]:
    return [package for package, pattern in BROWSER.items() if not any(Path("/").glob(pattern))]


def provide_browser() -> list[str]:
    """Install what the browser tests lack, if possible, and return the packages that are still missing."""
    missing = missing_browser_packages()
    if missing and apt_install(missing):
        return missing_browser_packages()
    return missing


# --- The environment in .venv ----------------------------------------------------------------------------------------


def lock_file(lock: str) -> Path:
    return REQUIREMENTS / f"{lock}.txt"


def fingerprint(lock: str) -> str:
    """SHA-256 over everything that decides what is installed for `lock`."""
    digest = hashlib.sha256()
    for file in (lock_file(lock), ROOT / "pyproject.toml", ROOT / "mentormatch" / "version.py"):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def place() -> str:
    """Where and for which Python the environment was made: scripts inside it carry both."""
    return f"{ROOT} {platform.python_implementation()} {sys.version_info[0]}.{sys.version_info[1]}"


def read_stamp() -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp


def create_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if not apt_install([package]):
            raise CannotContinueError(f"This Python cannot make virtual environments. Run: {how_to_get([package])}")
    # An environment that was moved or belongs to another Python cannot be mended, only made anew.
    anew = ["--clear"] if read_stamp().get("place", place()) != place() else []
    must([sys.executable, "-m", "venv", *anew, str(VENV)], f"Delete {VENV} and try again.")


def prepare(lock: str) -> None:
    """Bring .venv to the pins of requirements/`lock`.txt; does nothing when it holds them already."""
    stamp = read_stamp()
    if stamp.get("place") == place() and stamp.get(lock) == fingerprint(lock):
        return
    say(f"Preparing .venv from {lock_file(lock).relative_to(ROOT)} (once; a minute or less)")
    started = time.perf_counter()
    create_venv()
    # Until the installation is complete the stamp promises nothing.
    STAMP.write_text(json.dumps({"place": place()}), encoding="utf-8")
    pip = [str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    pip += ["--no-deps", "--no-compile"]
    hint = "pip must reach PyPI, or the mirror it is configured for."
    must([*pip, "--require-hashes", "--requirement", str(lock_file(lock))], hint)
    must([*pip, "--no-build-isolation", "--editable", str(ROOT)], hint)
    held = {name: fingerprint(name) for name in ("base", lock)}
    STAMP.write_text(json.dumps({"place": place(), **held}), encoding="utf-8")
    say(f"Prepared in {time.perf_counter() - started:.0f} s")


# --- Commands --------------------------------------------------------------------------------------------------------


def demo(arguments: list[str]) -> int:
    """Start the demo programme; `arguments` go to `mentormatch demo` as they are."""
    prepare("base")
    os.chdir(ROOT)
    # The demo takes this process's place, so Ctrl-C and every other signal reach it alone.
    program = str(BIN / "mentormatch")
    os.execve(program, [program, "demo", *arguments], child_environment())  # noqa: S606 - no shell is wanted


def test_steps(*, browser: bool, complete: bool) -> list[list[str]]:
    """The commands of `test` in their order; coverage is held to its floor only when every test runs."""
    pytest = ["pytest", "--cov", "--cov-report=term"]
    if not browser:
        pytest += ["-m", "not browser"]
    if not complete:
        pytest += ["--cov-fail-under=0"]
    return [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"], ["lint-imports"], pytest]


def test(*, fast: bool) -> int:
    """Run every check, also after one has failed, and sum up."""
    prepare("test")
    missing = [] if fast else provide_browser()
    no_browser = f"Browser tests are skipped. To run them: {how_to_get(missing)}"
    if missing:
        say(no_browser)
    summary = []
    failed = False
    for step in test_steps(browser=not fast, complete=not fast and not missing):
        say(f"\n== {shlex.join(step)}")
        started = time.perf_counter()
        status = run([str(BIN / step[0]), *step[1:]])
        failed = failed or status != 0
        verdict = f"FAILED ({status})" if status else "ok"
        summary.append(f"{verdict:12} {time.perf_counter() - started:6.1f} s  {shlex.join(step)}")
    say("\n" + "\n".join(summary))
    if fast:
        say("Browser tests were left out (--fast).")
    if missing:
        say(no_browser)
    return int(failed)


def lock(*, upgrade: bool) -> int:
    """Write requirements/*.txt from pyproject.toml; versions that still fit are kept unless `upgrade`."""
    with tempfile.TemporaryDirectory() as folder:
        must([sys.executable, "-m", "venv", folder], "Is python3-venv installed?")
        python = f"{folder}/bin/python"
        must([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV], "pip must reach PyPI.")
        compile_ = [f"{folder}/bin/uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
        compile_ += ["--fork-strategy", "fewest", "--generate-hashes", "--no-annotate", "--no-emit-index-url"]
        compile_ += ["--custom-compile-command", "python3 dev.py lock", *(["--upgrade"] if upgrade else [])]
        editable = Path(folder, "editable.in")
        editable.write_text(EDITABLE, encoding="utf-8")
        constraint: list[str] = []
        for name, extra in LOCKS.items():
            target = str(lock_file(name).relative_to(ROOT))
            extras = ["--extra", extra] if extra else []
            command = [*compile_, *extras, *constraint, "--output-file", target, "pyproject.toml", str(editable)]
            must(command, "No set of versions fits pyproject.toml, or the package index is out of reach.")
            constraint = ["--constraint", target]
            say(f"Wrote {target}")
    return 0


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py", description="Commands for working on MentorMatch.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("demo", help="start the demo programme (further arguments go to `mentormatch demo`)")
    checks = commands.add_parser("test", help="ruff, mypy, import contracts, pytest with coverage and a browser")
    checks.add_argument("--fast", action="store_true", help="leave out the browser tests")
    locks = commands.add_parser("lock", help="write requirements/*.txt from pyproject.toml")
    locks.add_argument("--upgrade", action="store_true", help="take the newest versions instead of keeping the old")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    if sys.version_info < OLDEST_PYTHON:
        say(f"MentorMatch needs Python 3.11 or newer; this is {platform.python_version()} ({sys.executable}).")
        return 2
    try:
        if arguments[:1] == ["demo"]:
            return demo(arguments[1:])
        options = parse(arguments)
        return test(fast=options.fast) if options.command == "test" else lock(upgrade=options.upgrade)
    except CannotContinueError as error:
        say(f"dev.py: {error}")
        return 2
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
