#!/bin/sh
#SBATCH --job-name=sweep
#SBATCH --array=1-8
#SBATCH --cpus-per-task=1
#SBATCH --requeue
set -eu
# A task that is requeued goes on where its file ends.
exec ${BITTRUE:-npx bittrue} sweep "${GRID:-grid.json}" \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
  --threads "${SLURM_CPUS_PER_TASK:-1}" \
  --out "shard-$SLURM_ARRAY_TASK_ID.jsonl"
