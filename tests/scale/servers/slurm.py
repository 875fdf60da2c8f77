"""A private Slurm on one machine: virtual nodes on loopback, with accounting.

As a context manager::

    with Slurm() as slurm:
        slurm.run("srun", "--nodes=2", "hostname")

and as a command, for a shell::

    eval "$(python tests/scale/servers/slurm.py start)"
    srun --nodes=2 hostname
    python tests/scale/servers/slurm.py stop

munged, mariadbd, slurmdbd, slurmctld and one slurmd for each node keep their state in one
temporary folder, use free ports of loopback and share nothing with a Slurm of the machine. Slurm
starts the tasks of any user, so the daemons need root. `check` says what is missing, if anything.
One at a time: nodes of one name share their control groups.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Self

if not __package__:  # run by its path
    sys.path.append(str(Path(__file__).resolve().parents[1]))
from servers import slurm_config
from servers.process import Running, listens, wait_until
from servers.slurm_process import (
    Daemon,
    adjacent_ports,
    can_cage,
    kill_jobs,
    remove_cage,
    started,
)

PACKAGES = {
    "munged": "munge",
    "slurmctld": "slurmctld",
    "slurmd": "slurmd",
    "srun": "slurm-client",
    "slurmdbd": "slurmdbd",
    "mariadbd": "mariadb-server",
    "mariadb-install-db": "mariadb-server",
}
PLUGINS = "slurm-wlm-basic-plugins"
# Debian keeps daemons in /usr/sbin, which is not on the PATH of every user.
SEARCH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
RECORD = "private.json"


class SlurmError(RuntimeError):
    """A daemon did not start, or a command of Slurm failed; the message has its output."""


def missing() -> str | None:
    """Say why Slurm cannot run here and what to type, or return None."""
    absent = sorted({p for tool, p in PACKAGES.items() if not shutil.which(tool, path=SEARCH)})
    if absent:
        return f"Slurm needs {' '.join(absent)}: apt-get install --yes {' '.join(absent)} {PLUGINS}"
    if os.geteuid() != 0:
        return "Slurm needs root: slurmd starts tasks as their users; run as root or with sudo"
    return None


class Slurm(Running):
    """A private Slurm.

    Parameters
    ----------
    folder : path, optional
        Where its state lies; made if it is absent. By default a temporary folder that `stop`
        removes.
    nodes : int, optional
        Number of virtual nodes, called n1, n2, ...
    cpus : int, optional
        Cores of each node. Nodes share the cores of the machine, from the first on.
    """

    def __init__(
        self,
        folder: str | Path | None = None,
        *,
        nodes: int = 2,
        cpus: int = 2,
    ) -> None:
        self.temporary = folder is None
        # munged wants a path that every user may walk.
        self.folder = Path(folder or tempfile.mkdtemp(prefix="slurm-", dir="/tmp")).resolve()
        self.names = [f"n{i}" for i in range(1, nodes + 1)]
        self.cpus = cpus
        self.daemons: list[Daemon] = []
        self._children: list[subprocess.Popen] = []

    @property
    def conf(self) -> Path:
        """Path of slurm.conf."""
        return self.folder / "slurm.conf"

    @property
    def env(self) -> dict[str, str]:
        """The environment for Slurm's commands."""
        outer = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM_", "SBATCH_"))}
        return outer | {"SLURM_CONF": str(self.conf)}

    def run(self, *command: str | Path, timeout: float = 60, **options: object) -> str:
        """Run a command with this Slurm and return its output.

        Raises
        ------
        SlurmError
            When its status is not 0; the message has the command and what it printed.
        subprocess.TimeoutExpired
            When it takes longer than `timeout` seconds.
        """
        argv = [str(c) for c in command]
        done = subprocess.run(
            argv,
            **{"env": self.env, **options},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        if done.returncode != 0:
            said = (done.stdout + done.stderr).strip()
            raise SlurmError(f"{' '.join(argv)} ended with status {done.returncode}: {said}")
        return done.stdout

    def start(self, timeout: float = 60) -> Self:
        """Start all daemons and wait until every node is idle.

        Raises
        ------
        SlurmError
            When root or a program is missing, mariadbd cannot enter the folder, or a daemon ends;
            the message has the end of its log.
        TimeoutError
            When a daemon or a node is not ready in `timeout` seconds.
        """
        try:
            if reason := missing():
                raise SlurmError(reason)
            for folder in self.folder.parents:
                if folder.exists() and not folder.stat().st_mode & stat.S_IXOTH:
                    raise SlurmError(f"mariadbd runs as the user mysql: chmod o+x {folder}")
            self._start(timeout)
        except BaseException:
            self.stop()
            raise
        return self

    def _start(self, timeout: float) -> None:
        folder = self.folder
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
        tmp = [f"tmp/{name}" for name in self.names]
        spool = [f"spool/{name}" for name in self.names]
        for name in ("log", "state", "munge", "db", *tmp, *spool):
            (folder / name).mkdir(parents=True, exist_ok=True)
        ctld, dbd, mariadb, *slurmd = adjacent_ports(3 + len(self.names))
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
        values = {
            "name": slurm_config.NAME,
            "folder": folder,
            "host": socket.gethostname().partition(".")[0],
            "ctld": ctld,
            "dbd": dbd,
            "mariadb": mariadb,
            "slurmd": f"[{slurmd[0]}-{slurmd[-1]}]" if slurmd[1:] else slurmd[0],
            "nodes": f"n[1-{len(self.names)}]" if self.names[1:] else "n1",
            "cpus": self.cpus,
            "memory": memory // len(self.names),
            "task": "task/cgroup,task/affinity" if can_cage() else "task/affinity",
            "cage": "yes" if can_cage() else "no",
            "password": secrets.token_hex(16),
        }
        slurm_config.write(folder, values)
        self._munge(timeout)
        self._accounting(mariadb, timeout)
        self._daemon("slurmctld", "-D", "-i")
        for name in self.names:
            self.start_node(name, wait=False)
        self.wait_for(lambda: set(self.node_states().values()) == {"idle"}, "nodes idle", timeout)

    def _munge(self, timeout: float) -> None:
        folder = self.folder / "munge"
        (folder / "key").touch(0o600)
        (folder / "key").write_bytes(secrets.token_bytes(128))
        files = {"key-file": "key", "socket": "s", "pid-file": "p", "log-file": "l"}
        options = [f"--{option}={folder / name}" for option, name in files.items()]
        self._daemon("munged", "-F", *options, f"--seed-file={folder / 'seed'}")
        self.wait_for((folder / "s").exists, "munged answers", timeout)

    def _accounting(self, port: int, timeout: float) -> None:
        data, script = self.folder / "db", self.folder / "database.sql"
        user = pwd.getpwnam("mysql")
        os.chown(data, user.pw_uid, user.pw_gid)
        os.chown(script, user.pw_uid, user.pw_gid)
        base = ["--no-defaults", f"--datadir={data}", "--user=mysql"]
        install = ["mariadb-install-db", *base, "--skip-test-db", "--skip-name-resolve"]
        self.run(*install, "--auth-root-authentication-method=normal", timeout=timeout)
        small = ["--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0"]
        where = ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={data / 's'}"]
        options = [*where, *small, "--skip-name-resolve", f"--init-file={script}"]
        self._daemon("mariadbd", *base, *options)
        self.wait_for(lambda: listens(port), "mariadbd answers", timeout)
        self._daemon("slurmdbd", "-D")
        add = ["sacctmgr", "--immediate", "add", "cluster", slurm_config.NAME]
        self.wait_for(lambda: self._succeeds(*add), "slurmdbd takes the cluster", timeout)

    def _succeeds(self, *command: str) -> bool:
        with contextlib.suppress(SlurmError):
            self.run(*command, timeout=30)
            return True
        return False

    def _daemon(self, name: str, *options: str | Path) -> Daemon:
        program = shutil.which(name, path=SEARCH) or name
        with (self.folder / "log" / f"{name}.out").open("ab") as log:
            child = subprocess.Popen(
                [program, *map(str, options)],
                env=self.env,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children.append(child)
        daemon = Daemon(name, child.pid, started(child.pid))
        self.daemons.append(daemon)
        self._record()
        return daemon

    def start_node(self, name: str, *, wait: bool = True, timeout: float = 30) -> Daemon:
        """Start the slurmd of a node and wait until the node is idle."""
        daemon = self._daemon("slurmd", "-D", "-N", name)
        daemon.name = name
        self._record()
        if wait:
            self.wait_for(lambda: self.node_states().get(name) == "idle", f"{name} idle", timeout)
        return daemon

    def node_states(self) -> dict[str, str]:
        """Return the state of every node, as `sinfo` names it."""
        try:
            lines = self.run("sinfo", "--noheader", "--Node", "--format=%N %T").split("\n")
        except (SlurmError, subprocess.TimeoutExpired):
            return {}
        return dict(line.split() for line in lines if line)

    def wait_for(self, ready: Callable[[], object], what: str, seconds: float) -> object:
        """Do `wait_until`, but fail at once when a daemon has ended; errors have the logs."""

        def check() -> object:
            for daemon in self.daemons:
                if not daemon.alive():
                    raise SlurmError(f"{daemon.name} ended:\n{self._log(daemon.name)}")
            return ready()

        try:
            return wait_until(check, what, seconds)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self._log('')}") from None

    def _log(self, name: str) -> str:
        """Return the end of what a daemon said."""
        name = f"slurmd*{name}" if name in self.names else name
        files = sorted((self.folder / "log").glob(f"{name}*"))
        return "\n".join(f"{f.name}: {f.read_text(errors='replace')[-1500:]}" for f in files)

    def _record(self) -> None:
        """Write down the daemons, so that another process can end them."""
        daemons = [dataclasses.asdict(d) for d in self.daemons]
        record = {"temporary": self.temporary, "names": self.names, "daemons": daemons}
        (self.folder / RECORD).write_text(json.dumps(record))

    @classmethod
    def running(cls, conf: str | Path) -> Self:
        """Return the Slurm with this slurm.conf, which another process started.

        Raises
        ------
        SlurmError
            When no Slurm of this module has this slurm.conf.
        """
        folder = Path(conf).resolve().parent
        slurm = cls(folder)
        try:
            recorded = json.loads((folder / RECORD).read_text())
        except OSError as error:
            raise SlurmError(f"{conf} belongs to no private Slurm: {error}") from error
        slurm.temporary, slurm.names = recorded["temporary"], recorded["names"]
        slurm.daemons = [Daemon(**d) for d in recorded["daemons"]]
        return slurm

    def kill_node(self, name: str) -> None:
        """End the slurmd of a node and all processes of its jobs at once, as a power cut does.

        Slurm takes a minute to find out; `scontrol update` tells it at once.
        """
        daemon = next(d for d in self.daemons if d.name == name)
        self.daemons.remove(daemon)
        self._record()
        daemon.signal(signal.SIGKILL)
        kill_jobs(self.conf, name)
        wait_until(lambda: not daemon.alive(), f"slurmd of {name} ended", 10)

    def end_jobs(self, timeout: float = 20) -> None:
        """Cancel all jobs and wait until they have ended."""
        self.run("scancel", "--quiet", f"--user={os.getuid()}", timeout=timeout)
        wait_until(lambda: not self.run("squeue", "--noheader"), "all jobs ended", timeout)

    def stop(self, timeout: float = 20) -> None:
        """End all jobs, then all daemons by their pid; remove a temporary folder.

        Jobs have `timeout` seconds, and each daemon before it is killed.
        """
        if any(d.name == "slurmctld" and d.alive() for d in self.daemons):
            with contextlib.suppress(SlurmError, TimeoutError, subprocess.TimeoutExpired):
                self.end_jobs(timeout)
        for daemon in reversed(self.daemons):
            for number in (signal.SIGTERM, signal.SIGKILL):
                daemon.signal(number)
                with contextlib.suppress(TimeoutError):
                    wait_until(lambda d=daemon: not d.alive(), f"{daemon.name} ended", timeout)
        kill_jobs(self.conf)
        for child in self._children:
            child.wait(timeout)
        self.daemons, self._children = [], []
        for name in self.names:
            remove_cage(name)
        if self.temporary:
            shutil.rmtree(self.folder)


def main(arguments: list[str]) -> int:
    """Start a Slurm and print how a shell uses it, stop that of $SLURM_CONF, or look for tools."""
    command = arguments[0] if len(arguments) == 1 else ""
    try:
        if command == "start":
            print(f"export SLURM_CONF={Slurm().start().conf}")
        elif command == "stop":
            if not (conf := os.environ.get("SLURM_CONF")):
                raise SlurmError("SLURM_CONF is not set; it names the Slurm to stop")
            Slurm.running(conf).stop()
        elif command == "check":
            if reason := missing():
                raise SlurmError(reason)
        else:
            print(__doc__, file=sys.stderr)
            return 2
    except (SlurmError, TimeoutError) as error:
        print(f"slurm.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
