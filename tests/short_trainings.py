"""Trainings of one epoch by tools, and what they print."""

# One epoch, with workers that load, as the recipes of ImageNet have.
SHORT = (
    'train_cfg.max_epochs=1',
    'train_dataloader.num_workers=1',
    'val_dataloader.num_workers=1',
)


def succeeded(done):
    assert done.returncode == 0, done.stderr
    return done.stdout
