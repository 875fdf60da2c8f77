"""Submit jobs to a Slurm, wait for their ends, and read what `sacct` has of them."""

import contextlib
import dataclasses
import os
import re
import sys
from pathlib import Path

import ferrotran as ft
from servers import slurm as server
from servers.process import wait_until
from servers.slurm import SlurmError
from servers.slurm_process import job_processes

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "parallel"
SCRIPT = Path(server.__file__)
ENDS = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY"}


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of `sacct`; a job that was requeued has several."""

    job: str
    state: str
    code: str
    node: str


class Jobs:
    """Jobs submitted from one folder."""

    def __init__(self, slurm, folder):
        self.slurm = slurm
        self.folder = folder
        path = [str(Path(sys.executable).parent), os.environ["PATH"]]
        modules = [str(Path(ft.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        self.env = slurm.env | {
            "PATH": os.pathsep.join(path),
            "PYTHONPATH": os.pathsep.join(filter(None, modules)),
        }

    def run(self, *command, **options):
        return self.slurm.run(*command, cwd=self.folder, env=self.env, **options)

    def python(self, *arguments, **options):
        return self.run(sys.executable, *arguments, **options)

    def submit(self, *arguments):
        """Submit a script and return the id of the job."""
        return self.run("sbatch", "--parsable", *arguments).strip()

    def sacct(self, job, steps=False):
        """Return the lines of a job or an array, by items and runs; of its steps too if asked."""
        form = ["--duplicates", "--parsable2", "--noheader", "--format=JobID,State,ExitCode,Node"]
        lines = self.run("sacct", f"--jobs={job}", *form, *([] if steps else ["--allocations"]))
        rows = [Row(*line.split("|")) for line in lines.splitlines()]
        rows = [dataclasses.replace(row, state=row.state.split()[0]) for row in rows]
        return sorted(rows, key=lambda row: [int(x) for x in re.findall(r"\d+", row.job)])

    def _queued(self, job):
        try:
            return self.run("squeue", "--noheader", f"--jobs={job}").strip()
        except SlurmError as error:
            if "Invalid job id" in str(error):  # forgotten since it ended
                return ""
            raise

    def _ended(self, wanted, runs):
        """The rows of `wanted`, all of them: the accounting lags behind the queue."""
        if self._queued(wanted[0].partition("_")[0]):
            return []
        rows = self.sacct(wanted[0].partition("_")[0])
        complete = [row.job for row in rows] == [job for job in wanted for _ in range(runs)]
        ended = all(row.state in ENDS for row in rows[runs - 1 :: runs])
        return rows if complete and ended else []

    def wait(self, job, seconds=60, *, items=None, runs=1):
        """Wait for the end of a job, or of the items of an array; return the lines of `sacct`.

        Each has been run so many times, a line for each.
        """
        wanted = [job] if items is None else [f"{job}_{item}" for item in items]
        try:
            what = f"job {job} has ended"
            return wait_until(lambda: self._ended(wanted, runs), what, seconds, 0.2)
        except TimeoutError as error:
            state = f"squeue: {self._queued(job)}\nsacct: {self.sacct(job)}"
            raise TimeoutError(f"{error}\n{state}\n{self.logs()}") from None

    def processes(self, *words):
        """Return the Python programs of jobs that have these words in their command line."""
        found = []
        for pid in job_processes(self.slurm.conf):
            with contextlib.suppress(OSError):
                line = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                if line[0].endswith("python") and set(words) <= set(line):
                    found.append(pid)
        return found

    def logs(self):
        """Return what all jobs printed."""
        files = sorted(self.folder.rglob("*.out"))
        return "\n".join(f"== {path.name}\n{path.read_text()}" for path in files)
