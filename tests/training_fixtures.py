"""Trainings that tests of several rooms share: each is done once."""

import pytest
from small_population import sampled, train, untrained
from tiny_imagenet import make_tiny_imagenet
from tiny_training import train_here, write_config


@pytest.fixture(scope='session')
def tiny_imagenet(tmp_path_factory):
    """The tiny ImageNet with both layouts of the validation folder."""
    return make_tiny_imagenet(tmp_path_factory.mktemp('imagenet'))


@pytest.fixture(scope='session')
def one_rank(tmp_path_factory, tiny_imagenet):
    """A training by one process, which all others are compared with."""
    folder = tmp_path_factory.mktemp('one_rank')
    return train_here(write_config(folder / 'config.py', tiny_imagenet[0]), folder / 'run')


@pytest.fixture(scope='session')
def trained(tmp_path_factory):
    """Two networks that this machine trained, undisturbed: what clusters are compared with."""
    folder = sampled(tmp_path_factory.mktemp('trained') / 'population', 2)
    code, output = train(folder)
    assert code == 0, output
    return folder


@pytest.fixture
def population(trained, tmp_path):
    """The same two networks, not trained."""
    return untrained(trained, tmp_path / 'population')
