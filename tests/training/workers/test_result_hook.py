"""What the hook in a run's training writes down."""

import json
import subprocess
import sys

from killing import ROOT


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
