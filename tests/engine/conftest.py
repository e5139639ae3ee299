import pytest
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
