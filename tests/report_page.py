"""Pointing at the figures of a page in Chromium."""

import json

import numpy as np


def bounds(tab, selector):
    return tab.evaluate(
        '(({left, top, right, bottom}) => [left, top, right, '
        f'bottom])(document.querySelector({json.dumps(selector)}).getBoundingClientRect())'
    )


def place(tab, key, axes, x, y):
    """Pixels in the window of a value in a figure's axes."""
    tab.centre(f'#{key} .plot svg')
    left, top, right, bottom = bounds(tab, f'#{key} .plot svg')
    box = axes['box']

    def part(axis, value):
        low, high, value = map(
            np.log if axis['scale'] == 'log' else float, (*axis['limits'], value)
        )
        return (value - low) / (high - low)

    return (
        left + (right - left) * (box[0] + box[2] * part(axes['x'], x)),
        top + (bottom - top) * (box[1] + box[3] * (1 - part(axes['y'], y))),
    )


def tip(tab):
    return (
        tab.texts('.tip b, .tip span')
        if tab.evaluate('!document.querySelector(".tip").hidden')
        else None
    )
