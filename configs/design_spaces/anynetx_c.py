"""AnyNetX_C: AnyNetX_B with one group width for all stages. 3.2e14 networks."""

_base_ = 'anynetx_b.py'
design_space = dict(shared_group_width=True)
