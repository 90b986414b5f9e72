#!/bin/bash
# A sweep as a Slurm array: no server, each task runs its share and keeps its own folder.
#   sbatch --array=1-16 slurm-array.sh ../tanh-phase.sweep.yaml phase
#   fuga merge phase/part-* --out phase/whole && fuga report phase/whole
# A task that is preempted or requeued goes on where it stopped: the same line, with --resume.
#SBATCH --job-name=fuga
#SBATCH --cpus-per-task=4
#SBATCH --mem-per-cpu=1G
#SBATCH --time=02:00:00
#SBATCH --requeue
#SBATCH --signal=TERM@60
set -euo pipefail

sweep=$1
out=$2
part=${SLURM_ARRAY_TASK_ID:?submit me with sbatch --array=1-N}
parts=${SLURM_ARRAY_TASK_COUNT:?}

# exec: the scheduler's SIGTERM must reach fuga, which then keeps what is done and saves long trials half-way.
exec fuga sweep "$sweep" --out "$out/part-$part" --shard "$part/$parts" --workers "${SLURM_CPUS_PER_TASK:-1}" --exact --resume
