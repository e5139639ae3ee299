"""The commands of README and docs, one after the other, as a reader types them.

They run on the data that is embedded.

What needs data, weights or machines that are not here is named below with its reason: its flags are
parsed every day by tests/test_docs.py. Populations are smaller and trainings shorter than on the
pages, which is said below as well.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from documented import PAGES, Command, commands
from killing import ROOT
from small_population import python_path

# What is not run, and why: the first that a command contains.
NOT_HERE = {
    'imagenet': 'ImageNet is not here',
    'coco.py': 'COCO is not here',
    'pycls://': 'no network',
    'timm://': 'no network',
    'RegNetY-3.2GF_dds_8gpu.pyth': 'no network',
    'slurm': 'tests/launchers/test_slurm.py has a cluster',
    '--launcher ray': 'below',
    'ray st': 'below',
    'fashion': 'tests/datasets/test_fashion.py; the images may not be here',
    'pip ': 'tests/test_environment.py',
    'mim ': 'tests/test_environment.py',
    'make': 'tests/acceptance/test_interpreters.py, and it is what runs the tests',
    'benchmark.py': 'a race, for minutes',
    'benchmark_detector.py': 'a race, for minutes',
    'check_gpu.py': 'needs a GPU; tests/benchmarks/test_gpu_check.py',
    'fast_path': 'tests/models/test_fast_path.py',
    'PLAN': 'test_study.py',
    'configs/study': 'test_study.py',
    'merge_population.py': 'needs two parts',
    'restrict_space.py': 'needs 20 trained networks; tests/test_restrict_tool.py',
    '--watch': 'waits',
    'CLASSIFIER': 'weights of others',
    'DETECTOR': 'weights of others',
    '_digits.py --work-dir': 'written with an ellipsis',
    'faster-rcnn_regnetx_6.5mf_fpn_digits': 'tests/acceptance/test_detection.py',
    'ADDRESS': 'no network',
    'my_detector': 'a config of a reader; tests/test_hygiene.py builds it',
    'work_dirs/fast': 'sampled with that',
    'my_space': 'tests/docs/test_readme.py samples it',
    'rtx4090.json': 'a table of others; tests/device',
    'mine.json': 'times of a population that is not here',
    'regnetx --batch': 'of that population',
    'regnetx --type': 'of that population',
    'work_dirs/regnety --out': 'of the study',
    'compare_spaces.py': 'tests/comparison',
    'my_laptop': 'minutes on a quiet machine; tests/device',
    'choose_network.py': 'tests/choice',
    'regnety_digits': 'a second population like the first',
    'anynetx_a work_dirs': 'tests/report/test_report.py',
    'work_dirs/regnetx_400mf': 'needs ImageNet',
    '--help': 'parsed',
    'design_spaces/regnetx.py --size 500': 'sampled by tests/test_tools.py',
    'sample_population.py CONFIG': 'any space',
    'tools/draw_networks.py work_dirs/regnetx': 'of that population',
    'photo.jpg': 'tests/acceptance/test_own_data.py',
    'pets': 'tests/acceptance/test_own_data.py',
    'desk': 'tests/acceptance/test_own_data.py',
}
STANDS_FOR = {
    'CONFIG': 'configs/regnetx_6.5mf_digits.py',
    'CHECKPOINT': 'work_dirs/regnetx_6.5mf_digits/epoch_2.pth',
    'OUT': 'net.pth',
    '30': '2',
    '60': '2',
    'POPULATION': 'work_dirs/regnetx_digits',
    'RECIPE': 'configs/recipes/dds_10e_digits.py',
    'NAME': 'dds_10e_digits',
    'LONGER_RECIPE': 'configs/regnetx_6.5mf_digits.py',
}
SHORTER = [
    'train_dataloader.dataset.indices=128',
    'val_dataloader.dataset.indices=64',
    'train_cfg.max_epochs=2',
]
APPENDED = {
    'train.py': ['--cfg-options', *SHORTER],
    'train_population.py': ['--cfg-options', *SHORTER],
    'select_best.py': ['--seed', '0', '--cfg-options', *SHORTER],
    'benchmark_population.py': ['--rounds', '1', '--cfg-options', *SHORTER],
}


def reason(command: Command) -> str:
    text = f'{command.text} {command.comment}' if command.text == 'make' else command.text
    return next((why for part, why in NOT_HERE.items() if part in text), '')


def typed(command: Command) -> list:
    """The command with what stands for its words, and made shorter."""
    words = [part for word in command.words for part in _expanded(STANDS_FOR.get(word, word))]
    words = [word.replace('/000007-0/', '/000001-0/') for word in words]  # of two networks
    if words[-2:] == ['0', '2'] or words[-3:] == ['0', '1', '2']:
        words = words[:-1]
    return [*words, *APPENDED.get(Path(words[0]).name, [])]


def _expanded(word: str) -> list:
    """As the shell does with a star."""
    return (
        sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(word)) if '*' in word else [word]
    )


@pytest.fixture(scope='module')
def clone(tmp_path_factory):
    """A folder with tools and configs where a clone has them."""
    folder = tmp_path_factory.mktemp('clone')
    for name in ('tools', 'configs', 'docs'):
        (folder / name).symlink_to(ROOT / name)
    return folder


@pytest.fixture(scope='module')
def environment(tmp_path_factory):
    bin_folder = Path(sys.executable).parent
    return dict(
        os.environ,
        PATH=f'{bin_folder}:{os.environ["PATH"]}',
        OMP_NUM_THREADS='1',
        PYTHONPATH=python_path(ROOT),
    )


def run(words, folder, environment):
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=1500
    )


RUN = [
    command
    for page in PAGES
    for command in commands(page)
    if not reason(command) and len(command.words) > 1
]
# One page trains what others export; a second recipe would have to be named from then on.
RUN.sort(key=lambda one: (one.page.name != 'train_and_test.md', 'select_best' in one.text))


def test_most_pages_have_commands_that_run():
    assert {command.page.name for command in RUN} >= {'README.md', 'populations.md'}
    tools = {Path(command.words[0]).name for command in RUN}
    assert {
        'train.py',
        'test.py',
        'export.py',
        'convert_weights.py',
        'complexity.py',
        'sample_population.py',
        'write_configs.py',
        'train_population.py',
        'population_status.py',
        'report_population.py',
        'select_best.py',
        'export_table.py',
        'export_optuna.py',
        'measure_latency.py',
        'benchmark_population.py',
    } <= tools


def test_commands_run_in_the_order_of_the_pages(clone, environment, report):
    done = set()
    for command in RUN:
        words = typed(command)
        if tuple(words) in done:
            continue
        done.add(tuple(words))
        if 'write_configs.py' in words[0]:
            words += ['--out', 'elsewhere']
        ended = run(words, clone, environment)
        report(f'{command}: {ended.returncode}')
        twice = (
            'there is a population in' in ended.stderr
            or 'has no runs that are left' in ended.stderr
        )
        assert ended.returncode == 0 or twice, f'{shlex.join(words)}\n{ended.stderr[-2000:]}'
    population = clone / 'work_dirs/regnetx_digits'
    for folder, names in (
        (clone, ('report_files/networks.csv', 'regnetx_digits.jsonl', 'net.pth', 'network.onnx')),
        (clone / 'work_dirs/regnetx_6.5mf_digits', ('curves.png', 'epoch_2.pth')),
        (population, ('optuna.log', 'latency.jsonl', 'baselines/population.json')),
        (
            population / 'runs/dds_10e_digits/000001-0',
            ('config.py', 'attempt-1.json', 'result.json'),
        ),
    ):
        for name in names:
            assert (folder / name).is_file(), name


def test_a_cluster_of_two_machines_is_made_as_the_page_says(clone, environment, tmp_path):
    """The commands of docs/how_to/clusters.md start two raylets on this machine.

    A module of one's own is found by PYTHONPATH.
    """
    page = ROOT / 'docs/how_to/clusters.md'
    head, other, train, stop = (
        command.text
        for command in commands(page)
        if (command.text.startswith('ray st') and command.comment)  # not those in sentences
        or command.text.endswith('--launcher ray --address HEAD:6379')
    )
    port = '9379'
    modules = tmp_path / 'modules'
    modules.mkdir()
    (modules / 'module_of_mine.py').write_text('')
    (tmp_path / 'recipe.py').write_text(
        f"_base_ = '{ROOT}/configs/recipes/dds_10e_digits.py'\ncustom_imports = "
        "dict(imports=['module_of_mine'])\n"
        'train_dataloader = dict(dataset=dict(indices=64))\nval_dataloader = '
        'dict(dataset=dict(indices=64))\n'
        'train_cfg = dict(max_epochs=2)\n'
    )
    environment = dict(environment, HOME=str(tmp_path), RAY_USAGE_STATS_ENABLED='0')
    local = ['--node-ip-address=127.0.0.1', '--num-cpus=1']

    def words_of(text):
        return shlex.split(text.replace('6379', port).replace('HEAD', '127.0.0.1'))

    sampled = run(
        [
            'tools/sample_population.py',
            'configs/design_spaces/regnetx_digits.py',
            '--size',
            '2',
            '--out',
            str(tmp_path / 'population'),
        ],
        clone,
        environment,
    )
    assert sampled.returncode == 0, sampled.stderr
    try:
        for text in (head, other):
            started = run([*words_of(text), *local], clone, environment)
            assert started.returncode == 0, started.stderr
        words = [
            {'POPULATION': str(tmp_path / 'population'), 'RECIPE': str(tmp_path / 'recipe.py')}.get(
                word, word
            )
            for word in words_of(train)
        ]
        done = run(words, clone, dict(environment, PYTHONPATH=python_path(ROOT, modules)))
        assert done.returncode == 0, done.stderr
    finally:
        assert stop == 'ray stop'  # of all clusters of this machine: here by their address alone
        mine = subprocess.run(
            ['pgrep', '-f', f'[:=]{port}'], capture_output=True, text=True
        ).stdout.split()
        subprocess.run(['kill', '-9', *mine], check=False)
    assert len(list((tmp_path / 'population').rglob('result.json'))) == 2
