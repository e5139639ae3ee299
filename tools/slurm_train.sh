#!/usr/bin/env bash
# Train through Slurm, with one process for each GPU:
#   tools/slurm_train.sh PARTITION JOB_NAME CONFIG [flags of tools/train.py]
# Variables: GPUS (8 in all), GPUS_PER_NODE (8, or GPUS if fewer; 0: GPUS processes on CPUs), CPUS_PER_TASK (5),
# SRUN_ARGS (more flags of srun).
set -euo pipefail
if [ $# -lt 3 ]; then sed -n '2,5s/^# //p' "$0" >&2; exit 2; fi

gpus=${GPUS:-8}
per_node=${GPUS_PER_NODE:-$((gpus < 8 ? gpus : 8))}
if [ "$per_node" -gt 0 ]; then
    nodes=(--gres="gpu:$per_node" --ntasks-per-node="$per_node")
else
    nodes=()
    export CUDA_VISIBLE_DEVICES=  # srun hands it on
fi

# shellcheck disable=SC2086 - SRUN_ARGS are several words
exec srun --partition="$1" --job-name="$2" --ntasks="$gpus" "${nodes[@]}" --cpus-per-task="${CPUS_PER_TASK:-5}" \
    --kill-on-bad-exit=1 ${SRUN_ARGS:-} \
    "${PYTHON:-python}" -u "$(dirname "$0")/train.py" "$3" --launcher slurm "${@:4}"
