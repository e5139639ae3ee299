"""Detectors trained in full on the embedded set, as a user trains who has no data yet."""

import re
import resource
import time

import pytest
from killing import start_training
from own_files import own_files

CONFIGS = own_files('configs/detection', '*_digits.py')


def used_by_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_a_box_ap50_of_one_half_in_five_minutes(path, tmp_path, monkeypatch, report):
    """From the command's start to its end, on two cores, set of images and evaluations included."""
    monkeypatch.chdir(tmp_path)
    start, used = time.monotonic(), used_by_children()
    process = start_training(path, tmp_path / 'run')
    output, _ = process.communicate(timeout=900)
    minutes, used = (time.monotonic() - start) / 60, (used_by_children() - used) / 60
    assert process.returncode == 0, output[-3000:]
    found = {
        kind: [float(value) for value in re.findall(rf'coco/{kind}: ([\d.]+)', output)]
        for kind in ('bbox_mAP', 'bbox_mAP_50', 'segm_mAP', 'segm_mAP_50')
    }
    report(
        f'{path.stem}: {minutes:.1f} minutes, {used:.1f} of a core; '
        + ', '.join(f'{kind} {values[-1]:.3f}' for kind, values in found.items() if values)
    )
    assert found['bbox_mAP_50'][-1] >= 0.5 and minutes < 5
    assert ('mask' in path.stem) == bool(found['segm_mAP'])
