"""A study is loaded with its former versions, and travels to other processes as their texts."""

import pickle

import pytest

from studyportal.errors import NotFound
from studyportal.protocol import ProtocolMistakes, load_protocol
from studyportal.protocol.amendments import lineage
from studyportal.protocol.versions import from_sources, sources_of
from tests.protocol.documents import HEAD, document

ONE = "pain: {ask: How much?, kind: rating, low: None, high: Worst, release: keep}"
OTHER = "pain: {ask: How much?, kind: rating, low: Nothing, high: Worst, release: keep}"


def numbered(version, items=ONE, **other):
    return document(items, head=HEAD.replace('"1.10"', f'"{version}"'), **other)


def laid_out(folder, present, **former):
    """A document with its former versions beside it, by file name without its ending."""
    (folder / "north.yaml").write_text(present)
    beside = folder / "north.earlier"
    beside.mkdir()
    for name, text in former.items():
        (beside / f"{name}.yaml").write_text(text)
    return folder / "north.yaml"


def test_former_versions_are_read_from_the_folder_beside_the_document_in_their_order(tmp_path):
    former = {number: numbered(number) for number in ("1.10", "1.9", "1.2")}
    path = laid_out(tmp_path, numbered("2.0", OTHER), **former)

    loaded = load_protocol(path)

    assert (loaded.study.version, list(loaded.earlier)) == ("2.0", ["1.2", "1.9", "1.10"])
    assert loaded.version("1.9").study.version == "1.9" and loaded.version("2.0") is loaded
    assert [line.column for line in lineage(loaded)["evening"]] == ["pain__since_2_0", "pain"]
    with pytest.raises(NotFound):
        loaded.version("3")


def test_a_document_alone_has_no_former_versions(tmp_path):
    (tmp_path / "north.yaml").write_text(numbered("1.0"))

    assert dict(load_protocol(tmp_path / "north.yaml").earlier) == {}


def test_a_copy_that_an_interrupted_amendment_left_is_no_former_version(tmp_path):
    path = laid_out(tmp_path, numbered("1.0"), **{"1.0": numbered("1.0")})

    assert dict(load_protocol(path).earlier) == {}


@pytest.mark.parametrize(
    ("present", "former", "said"),
    [
        (numbered("2.0"), {"1.1": numbered("1.0")}, "its file must be called so"),
        (numbered("1.0"), {"1.0": numbered("1.0", OTHER)}, "must come after"),
        (numbered("1.0"), {"1.1": numbered("1.1")}, "must come after"),
        (numbered("2.0"), {"1.1": numbered("1.1"), "1.01": numbered("1.01")}, "must come after"),
        (numbered("2.0"), {"1.0": numbered("1.0").replace("NS-1", "SS-1")}, "another study"),
        (
            numbered("2.0"),
            {"1.0": numbered("1.0", schedule='{every: 2 days, opens: "17:00", for: 10 hours, grace: 12 hours}')},
            "Its rhythm changes",
        ),
        (numbered("2.0"), {"1.0": "study: {}\n"}, "mistakes"),
    ],
)
def test_former_versions_that_cannot_have_come_before_are_refused(tmp_path, present, former, said):
    path = laid_out(tmp_path, present, **former)

    with pytest.raises(ProtocolMistakes) as refusal:
        load_protocol(path)

    assert said in refusal.value.report()


def test_a_study_travels_to_another_process_with_all_its_versions(tmp_path):
    loaded = load_protocol(
        laid_out(tmp_path, numbered("2.0", OTHER), **{"1.0": numbered("1.0"), "1.1": numbered("1.1")})
    )

    arrived = from_sources(pickle.loads(pickle.dumps(sources_of(loaded))))

    assert arrived == loaded and list(arrived.earlier) == ["1.0", "1.1"]


def test_studies_with_other_former_versions_are_not_the_same(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    alone = load_protocol(laid_out(tmp_path / "a", numbered("2.0")))

    after = load_protocol(laid_out(tmp_path / "b", numbered("2.0"), **{"1.0": numbered("1.0")}))

    assert alone != after and alone.digest == after.digest


def test_a_translation_may_come_later_than_what_it_translates(tmp_path):
    first = numbered("1.0")
    second = "languages: [en, de]\n" + numbered("1.1").replace("heading: Why", "heading: {en: Why, de: Wozu}")
    path = laid_out(tmp_path, second, **{"1.0": first})

    german = load_protocol(path, language="de")

    assert german.consent.sections[0].heading == "Wozu" and list(german.earlier) == ["1.0"]
    assert load_protocol(path).consent.sections[0].heading == "Why"
