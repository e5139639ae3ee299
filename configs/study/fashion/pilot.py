"""The pilot of the study on Fashion-MNIST: which task, how many flops, which learning rate and warm-up?

Each candidate is a population of 16 networks of AnyNetX_A, with two seeds each where the spread of errors is compared with that of
seeds, so that nothing is learned about the order of spaces; docs/study/fashion/pilot/introduction.md has the rules, written before.
"""

small, regime = (2e6, 2.5e6), (4e6, 5e6)
parts = [
    dict(key='pairs', name='pairs, 36 pixels, 4 to 5 MF', seeds=(0, 1)),
    dict(key='pairs_2mf', name='pairs, 36 pixels, 2 to 2.5 MF', flops=small, seeds=(0, 1)),
    dict(
        key='garments',
        name='garments, 28 pixels, 4 to 5 MF',
        space='anynetx_a_garments.py',
        recipe='garments.py',
        seeds=(0, 1),
    ),
    dict(
        key='pairs_44',
        name='pairs, 44 pixels, 4 to 5 MF',
        space='anynetx_a_44_pixels.py',
        seeds=(0, 1),
        settings={
            'train_dataloader.dataset.image_size': 44,
            'val_dataloader.dataset.image_size': 44,
        },
    ),
]
_others = {  # settings of the recipe, tried on the networks of `pairs`
    'rate_0.025': {'optim_wrapper.optimizer.lr': 0.025},
    'rate_0.1': {'optim_wrapper.optimizer.lr': 0.1},
    'rate_0.2': {'optim_wrapper.optimizer.lr': 0.2},
    'batch_32': {'train_dataloader.batch_size': 32, 'train_cfg.max_epochs': 1},
}
parts += [
    dict(key=f'pairs_{key}', name=f'pairs, {key.replace("_", " ")}', of='pairs', settings=settings)
    for key, settings in _others.items()
]
parts = [
    dict(
        dict(space='anynetx_a.py', recipe='pairs.py', flops=regime, size=16, seed=2000, seeds=(0,)),
        **part,
    )
    for part in parts
]
