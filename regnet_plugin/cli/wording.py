"""Words that several tools say."""

GOES_ON = 'interrupted: the same command goes on'


def counted(number: int, noun: str) -> str:
    """Return how many there are: '1 run', '2 runs', '1,000 runs'."""
    return f'{number:,} {noun}' if number == 1 else f'{number:,} {noun}s'
