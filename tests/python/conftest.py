"""What all Python tests share."""

import os
import signal
import subprocess
import sys
import textwrap

import ferrotran as ft
import numpy as np
import pytest
from hypothesis import settings

# No test fails for the time it took.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# A shell that starts a job in the background has it ignore Ctrl-C, which the tests send.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header():
    config = ft.show_config(mode="dicts")
    isa, threads = config["Instruction sets"]["in use"], config["Threads"]["count"]
    return f"ferrotran {ft.__version__}, instruction set {isa}, {threads} threads"


@pytest.fixture
def rng():
    return np.random.default_rng(20260922)


@pytest.fixture
def run_script():
    """Run a program in a process of its own; fail if it fails, hangs or says too little."""

    def run(code, *args, expect="ok", timeout=60, warnings="error", **env):
        command = [sys.executable, "-W", warnings, "-c", textwrap.dedent(code), *args]
        done = subprocess.run(
            command, env=os.environ | env, capture_output=True, text=True, timeout=timeout
        )
        said = f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == 0, said
        assert expect in done.stdout.split("\n"), said
        return done

    return run
