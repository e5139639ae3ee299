"""How the metrics of a test are printed."""

import torch

from regnet_plugin.training.testing.tester import metrics_text


def test_metrics_that_are_no_numbers_are_printed_as_they_are():
    metrics = dict(
        top1=98.61111,
        loss=torch.tensor(0.25),
        per_class=torch.tensor([50.0, 33.33333]),
        worst='class 3',
        matrix=[[1, 0], [2, 3]],
        nothing=None,
        sure=True,
    )
    assert metrics_text(metrics).splitlines() == [
        'top1: 98.61',
        'loss: 0.25',
        'per_class: [50, 33.33]',
        'worst: class 3',
        'matrix: [[1, 0], [2, 3]]',
        'nothing: None',
        'sure: True',
    ]
