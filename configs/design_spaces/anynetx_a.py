"""AnyNetX_A (section 3.2): four stages, each with depth, width, bottleneck ratio and group width of its own. 1.8e18 networks."""

design_space = dict(
    type='regnet_plugin.AnyNetSpace',
    depth=dict(law='log_uniform', low=1, high=16),
    width=dict(law='log_uniform', low=8, high=1024, step=8),
    bottleneck_ratio=[1, 2, 4],
    group_width=[1, 2, 4, 8, 16, 32],
)
