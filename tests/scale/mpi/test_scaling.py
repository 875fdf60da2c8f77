"""The measurement of examples/parallel/mpi, small and short: it fills its page."""

import json
import re
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from mpi_support import MPI, ROOT


def test_the_measurement_fills_every_region_of_the_page(tmp_path):
    page = tmp_path / "page.md"
    content = r"(?s)(<!-- scaling:begin [^>]* -->\n).*?(?=<!-- scaling:end)"
    page.write_text(re.sub(content, r"\1", (ROOT / "docs" / "scale_mpi.md").read_text()))
    script = [sys.executable, MPI / "scaling.py", "--scale", "4", "--seconds", "0.02"]
    done = subprocess.run(
        [*script, "--write", "--page", page], capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr
    regions = re.findall(content.replace(".*?", "(.*?)"), page.read_text())
    assert len(regions) == 4
    assert all(text.strip() for _, text in regions)
    found = json.loads(page.with_suffix(".json").read_text())
    assert set(found["strong"]) == {"512", "128", "32"}
    assert all(set(each) == {"1", "2", "4"} for each in [*found["strong"].values(), found["weak"]])
    assert page.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    again = subprocess.run(
        [sys.executable, MPI / "scaling.py", "--again", "--page", page],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert again.returncode == 0, again.stderr
    assert again.stdout in done.stdout
