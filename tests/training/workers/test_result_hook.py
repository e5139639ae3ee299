"""What the hook in a run's training writes down."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from killing import ROOT

from regnet_plugin.benchmarks.populations.file_operations import counted_operations
from regnet_plugin.training.workers import result_hook


def test_the_loss_of_an_epoch_is_the_mean_over_its_iterations_and_over_the_ranks(tmp_path):
    """Each rank sees other images: the mean of 1, 2 on rank 0 and of 3, 6 on rank 1 is 3."""
    ranks = [
        subprocess.Popen(
            [sys.executable, ROOT / 'tests/losses_of_ranks.py', str(rank), str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]
    told = [process.communicate(timeout=200) for process in ranks]
    assert [process.returncode for process in ranks] == [0, 0], told
    # the checkpoint after the first iteration has the mean of the ranks' sums 1 and 3
    expected = dict(row=dict(epoch=1, loss=3.0), unfinished=[2.0, 1])
    assert [json.loads(output.splitlines()[-1]) for output, _ in told] == [expected, expected]


@pytest.mark.parametrize('variable, words', [({}, 5), ({'REGNET_PLUGIN_TELL_EVERY': '3.0'}, 14)])
def test_however_short_its_epochs_are_a_training_tells_how_far_it_is_now_and_then(
    tmp_path, monkeypatch, variable, words
):
    """In 41 seconds: once in ten seconds, or as often as its worker wants to hear of it."""
    for name, value in variable.items():
        monkeypatch.setenv(name, value)
    seconds = [1000.0]
    monkeypatch.setattr(result_hook.time, 'monotonic', lambda: seconds[0])
    hook = result_hook.ResultHook('000000', 'recipe', '', {})
    hook._folder = tmp_path
    runner = SimpleNamespace(train_loop=SimpleNamespace(iter=3, max_iters=10))
    with counted_operations(tmp_path) as counts:
        for _ in range(41):
            hook._tell_sometimes(runner)
            seconds[0] += 1
    assert counts == dict(open=2 * words, rename=words)
    assert json.loads((tmp_path / 'progress.json').read_text())['fraction'] == 0.3
