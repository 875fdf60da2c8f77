"""Where executors import from, and how much they say."""

import os
from pathlib import Path

import ferrotran as ft

HERE = Path(__file__).resolve().parent
PACKAGE = Path(ft.__file__).resolve().parents[1]

PATHS = os.pathsep.join([str(PACKAGE), str(HERE.parent), str(HERE)])
EXECUTORS = {
    "spark.executorEnv.PYTHONPATH": PATHS,
    "spark.ui.showConsoleProgress": "false",
}
os.environ["PYTHONPATH"] = PATHS  # of local masters and of programs that tests start
