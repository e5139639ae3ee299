"""What the tree promises: who imports whom, no torch in the core, a README whose commands exist."""
import ast
import re
import subprocess
import sys

import pytest
from killing import ROOT
from own_files import own_files

PACKAGE = ROOT / 'regnet_plugin'
CORE = ('architecture', 'published', 'published_results', 'quantized_linear', 'complexity', 'arch', 'linear_fit', 'scaling')
HEAVY = {'torch', 'torchvision', 'mmcv', 'mmengine', 'mmpretrain', 'mmdet', 'matplotlib', 'timm', 'ray',
         'submitit'}

# module or package: what it may import, of ours and of the heavy libraries; `registry` everywhere
ALLOWED = {
    '__init__': set(),
    'registry': {'mmengine'},
    'files': set(),
    'architecture': set(),
    'published': set(),
    'published_results': set(),
    'quantized_linear': {'architecture'},
    'complexity': {'architecture'},
    'arch': {'architecture', 'published', 'quantized_linear'},
    'scaling': {'architecture', 'complexity'},
    'counting': {'complexity', 'torch'},
    'benchmark': {'torch'},
    'images': set(),
    'model_zoo': {'images'},
    'model_hub': {'mmpretrain'},
    'level_sequences': set(),
    'pool': set(),
    'linear_fit': {'level_sequences', 'quantized_linear'},
    'design_spaces': {'design_spaces', 'architecture', 'complexity', 'pool', 'quantized_linear'},
    'population': {'population', 'design_spaces', 'arch', 'architecture', 'complexity', 'published', 'quantized_linear',
                   'scaling', 'files', 'mmengine'},
    'analysis': {'analysis'},
    'report': {'report', 'files', 'analysis', 'population', 'architecture', 'linear_fit', 'pool', 'quantized_linear',
               'published_results', 'matplotlib'},
    'study': {'study', 'files', 'analysis', 'architecture', 'engine', 'population', 'report', 'mmengine'},
    'weights': {'weights', 'files', 'torch', 'mmengine', 'torchvision'},
    'models': {'models', 'weights', 'architecture', 'arch', 'torch', 'mmcv', 'mmengine', 'timm', 'torchvision'},
    'datasets': {'datasets', 'torch', 'mmcv', 'mmengine', 'mmdet'},
    'engine': {'engine', 'files', 'population', 'weights', 'arch', 'complexity', 'counting', 'benchmark', 'report',
               'models', 'images', 'torch', 'mmengine', 'mmdet', 'mmpretrain', 'mmcv', 'ray', 'submitit'},
}


def rooms():
    for path in own_files('regnet_plugin', '**/*.py'):
        if '.mim' not in path.parts:
            yield path.relative_to(PACKAGE).with_suffix('').parts[0], path


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        names = ([alias.name for alias in node.names] if isinstance(node, ast.Import)
                 else [node.module] if isinstance(node, ast.ImportFrom) else [])
        for name in names:
            parts = name.split('.')
            yield parts[1] if parts[0] == 'regnet_plugin' and len(parts) > 1 else parts[0]


def test_imports_go_one_way():
    known = HEAVY | {room for room, _ in rooms()}
    for room, path in rooms():
        used = set(imported(path)) & known
        assert used - {'registry'} <= ALLOWED[room], f'{path} imports {used - ALLOWED[room]}'


def test_the_table_of_imports_has_no_leftovers():
    used = {}
    for room, path in rooms():
        used.setdefault(room, set()).update(imported(path))
    assert {room: allowed - used[room] - {room} for room, allowed in ALLOWED.items() if allowed - used[room] - {room}} == {}


def modules_after(code):
    code += '; import sys; print(*sys.modules)'
    return set(subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize('module', CORE)
def test_the_core_imports_nothing_heavy(module):
    assert modules_after(f'import regnet_plugin.{module}') & HEAVY == set()


def test_that_test_can_fail():
    assert 'torch' in modules_after('import regnet_plugin.models.module_complexity')


def test_the_registry_imports_no_torch():
    assert 'torch' not in modules_after('import regnet_plugin.registry')


def test_the_core_works_where_there_is_no_torch():
    code = ('import sys; sys.modules["torch"] = None; from regnet_plugin.core.arch_argument import architecture_of; '
            'from regnet_plugin.core.complexity import complexity; print(complexity(architecture_of("regnetx_3.2gf")).flops)')
    assert subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout == '3176622952\n'


def test_commands_and_files_of_the_readme_exist():
    readme = (ROOT / 'README.md').read_text()
    targets = set(re.findall(r'^([a-z]+):', (ROOT / 'Makefile').read_text(), re.MULTILINE))
    assert set(re.findall(r'(?:^|`)make ([a-z]+)', readme, re.MULTILINE)) <= targets
    for path in re.findall(r'\b(?:tools|configs|environment)/[\w./-]+\w', readme):
        assert (ROOT / path).exists(), path


def test_ci_runs_the_test_command_of_the_readme():
    assert (ROOT / '.ci/run').read_text().splitlines()[-1] == 'exec make test'
    assert re.search(r'^make test\b', (ROOT / 'README.md').read_text(), re.MULTILINE)


def python_blocks():
    return re.findall(r'```python\n(.*?)```', (ROOT / 'README.md').read_text(), re.DOTALL)


def test_numbers_in_the_readme_are_right():
    names = {}
    exec(python_blocks()[-1], names)  # the one under "From Python"
    network, counts = names['network'], names['complexity'](names['network'])
    comments = re.findall(r'# (.*)', python_blocks()[-1])
    assert comments[0] == f'{network.widths}, {network.depths}'
    assert comments[1] == (f'flops {counts.flops:,}, parameters {counts.parameters:,}, activations '
                           f'{counts.activations:,}')


@pytest.mark.parametrize('number, scope', [(0, 'mmdet'), (1, 'mmpretrain')])
def test_configs_in_the_readme_build_and_their_widths_fit(tmp_path, number, scope):
    from mmengine.config import Config
    from mmengine.registry import MODELS, DefaultScope

    from regnet_plugin.training.checks.widths import check_widths
    (tmp_path / 'config.py').write_text(python_blocks()[number])
    config = Config.fromfile(tmp_path / 'config.py')
    with DefaultScope.overwrite_default_scope(scope):
        model = MODELS.build(config.model)
    assert type(model.backbone).__module__ == 'regnet_plugin.models.regnet'
    check_widths(model, 'README.md')


def test_the_anynet_of_the_readme_builds():
    from mmengine.registry import MODELS
    model = MODELS.build(eval(python_blocks()[2]))
    assert model.out_channels == (32, 64, 128, 256)


@pytest.mark.parametrize('path', sorted((ROOT / 'tools').glob('*.py')), ids=lambda path: path.stem)
def test_what_tools_print_is_made_printable(path):
    calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}
    assert not calls & {'print', 'argparse.ArgumentParser', 'ArgumentParser', 'sys.stdout.write', 'sys.stderr.write'}


def test_no_paths_of_a_machine():
    folders = ('.ci', 'configs', 'docs', 'environment', 'regnet_plugin', 'tests', 'tools')
    files = [*own_files('.', '*'), *(path for folder in folders for path in own_files(folder, '**/*'))]
    assert ROOT / 'README.md' in files and ROOT / 'regnet_plugin/__init__.py' in files
    for path in files:
        if '.mim' not in path.parts:
            assert not re.search(r'(^|[^\w.-])/(work|root|home)/\w', path.read_text(errors='ignore')), path
