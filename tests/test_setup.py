"""Set-up on machines that lack one thing or another: it installs what it may, and says what it may not.

The real scripts run in a copy of the project with a PATH that holds only what each test puts there.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = (
    "cat",
    "chmod",
    "cksum",
    "cut",
    "dirname",
    "env",
    "grep",
    "head",
    "ls",
    "mkdir",
    "rm",
    "sed",
    "sleep",
    "tail",
    "touch",
    "tr",
)
NO_RIGHTS = "echo 1000"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="set-up on Windows is by hand: docs/windows.md")


@dataclass
class Machine:
    """A machine as set-up sees it: commands on its PATH, and what was called with which arguments."""

    home: Path
    calls: Path = field(init=False)

    def __post_init__(self) -> None:
        self.calls = self.home / "calls"
        self.calls.touch()
        (self.home / "bin").mkdir()
        self.project = self.home / "project"
        shutil.copytree(ROOT / "setup", self.project / "setup")
        (self.project / ".setup").mkdir()
        for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
            (self.project / name).write_text(f"# {name}\n")
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found is not None, tool
            # Not a link: what a test puts in a tool's place must not reach the machine's own.
            (self.home / "bin" / tool).write_text(f'#!/bin/sh\nexec {found} "$@"\n')
            (self.home / "bin" / tool).chmod(0o755)
        self.has("uname", "echo Linux")
        self.has("id", "echo 0")
        self.has("ldconfig", f"cat {self.home}/libraries 2>/dev/null")

    def has(self, command: str, script: str = "") -> None:
        """Put a command on the PATH that notes its call and then runs `script`."""
        self.place(self.home / "bin" / command, script)

    def place(self, path: Path, script: str) -> None:
        """Write such a command to `path`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\necho "{path.name} $*" >>{self.calls}\n{script}\n')
        path.chmod(0o755)

    def has_python(self, script: str = "") -> None:
        """A python3 that suits and makes environments, unless `script` ends it otherwise."""
        self.has("python3", f'{script}\ncase "$*" in *%d.%d*) echo 3.12 ;; esac')

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command inside the project."""
        environment = {"PATH": str(self.home / "bin"), "HOME": str(self.home)}
        return subprocess.run(
            ["/bin/sh", *command],
            cwd=self.project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def set_up(self, kind: str) -> subprocess.CompletedProcess[str]:
        """All of set-up, for `practice` or `test`."""
        return self.run("setup/setup.sh", kind)

    def install_libraries(self, kind: str) -> subprocess.CompletedProcess[str]:
        """The system's libraries only."""
        parts = "set -eu; . setup/say.sh; . setup/python.sh; . setup/system.sh; find_python"
        return self.run("-c", f"{parts}; install_system_libraries {kind}; echo went on")

    def called(self, name: str) -> list[str]:
        """Arguments of each call of a command so far."""
        lines = self.calls.read_text().splitlines()
        return [line.removeprefix(f"{name} ") for line in lines if line.split()[0] == name]

    def has_environment(self, script: str = "") -> None:
        """A finished .venv whose python notes its calls."""
        self.has_python()
        self.has("espeak-ng")
        (self.home / "libraries").write_text("libportaudio.so.2\n")
        self.place(self.project / ".venv/bin/python", script)
        stamps = self.project / ".venv/.stamps"
        stamps.mkdir()
        (stamps / "folder").write_text(f"{self.project}\n")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with nothing but a shell and its tools."""
    return Machine(tmp_path)


class TestPython:
    def test_none_at_all(self, machine: Machine) -> None:
        done = machine.set_up("practice")
        assert done.returncode == 1
        assert done.stderr.startswith("Set-up stopped: no Python 3.11 to 3.14 was found. Install one (Debian, Ubuntu: ")
        assert done.stderr.count("\n") == 1

    def test_only_one_that_is_too_old(self, machine: Machine) -> None:
        machine.has("python3", "exit 1")
        done = machine.set_up("test")
        assert done.returncode == 1
        assert "no Python 3.11 to 3.14 was found" in done.stderr

    def test_one_without_environments_where_nothing_may_be_installed(self, machine: Machine) -> None:
        machine.has_python('case "$*" in *ensurepip*) exit 1 ;; esac')
        machine.has("apt-get")
        machine.has("id", NO_RIGHTS)
        done = machine.set_up("practice")
        assert done.returncode == 1
        assert "python3.12-venv" in done.stderr
        assert "run `sudo apt-get install -y --no-install-recommends" in done.stderr
        assert machine.called("apt-get") == []

    def test_a_later_one_is_taken_when_the_first_cannot_make_environments(self, machine: Machine) -> None:
        machine.has_python('case "$*" in *ensurepip*) exit 1 ;; esac')
        machine.has("python3.11")
        machine.has("espeak-ng")
        (machine.home / "libraries").write_text("libportaudio.so.2\n")
        machine.set_up("practice")
        assert machine.called("python3.11")[-1] == "-m venv --clear .venv"


class TestSystemLibraries:
    def test_root_on_debian_installs_what_is_missing_and_only_once(self, machine: Machine) -> None:
        machine.has_python()
        arrive = f'case "$*" in *install*) touch {machine.home}/bin/espeak-ng; chmod +x {machine.home}/bin/espeak-ng;'
        machine.has("apt-get", f"{arrive} echo libportaudio.so.2 >{machine.home}/libraries ;; esac")
        done = machine.install_libraries("practice")
        assert done.stdout == "went on\n"
        update, install = machine.called("apt-get")
        assert update == "update"
        assert install.startswith("install -y --no-install-recommends")
        assert install.endswith("libportaudio2 espeak-ng")

        machine.install_libraries("practice")
        assert len(machine.called("apt-get")) == 2

    @pytest.mark.parametrize(
        ("manager", "advice"),
        [
            (
                "apt-get",
                "run `sudo apt-get install -y --no-install-recommends libportaudio2 espeak-ng`, then make again.",
            ),
            ("dnf", "run `sudo dnf install -y portaudio espeak-ng`, then make again."),
            ("apk", "install them with the package manager of this system, then run make again."),
        ],
    )
    def test_practice_without_rights_says_the_command_and_goes_on(
        self, machine: Machine, manager: str, advice: str
    ) -> None:
        machine.has_python()
        machine.has("id", NO_RIGHTS)
        machine.has(manager)
        done = machine.install_libraries("practice")
        assert done.stdout == "went on\n"
        assert done.stderr.startswith("Going on without")
        assert done.stderr.endswith(f"To have them: {advice}\n")
        assert done.stderr.count("\n") == 1
        assert machine.called(manager) == []

    def test_the_tests_need_them_all(self, machine: Machine) -> None:
        machine.has_python()
        machine.has("id", NO_RIGHTS)
        machine.has("apt-get")
        done = machine.install_libraries("test")
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith(
            "Set-up stopped: these are missing and needed: libportaudio2 espeak-ng pulseaudio"
        )
        assert done.stderr.count("\n") == 1

    def test_sudo_is_used_only_where_it_asks_nothing(self, machine: Machine) -> None:
        machine.has_python()
        machine.has("id", NO_RIGHTS)
        machine.has("dnf")
        machine.has("sudo", 'shift; "$@"')
        machine.install_libraries("practice")
        assert machine.called("sudo") == ["-n true", "-n dnf install -y portaudio espeak-ng"]
        assert machine.called("dnf") == ["install -y portaudio espeak-ng"]

    def test_on_a_mac_brew_installs_the_voice_and_needs_no_rights(self, machine: Machine) -> None:
        machine.has_python()
        machine.has("uname", "echo Darwin")
        machine.has("id", NO_RIGHTS)
        machine.has("brew")
        machine.install_libraries("practice")
        assert machine.called("brew") == ["install espeak-ng"]

    def test_a_failing_package_manager_is_quoted(self, machine: Machine) -> None:
        machine.has_python()
        machine.has("apt-get", "echo 'E: Unable to locate package espeak-ng'; exit 100")
        done = machine.install_libraries("practice")
        assert done.stdout == "went on\n"
        assert "apt failed: E: Unable to locate package espeak-ng (all of it in .setup/system.log)" in done.stderr


class TestPackages:
    LOCKED = "-m pip install --no-input --disable-pip-version-check --progress-bar off --require-hashes --requirement"

    def test_a_second_run_installs_nothing(self, machine: Machine) -> None:
        machine.has_environment()
        assert machine.set_up("practice").returncode == 0
        first = self._installs(machine)
        assert [call.split()[-1] for call in first] == ["requirements.lock", "."]
        assert first[0].startswith(self.LOCKED)
        again = machine.set_up("practice")
        assert (again.returncode, again.stderr) == (0, "")
        assert self._installs(machine) == first

    def test_weights_are_asked_for_every_time(self, machine: Machine) -> None:
        machine.has_environment()
        machine.set_up("practice")
        machine.set_up("practice")
        assert machine.called("python").count("-m models pull") == 2

    def test_a_changed_lock_is_installed(self, machine: Machine) -> None:
        machine.has_environment()
        machine.set_up("practice")
        (machine.project / "requirements.lock").write_text("# another\n")
        machine.set_up("practice")
        assert [call.split()[-1] for call in self._installs(machine)] == ["requirements.lock", ".", "requirements.lock"]

    def test_practice_after_the_tests_takes_nothing_away(self, machine: Machine) -> None:
        machine.has_environment()
        stamps = machine.project / ".venv/.stamps"
        development = machine.run("-c", "cksum <requirements-dev.lock").stdout
        runtime = machine.run("-c", "cksum <requirements.lock").stdout
        (stamps / "development").write_text(development)
        (stamps / "runtime").write_text(runtime)
        machine.set_up("practice")
        assert [call.split()[-1] for call in self._installs(machine)] == ["."]

    @pytest.mark.fault
    def test_a_failure_is_one_line_and_the_next_run_tries_again(self, machine: Machine) -> None:
        reason = "ERROR: Could not find a version that satisfies the requirement av==18.1.0 (from versions: none)"
        machine.has_environment(f'case "$*" in *pip*) echo "{reason}"; exit 1 ;; esac')
        for _ in range(2):
            done = machine.set_up("practice")
            assert done.returncode == 1
            assert done.stderr.splitlines()[-1] == (
                "Set-up stopped: Python packages could not be installed (Could not find a version that satisfies the "
                "requirement av==18.1.0 (from versions: none)). Check the network connection and run make again; "
                "details are in .setup/packages.log."
            )
        assert len(self._installs(machine)) == 2

    @pytest.mark.hostile
    def test_a_swapped_package_is_called_that(self, machine: Machine) -> None:
        said = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."
        machine.has_environment(f'case "$*" in *pip*) echo "{said}"; exit 1 ;; esac')
        done = machine.set_up("practice")
        assert "a package is not the one that was locked, so it was not installed" in done.stderr

    def test_a_copy_moved_elsewhere_gets_an_environment_of_its_own(self, machine: Machine) -> None:
        machine.has_environment()
        (machine.project / ".venv/.stamps/folder").write_text("/where/it/was\n")
        machine.set_up("practice")
        assert "-m venv --clear .venv" in machine.called("python3")

    def _installs(self, machine: Machine) -> list[str]:
        return [call for call in machine.called("python") if call.startswith("-m pip install")]


class TestMake:
    def test_help_names_the_commands(self) -> None:
        listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert all(f"make {command} " in listed for command in ("practice", "demo", "test"))

    def test_the_build_server_runs_what_a_person_runs(self) -> None:
        assert "exec make test" in (ROOT / ".ci/run").read_text()
        assert os.access(ROOT / ".ci/run", os.X_OK)

    def test_testing_checks_style_types_and_import_directions_first(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        planned = subprocess.run(
            ["make", "--dry-run", "test"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        ).stdout
        steps = ["setup/setup.sh test", "ruff check", "ruff format --check", "mypy", "lint-imports", "pytest"]
        positions = [planned.index(step) for step in steps]
        assert positions == sorted(positions)
