"""A small study and its mapping for tests of the import, and where the real file is."""

from pathlib import Path

from studyportal.protocol import Protocol, load_protocol

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "self-blinding"
PACUTES = ROOT.parent / "shared" / "data" / "self-blinding-microdose" / "pacutes.csv"

HEADER = "trial_id,test_name,tp,condition,guess,value,age,sex,psychiatric_past,sss,expectation,n_micro_months,n_macro_exp,drug,dose"
PERSON = "40,male,0,50,20.3,0,3,Psilocybin mushroom,500000"


def row(participant: str, score: str, point: str, value: str, *, person: str = PERSON) -> str:
    return f"{participant},{score},{point},MD,PL,{value},{person}"


def example_protocol() -> Protocol:
    return load_protocol(EXAMPLE / "protocol.yaml")


def example_mapping() -> str:
    return (EXAMPLE / "mapping.yaml").read_text(encoding="utf-8")


def written(folder: Path, *rows: str, header: str = HEADER) -> Path:
    file = folder / "file.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file
