"""SciPy's own tests of `quad`, run against ours; those of weights, which we lack, are skipped."""

import subprocess
import sys
from pathlib import Path

import pytest

IMPORT = "from scipy.integrate import quad, dblquad, tplquad, nquad\n"
OURS = """
import pytest
from ferrotran.integrate import quad as ours

def quad(*args, **options):
    if options.get("weight") is not None:
        pytest.skip("no weights")
    return ours(*args, **options)
"""


def test_scipys_own_tests_pass(tmp_path):
    integrate = pytest.importorskip("scipy.integrate")
    source = Path(integrate.__file__).parent / "tests" / "test_quadpack.py"
    if not source.exists() or IMPORT not in (text := source.read_text()):
        pytest.skip("SciPy came without its tests, or with others")
    (tmp_path / "ours.py").write_text(OURS)
    text = text.replace(IMPORT, f"from ours import quad\n{IMPORT.replace('quad, ', '', 1)}")
    # A decorator that looks up SciPy's function by identity.
    lines = [line for line in text.split("\n") if not line.startswith("@make_xp_test_case")]
    (tmp_path / "test_theirs.py").write_text("\n".join(lines))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-k", "TestQuad or Ctypes", "test_theirs.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    # Typical, indefinite, singular, ctypes, threads: a dozen and more need no weight.
    passed = int(done.stdout.rsplit(" passed", 1)[0].split()[-1])
    assert passed >= 10, done.stdout
