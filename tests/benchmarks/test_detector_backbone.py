"""Backbones timed within a detector, beside a prediction."""

import pytest

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.device.packaged import device_model

pytest.importorskip('mmcv.ops', reason='mmcv has no compiled ops')


def test_a_row_for_each_backbone_with_its_time_and_what_is_predicted(capsys):
    from regnet_plugin.benchmarks.detector_backbone import backbone_times, print_backbone_times

    device = device_model('i7-12700h')
    names = ['regnetx_200mf', 'regnety_200mf']
    found = backbone_times(names, device, shape=(64, 96), rounds=2, cpu=True)
    assert [one.network for one in found] == names
    for one in found:
        assert len(one.timing.seconds) == 2 and one.timing.median > 0
        assert one.predicted == device.predict_one(architecture_of(one.network), (64, 96), 0)
        assert one.difference == one.predicted / one.timing.median - 1
    print_backbone_times(names[:1], device, shape=(64, 96), rounds=2, cpu=False)
    *_, header, row = capsys.readouterr().out.splitlines()
    assert header.split() == ['network', 'measured', 'spread', 'predicted', 'difference']
    assert row.startswith('regnetx_200mf') and row.count(' ms') == 2
