"""A job array over parameter files, gathered by a job that depends on it."""

import json

import ferrotran as ft
import numpy as np
import pytest


@pytest.fixture
def sweep(jobs):
    jobs.python("sweep.py", "make", "8")
    return jobs


def submit(jobs, *options):
    array = jobs.submit(*options, "array.sbatch")
    after = [f"--dependency=afterok:{array}", "--kill-on-invalid-dep=yes"]
    return array, jobs.submit(*after, "gather.sbatch")


def outcome(rows):
    return [(row.job, row.state, row.code) for row in rows]


def serial(folder, item):
    """Solve an item in this process, in one thread, as one trajectory after the other."""
    settings = json.loads((folder / "parameters" / f"{item:03d}.json").read_text())
    rng = np.random.default_rng(settings["seed"])
    starts = rng.normal([0.0, 0.0, 25.0], 1.0, (settings["members"], 3))
    args, lorenz = (10.0, settings["rho"], 8 / 3), ft.integrate.systems.lorenz
    options = {"args": args, "rtol": 1e-9, "atol": 1e-9, "t_eval": [settings["end"]]}
    span = (0, settings["end"])
    with ft.threads(1):
        paths = [ft.integrate.solve_ivp(lorenz, span, s, "DOP853", **options) for s in starts]
    return np.array([path.y[:, -1] for path in paths])


def results_are_serial(folder, items):
    for item in items:
        with np.load(folder / "results" / f"{item:03d}.npz") as result:
            assert result["y"].tobytes() == serial(folder, item).tobytes(), f"item {item}"
            assert (result["status"] == 0).all()


def test_an_array_and_its_gather_complete_with_the_bits_of_the_serial_answer(sweep):
    array, gather = submit(sweep)
    assert outcome(sweep.wait(gather)) == [(gather, "COMPLETED", "0:0")], sweep.logs()
    rows = sweep.wait(array, items=range(8))
    assert outcome(rows) == [(f"{array}_{i}", "COMPLETED", "0:0") for i in range(8)]
    assert {row.node for row in rows} == {"n1", "n2"}
    results_are_serial(sweep.folder, range(8))
    table = (sweep.folder / "sweep.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in table] == ["item", *(f"{i:03d}" for i in range(8))]
    settled = [float(line.split(",")[-1]) for line in table[1:]]
    assert settled[0] == 1.0  # rho = 18
    assert settled[-1] == 0.0  # rho = 25: no steady state is stable


def test_a_failing_item_is_reported_and_not_lost(sweep):
    bad = sweep.folder / "parameters" / "002.json"
    good = bad.read_text()
    bad.write_text(good.replace("20.0", '"twenty"', 1))
    assert bad.read_text() != good
    array, gather = submit(sweep, "--array=0-3")
    states = ["COMPLETED", "COMPLETED", "FAILED", "COMPLETED"]
    codes = ["0:0", "0:0", "1:0", "0:0"]
    wanted = [(f"{array}_{i}", *pair) for i, pair in enumerate(zip(states, codes))]
    assert outcome(sweep.wait(array, items=range(4))) == wanted
    assert [row.state for row in sweep.wait(gather)] == ["CANCELLED"]
    assert not (sweep.folder / "sweep.csv").exists()
    assert "TypeError" in (sweep.folder / f"sweep-{array}_2.out").read_text()
    for path in sweep.folder.glob("parameters/00[4-7].json"):
        path.unlink()
    assert sweep.python("sweep.py", "missing").strip() == "2"
    refused = sweep.wait(sweep.submit("gather.sbatch"))
    assert [(row.state, row.code) for row in refused] == [("FAILED", "1:0")]
    assert "no result of the items 2\n" in sweep.logs()

    bad.write_text(good)
    array, gather = submit(sweep, "--array=2")
    assert outcome(sweep.wait(gather)) == [(gather, "COMPLETED", "0:0")], sweep.logs()
    rows = sweep.wait(array, items=[2])
    assert outcome(rows) == [(f"{array}_2", "COMPLETED", "0:0")]
    results_are_serial(sweep.folder, range(4))
    assert len((sweep.folder / "sweep.csv").read_text().splitlines()) == 5
