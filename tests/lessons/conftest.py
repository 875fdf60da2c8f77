import importlib.util
import sys
from pathlib import Path

import pytest

LESSONS = Path(__file__).resolve().parents[2] / "examples" / "lessons"
for folder in (LESSONS, LESSONS / "parallelise", LESSONS.parents[1] / "compare"):
    sys.path.append(str(folder))


def load(name):
    """Import the script of a lesson; both are called `lesson.py`."""
    path = LESSONS / name / "lesson.py"
    spec = importlib.util.spec_from_file_location(f"lesson_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def glue():
    return load("glue")


@pytest.fixture(scope="session")
def parallelise():
    return load("parallelise")
