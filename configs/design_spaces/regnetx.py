"""RegNetX (section 3.3): d < 64, w_0, w_a < 256, 1.5 <= w_m <= 3, b and g as in AnyNetX. 3.0e8 networks by the paper's count."""

design_space = dict(
    type='regnet_plugin.RegNetSpace',
    depth=dict(law='uniform', low=1, below=64),
    w_0=dict(law='log_uniform', low=8, below=256, step=8),
    w_a=dict(law='log_uniform', low=8, below=256, step=0.1),
    w_m=dict(law='log_uniform', low=1.5, high=3, step=0.001),
    bottleneck_ratio=[1, 2, 4],
    group_width=[1, 2, 4, 8, 16, 32],
)
