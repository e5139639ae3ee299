"""Which schedule does the study on Fashion-MNIST train with? The rule stands in docs/study/fashion/pilot/introduction.md.

32 networks of AnyNetX_A, other ones than the pilot's and the study's, for 1, 2, 4, 8 and 16 epochs of 375 steps: each short training is
compared with one four times as long, and that with itself and another seed. What is longer than the first that passes need not be
trained: tools/run_study.py configs/study/fashion/schedule.py --only KEY ...
"""

_trainings = [(1, 0), (4, 0), (4, 1), (2, 0), (8, 0), (8, 1), (16, 0), (16, 1)]  # epochs, seed
_key = 'epochs_{}_seed_{}'
parts = [
    dict(
        key=_key.format(epochs, seed),
        name=f'{375 * epochs:,} steps' + (', another seed' if seed else ''),
        of=None if number == 0 else _key.format(1, 0),
        space='anynetx_a.py',
        recipe='pairs.py',
        flops=(4e6, 5e6),
        size=32,
        seed=3000,
        seeds=(seed,),
        settings={'train_cfg.max_epochs': epochs, 'train_cfg.val_interval': epochs},
    )
    for number, (epochs, seed) in enumerate(_trainings)
]
schedules = [
    dict(
        short=_key.format(epochs, 0), long=_key.format(4 * epochs, 0), again=_key.format(4 * epochs, 1)
    )
    for epochs in (1, 2, 4)
]
