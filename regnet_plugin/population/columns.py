"""The columns of a table of networks: the one list of the names that mean something, for readers
and writers.
"""

import re

from regnet_plugin.core.complexity import COUNTS as COUNTS  # on which this list goes on

ERRORS = ('error', 'last_error', 'best_error')
STATUSES = ('done', 'failed', 'running', 'waiting')
LISTS = ('depths', 'widths', 'bottleneck_ratios', 'group_widths', 'strides', 'dilations')
NETWORK = ('block', 'stem', 'stem_width', 'se_ratio')  # arguments of AnyNet beside the lists
# see `Records.conditions`
CONDITIONS = ('metric', 'data', 'epochs', 'recipe', 'recipe_digest', 'versions')
OWN_UNIT = 'metric'  # unit of errors that are a metric as it stands, better when lower
ALIASES = dict(bottleneck_ratio='b', group_width='g')

DRAWN = ('depth', 'w_0', 'w_a', 'w_m', 'b', 'g')  # what a space may draw under these names
MEASURED = (
    *COUNTS,
    'lr',
    'weight_decay',
    'lr_weight_decay',
    'resolution',
    'seconds',
    'latency',
    'training_step',
)
OF_STAGES = re.compile('[dwbg]_[1-9][0-9]*')  # what follows from the lists

# What describes a network or its training, and becomes no column of numbers.
DESCRIPTIONS = (
    'network',
    'status',
    'reason',
    *ERRORS,
    'deviation',
    'seeds',
    'failed_seeds',
    'num_classes',
    'device',
    'unit',
    'activation',
    'design_space',
    *LISTS,
    *NETWORK,
    *CONDITIONS,
)
KNOWN = (*DESCRIPTIONS, *MEASURED, *DRAWN, *ALIASES)


def is_number_column(name):
    """Whether a name is that of a known column of numbers from 0."""
    return name in MEASURED or name in DRAWN or name in ALIASES or bool(OF_STAGES.fullmatch(name))


def check_parameter(name):
    """Check the name of a parameter that a design space of somebody's draws: it stands beside what
    is known of a network.

    Raises:
        ValueError: if it is the name of something else.
    """
    if (
        name in DESCRIPTIONS
        and name not in NETWORK
        or name in MEASURED
        or OF_STAGES.fullmatch(name)
    ):
        raise ValueError(
            f'a parameter must have a name of its own, but {name!r} is what a table calls '
            'something else'
        )
