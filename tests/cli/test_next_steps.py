"""What tools say at their end: commands that work, to persons and to nobody else."""

import ast
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from documented import parser_of
from killing import ROOT
from own_files import own_files
from own_terminal import in_terminal, tool
from rated_populations import rated_population

from regnet_plugin.cli import next_steps
from regnet_plugin.cli.next_steps import recipe_for, select_best

PAGE, FOLDER = Path('page.html'), 'work_dirs/a b'  # a space, which must not part the name
STEPS = {
    'sample_it': ('my spaces/one.py',),
    'test_chosen': ('my configs/chosen.py', 'tv://regnet_y_400mf.imagenet1k_v2'),
    'sample_under': ('my models/laptop.json',),
    'train_them': (FOLDER, 'configs/recipes/dds_10e_digits.py'),
    'follow': (FOLDER,),
    'restrict': (FOLDER,),
    'make_page': ([FOLDER, 'b'],),
    'make_page_of_tables': ('results',),
    'make_page_again': ([FOLDER], PAGE),
    'select_best': (FOLDER, 'dds_10e_digits', PAGE),
    'train_for_weights': (Path(FOLDER, 'runs/x/000007-0/config.py'),),
    'train_it': (f'{FOLDER}/config.py',),
    'train_detector': (),
    'evaluate': ('net.pth',),
    'export_it': (f'{FOLDER}/config.py', 'epoch_1.pth'),
    'report_study': ('plan.py', 'results'),
}
OTHER_PROGRAMS = {'run_exported', 'explore'}

# They make nothing that something is done with next here: they print, time, draw or paint, or what
# they write goes elsewhere. The page of check_gpu.py says itself how it goes on.
WITHOUT = {
    'benchmark.py',
    'benchmark_analysis.py',
    'benchmark_cluster.py',
    'benchmark_detector.py',
    'benchmark_population.py',
    'benchmark_sampling.py',
    'check_gpu.py',
    'complexity.py',
    'draw_networks.py',
    'population_status.py',
    'predict.py',
    'quantize.py',
    'scale_network.py',
    'test.py',
}


@pytest.fixture(autouse=True)
def called_as_on_the_pages(monkeypatch):
    monkeypatch.setattr(sys, 'argv', ['tools/some_tool.py'])
    monkeypatch.chdir(ROOT)


def test_each_tool_that_makes_something_says_what_is_next():
    silent = {
        path.name for path in own_files('tools', '*.py') if 'say_next(' not in path.read_text()
    }
    assert silent == WITHOUT


def test_all_steps_are_tested_here():
    made = {
        name
        for name, value in vars(next_steps).items()
        if getattr(value, '__annotations__', {}).get('return') is next_steps.NextStep
    }
    assert made == STEPS.keys() | OTHER_PROGRAMS


@pytest.mark.parametrize('name', STEPS)
def test_a_command_is_one_that_the_tool_takes(name):
    step = getattr(next_steps, name)(*STEPS[name])
    program, *arguments = shlex.split(step.command)
    assert (ROOT / program).stat().st_mode & 0o100
    parser_of(Path(program).name).parse_args(arguments)
    for argument in arguments:
        assert not argument.startswith('configs/') or (ROOT / argument).is_file()
    assert '\n' not in step.what + step.command


def test_an_exported_file_is_loaded_as_it_is_called():
    for name, loads in (("it's.onnx", 'InferenceSession'), ('a "b".pt2', 'torch.export.load')):
        program, flag, code = shlex.split(next_steps.run_exported(Path(name)).command)
        (call,) = [
            node
            for node in ast.walk(ast.parse(code))
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(loads)
        ]
        assert (program, flag, ast.literal_eval(call.args[0])) == ('python', '-c', name)


def test_commands_lie_where_the_tool_was_called(monkeypatch):
    for called, found in (
        ('/somewhere/tools/x.py', '/somewhere/tools/train_population.py'),
        ('x.py', './train_population.py'),
    ):
        monkeypatch.setattr(sys, 'argv', [called])
        assert next_steps.train_them('p', 'r').command == f'{found} p r'


