"""Installing: what is missing is named, and the wheel works beside any OpenMMLab environment."""

import ast
import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
import venv

import pytest
from killing import ROOT
from own_files import own_files

from regnet_plugin import __version__


@pytest.fixture
def install():
    spec = importlib.util.spec_from_file_location('install', ROOT / 'environment/install.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_this_machine_lacks_nothing(install):
    assert install.missing_packages(ops=True) == {}


def test_missing_packages_are_named_with_the_line_that_installs_them(install, monkeypatch):
    monkeypatch.setattr(
        install, 'LIBRARIES', {'libGL.so.99': 'libgl1', 'libgthread-9.so': 'libglib2.0-0'}
    )
    monkeypatch.setattr(install, 'which', lambda program: None)
    monkeypatch.setattr(install.sysconfig, 'get_paths', lambda: {'include': '/nowhere'})
    with pytest.raises(SystemExit) as stop:
        install.check_machine(ops=True)
    assert str(stop.value).endswith(
        'install them with: apt-get install -y libgl1 libglib2.0-0 g++ python3-dev'
    )
    assert 'libgl1: OpenCV wants libGL.so.99' in str(stop.value)
    with pytest.raises(SystemExit, match='apt-get install -y libgl1 libglib2.0-0$'):
        install.check_machine(ops=False)


@pytest.mark.parametrize('version', [(3, 9, 2), (3, 14, 0)])
def test_other_pythons_are_refused(install, monkeypatch, version):
    monkeypatch.setattr(install.sys, 'version_info', version)
    with pytest.raises(
        SystemExit, match=f'Python 3.10 to 3.13 is needed, but this is 3.{version[1]}; .*PYTHON='
    ):
        install.check_machine(ops=False)


def test_what_is_said_of_pythons_is_one_thing(install):
    """environment/install.py, setup.py and README."""
    (_, lowest), (_, highest) = install.SUPPORTED
    said = subprocess.run(
        [sys.executable, 'setup.py', '--classifiers'], cwd=ROOT, capture_output=True, text=True
    ).stdout
    assert re.findall(r':: 3\.(\d+)', said) == [str(minor) for minor in range(lowest, highest + 1)]
    assert f'Python 3.{lowest} to 3.{highest}' in (ROOT / 'README.md').read_text()


def test_wheels_are_kept_by_torch_build_and_python(install):
    import torch

    folder = install.Environment(sys.prefix, None).wheel_folder('ops')
    assert (
        folder.name
        == f'ops-torch-{torch.__version__}-py{sys.version_info[0]}.{sys.version_info[1]}'
    )


def test_torch_and_torchvision_of_two_builds_are_refused(install, monkeypatch):
    environment = install.Environment(sys.prefix, None)
    monkeypatch.setattr(environment, 'pip', lambda *args: None)
    monkeypatch.setattr(environment, 'run', lambda code: '2.10.0+cpu 0.25.0+cu128')
    with pytest.raises(
        SystemExit, match='must be of one build, but they are 2.10.0.cpu and 0.25.0.cu128'
    ):
        environment.install_torch()


def test_where_packages_cannot_be_fetched_it_is_said_and_the_rest_goes_on(
    install, monkeypatch, tmp_path, capsys
):
    def fails(command, **kwargs):
        raise FileNotFoundError(2, 'No such file or directory', command[0])

    monkeypatch.setattr(install.subprocess, 'run', fails)
    install.Environment(tmp_path, None).unpack('Slurm', 'download', *install.SLURM)
    assert (
        'the tests with Slurm cannot run, for its packages could not be fetched'
        in capsys.readouterr().out
    )
    assert not any(tmp_path.iterdir())


def test_pinned_versions_are_installed():
    pins = dict(
        line.split('==')
        for line in (ROOT / 'environment/pins.txt').read_text().splitlines()
        if '==' in line
    )
    assert len(pins) >= 7
    for name, version in pins.items():
        assert importlib.metadata.version(name).split('+')[0] == version, name


@pytest.fixture(scope='module')
def fresh_environment(tmp_path_factory):
    """A new environment with a wheel of the package.

    Everything else is lent by the running environment.
    """
    folder = tmp_path_factory.mktemp('fresh')
    source = folder / 'source'
    source.mkdir()
    for name in ('regnet_plugin', 'configs', 'tools'):
        shutil.copytree(
            ROOT / name, source / name, ignore=shutil.ignore_patterns('__pycache__', '.mim')
        )
    for name in ('setup.py', 'pyproject.toml', 'README.md', 'MANIFEST.in', 'LICENSE'):
        shutil.copy(ROOT / name, source)
    venv.create(folder / 'venv', with_pip=False)
    python = folder / 'venv/bin/python'
    site_packages = next((folder / 'venv/lib').iterdir()) / 'site-packages'
    # does not follow the editable install
    lent = [path for path in sys.path if path.endswith('site-packages')]
    (site_packages / 'lent.pth').write_text('\n'.join(lent))
    pip = [sys.executable, '-m', 'pip', '--python', str(python), '--disable-pip-version-check']
    for command in (
        ['wheel', '--no-deps', '--no-build-isolation', '--wheel-dir', folder, source],
        ['install', '--no-deps', folder / f'regnet_plugin-{__version__}-py3-none-any.whl'],
    ):
        done = subprocess.run([*pip, *map(str, command)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return python, site_packages


CHECK = """
import regnet_plugin, torch
from pathlib import Path
from mmengine.registry import MODELS
assert Path(regnet_plugin.__file__).is_relative_to({site_packages!r}), regnet_plugin.__file__
mim = Path(regnet_plugin.__file__).parent / '.mim'
assert (mim / 'configs/_base_/default_runtime.py').is_file() and (mim / 'tools/train.py').is_file()
model = MODELS.build(dict(type='regnet_plugin.RegNet', arch='regnety_200mf'))
assert model(torch.zeros(1, 3, 64, 64))[-1].shape == (1, 368, 2, 2)
"""


@pytest.mark.acceptance
def test_a_wheel_works_in_a_fresh_environment(fresh_environment, tmp_path):
    python, site_packages = fresh_environment
    check = [python, '-c', CHECK.format(site_packages=str(site_packages))]
    done = subprocess.run(check, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_mim_trains_from_a_wheel(fresh_environment, tmp_path):
    python, site_packages = fresh_environment
    trained = subprocess.run(
        [
            python,
            '-m',
            'mim',
            'train',
            'regnet_plugin',
            'regnetx_6.5mf_digits.py',
            '--cfg-options',
            'train_cfg.max_epochs=2',
            'model.backbone.arch.depth=4',
            'model.head.in_channels=120',
            'model.backbone.strides=(1,2,2)',
            'model.backbone.out_indices=(2,)',
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=200,
    )
    assert trained.returncode == 0, trained.stderr
    assert (
        str(site_packages) in trained.stdout and 'Training finished successfully' in trained.stdout
    )
    assert (tmp_path / 'work_dirs/regnetx_6.5mf_digits/curves.png').is_file()


@pytest.mark.acceptance
def test_models_are_found_by_name_from_a_wheel(fresh_environment, tmp_path):
    code = (
        'import mmpretrain; from regnet_plugin.weights.mmpretrain_hub import register_models; '
        'register_models(); '
        "print(mmpretrain.get_model('regnetx-200mf_8xb128-dds_in1k').backbone.out_channels)"
    )
    done = subprocess.run(
        [fresh_environment[0], '-c', code], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.splitlines()[-1:] == ['(368,)'], done.stderr


# What comes by an extra, or by the user's own OpenMMLab; tools say in one line what they miss.
BY_EXTRAS = {'torch', 'torchvision', 'mmengine', 'mmcv', 'mmdet', 'mmpose', 'mmpretrain'} | {
    *('cv2', 'pycocotools', 'sklearn', 'onnx', 'onnxruntime', 'optuna', 'ray', 'safetensors'),
    *('submitit', 'timm'),
}
DISTRIBUTIONS = {
    'PIL': 'Pillow',
    'fontTools': 'fonttools',
    'yaml': 'PyYAML',
}  # where they have other names


def imported_packages():
    """The packages of others that the modules of the package import."""
    for path in own_files('regnet_plugin', '**/*.py'):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.split('.')[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.module.split('.')[0]


def test_what_is_imported_is_required_and_nothing_of_openmmlab():
    required = {
        name for name in importlib.metadata.requires('regnet_plugin') if 'extra ==' not in name
    }
    packages = set(imported_packages()) - set(sys.stdlib_module_names) - {'regnet_plugin'}
    assert {DISTRIBUTIONS.get(name, name) for name in packages - BY_EXTRAS} == required
