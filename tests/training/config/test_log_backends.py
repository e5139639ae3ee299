"""Curves in services, beside the file of scalars that everything of ours reads."""

import pytest
from mmengine.config import Config

from regnet_plugin.cli.errors import UserError
from regnet_plugin.training.config import log_backends
from regnet_plugin.training.config.log_backends import BACKENDS, set_backends


def backends(config, *services):
    config = Config(config)
    set_backends(config, services)
    return (
        [backend.type for backend in config.visualizer.vis_backends]
        if 'visualizer' in config
        else None
    )


def described(*kinds):
    return dict(
        visualizer=dict(
            type='UniversalVisualizer', vis_backends=[dict(type=kind) for kind in kinds]
        )
    )


def test_the_file_of_scalars_stays(capsys):
    assert backends(described('LocalVisBackend')) == ['LocalVisBackend']
    assert backends(described('LocalVisBackend', 'WandbVisBackend')) == [
        'LocalVisBackend',
        'WandbVisBackend',
    ]
    assert (
        backends(described()) == ['LocalVisBackend']
        and backends({}) is None
        and not capsys.readouterr().out
    )
    assert backends(described('TensorboardVisBackend')) == [
        'TensorboardVisBackend',
        'LocalVisBackend',
    ]
    assert 'LocalVisBackend stays beside TensorboardVisBackend' in capsys.readouterr().out


def test_services_are_added(monkeypatch):
    monkeypatch.setattr(log_backends, 'find_spec', lambda package: package)
    assert backends({}, 'tensorboard', 'wandb') == [
        'LocalVisBackend',
        'TensorboardVisBackend',
        'WandbVisBackend',
    ]
    assert backends(described('WandbVisBackend', 'LocalVisBackend'), 'wandb') == [
        'WandbVisBackend',
        'LocalVisBackend',
    ]


def test_a_service_without_its_package_is_refused(monkeypatch):
    monkeypatch.setattr(log_backends, 'find_spec', lambda package: None)
    with pytest.raises(UserError, match='--log-to wandb needs a package: pip install wandb'):
        backends({}, 'wandb')


def test_all_services_are_mmengines():
    import mmengine.visualization  # noqa: F401 - registers them
    from mmengine.registry import VISBACKENDS

    assert all(VISBACKENDS.get(kind) for kind, _ in BACKENDS.values())
