"""What the tree promises: no torch in the core, and none to report a table.

README's commands exist.
"""

import ast
import os
import re
import subprocess
import sys

import pytest
from killing import ROOT
from own_files import own_files

from regnet_plugin import moved

CORE = (
    'arch_argument',
    'architecture',
    'complexity',
    'linear_fit',
    'published',
    'published_results',
    'quantized_linear',
    'scaling',
)
HEAVY = {
    'torch',
    'torchvision',
    'mmcv',
    'mmengine',
    'mmpretrain',
    'mmdet',
    'matplotlib',
    'timm',
    'ray',
    'submitit',
}
OPENMMLAB = ('torch', 'torchvision', 'mmcv', 'mmengine', 'mmpretrain', 'mmdet')


def modules_after(code):
    code += '; import sys; print(*sys.modules)'
    return set(
        subprocess.run(
            [sys.executable, '-c', code], capture_output=True, text=True, check=True
        ).stdout.split()
    )


@pytest.mark.parametrize('module', CORE)
def test_the_core_imports_nothing_heavy(module):
    assert modules_after(f'import regnet_plugin.core.{module}') & HEAVY == set()


def test_that_test_can_fail():
    assert 'torch' in modules_after('import regnet_plugin.models.module_complexity')


def test_the_registry_imports_no_torch():
    assert 'torch' not in modules_after('import regnet_plugin.registry')


def test_a_population_is_drawn_without_torch():
    """Which takes ten times as long to import as 500 networks to be drawn; MMEngine's log does."""
    config = ROOT / 'configs/design_spaces/regnetx.py'
    loaded = modules_after(
        'from regnet_plugin.design_spaces.configuration import design_space_of; from '
        'regnet_plugin.population.making import sampling; from '
        'regnet_plugin.design_spaces.sampler import '
        f'Sampler; space, _, constraints = design_space_of({str(config)!r}); '
        'next(iter(Sampler(space, constraints, 0)))'
    )
    assert 'regnet_plugin.design_spaces.regnet' in loaded and 'torch' not in loaded


def test_the_core_works_where_there_is_no_torch():
    code = (
        'import sys; sys.modules["torch"] = None; from regnet_plugin.core.arch_argument import '
        'architecture_of; from regnet_plugin.core.complexity import complexity; '
        'print(complexity(architecture_of("regnetx_3.2gf")).flops)'
    )
    assert (
        subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout
        == '3176622952\n'
    )


