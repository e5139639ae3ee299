"""The study of docs/study: the design steps of the paper on scikit-learn's digits, on two CPU cores.

Carried out with tools/run_study.py, told by tools/report_study.py. Regime and recipe were chosen in the pilot, pilot.py.
"""

small, regime, large = (0.45e6, 0.5e6), (0.9e6, 1e6), (1.8e6, 2e6)

parts = [
    dict(key='anynetx_a', name='AnyNetX_A', space='anynetx_a.py', size=100),
    dict(key='anynetx_b', name='AnyNetX_B', space='anynetx_b.py', size=100),
    dict(key='anynetx_c', name='AnyNetX_C', space='anynetx_c.py', size=100),
    dict(key='anynetx_d', name='AnyNetX_D', space='anynetx_d.py', size=100),
    dict(key='anynetx_e', name='AnyNetX_E', space='anynetx_e.py', size=100),
    dict(key='regnetx', name='RegNetX', space='regnetx.py', size=100, latency=True),
    dict(key='regnety', name='RegNetY', space='regnety.py', size=50),
    dict(key='regnetr', name='RegNetX of R', space='regnetr.py', size=50),
    dict(key='regnetv', name='RegNetX of V', space='regnetv.py', size=50),
    dict(key='regnetvr', name='RegNetX of VR', space='regnetvr.py', size=50),
    dict(
        key='regnetx_constrained',
        name='RegNetX constrained',
        space='regnetx_constrained.py',
        size=50,
    ),
    dict(
        key='regnetx_half',
        name='RegNetX, half the flops',
        space='regnetx.py',
        size=50,
        flops=small,
        latency=True,
    ),
    dict(
        key='regnetx_double',
        name='RegNetX, twice the flops',
        space='regnetx.py',
        size=50,
        flops=large,
        latency=True,
    ),
    dict(
        key='anynetx_a_enhanced',
        name='AnyNetX_A, enhanced',
        of='anynetx_a',
        space='anynetx_a.py',
        size=50,
        recipe='enhanced.py',
    ),
    dict(
        key='regnetx_enhanced',
        name='RegNetX, enhanced',
        of='regnetx',
        space='regnetx.py',
        size=50,
        recipe='enhanced.py',
    ),
]
parts = [
    dict(dict(recipe='short.py', flops=regime, seed=seed), **part)
    for seed, part in enumerate(parts)
]
selection = dict(
    of='regnetx',
    among=25,
    recipe='long.py',
    baselines=('resnet50', 'regnetx_200mf'),
    flops=0.95e6,
    seeds=(0, 1, 2, 3, 4),
)
