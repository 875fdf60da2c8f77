"""What the tests of the comparison share."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import ferrotran_compare
import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))


def pytest_report_header():
    target = ferrotran_compare.build_info()["target"]
    return f"ferrotran_compare for {target['cpu']}: {target['features']}"


def hear():
    """Undo that a shell lets what it starts in the background ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def ferrotran():
    """Run the command, or a script with its arguments, to its end."""

    def run(*arguments, script=("-m", "ferrotran"), **environment):
        return subprocess.run(
            [sys.executable, *script, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=300,
            env=os.environ | environment,
        )

    return run


@pytest.fixture
def interrupt():
    """Start the command, send SIGINT as soon as a condition holds, and wait for its end."""

    def run(*arguments, when, script=("-m", "ferrotran")):
        with subprocess.Popen(
            [sys.executable, *script, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=hear,
        ) as process:
            deadline = time.monotonic() + 120
            while not when():
                assert process.poll() is None, process.communicate()
                if time.monotonic() > deadline:
                    process.kill()
                    pytest.fail("the command did not come to the point of the interrupt")
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            try:
                output, errors = process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    return run
