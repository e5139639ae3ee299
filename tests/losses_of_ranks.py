"""One of two ranks, whose hook is told losses as by a training: ``losses_of_ranks.py RANK DIR``.

Rank 0 has the losses 1 and 2 in two iterations, between which there is a checkpoint, rank 1 has 3
and 6. What came of them is printed as JSON: the row of the curve, and what the checkpoint keeps of
the losses of the unfinished epoch.
"""

import json
import os
import sys
from types import SimpleNamespace

import torch
from mmengine.config import Config
from mmengine.hooks import CheckpointHook
from mmengine.logging import MessageHub
from mmengine.runner import EpochBasedTrainLoop

from regnet_plugin.population.runs.attempts import TOKEN
from regnet_plugin.training.workers.result_hook import ResultHook

LOSSES = ((1.0, 2.0), (3.0, 6.0))


def runner(folder, iteration):
    """What a hook looks at of a Runner; each third iteration, counted from 1, is saved."""
    loop = EpochBasedTrainLoop.__new__(EpochBasedTrainLoop)
    loop.__dict__.update(
        _epoch=0, _iter=iteration - 1, _max_epochs=2, _max_iters=8, dataloader=range(4)
    )
    return SimpleNamespace(
        work_dir=folder,
        cfg=Config(dict(default_scope='mmpretrain', val_evaluator=dict(type='Accuracy'))),
        message_hub=MessageHub.get_instance('losses'),
        train_loop=loop,
        epoch=0,
        iter=iteration - 1,
        max_iters=8,
        hooks=[CheckpointHook(interval=3, by_epoch=False)],
    )


def main(rank, folder):
    os.environ[TOKEN] = 'the worker of this test'
    torch.distributed.init_process_group(
        'gloo', init_method=f'file://{folder}/ranks', rank=rank, world_size=2
    )
    hook = ResultHook('000000', 'recipe', '', {})
    hook.before_train(runner(folder, 3))
    first, second = (dict(loss=torch.tensor(loss)) for loss in LOSSES[rank])
    hook.after_train_iter(runner(folder, 3), 2, outputs=first)
    checkpoint = dict(message_hub=dict(runtime_info={}))
    hook.before_save_checkpoint(runner(folder, 3), checkpoint)
    kept = checkpoint['message_hub']['runtime_info']['regnet_plugin.result']
    hook.after_train_iter(runner(folder, 4), 3, outputs=second)
    hook.after_train_epoch(runner(folder, 4))
    (row,) = hook._state['curve']
    print(json.dumps(dict(row=row, unfinished=kept['unfinished'])))


if __name__ == '__main__':
    main(int(sys.argv[1]), sys.argv[2])