def test_a_recipe_is_that_of_the_data():
    assert recipe_for('my/regnetx_digits.py', 10) == 'configs/recipes/dds_10e_digits.py'
    assert recipe_for('cifar2019_vanilla.py', 10) == 'configs/recipes/dds_10e_cifar10.py'
    assert recipe_for('regnetx.py', 1000) == 'configs/recipes/dds_10e_imagenet.py'
    assert recipe_for('regnetx.py', 80) == 'RECIPE'


def test_the_best_are_trained_by_a_longer_recipe_than_they_are_ranked_by():
    """select_best.py refuses the same one."""
    for ranked_by, longer in (
        ('dds_25e_cifar10', 'configs/recipes/dds_100e_cifar10.py'),
        ('dds_100e_digits', 'RECIPE'),
        ('dds_10e_imagenet_decoded', 'RECIPE'),
        ('../dds_10e_digits', 'RECIPE'),
        ('mine', 'RECIPE'),
    ):
        step = select_best('p', ranked_by, PAGE)
        assert shlex.split(step.command)[2:] == [longer, '--ranked-by', ranked_by]
        assert (ROOT / PAGE).as_uri() in step.what


def test_a_person_is_told_and_nobody_else(tmp_path):
    rated = rated_population(tmp_path / 'rated', 'regnetx_digits', 3)
    command = tool('export_table.py', rated, '--out', 'rated.jsonl')
    told = f'  {ROOT}/tools/report_population.py rated.jsonl\n'
    code, shown = in_terminal(command, tmp_path)
    assert code == 0 and 'next: ' in shown and shown.endswith(told)
    piped = subprocess.run(list(map(str, command)), cwd=tmp_path, capture_output=True, text=True)
    assert piped.returncode == 0 and shown.startswith(piped.stdout) and 'next' not in piped.stdout
    code, shown = in_terminal(command, tmp_path, stdin=subprocess.DEVNULL)
    assert (code, shown) == (0, piped.stdout)


def test_commands_of_a_study_leave_it_to_the_study(tmp_path):
    (tmp_path / 'tool.py').write_text(
        'from regnet_plugin.cli.next_steps import follow, say_next\nsay_next(follow("p"))\n'
    )
    code = (
        'from pathlib import Path; from regnet_plugin.study.execution import Execution; '
        'Execution(None, None, None, 1, Path("."))._run(["tool.py"])'
    )
    assert 'next: ' in in_terminal([sys.executable, 'tool.py'], tmp_path)[1]
    assert in_terminal([sys.executable, '-c', code], tmp_path) == (0, '$ tools/tool.py\n')


def test_after_a_population_comes_its_training_and_after_its_page_the_best_one(tmp_path):
    config = ROOT / 'configs/design_spaces/regnetx_digits.py'
    code, shown = in_terminal(
        tool('sample_population.py', config, '--size', 2, '--out', 'new'), tmp_path
    )
    assert code == 0 and shown.endswith(
        f'  {ROOT}/tools/train_population.py new {ROOT}/configs/recipes/dds_10e_digits.py\n'
    )
    rated_population(tmp_path / 'all', 'regnetx_digits', 3, recipe='dds_10e_digits')
    rated_population(tmp_path / 'part', 'regnetx_digits', 3, waiting=1)
    code, shown = in_terminal(tool('report_population.py', 'all'), tmp_path)
    assert (
        code == 0
        and (tmp_path / 'report.html').as_uri() in shown
        and shown.endswith(
            f'  {ROOT}/tools/select_best.py all {ROOT}/configs/recipes/dds_100e_digits.py '
            '--ranked-by dds_10e_digits\n'
        )
    )
    code, shown = in_terminal(tool('report_population.py', 'all', 'part'), tmp_path)
    assert code == 0 and shown.endswith('report_population.py all part -o report.html --watch\n')
