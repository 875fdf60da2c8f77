"""The configuration files of a private Slurm on one machine."""

from __future__ import annotations

from pathlib import Path

NAME = "ferro"

# A requeued job waits for cred_expire, two minutes by default. MpiDefault is Slurm's own default,
# so that a job script must say --mpi=pmix as it must elsewhere.
SLURM = """\
ClusterName={name}
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/s,cred_expire=5
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldPort={ctld}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
TmpFS={folder}/tmp/%n
SlurmctldPidFile={folder}/ctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.%n.log
SlurmdParameters=config_overrides
SlurmdTimeout=60
KillWait=3
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin={task}
TaskProlog={folder}/prolog.sh
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={dbd}
AccountingStoragePass={folder}/munge/s
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1,batch_sched_delay=0
MpiDefault=none
ReturnToService=2
NodeName={nodes} NodeHostname={host} NodeAddr=127.0.0.1 Port={slurmd} CPUs={cpus} \
RealMemory={memory} State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""

# What a prolog prints goes into the task's environment. Open MPI names its files of shared memory
# by the host and the rank on the node; nodes are one host here, so each has a folder of its own.
# They share cores too, so that a rank that waits had better give way.
PROLOG = """\
#!/bin/sh
for name in btl_vader osc_sm osc_rdma; do
   echo "export OMPI_MCA_${{name}}_backing_directory={folder}/tmp/$SLURMD_NODENAME"
done
echo "export OMPI_MCA_mpi_yield_when_idle=1"
"""

CGROUP = """\
CgroupPlugin=cgroup/v1
ConstrainCores={cage}
"""

SLURMDBD = """\
AuthType=auth/munge
AuthInfo=socket={folder}/munge/s
DbdHost={host}
DbdAddr=127.0.0.1
DbdPort={dbd}
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={mariadb}
StorageUser=slurm
StoragePass={password}
StorageLoc=slurm
LogFile={folder}/log/slurmdbd.log
PidFile={folder}/slurmdbd.pid
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
"""

DATABASE = """\
CREATE DATABASE IF NOT EXISTS slurm;
CREATE USER IF NOT EXISTS slurm@'%' IDENTIFIED BY '{password}';
GRANT ALL ON slurm.* TO slurm@'%';
"""


def write(folder: Path, values: dict[str, object]) -> None:
    """Write the files of Slurm and the first commands of its database."""
    for name, text, mode in (
        ("slurm.conf", SLURM, 0o644),
        ("cgroup.conf", CGROUP, 0o644),
        ("prolog.sh", PROLOG, 0o755),
        ("slurmdbd.conf", SLURMDBD, 0o600),
        ("database.sql", DATABASE, 0o600),
    ):
        path = folder / name
        path.touch(0o600)
        path.chmod(mode)
        path.write_text(text.format_map(values))
