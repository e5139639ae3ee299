#!/usr/bin/env bash
# Train through Slurm, with one process for each GPU:
#   tools/slurm_train.sh PARTITION JOB_NAME CONFIG [flags of tools/train.py]
# Variables: GPUS (8 in all), GPUS_PER_NODE (8, or GPUS if fewer; 0: GPUS processes on CPUs), CPUS_PER_TASK (5),
# SRUN_ARGS (more flags of srun).
set -euo pipefail
if [ $# -lt 3 ]; then sed -n '2,5s/^# //p' "$0" >&2; exit 2; fi

exec "$(dirname "$0")/slurm_run.sh" "$1" "$2" train.py "${@:3}"
