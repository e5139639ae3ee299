"""The pilot of the first attempt at the study: with which regime and recipe do errors spread well beyond the noise between seeds?

Each candidate is a population of 16 networks of AnyNetX_A, trained with three seeds each, so that nothing is learned about the
order of spaces; their steps are so few that a network takes at most 4 s on one core on average. Criterion: the share of the
variance of errors that is due to the network, not to the seed; docs/study/first/pilot/README.md has what came of it.
"""

small, middle, large = (0.45e6, 0.5e6), (0.9e6, 1e6), (1.8e6, 2e6)
_candidates = [  # name, flops, images to train with, epochs, batch, learning rate
    ('0.5 MF', small, 480, 5, 32, 0.1),
    ('1 MF', middle, 480, 5, 32, 0.1),
    ('2 MF', large, 480, 5, 32, 0.1),
    ('1 MF, half the rate', middle, 480, 5, 32, 0.05),
    ('1 MF, half the images', middle, 240, 10, 32, 0.1),
    ('1 MF, twice the images', middle, 960, 4, 64, 0.1),
    ('1 MF, twice the batch', middle, 480, 8, 64, 0.1),
    ('0.5 MF, twice the batch', small, 480, 8, 64, 0.1),
    ('1 MF, twice the batch, half the rate', middle, 480, 8, 64, 0.05),
]
parts = [
    dict(
        key=f'pilot_{number}',
        name=name,
        space='anynetx_a.py',
        recipe='short.py',
        flops=flops,
        size=16,
        seed=1000,
        seeds=(0, 1, 2),
        settings={
            'train_dataloader.dataset.indices': images,
            'val_dataloader.dataset.datasets.1.indices': images - 1437,  # the others
            'train_dataloader.batch_size': batch,
            'train_cfg.max_epochs': epochs,
            'train_cfg.val_interval': epochs,
            'optim_wrapper.optimizer.lr': rate,
        },
    )
    for number, (name, flops, images, epochs, batch, rate) in enumerate(_candidates, 1)
]
