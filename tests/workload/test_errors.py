import pytest

from tonnage.workload import (
    CatalogError,
    InputError,
    ObjectiveError,
    Place,
    TemplateError,
    TonnageError,
    TrafficError,
    WorkloadError,
)


@pytest.mark.parametrize("kind", [TemplateError, TrafficError, WorkloadError, ObjectiveError, CatalogError])
def test_every_error_of_the_users_input_is_caught_as_one(kind):
    assert issubclass(kind, InputError)
    assert issubclass(kind, TonnageError)


def test_an_error_reads_where_what_and_what_to_do():
    error = TrafficError("'-4' is negative", place=Place(file="a.csv", line=3), remedy="Correct it.")
    assert str(error) == "a.csv:3: '-4' is negative. Correct it."


@pytest.mark.parametrize(
    ("what", "said"), [("It is gone", "It is gone."), ("It is gone.", "It is gone."), ("Why?", "Why?")]
)
def test_a_sentence_ends_once(what, said):
    assert str(TonnageError(what)) == said


def test_what_is_the_message_for_code_that_reads_arguments():
    error = WorkloadError("No route", remedy="Add one.")
    assert error.args == ("No route",)
    assert (error.what, error.place, error.remedy) == ("No route", None, "Add one.")
