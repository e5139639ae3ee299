"""Random valid architectures over every block, stem, stride, dilation and SE setting."""

from hypothesis import strategies as st

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.group_width import fit_group_widths
from regnet_plugin.core.vocabulary import BLOCKS, STEMS

_STAGE = st.tuples(
    st.integers(1, 3),
    st.integers(1, 12),
    st.sampled_from([0.25, 1 / 3, 0.5, 1, 2, 4]),
    st.sampled_from([1, 2, 4, 8, 12, 16]),
    st.integers(1, 2),
    st.integers(1, 2),
)


@st.composite
def architectures(draw, blocks=tuple(BLOCKS)):
    block = draw(st.sampled_from(blocks))
    depths, widths, ratios, groups, strides, dilations = map(
        list, zip(*draw(st.lists(_STAGE, min_size=1, max_size=5)))
    )
    widths = [8 * width for width in widths]
    kind = BLOCKS[block]
    if kind.bottleneck:
        widths, groups = fit_group_widths(widths, ratios, groups if kind.grouped else 1)
    return Architecture.from_lists(
        depths=depths,
        widths=widths,
        bottleneck_ratios=ratios if kind.bottleneck else None,
        group_widths=groups if kind.grouped else None,
        strides=strides,
        dilations=dilations,
        block=block,
        stem=draw(st.sampled_from(tuple(STEMS))),
        stem_width=draw(st.sampled_from([8, 16, 32, int(widths[0])])),
        se_ratio=draw(st.sampled_from([0, 0.1, 0.25]))
        if kind.bottleneck and min(widths) >= 8
        else 0,
        head_width=draw(st.sampled_from([0, 0, 24])),
    )
