#!/usr/bin/env bash
# A sweep over a real Slurm of one node, from Debian's packages: the same bytes as without. Says SKIPPED where Slurm cannot be installed
# or started, which takes root.
#
#     bash tests/slurm/run.sh PATH-OF-ARMISTICE
set -euo pipefail

armistice=$(realpath "$1")
skip() { echo "SKIPPED: Slurm test: $1"; exit 0; }

[ "$(id -u)" = 0 ] || skip "it takes root to install and start Slurm"
if ! command -v slurmctld >/dev/null || ! command -v munged >/dev/null; then
  command -v apt-get >/dev/null || skip "there is no apt-get to install Slurm with"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq slurm-wlm munge >/dev/null 2>&1 || skip "slurm-wlm cannot be installed"
fi

work=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
chmod 755 "$work"
mkdir "$work/state" "$work/spool" "$work/munge"
chmod 700 "$work/munge"

head -c 1024 /dev/urandom > "$work/munge/key"
chmod 400 "$work/munge/key"
munged --foreground --force --key-file "$work/munge/key" --socket "$work/munge/socket" --pid-file "$work/munge/pid" \
  --log-file "$work/munge/log" --seed-file "$work/munge/seed" >"$work/munge.out" 2>&1 &
pids+=($!)

# One path for everybody who asks: jobs inherit it, so that their own commands find the same cluster.
export SLURM_CONF=$work/slurm.conf
node=$(hostname -s)
cat > "$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=26817
SlurmdPort=26818
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
SchedulerParameters=bf_interval=1,sched_interval=2,batch_sched_delay=0
MailProg=/bin/true
NodeName=$node NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=$node Default=YES MaxTime=INFINITE State=UP
CONF
slurmctld -D -f "$SLURM_CONF" >"$work/slurmctld.out" 2>&1 & pids+=($!)
slurmd -D -f "$SLURM_CONF" >"$work/slurmd.out" 2>&1 & pids+=($!)

up=
for _ in $(seq 40); do
  if sinfo -h -o %T 2>/dev/null | grep -q idle; then up=1; break; fi
  sleep 0.5
done
if [ -z "$up" ]; then
  tail -n 5 "$work"/*.out "$work"/*.log 2>/dev/null || true
  skip "its node did not come up"
fi

cd "$work"
"$armistice" new war --quiet
"$armistice" sweep war --points 48 --shard-size 4 --out alone --quiet >/dev/null
"$armistice" sweep war --points 48 --shard-size 4 --out shared --plan --slurm job.sh --parts 5 --quiet >/dev/null
ARMISTICE=$armistice bash job.sh >/dev/null
for _ in $(seq 240); do
  [ -z "$(squeue -h)" ] && break
  sleep 0.5
done
if ! cmp alone/sweep.parquet shared/sweep.parquet; then
  tail -n 5 slurm-*.out
  exit 1
fi
[ "$(ls slurm-*.out | wc -l)" = 6 ] || { echo "expected 5 parts and a last job" >&2; ls; exit 1; }
echo "Slurm: 12 shards in 5 parts and one job that put them together, the bytes of one process"
