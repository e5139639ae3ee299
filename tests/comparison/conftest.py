"""Comparisons without their page."""

import pytest


@pytest.fixture
def no_page(monkeypatch):
    """A page takes seconds; one test looks at it."""
    monkeypatch.setattr(
        'regnet_plugin.comparison.course.write_page',
        lambda plan, looks, records, text, directory: directory / 'report.html',
    )
