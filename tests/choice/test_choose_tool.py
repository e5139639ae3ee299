"""tools/choose_network.py: what it tells, writes and refuses."""

import json

import pytest
from rated_populations import rated_population


def test_within_a_time_and_a_memory(run_tool, tmp_path):
    done = run_tool(
        'choose_network.py',
        *('--latency', '10ms', '--device', 'i7-12700h', '--memory', '2MB'),
        *('--json', 'all.json', '--picture', 'all.png', '--write-config', 'mine.py'),
    )
    assert done.returncode == 0, done.stderr
    assert 'are of networks whose layers are not counted here' in done.stdout
    assert 'on i7-12700H, fp32, compiled, PyTorch 2.4, one image, predicted' in done.stdout
    assert 'note: accuracies of different recipes do not compare' in done.stdout
    values = json.loads((tmp_path / 'all.json').read_text())
    best = values['pareto'][0]
    assert f'1. {best["network"]}: {best["accuracy"]:.2f} top-1' in done.stdout
    assert best['accuracy'] == max(one['accuracy'] for one in values['within'])
    assert all(one['costs']['latency'] <= 0.010 for one in values['within'])
    assert all(one['costs']['memory'] <= 2e6 for one in values['within'])
    assert (tmp_path / 'all.png').stat().st_size > 10_000
    assert best['weights'] in (tmp_path / 'mine.py').read_text()


def test_detectors(run_tool):
    done = run_tool('choose_network.py', '--flops', '1e11', '--task', 'detection', '--count', 1)
    assert done.returncode == 0, done.stderr
    assert 'images of 800x1344' in done.stdout and 'box AP' in done.stdout


def test_a_population(run_tool, tmp_path):
    """The best one that keeps the budget, with the error that its training ended with."""
    rated_population(tmp_path / 'p', 'regnetx', 20)
    done = run_tool('choose_network.py', '--parameters', '1e9', '--population', 'p')
    assert done.returncode == 0, done.stderr
    assert '20 of 20 accuracies are within the budget' in done.stdout
    assert 'one training: without an interval, and as the best of many too good' in done.stdout
    assert 'p/runs/short/' in done.stdout


@pytest.mark.parametrize(
    'given, message',
    [
        ([], 'a budget is needed: --flops, --parameters, --latency or --memory'),
        (['--latency', '8ms'], '--latency is one on a --device: both are needed'),
        (['--flops', '1e6'], 'a network must be within the budget, but of 181 none is'),
        (['--flops', '1e9', '--recipe', 'magic'], 'there must be a network to choose from'),
        (['--flops', '1e9', '--picture', 'a.bmp'], 'a picture must end in .png, .pdf or .svg'),
        (['--flops', '1e9', '--write-config', 'a.txt'], 'whose name ends in .py, but it is a.txt'),
        (['--flops', '1e9', '--population', 'nowhere'], 'nowhere'),
    ],
)
def test_what_is_refused(run_tool, given, message):
    done = run_tool('choose_network.py', *given)
    assert done.returncode == 2 and message in done.stderr
    assert 'Traceback' not in done.stderr
