"""docs/scale_slurm.md shows the files of examples/parallel/slurm, whole or in part."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "parallel" / "slurm"
PAGE = (ROOT / "docs" / "scale_slurm.md").read_text()
SCRIPTS = sorted(EXAMPLES.glob("*.sbatch"))


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_every_job_script_is_shown_whole():
    assert len(SCRIPTS) == 5
    assert sorted(blocks("bash")) == sorted(path.read_text() for path in SCRIPTS)


def test_the_python_that_is_shown_is_in_the_programs():
    sources = [path.read_text() for path in EXAMPLES.glob("*.py")]
    shown = blocks("py")
    assert len(shown) == 2
    assert [block for block in shown if not any(block in source for source in sources)] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_job_script_is_good_bash_and_every_srun_says_its_cores(path):
    subprocess.run(["bash", "-n", path], check=True, timeout=10)
    text = path.read_text()
    assert "set -euo pipefail" in text
    for command in re.findall(r"^srun (?:.*\\\n)*.*$", text, re.MULTILINE):
        assert ("--cpus-per-task" in command) == ("--cpus-per-task" in text.partition("set -")[0])


def test_every_file_that_is_named_is_there():
    readme = (EXAMPLES / "README.md").read_text()
    for name in re.findall(r"`(\w+\.(?:sbatch|py))`", PAGE + readme):
        assert (EXAMPLES / name).exists() or name == "heat_mpi.py", name
    for path in [*SCRIPTS, *EXAMPLES.glob("*.py")]:
        assert f"`{path.name}`" in readme
