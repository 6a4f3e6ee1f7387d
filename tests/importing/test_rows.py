"""The file is refused as a whole, with the row, before anything is taken from it."""

import pytest

from studyportal.errors import Invalid, NotFound, Refusal, TooLarge
from studyportal.portal.importing.mistakes import ImportMistakes
from studyportal.portal.importing.rows import read_rows

FAULTS = {
    "latin-1": ("a,b\n1,2\nJos\xe9,3\n".encode("latin-1"), "row 3: This is not UTF-8"),
    "utf-16": ("a,b\n1,2\n".encode("utf-16"), "not UTF-8"),
    "open quote": (b'a,b\n1,2\n"3,4\n5,6\n', "never closed"),
    "quote inside": (b'a,b\n1,2\n"3"x,4\n', "row 3: The quotation marks"),
    "too few": (b"a,b\n1,2\n3\n", "row 3: There are 1 fields here, but the header has 2"),
    "too many": (b"a,b\n1,2,3\n", "row 2: There are 3 fields"),
    "control": (b"a,b\n1,2\x07\n", "row 2: There is a control character"),
    "nul": (b"a,b\n1,\x00\n", "row 2"),
    "twice": (b"a,a\n1,2\n", "Another column has the same name"),
    "nameless": (b"a,\n1,2\n", "This column has no name"),
    "empty": (b"", "The file is empty"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_file_is_refused_with_the_place(tmp_path, fault):
    content, sentence = FAULTS[fault]
    file = tmp_path / "file.csv"
    file.write_bytes(content)

    with pytest.raises(Refusal) as refusal:
        list(read_rows(file))

    assert sentence in str(refusal.value)


def test_what_is_in_a_broken_row_is_not_repeated(tmp_path):
    file = tmp_path / "file.csv"
    file.write_bytes(b'a,b\n1,2\nmarked-answer,"3"x\n')

    with pytest.raises(ImportMistakes) as refusal:
        list(read_rows(file))

    assert "marked-answer" not in str(refusal.value)


def test_a_hundred_megabytes_are_refused_before_reading(tmp_path):
    file = tmp_path / "file.csv"
    with file.open("wb") as sparse:
        sparse.truncate(100_000_000)

    with pytest.raises(TooLarge, match="100 MB"):
        list(read_rows(file))


def test_too_many_rows_are_refused(tmp_path):
    file = tmp_path / "file.csv"
    file.write_text("a,b\n" + "1,2\n" * 11)

    with pytest.raises(TooLarge, match="more than 10 rows"):
        list(read_rows(file, most_rows=10))


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(NotFound):
        list(read_rows(tmp_path / "none.csv"))

    with pytest.raises(Invalid):
        list(read_rows(tmp_path))


def test_a_byte_order_mark_quotes_and_empty_lines_are_read(tmp_path):
    file = tmp_path / "file.csv"
    file.write_bytes('\ufeffa,b\r\n"1, one", 2 \r\n\r\n"3 ""three""",\r\n'.encode())

    rows = list(read_rows(file))

    assert rows == [(2, {"a": "1, one", "b": "2"}), (4, {"a": '3 "three"', "b": ""})]
