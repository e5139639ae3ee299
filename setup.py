"""Packaging.

No OpenMMLab distribution is required: the stock and the onedl family overwrite each other, so that
each is an extra.
"""

import os
import re
import shutil
from pathlib import Path
from typing import Any

from setuptools import find_packages, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
PACKAGE = 'regnet_plugin'
# What MIM looks for in a package's .mim folder.
MIM_FOLDERS = ('configs', 'tools')
MODEL_INDEX = 'model-index.yml'


def copy_mim(mim: Path) -> None:
    """Copy configs, tools and the list of models into a .mim folder."""
    for folder in MIM_FOLDERS:
        shutil.copytree(
            ROOT / folder,
            mim / folder,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns('__pycache__'),
        )
    shutil.copy(ROOT / 'configs' / MODEL_INDEX, mim)


class BuildPy(build_py):
    """Put configs/ and tools/ under <package>/.mim, where MIM and MMEngine look.

    They are links where the installation is editable, else copies.
    """

    def run(self) -> None:
        """Build, and put them there."""
        super().run()
        if getattr(self, 'editable_mode', False):
            self._link(ROOT / PACKAGE / '.mim')
        else:
            copy_mim(Path(self.build_lib) / PACKAGE / '.mim')

    def _link(self, mim: Path) -> None:
        """Make a .mim folder of links that hold wherever the repository lies."""
        mim.mkdir(exist_ok=True)
        for folder in MIM_FOLDERS:
            if not (mim / folder).exists():
                os.symlink(os.path.relpath(ROOT / folder, mim), mim / folder)
        if not (mim / MODEL_INDEX).exists():
            os.symlink(f'configs/{MODEL_INDEX}', mim / MODEL_INDEX)


class BdistWheel(bdist_wheel):
    """Put configs/ and tools/ beside the wheel's metadata, too.

    onedl-mim takes the folder of the first installed file for the package, which is the metadata's
    where distribution and package have one name: the files are sorted.
    """

    def write_wheelfile(self, wheelfile_base: str, **kwargs: Any) -> None:
        """Write the metadata, and put them beside it."""
        super().write_wheelfile(wheelfile_base, **kwargs)
        if 'editable_wheel' not in self.distribution.commands:
            copy_mim(Path(wheelfile_base) / '.mim')


def version() -> str:
    """The version in the package, which is not imported: nothing that it needs is there yet."""
    found = re.search(r"__version__ = '(.+)'", (ROOT / PACKAGE / '__init__.py').read_text())
    if found is None:
        raise ValueError(f'{PACKAGE}/__init__.py must say __version__, but it does not')
    return found[1]


setup(
    name=PACKAGE,
    version=version(),
    description='RegNet, AnyNet and the method of "Designing Network Design Spaces" for OpenMMLab',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    license_files=['LICENSE'],
    author='The regnet_plugin authors',
    project_urls={'Paper': 'https://arxiv.org/abs/2003.13678'},
    keywords=['RegNet', 'design spaces', 'OpenMMLab', 'mmdet', 'mmpretrain', 'backbone'],
    packages=find_packages(include=(PACKAGE, f'{PACKAGE}.*')),
    package_data={
        PACKAGE: ['py.typed'],
        f'{PACKAGE}.device': ['models/*.json', 'tables/*.csv'],
        f'{PACKAGE}.report': ['*.html', '*.css', '*.js'],
    },
    python_requires='>=3.10',
    classifiers=[
        'Development Status :: 4 - Beta',
        'Intended Audience :: Science/Research',
        'Operating System :: POSIX :: Linux',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
        'Typing :: Typed',
        'Programming Language :: Python :: 3',
        'Programming Language :: Python :: 3 :: Only',
        # as in environment/install.py
        *(f'Programming Language :: Python :: 3.{minor}' for minor in range(10, 14)),
    ],
    install_requires=[
        'filelock',
        'fonttools',
        'matplotlib',
        'numpy',
        'Pillow',
        'pypdf',
        'PyYAML',
        'rich',
        'scipy',
    ],
    extras_require={
        'onedl': [
            'onedl-mmengine>=0.10.12',
            'onedl-mmcv>=2.3.6',
            'onedl-mmpretrain>=1.3.6',
            'onedl-mmdetection>=3.5.1',
        ],
        'openmmlab': [
            'mmengine>=0.10.7,<1',
            'mmcv>=2.1,<2.2',
            'mmpretrain>=1.2,<2',
            'mmdet>=3.3,<4',
            'setuptools<82',
            'numpy<2',
        ],
        'digits': ['scikit-learn'],
        # the versions that make the site stand in environment/docs.txt
        'docs': [
            f'{name}; python_version >= "3.11"'
            for name in ('sphinx>=9', 'myst-parser>=5', 'pydata-sphinx-theme', 'sphinx-copybutton')
        ],
        'export': ['onnx', 'onnxruntime', 'onnxscript'],
        'optuna': ['optuna>=4', 'optuna-dashboard'],
        'ray': ['ray>=2.40'],
        'segmentation': ['onedl-mmsegmentation>=1.4.2'],
        'slurm': ['submitit>=1.5'],
        'test': [
            'pytest',
            'pytest-xdist',
            'hypothesis',
            'ruff',
            'mypy',
            'import-linter',
            'types-PyYAML',
            'tensorboard',
            'timm',
            'onedl-mim',
        ],
    },
    cmdclass={'build_py': BuildPy, 'bdist_wheel': BdistWheel},
)
