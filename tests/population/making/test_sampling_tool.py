"""tools/sample_population.py: what it prints and what it refuses."""

import json

import pytest
from killing import ROOT
from sampled_population import CONFIG, bytes_of


def test_the_tool_samples_and_says_where(run_tool, tmp_path):
    done = run_tool(
        'sample_population.py', CONFIG, '--flops', '360e6', '400e6', '--size', 20, '--out', 'p'
    )
    assert done.returncode == 0, done.stderr
    space, result = done.stdout.splitlines()
    assert space == '6 degrees of freedom, 1.31e+11 possible draws'
    assert result.startswith('20 networks, 0.') and result.endswith(
        'candidates: p/architectures.jsonl'
    )
    again = run_tool(
        'sample_population.py',
        CONFIG,
        '--flops',
        '360e6',
        '400e6',
        '--size',
        20,
        '--out',
        'q',
        '--seed',
        0,
        '--processes',
        2,
    )
    assert again.returncode == 0 and bytes_of(tmp_path / 'p') == bytes_of(tmp_path / 'q')
    default = run_tool(
        'sample_population.py', CONFIG, '--size', 2, '--cfg-options', 'design_space.w_m=2'
    )
    assert default.returncode == 0, default.stderr
    with open(tmp_path / 'work_dirs/regnetx/architectures.jsonl') as lines:
        assert {json.loads(line)['parameters']['w_m'] for line in lines} == {2}


def test_twins_and_what_their_law_is(run_tool, tmp_path):
    flops = ['--flops', '360e6', '362e6']
    assert (
        run_tool('sample_population.py', CONFIG, *flops, '--size', 20, '--seed', 3).returncode == 0
    )
    twins = [ROOT / 'configs/design_spaces/regnety.py', '--twins-of', 'work_dirs/regnetx']
    done = run_tool('sample_population.py', *twins, '--out', 'twins')
    assert done.returncode == 0, done.stderr
    *_, result, law = done.stdout.splitlines()
    number = result.split()[0]
    assert law.startswith(f'twins of {number} of 20 networks: networks whose draw the other space')
    assert law.endswith('no random part of this space, whose mean theirs is not')
    for given, message in (
        (['--seed', 4], 'twins are of one seed, but that of work_dirs/regnetx is 3, and not 4'),
        (['--flops', 1, 2], 'twins are of one interval of flops'),
        (['--twins-of', 'nowhere'], 'there is no population in nowhere'),
    ):
        done = run_tool('sample_population.py', *twins, '--out', 'others', *given)
        assert done.returncode == 2 and message in done.stderr and done.stderr.count('\n') == 1
        assert not (tmp_path / 'others').exists()


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['missing.py'], 'missing.py'),
        ([CONFIG, '--size', '0'], '--size must be at least 1, but it is 0'),
        ([CONFIG, '--out', ''], '--out: must name a folder, but it is empty'),
        ([CONFIG, '--seed', '-1'], 'seed must be a whole number from 0, but seed=-1'),
        ([CONFIG, '--flops', '2', '1'], 'flops must be an interval from low to high'),
        ([CONFIG, '--resume', '--overwrite'], 'only one of them is possible'),
        ([CONFIG, '--flops', '1', '2', '--patience', '20000'], 'flops: nearest'),
        ([CONFIG, '--cfg-options', 'design_space.w_m=abc'], 'w_m'),
        ([CONFIG, '--cfg-options', 'design_space.depht=3'], 'depht'),
        (
            [CONFIG, '--cfg-options', 'desing_space.depth=3'],
            'an option replaces something in design_space, constraints',
        ),
        (
            [CONFIG, '--cfg-options', 'design_space=5'],
            'design_space must be a dict with a type, but design_space=5',
        ),
        (
            [CONFIG, '--cfg-options', 'constraints=5'],
            'constraints must be a dict of flops, parameters',
        ),
        ([CONFIG, '--cfg-options', 'constraints.flosp=5'], "but constraints={'flosp': 5}"),
        (
            [CONFIG, '--cfg-options', 'design_space.strides=5'],
            'strides must be a list of positive whole numbers',
        ),
        ([CONFIG, '--cfg-options', '=5'], '--cfg-options: a setting is KEY=VALUE'),
        (
            [ROOT / 'configs/regnetx_3.2gf_imagenet.py'],
            'has an entry design_space, but there is none',
        ),
        (
            [CONFIG, '--cfg-options', 'design_space.type=regnet_plugin.RegSpace'],
            'regnet_plugin.RegSpace is not in the',
        ),
    ],
)
def test_bad_arguments_are_one_line_and_exit_code_2(run_tool, arguments, message):
    done = run_tool('sample_population.py', *arguments)
    assert done.returncode == 2 and message in done.stderr.splitlines()[-1], done.stderr
    assert 'Traceback' not in done.stderr


def test_under_a_time_and_a_memory(run_tool, tmp_path):
    limits = ['--latency', '8ms', '9ms', '--device', 'i7-12700h', '--memory', '2MB']
    done = run_tool('sample_population.py', CONFIG, *limits, '--element', 'fp16', '--size', 20)
    assert done.returncode == 0, done.stderr
    *_, told, guessed = done.stdout.splitlines()
    assert told.startswith('times of inference with 1 image as predicted for i7-12700H')
    assert 'of 20 networks have other flops, activations or images, or narrower groups' in guessed
    with open(tmp_path / 'work_dirs/regnetx/architectures.jsonl') as lines:
        predicted = [json.loads(line)['predicted'] for line in lines]
    assert all(0.008 <= one['predicted_latency'] <= 0.009 for one in predicted)
    assert max(one['peak_activations'] for one in predicted) <= 1e6  # of two bytes each


@pytest.mark.parametrize(
    'given, message',
    [
        (['--latency', '8ms'], '--latency is one on a --device: both are needed'),
        (['--device', 'v100'], '--latency is one on a --device: both are needed'),
        (['--latency', '8', '--device', 'v100'], 'a time must be a number with a unit'),
        (['--memory', '1', '2'], 'a size must be a number with a unit'),
        (['--memory', '1MB', '2MB', '3MB'], 'an interval must be one number, the most, or two'),
        (['--latency', '8ms', '--device', 'mine.json'], 'there is no mine.json'),
        (['--latency', '9ms', '8ms', '--device', 'v100'], 'latency must be an interval from low'),
    ],
)
def test_what_is_no_time_and_no_memory(run_tool, given, message):
    done = run_tool('sample_population.py', CONFIG, *given)
    assert done.returncode == 2 and message in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2 or 'usage' in done.stderr
