"""A study in miniature: two networks of two parts, killed while it trains, and its page."""

import json
import os
import signal
import subprocess
import sys
import time

from killing import ROOT, ended, kill_all

PLAN = """
parts = [dict(key='regnetx', name='RegNetX', space='{study}/regnetx.py', recipe='{study}/short.py',
              flops=(0.9e6, 1e6), size=2),
         dict(key='regnetx_enhanced', name='RegNetX, enhanced', of='regnetx',
              space='{study}/regnetx.py', recipe='{study}/enhanced.py', flops=(0.9e6, 1e6), size=1)]
selection = dict(of='regnetx', among=2, recipe='{study}/enhanced.py', baselines=('resnet50',),
                 flops=0.95e6, seeds=(5, 6))
"""


def start(plan, folder):
    command = [
        sys.executable,
        ROOT / 'tools/run_study.py',
        plan,
        '--work-dir',
        folder / 'work',
        '--results',
        folder / 'tables',
    ]
    return subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(plan, folder):
    process = start(plan, folder)
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0, output
    return output


def tables(folder):
    """All that was found, but for the seconds that it took."""
    read = {
        path.name: [json.loads(line) for line in path.read_text().splitlines()]
        for path in folder.glob('*.jsonl')
    }
    for rows in read.values():
        for row in rows:
            assert row.pop('seconds') > 0
    return read, (folder / 'selection.csv').read_text()


def kill_when(plan, folder, pattern):
    process = start(plan, folder)
    deadline = time.monotonic() + 600
    while not list(folder.glob(pattern)):
        assert process.poll() is None and time.monotonic() < deadline, ended(process)
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    kill_all(str(folder))
    process.communicate()


def test_killed_twice_it_finds_the_same(tmp_path, report):
    plan = tmp_path / 'plan.py'
    plan.write_text(PLAN.format(study=ROOT / 'configs/study'))
    whole, killed = tmp_path / 'whole', tmp_path / 'killed'
    began = time.monotonic()
    finish(plan, whole)
    report(f'whole in {time.monotonic() - began:.0f} s')
    kill_when(plan, killed, 'work/regnetx/runs/short/*/attempt-*.json')
    kill_when(plan, killed, 'work/regnetx/runs/enhanced/*/attempt-*.json')
    finish(plan, killed)
    assert tables(killed / 'tables') == tables(whole / 'tables')
    assert finish(plan, killed) == ''  # all is there: nothing is done again
