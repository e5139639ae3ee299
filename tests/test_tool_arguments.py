"""Arguments of the tools: each mistake is one line, and help teaches by example."""

import re

import pytest
from killing import ROOT

DIGITS = ROOT / 'configs/regnetx_6.5mf_digits.py'


def config(tmp_path, text):
    path = tmp_path / 'config.py'
    path.write_text(f'_base_ = {str(DIGITS)!r}\n{text}\n')
    return path


@pytest.mark.parametrize(
    'text, message',
    [
        (
            'model = dict(backbone=dict(arch=dict(_delete_=True, depht=8)))',
            'unknown: depht; missing: depth, w_0, w_a, w_m',
        ),
        (
            "train_dataloader = dict(dataset=dict(split='tran'))",
            "split must be 'train' or 'test', but split='tran'",
        ),
        ('model = dict(backbone=', 'SyntaxError'),
        (
            'model = dict(head=dict(in_channels=100))',
            "must be the width of the backbone's last output, 272, but it is 100",
        ),
        *(
            pytest.param(*case, marks=pytest.mark.acceptance)
            for case in [
                (
                    "model = dict(backbone=dict(type='regnet_plugin.RagNet'))",
                    'regnet_plugin.RagNet is not in the',
                ),
                (
                    'model = dict(backbone=dict(widht=8))',
                    'arguments must be those of RegNet, but widht=8',
                ),
                (
                    "optim_wrapper = dict(type='AmpOptimWrapper')",
                    'needs a GPU, and PyTorch sees none',
                ),
                (
                    "param_scheduler = dict(type='CosineAnnealingLR', _delete_=True, begin=20)",
                    'param_scheduler.begin must be smaller than the length of the training',
                ),
                ('x = 1 / 0', 'ZeroDivisionError: division by zero'),
                ('test_dataloader = 5', 'config.py: '),
                ('from nowhere import nothing', "ModuleNotFoundError: No module named 'nowhere'"),
            ]
        ),
    ],
)
def test_a_broken_config_is_one_line_and_exit_code_2(tmp_path, run_tool, text, message):
    done = run_tool('train.py', config(tmp_path, text), '--work-dir', 'run')
    assert done.returncode == 2, done.stderr
    *_, last = done.stderr.splitlines()
    assert last.startswith(f'error: {tmp_path / "config.py"}: ') and message in last
    assert 'Traceback' not in done.stderr


def test_debugging_shows_the_traceback(tmp_path, run_tool):
    done = run_tool(
        'train.py',
        config(tmp_path, 'model = dict(backbone=dict(widht=8))'),
        '--cfg-options',
        'log_level=DEBUG',
    )
    assert 'Traceback' in done.stderr and 'regnet.py' in done.stderr


@pytest.mark.parametrize(
    'tool, arguments, message',
    [
        ('train.py', ['missing.py'], 'missing.py'),
        ('train.py', [DIGITS, '--amp'], '--amp needs a GPU, and PyTorch sees none'),
        (
            'train.py',
            [DIGITS, '--resume', 'missing.pth'],
            '--resume needs a checkpoint, but there is no file missing.pth',
        ),
        ('test.py', [DIGITS, 'missing.pth'], 'there is no checkpoint missing.pth'),
        (
            'predict.py',
            [DIGITS, 'x.pth', 'missing.jpg'],
            'an image must be a file, but there is none at missing.jpg',
        ),
        ('train.py', [DIGITS, '--resume', ''], '--resume needs a checkpoint'),
        (
            'train.py',
            [DIGITS, '--cfg-options', 'a'],
            'error: --cfg-options: a setting is KEY=VALUE',
        ),
        ('train.py', [DIGITS, '--cfg-options', '=5'], "this one is '=5'"),
        (
            'test.py',
            [DIGITS, 'x.pth', '--out', 'x.txt', '--out-item', 'metrics'],
            'metrics are written as .json or .yaml',
        ),
        (
            'test.py',
            [DIGITS, 'x.pth', '--out', 'no/x.pkl'],
            'results are written into a folder that exists, but no does not',
        ),
        (
            'test.py',
            [DIGITS, 'x.pth', '--interval', '0'],
            '--interval must be at least 1, but it is 0',
        ),
        (
            'complexity.py',
            ['depth=8,depth=9'],
            'each parameter must be given once, but depth is given twice',
        ),
        (
            'complexity.py',
            ['depth=a'],
            "parameters must be numbers, name=value, but this is 'depth=a'",
        ),
        (
            'benchmark.py',
            ['regnetx_400mf', '--rounds', '0'],
            '--rounds must be at least 1, but it is 0',
        ),
        (
            'benchmark_detector.py',
            ['regnetx_400mf', '--size', '8', '64'],
            '--size must be at least 32, but it is [8, 64]',
        ),
        (
            'test.py',
            [DIGITS, 'x.pth', '--out', 'x.json'],
            'predictions are written as .pkl or .pickle, but --out is x.json',
        ),
        (
            'test.py',
            [DIGITS, 'x.pth', '--out-item', 'pred'],
            '--out-item says what --out writes, but --out is missing',
        ),
        ('complexity.py', ['regnetx_3gf'], "there is no published RegNet called 'regnetx_3gf'"),
        (
            'complexity.py',
            ['depth=8,w_0=30,w_a=1,w_m=2,group_width=8'],
            'w_0 must be a positive multiple of 8',
        ),
        ('complexity.py', ['missing.py'], 'missing.py'),
        ('benchmark.py', [], 'name at least one network, or a config with --loader'),
        (
            'benchmark.py',
            ['regnetx_400mf', '--path', 'fast'],
            '--path must be of eager, compile, bfloat16, bfloat16+compile',
        ),
        ('benchmark.py', ['--loader', 'missing.py'], 'missing.py'),
        ('test.py', [DIGITS, 'x.pth', '--fuse-conv-bn', '--amp'], '--amp needs a GPU'),
        ('benchmark.py', ['regnetx_3gf'], "there is no published RegNet called 'regnetx_3gf'"),
    ],
)
def test_bad_arguments_are_one_line_and_exit_code_2(run_tool, tool, arguments, message):
    done = run_tool(tool, *arguments)
    assert done.returncode == 2 and message in done.stderr.splitlines()[-1]
    assert 'Traceback' not in done.stderr


@pytest.mark.parametrize(
    'tool',
    [
        'train.py',
        'test.py',
        'complexity.py',
        'benchmark.py',
        'benchmark_detector.py',
        'check_gpu.py',
        'export.py',
        'predict.py',
    ],
)
def test_help_teaches_by_example(run_tool, tool):
    done = run_tool(tool, '--help')
    assert done.returncode == 0 and 'example' in done.stdout and tool in done.stdout


@pytest.mark.parametrize('library', ['mmpretrain', 'mmdet'])
@pytest.mark.parametrize('tool', ['train.py', 'test.py'])
def test_flags_are_the_union_of_both_libraries(run_tool, tool, library):
    import importlib.util
    from pathlib import Path

    theirs = Path(importlib.util.find_spec(library).origin).parent / '.mim/tools' / tool
    flags = set(re.findall(r"'(--[a-z_-]+)'", theirs.read_text()))
    assert len(flags) > 5
    assert flags - set(re.findall(r'--[a-z_-]+', run_tool(tool, '--help').stdout)) == set()
