"""The next thing is made while the last one is worked on; nothing else changes."""

import threading

import pytest

from shrinkwatch.run.ahead import ahead


def test_everything_comes_in_order():
    assert list(ahead(range(1, 50))) == list(range(1, 50))
    assert list(ahead([])) == []


def test_the_next_is_made_while_this_one_is_worked_on():
    second_is_made = threading.Event()

    def two():
        yield "first"
        second_is_made.set()
        yield "second"

    things = ahead(two())
    assert next(things) == "first"
    assert second_is_made.wait(timeout=10)


def test_what_making_one_raises_is_raised_after_those_before_it():
    def broken():
        yield 1
        raise ValueError("the disk is gone")

    things = ahead(broken())
    assert next(things) == 1
    with pytest.raises(ValueError, match="the disk is gone"):
        next(things)
