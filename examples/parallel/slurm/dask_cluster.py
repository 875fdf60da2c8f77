"""The columns of `columns.py` on a Dask cluster whose workers are Slurm jobs.

    python columns.py make
    python dask_cluster.py --jobs 2      # on a login node, or in a small job of its own

dask-jobqueue submits one job for each worker, and ends them with the program.
"""

from __future__ import annotations

import argparse

import ferrotran as ft
from columns import AFTER, INPUTS
from dask_jobqueue import SLURMCluster
from distributed import Client
from ferrotran.scale import map_chunks


def main() -> None:
    """Start the workers, solve all columns, end the workers."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=2, help="workers, each a job of Slurm")
    parser.add_argument("--cores", type=int, default=1, help="of a worker")
    parser.add_argument("--memory", default="1GB", help="of a worker")
    parser.add_argument("--queue", help="the partition")
    parser.add_argument("--account")
    parser.add_argument("--interface", help="of the network, as ib0; lo on one machine")
    parser.add_argument("--walltime", default="00:30:00")
    parser.add_argument("--wait", type=float, default=300, help="seconds for workers to start")
    chosen = parser.parse_args()
    with (
        SLURMCluster(
            cores=chosen.cores,
            processes=1,
            memory=chosen.memory,
            queue=chosen.queue,
            account=chosen.account,
            interface=chosen.interface,
            walltime=chosen.walltime,
            job_name="columns-dask",
            log_directory="dask-logs",
            scheduler_options={"dashboard_address": ":0"},  # others use the login node too
        ) as cluster,
        Client(cluster) as client,
    ):
        cluster.scale(jobs=chosen.jobs)
        client.wait_for_workers(chosen.jobs, timeout=chosen.wait)
        print(f"{chosen.jobs} workers", flush=True)
        report = map_chunks(
            ft.linalg.solve_tridiagonal,
            INPUTS,
            AFTER,
            engine="dask",
            client=client,
            timeout=600,
        )
    print(f"{report.chunks} chunks done", flush=True)


if __name__ == "__main__":
    main()
