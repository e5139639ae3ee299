"""Checks of what the statistics take: errors, columns with unknown numbers, shares."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def error_array(errors: ArrayLike) -> NDArray[np.float64]:
    """Check errors of networks.

    Args:
        errors: n numbers; +inf for a failed network that counts.

    Returns:
        The errors as an array of shape (n,).

    Raises:
        ValueError: if they are not one-dimensional, NaN or -inf.
    """
    array = np.asarray(errors, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f'errors must be one-dimensional, but their shape is {array.shape}')
    allowed = array > -np.inf  # false for NaN, too
    if not allowed.all():
        index = int(np.argmin(allowed))
        raise ValueError(
            'an error must be a number, or +inf for a failed network that counts, but '
            f'errors[{index}] is {array[index]} ({np.sum(~allowed)} of {len(array)} are none)'
        )
    return array


def columns_of_equal_length(**columns: ArrayLike) -> list[NDArray[np.float64]]:
    """Check columns that belong together, a row per network.

    Args:
        columns: n numbers each; the names are for the error's message.

    Returns:
        The columns in the order given, each an array of shape (n,).

    Raises:
        ValueError: if one is not one-dimensional, or their lengths differ.
    """
    arrays = [np.asarray(column, dtype=np.float64) for column in columns.values()]
    one_dimensional = all(array.ndim == 1 for array in arrays)
    if not one_dimensional or len({len(array) for array in arrays}) > 1:
        shapes = ', '.join(f'{name} {array.shape}' for name, array in zip(columns, arrays))
        raise ValueError(
            f'columns must be one-dimensional and equally long, but the shapes are {shapes}'
        )
    return arrays


def finite_array(**columns: ArrayLike) -> NDArray[np.float64]:
    """Check one column of finite numbers.

    Args:
        columns: the numbers; the name is for the error's message.

    Returns:
        The numbers as an array of shape (n,).

    Raises:
        ValueError: if they are not one-dimensional or not finite.
    """
    ((name, column),) = columns.items()
    (array,) = columns_of_equal_length(**{name: column})
    if not np.isfinite(array).all():
        index = int(np.argmin(np.isfinite(array)))
        raise ValueError(f'{name} must be finite, but {name}[{index}] is {array[index]}')
    return array


def known_rows(**columns: ArrayLike) -> list[NDArray[np.float64]]:
    """Leave out the rows of columns that belong together in which a number is unknown (NaN).

    Args:
        columns: n numbers each; the names are for the error's message.

    Returns:
        The columns in the order given, with the same rows and finite numbers only.

    Raises:
        ValueError: if one is not one-dimensional, their lengths differ or a number is infinite.
    """
    arrays = columns_of_equal_length(**columns)
    for name, array in zip(columns, arrays):
        infinite = np.isinf(array)
        if infinite.any():
            index = int(infinite.argmax())
            raise ValueError(
                f'{name} must be finite, or NaN where unknown, but {name}[{index}] is '
                f'{array[index]}'
            )
    known = ~np.isnan(arrays).any(axis=0)
    return [array[known] for array in arrays]


def check_share(**shares: float) -> None:
    """Refuse a level or share that is not strictly between 0 and 1.

    Raises:
        ValueError: naming it.
    """
    for name, share in shares.items():
        if not 0 < share < 1:
            raise ValueError(f'{name} must be between 0 and 1, but it is {share}')
