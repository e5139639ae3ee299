"""Packaging. No OpenMMLab distribution is required: stock and onedl families overwrite each other,
so one is an extra.
"""

import os
import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
PACKAGE = 'regnet_plugin'
MIM_FOLDERS, MODEL_INDEX = ('configs', 'tools'), 'model-index.yml'


def copy_mim(mim):
    for folder in MIM_FOLDERS:
        shutil.copytree(
            ROOT / folder,
            mim / folder,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns('__pycache__'),
        )
    shutil.copy(ROOT / 'configs' / MODEL_INDEX, mim)


class BuildPy(build_py):
    """Put configs/ and tools/ under <package>/.mim, where MIM and MMEngine look: links if editable,
    else copies.
    """

    def run(self):
        super().run()
        if getattr(self, 'editable_mode', False):
            self._link(ROOT / PACKAGE / '.mim')
        else:
            copy_mim(Path(self.build_lib) / PACKAGE / '.mim')

    def _link(self, mim):
        mim.mkdir(exist_ok=True)
        for folder in MIM_FOLDERS:
            if not (mim / folder).exists():
                os.symlink(os.path.relpath(ROOT / folder, mim), mim / folder)
        if not (mim / MODEL_INDEX).exists():
            os.symlink(f'configs/{MODEL_INDEX}', mim / MODEL_INDEX)


class BdistWheel(bdist_wheel):
    """Put them beside the wheel's metadata, too.

    onedl-mim takes the folder of the first installed file for the package, which is the metadata's
    where distribution and package have one name: the files are sorted.
    """

    def write_wheelfile(self, wheelfile_base, **kwargs):
        super().write_wheelfile(wheelfile_base, **kwargs)
        if 'editable_wheel' not in self.distribution.commands:
            copy_mim(Path(wheelfile_base) / '.mim')


setup(
    name=PACKAGE,
    version=re.search(r"__version__ = '(.+)'", (ROOT / PACKAGE / '__init__.py').read_text())[1],
    description='RegNet, AnyNet and the method of "Designing Network Design Spaces" for OpenMMLab',
    long_description=(ROOT / 'README.md').read_text(),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    packages=find_packages(include=(PACKAGE, f'{PACKAGE}.*')),
    package_data={PACKAGE: ['py.typed'], f'{PACKAGE}.report': ['*.html', '*.css', '*.js']},
    python_requires='>=3.10',
    classifiers=[
        'Programming Language :: Python :: 3',
        *(
            f'Programming Language :: Python :: 3.{minor}'
            # as environment/install.py
            for minor in range(10, 14)
        ),
    ],
    install_requires=['filelock', 'matplotlib', 'numpy', 'Pillow', 'rich', 'scipy'],
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
        'export': ['onnx', 'onnxruntime', 'onnxscript'],
        'optuna': ['optuna>=4', 'optuna-dashboard'],
        'ray': ['ray>=2.40'],
        'slurm': ['submitit>=1.5'],
        'test': [
            'pytest',
            'pytest-xdist',
            'hypothesis',
            'ruff',
            'mypy',
            'import-linter',
            'types-PyYAML',
            'PyYAML',
            'tensorboard',
            'timm',
            'onedl-mim',
        ],
    },
    cmdclass={'build_py': BuildPy, 'bdist_wheel': BdistWheel},
)
