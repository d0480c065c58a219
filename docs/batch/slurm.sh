#!/usr/bin/env bash
# Grades a class in eight shards on a Slurm cluster, from a folder that all nodes share and that holds lab.yaml and class/:
#
#   grade=$(sbatch --parsable --array=1-8 slurm.sh grade)
#   sbatch --dependency=afterany:"$grade" slurm.sh merge
#
#SBATCH --job-name=bootgrade
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=01:00:00
#SBATCH --output=bootgrade-%A-%a.log
#SBATCH --requeue
set -euo pipefail

case ${1:-} in
  grade)
    # --resume: a task that was preempted and queued again goes on where it was.
    srun bootgrade grade lab.yaml class/ \
      --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
      --jobs "${SLURM_CPUS_PER_TASK:-1}" --out "shards/$SLURM_ARRAY_TASK_ID" --resume
    ;;
  merge)
    srun bootgrade merge shards/*/*.blob --out reports --report csv
    ;;
  *)
    echo "usage: sbatch slurm.sh grade|merge" >&2
    exit 2
    ;;
esac
