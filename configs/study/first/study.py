"""The first attempt at the study, which was given up: most networks of three spaces did not learn (docs/study/first/README.md)."""

regime = (0.9e6, 1e6)

parts = [
    dict(key='anynetx_a', name='AnyNetX_A', space='anynetx_a.py'),
    dict(key='anynetx_b', name='AnyNetX_B', space='anynetx_b.py'),
    dict(key='anynetx_c', name='AnyNetX_C', space='anynetx_c.py'),
    dict(key='anynetx_d', name='AnyNetX_D', space='anynetx_d.py'),
    dict(key='anynetx_e', name='AnyNetX_E', space='anynetx_e.py'),
    dict(key='regnetx', name='RegNetX', space='regnetx.py'),
]
parts = [
    dict(part, recipe='short.py', flops=regime, size=100, seed=seed)
    for seed, part in enumerate(parts)
]
