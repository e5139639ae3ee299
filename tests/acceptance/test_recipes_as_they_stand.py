"""Each recipe of configs/recipes trains a population by each launcher.

The data is a small copy of the recipe's own kind.

It does so as it stands, with its own loaders and their processes, pipelines, precise BN and
evaluation; for one epoch only.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from every_config import RECIPES
from killing import ROOT
from PIL import Image
from private_slurm import slurm
from sklearn.datasets import load_sample_images
from small_population import python_path, results, trainees
from tiny_cifar import write_cifar10
from tiny_coco import write_coco

SPACES = dict(  # of networks that take seconds, with the flops that they may have
    imagenet=('regnetx', 20e6, 40e6),
    decoded=('regnetx', 20e6, 40e6),
    cifar10=('cifar2019_resnext_a', 4e6, 12e6),
    digits=('regnetx_digits', 2e6, 4e6),
    coco=('regnetx', 20e6, 40e6),
)
LAUNCHERS = dict(
    local=[],
    processes=['--processes', 2],
    ray=['--launcher', 'ray', '--address', 'local', '--cpus-per-network', 1],
    slurm=['--launcher', 'slurm'],
)
CLASSES = 1000


def write_imagenet(root):
    """Write a folder in ImageNet's shape, with one image for training of each of 1000 classes.

    These are ``train/<class>/*.JPEG``; beside them are ``val/*.JPEG`` and ``meta/val.txt``.

    They are links to forty cuts of photographs: to decode them takes as long as others.
    """
    chance, pictures = np.random.default_rng(0), root / 'pictures'
    for folder in (pictures, root / 'val', root / 'meta'):
        folder.mkdir(parents=True)
    for number in range(40):
        photograph = load_sample_images().images[number % 2]
        top, left = chance.integers(100), chance.integers(200)
        Image.fromarray(photograph[top : top + 300, left : left + 400]).save(
            pictures / f'{number}.jpg'
        )
    lines = []
    for label in range(CLASSES):
        folder = root / 'train' / f'n{label:08d}'
        folder.mkdir(parents=True)
        os.link(pictures / f'{label % 40}.jpg', folder / f'{folder.name}_0.JPEG')
        if label < 64:
            os.link(
                pictures / f'{label % 40}.jpg', root / 'val' / f'ILSVRC2012_val_{label:08d}.JPEG'
            )
            lines.append(f'ILSVRC2012_val_{label:08d}.JPEG {label}\n')
    (root / 'meta/val.txt').write_text(''.join(lines))


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    """A folder with data/imagenet, data/cifar10 and data/coco."""
    folder = tmp_path_factory.mktemp('place')
    write_imagenet(folder / 'data/imagenet')
    write_cifar10(folder / 'data/cifar10')
    write_coco(folder / 'data/coco')
    return folder


@pytest.fixture(scope='module')
def cluster(tmp_path_factory):
    with slurm(tmp_path_factory.mktemp('slurm')) as environment:
        yield environment


def tool(name, *arguments, cwd, env):
    command = [sys.executable, ROOT / 'tools' / name, *arguments]
    return subprocess.run(
        list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, timeout=1500
    )


def recipe_of(name, folder):
    """The path of a recipe.

    That of CIFAR-10 gets a line that lets mmpretrain read files with other hashes.
    """
    path = ROOT / f'configs/recipes/{name}.py'
    if not name.endswith('cifar10'):
        return path
    derived = folder / f'{name}.py'
    derived.write_text(f'_base_ = {str(path)!r}\ncustom_imports = dict(imports=["tiny_cifar"])\n')
    return derived


@pytest.mark.parametrize('launcher', LAUNCHERS)
@pytest.mark.parametrize('name', RECIPES)
def test_two_networks_are_trained(place, request, name, launcher):
    space, low, high = SPACES[name.split('_')[-1]]
    population = place / f'{name}-{launcher}'
    with tempfile.TemporaryDirectory(prefix='ray') as scratch:  # a short path, for sockets
        given = request.getfixturevalue('cluster') if launcher == 'slurm' else os.environ
        env = {
            **given,
            'PYTHONPATH': python_path(),
            'OMP_NUM_THREADS': '1',
            'RAY_TMPDIR': scratch,
            'TEST_OF': str(population),
        }
        done = tool(
            'sample_population.py',
            ROOT / f'configs/design_spaces/{space}.py',
            '--size',
            2,
            '--flops',
            low,
            high,
            '--out',
            population,
            cwd=place,
            env=env,
        )
        assert done.returncode == 0, done.stderr
        done = tool(
            'train_population.py',
            population,
            recipe_of(name, place),
            *LAUNCHERS[launcher],
            '--cfg-options',
            'train_cfg.max_epochs=1',
            cwd=place,
            env=env,
        )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert f'2 of 2 networks trained: {Path(population)}/runs/{name}' in done.stdout
    found = results(population, name)
    assert len(found) == 2
    for result in found.values():
        assert (result.status, result.last_epoch, result.attempts) == ('done', 1, 1)
        assert 0 <= result.last_error <= 100 and result.loss > 0
    assert not list(trainees(population))