def test_tables_are_reported_where_there_is_neither_openmmlab_nor_torch(tmp_path):
    """It is as in an environment that never had them.

    A module of that name that only raises comes before the real one.
    """
    for name in OPENMMLAB:
        (tmp_path / f'{name}.py').write_text('raise ModuleNotFoundError(__name__)')
    (tmp_path / 'table.csv').write_text(
        'depths,widths,error\n'
        + ''.join(
            f'"1,2,{depth},2","16,32,{8 * depth},128",{40 - depth}\n' for depth in range(2, 14)
        )
    )
    paths = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get('PYTHONPATH')]))
    done = subprocess.run(
        [sys.executable, str(ROOT / 'tools/report_population.py'), 'table.csv'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=dict(os.environ, PYTHONPATH=paths),
    )
    assert done.returncode == 0, done.stderr
    assert '12 networks' in (tmp_path / 'report.html').read_text()


@pytest.mark.parametrize('old, new', moved.NEW_NAMES.items())
def test_old_names_give_the_new_modules_and_a_warning(old, new):
    code = f'import warnings; warnings.simplefilter("error"); import {old}'
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert f'{old} has moved to {new}' in done.stderr
    code = f'import {old} as old, {new} as new; assert old is new and new.__spec__.name == "{new}"'
    assert subprocess.run([sys.executable, '-c', code], capture_output=True).returncode == 0


# Dataclasses that are no values: they remember, count, or are filled while something is read.
REMEMBER = {'NetworkRow', 'Sampler', '_FoundBefore'}


def test_values_are_frozen():
    """Each step is a function from values to values: no value can be changed afterwards."""
    loose = {
        node.name
        for path in own_files('regnet_plugin', '**/*.py')
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
        for decorator in map(ast.unparse, node.decorator_list)
        if decorator.startswith('dataclass') and 'frozen=True' not in decorator
    }
    assert loose == REMEMBER


def test_commands_and_files_of_the_readme_exist():
    readme = (ROOT / 'README.md').read_text()
    targets = set(re.findall(r'^([a-z]+):', (ROOT / 'Makefile').read_text(), re.MULTILINE))
    assert set(re.findall(r'(?:^|`)make ([a-z]+)', readme, re.MULTILINE)) <= targets
    for path in re.findall(r'\b(?:tools|configs|environment)/[\w./-]+\w', readme):
        assert (ROOT / path).exists(), path


def test_ci_runs_the_test_command_of_the_readme():
    assert (ROOT / '.ci/run').read_text().splitlines()[-1] == 'exec make test'
    assert re.search(r'^make test\b', (ROOT / 'README.md').read_text(), re.MULTILINE)


def python_blocks(page):
    return re.findall(r'```python\n(.*?)```', (ROOT / page).read_text(), re.DOTALL)


def test_numbers_that_a_page_gives_are_right():
    names = {}
    (block,) = python_blocks('docs/how_to/from_python.md')
    exec(block, names)
    network, counts = names['network'], names['complexity'](names['network'])
    comments = re.findall(r'# (.*)', block)
    assert comments[0] == f'{network.widths}, {network.depths}'
    assert comments[1] == (
        f'flops {counts.flops:,}, parameters {counts.parameters:,}, activations '
        f'{counts.activations:,}'
    )


IN_CONFIGS = 'docs/how_to/backbones_in_configs.md'


@pytest.mark.parametrize(
    'page, number, scope',
    [
        ('README.md', 0, 'mmdet'),
        ('docs/tutorials/regnet_in_your_detector.md', 0, 'mmdet'),
        (IN_CONFIGS, 0, 'mmpretrain'),
        (IN_CONFIGS, 1, 'mmdet'),
    ],
)
def test_configs_on_pages_build_and_their_widths_fit(tmp_path, page, number, scope):
    from mmengine.config import Config
    from mmengine.registry import MODELS, DefaultScope

    from regnet_plugin.training.checks.widths import check_widths

    (tmp_path / 'config.py').write_text(python_blocks(page)[number])
    config = Config.fromfile(tmp_path / 'config.py')
    with DefaultScope.overwrite_default_scope(scope):
        model = MODELS.build(config.model)
    assert type(model.backbone).__module__ == 'regnet_plugin.models.regnet'
    check_widths(model, page)


def test_the_anynet_of_a_page_builds():
    from mmengine.registry import MODELS

    model = MODELS.build(eval(python_blocks(IN_CONFIGS)[2]))
    assert model.out_channels == (32, 64, 128, 256)


@pytest.mark.parametrize('path', sorted((ROOT / 'tools').glob('*.py')), ids=lambda path: path.stem)
def test_what_tools_print_is_made_printable(path):
    calls = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    }
    assert not calls & {
        'print',
        'argparse.ArgumentParser',
        'ArgumentParser',
        'sys.stdout.write',
        'sys.stderr.write',
    }


def test_no_paths_of_a_machine():
    folders = ('.ci', 'configs', 'docs', 'environment', 'regnet_plugin', 'tests', 'tools')
    files = [
        *own_files('.', '*'),
        *(path for folder in folders for path in own_files(folder, '**/*')),
    ]
    assert ROOT / 'README.md' in files and ROOT / 'regnet_plugin/__init__.py' in files
    for path in files:
        if '.mim' not in path.parts:
            assert not re.search(
                r'(^|[^\w.-])/(work|root|home)/\w', path.read_text(errors='ignore')
            ), path
