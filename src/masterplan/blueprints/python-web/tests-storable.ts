/** `backend/tests/test_storable.py`: values that JSON can carry and databases cannot keep. */
import { fileText } from '../layout.ts';

export function storableTestFile(): string {
  return fileText(`
"""Values that JSON can carry and databases cannot keep."""

import datetime as dt

import pytest

from app.errors import InvalidInputError
from app.services.base import check_storable

EAST = dt.timezone(dt.timedelta(hours=14))
WEST = dt.timezone(-dt.timedelta(hours=14))


@pytest.mark.parametrize("text", ["\\ud800", "half \\udfff", "a\\0b"])
def test_texts_that_cannot_be_stored_are_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_storable({"name": text})

    assert caught.value.field == "name"


@pytest.mark.parametrize(
    "moment",
    [dt.datetime(1, 1, 1, tzinfo=EAST), dt.datetime(9999, 12, 31, 23, tzinfo=WEST)],
)
def test_times_that_utc_does_not_have_are_refused(moment: dt.datetime) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_storable({"starts_at": moment})

    assert caught.value.field == "starts_at"


def test_other_values_pass() -> None:
    naive = dt.datetime(1, 1, 1)

    check_storable({"name": "caf\\u00e9 \\U0001f600", "count": 3, "starts_at": naive, "note": None})
`);
}
