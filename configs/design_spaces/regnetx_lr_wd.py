"""RegNetX with a learning rate and a weight decay of its own for each network (figure 21).

The ranges are those of the 2019 notebooks of the authors; the paper prints none.
"""

_base_ = 'regnetx.py'
design_space = dict(
    lr=dict(law='log_uniform', low=1e-3, high=1, step=None),
    weight_decay=dict(law='log_uniform', low=1e-5, high=1e-2, step=None),
)
