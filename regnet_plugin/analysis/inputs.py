"""What every statistic takes: errors, and pairs of numbers of which some are unknown."""

import numpy as np


def error_array(errors):
    """Check errors of networks.

    Args:
        errors (array_like): n numbers; +inf for a failed network that counts.

    Returns:
        np.ndarray: n floats.

    Raises:
        ValueError: if they are not one-dimensional, NaN or -inf.
    """
    errors = np.asarray(errors, dtype=float)
    if errors.ndim != 1:
        raise ValueError(f'errors must be one-dimensional, but their shape is {errors.shape}')
    allowed = errors > -np.inf
    if not allowed.all():
        index = int(np.argmin(allowed))
        raise ValueError(
            'an error must be a number, or +inf for a failed network that counts, but '
            f'errors[{index}] '
            f'is {errors[index]} ({np.sum(~allowed)} of {len(errors)} are none)'
        )
    return errors


def columns_of_equal_length(**columns):
    """Check columns that belong together.

    Args:
        columns (array_like): n numbers each.

    Returns:
        list[np.ndarray]: n floats each.

    Raises:
        ValueError: if one is not one-dimensional, or their lengths differ.
    """
    arrays = [np.asarray(column, dtype=float) for column in columns.values()]
    if any(array.ndim != 1 for array in arrays) or len(set(map(len, arrays))) > 1:
        shapes = ', '.join(f'{name} {array.shape}' for name, array in zip(columns, arrays))
        raise ValueError(
            f'columns must be one-dimensional and equally long, but the shapes are {shapes}'
        )
    return arrays


def known_rows(**columns):
    """Leave out the rows with a NaN of columns that belong together.

    Args:
        columns (array_like): n numbers each.

    Returns:
        list[np.ndarray]: the same number of finite floats each.

    Raises:
        ValueError: if one is not one-dimensional, their lengths differ or a number is infinite.
    """
    arrays = columns_of_equal_length(**columns)
    for name, array in zip(columns, arrays):
        if np.isinf(array).any():
            index = int(np.isinf(array).argmax())
            raise ValueError(
                f'{name} must be finite, or NaN where unknown, but {name}[{index}] is '
                f'{array[index]}'
            )
    known = ~np.isnan(arrays).any(axis=0)
    return [array[known] for array in arrays]


def check_share(**shares):
    """Raise a ValueError for a level or share that is not between 0 and 1."""
    for name, share in shares.items():
        if not 0 < share < 1:
            raise ValueError(f'{name} must be between 0 and 1, but it is {share}')
