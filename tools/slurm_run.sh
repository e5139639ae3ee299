#!/usr/bin/env bash
# What slurm_train.sh and slurm_test.sh share: tools/slurm_run.sh PARTITION JOB_NAME TOOL [arguments of the tool]
set -euo pipefail

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
    "${PYTHON:-python}" -u "$(dirname "$0")/$3" "${@:4}" --launcher slurm
