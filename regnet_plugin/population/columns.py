"""The columns of a table of networks: the one list of the names that mean something.

Readers and writers of tables take them from here; docs/reference/population_formats.md explains
them.
"""

import re

from regnet_plugin.core.complexity import COUNTS as COUNTS  # on which this list goes on
from regnet_plugin.design_spaces.sample import PREDICTIONS as PREDICTIONS  # and on this one

ERRORS = ('error', 'last_error', 'best_error')
STATUSES = ('done', 'failed', 'running', 'waiting', 'sampled')

# Lists with an entry per stage. A space of stages may draw the first four of them.
DRAWN_LISTS = ('depths', 'widths', 'bottleneck_ratios', 'group_widths')
LISTS = (*DRAWN_LISTS, 'strides', 'dilations')
NETWORK = (
    'block',
    'stem',
    'stem_width',
    'se_ratio',
    'head_width',
)  # arguments of AnyNet beside the lists

# Columns of numbers that follow from the lists, 'd_1', 'w_1' and so on, by their first letters.
LETTERS = dict(zip('dwbg', DRAWN_LISTS, strict=True))
OF_STAGES = re.compile('[dwbg]_[1-9][0-9]*')
# Columns of numbers that all stages share, by the names that a space and `regnet` give them.
ALIASES = dict(bottleneck_ratio='b', group_width='g')

DRAWN = ('depth', 'w_0', 'w_a', 'w_m', 'b', 'g')  # what a space may draw under these names
SETTINGS = ('resolution', 'lr', 'weight_decay')  # what a space may draw beside the architecture
TIMES = ('latency', 'training_step')  # in seconds, measured on a device
DRAW = 'draw'  # number of the candidate that a network was, see `population.making.twins`
MEASURED = (
    *COUNTS,
    'lr',
    'weight_decay',
    'lr_weight_decay',
    'resolution',
    'seconds',
    *TIMES,
    *PREDICTIONS,
    DRAW,
)

# See `Records.conditions`.
CONDITIONS = ('metric', 'data', 'epochs', 'recipe', 'recipe_digest', 'versions')
OWN_UNIT = 'metric'  # unit of errors that are a metric as it stands, better when lower

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
    'random_part',
    *LISTS,
    *NETWORK,
    *CONDITIONS,
)
KNOWN = (*DESCRIPTIONS, *MEASURED, *DRAWN, *ALIASES)


def of_stage(name: str, stage: int) -> str:
    """Name the column of a number that each stage has.

    Args:
        name: of the number, such as 'w'.
        stage: from 1.
    """
    return f'{name}_{stage}'


def is_number_column(name: str) -> bool:
    """Whether a name is that of a known column of numbers from 0."""
    return name in (*MEASURED, *DRAWN, *ALIASES) or OF_STAGES.fullmatch(name) is not None


def check_parameter(name: str) -> None:
    """Check the name of a parameter that a design space of somebody's draws.

    In a table it stands beside what is known of a network.

    Raises:
        ValueError: if it is the name of something else.
    """
    is_description = name in DESCRIPTIONS and name not in NETWORK
    if is_description or name in MEASURED or OF_STAGES.fullmatch(name):
        raise ValueError(
            f'a parameter must have a name of its own, but {name!r} is what a table calls '
            'something else'
        )
