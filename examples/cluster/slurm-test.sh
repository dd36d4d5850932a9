#!/bin/sh
# A Slurm of one node, on this machine alone: the array job and its merge, compared with a single run. As root, from a folder that
# holds copies of these files; exit status 77 where Slurm is not installed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
for program in munged slurmctld slurmd sbatch; do
  command -v "$program" >/dev/null || { echo "skipped: no $program (Debian: apt-get install slurm-wlm munge)"; exit 77; }
done
work=$(mktemp -d)
chmod 755 "$work"
node=$(hostname -s)
mkdir -p "$work/state" "$work/spool" /etc/slurm /run/munge
chown munge: /run/munge
cat >"$work/slurm.conf" <<END
ClusterName=one
SlurmctldHost=$node
SlurmUser=root
AuthType=auth/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
ReturnToService=2
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
NodeName=$node CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$node Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF="$work/slurm.conf"
munged --force --pid-file "$work/munged.pid"
slurmctld
slurmd
stop() {
  for name in slurmd slurmctld munged; do
    if [ -f "$work/$name.pid" ]; then kill "$(cat "$work/$name.pid")" || true; fi
  done
}
trap stop EXIT
cd "$work"
cp "$here/grid.json" "$here/slurm.sh" "$here/merge.sh" .
job=$(sbatch --parsable --array=1-4 slurm.sh)
sbatch --wait --dependency="afterok:$job" merge.sh
${BITTRUE:-npx bittrue} sweep grid.json --out single.jsonl
cmp sweep.jsonl single.jsonl
echo "Slurm $(sbatch --version): four shards merged are the bytes of a single run"
