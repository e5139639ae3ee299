#!/usr/bin/env bash
# Evaluate through Slurm, with one process for each GPU:
#   tools/slurm_test.sh PARTITION JOB_NAME CONFIG CHECKPOINT [flags of tools/test.py]
# Variables: GPUS (8 in all), GPUS_PER_NODE (8, or GPUS if fewer; 0: GPUS processes on CPUs), CPUS_PER_TASK (5),
# SRUN_ARGS (more flags of srun).
set -euo pipefail
if [ $# -lt 4 ]; then sed -n '2,5s/^# //p' "$0" >&2; exit 2; fi

exec "$(dirname "$0")/slurm_run.sh" "$1" "$2" test.py "${@:3}"
