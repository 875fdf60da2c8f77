"""What the tests of the comparison share."""

import sys
from pathlib import Path

import ferrotran_compare

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))


def pytest_report_header():
    target = ferrotran_compare.build_info()["target"]
    return f"ferrotran_compare for {target['cpu']}: {target['features']}"
