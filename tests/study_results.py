"""Results of a study, made up: errors are drawn, nothing is trained.

Networks are sampled as the study samples them.
"""

import json
from itertools import islice

import numpy as np
from killing import ROOT

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.sampler import Sampler
from regnet_plugin.study.plan_file import read_plan
from regnet_plugin.study.results import SELECTION

PLAN = ROOT / 'configs/study/study.py'
SIZE = 24  # networks of each part
# As in the paper: A, B and C alike, D and E better, RegNetX best, with better training, too; Y
# better, constrained better
LIKE_THE_PAPER = dict(
    anynetx_a=40,
    anynetx_b=40,
    anynetx_c=40,
    anynetx_d=34,
    anynetx_e=28,
    regnetx=22,
    regnety=16,
    regnetr=30,
    regnetv=32,
    regnetvr=32,
    regnetx_constrained=15,
    regnetx_half=26,
    regnetx_double=18,
    anynetx_a_enhanced=30,
    regnetx_enhanced=12,
)
_HEADER = 'network,baseline,mean_error,deviation,seeds,failed,flops,parameters,activations,errors\n'


def made_up_results(folder, means, seed=0, size=SIZE):
    """Write tables of the parts of the study, and the selection.

    Args:
        folder (Path): for them.
        means (Mapping[str, float]): mean error of each part that is wanted, by key; the deviation
            is 2. Deeper networks are worse, those of less e_fit are not better.
        seed (int): of the errors.
        size (int): networks of each part. Default: 24.

    Returns:
        Plan: the study's.
    """
    plan, draw = read_plan(PLAN), np.random.default_rng(seed)
    for part in plan.parts:
        if part.key in means:
            rows = [
                _row(number, sample, means[part.key] + 2 * draw.standard_normal(), part.latency)
                for number, sample in enumerate(_samples(part, size))
            ]
            (folder / f'{part.key}.jsonl').write_text(
                ''.join(json.dumps(row) + '\n' for row in rows)
            )
    (folder / SELECTION).write_text(
        _HEADER + '000003,0,5,0.4,5,0,945674,499170,16592,5 5.5 4.5 5 5\n'
        'resnet50+950000,1,8,0.7,5,0,952762,252966,23212,7 8 9 8 8\n'
        'regnetx_200mf+950000,1,5.2,0.4,5,0,957658,552234,15592,5.2 5.7 4.7 5.2 5.2\n'
    )
    return plan


def _samples(part, size):
    space, _, constraints = design_space_of(part.space, None, dict(flops=list(part.flops)))
    return [sample for _, sample in islice(Sampler(space, constraints, seed=part.seed), size)]


def _row(number, sample, error, timed):
    counts = sample.complexity
    nominal = {
        name: value for name, value in sample.parameters.items() if name in ('w_0', 'w_a', 'w_m')
    }
    network = {
        name: value for name, value in sample.architecture.to_dict().items() if value is not None
    }
    latency = dict(latency=1e-6 * counts.activations * (1 + number % 3 / 100)) if timed else {}
    return dict(
        network=f'{number:06d}',
        last_error=error,
        best_error=error,
        seconds=3.0,
        flops=counts.flops,
        parameters=counts.parameters,
        activations=counts.activations,
        **nominal,
        **latency,
        **network,
    )
