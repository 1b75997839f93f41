import json
import math

import pytest

from embody import perturb
from embody.errors import EmbodyError
from embody.perturbation import Perturbation, parse


class TwoCells:
    def resolve(self, names):
        return tuple(
            cell for name in names for cell in {"AVA": ("AVAL", "AVAR")}.get(name, (name,))
        )


def test_it_holds_from_start_until_stop():
    silencing = perturb.silence("AVA", start_s=5.0, stop_s=10.0)
    assert [silencing.active(t) for t in (4.99, 5.0, 9.99, 10.0)] == [False, True, True, False]
    assert perturb.ablate("AVA").active(1e9)


def test_class_names_are_expanded_by_the_connectome():
    assert perturb.ablate("AVA", "ASEL").resolve(TwoCells()).targets == ("AVAL", "AVAR", "ASEL")
    assert perturb.silence_muscles("MDL01").resolve(TwoCells()).targets == ("MDL01",)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("ablation", "AVAL, AVAR", perturb.ablate("AVAL", "AVAR")),
        ("silencing", "AVA@5-", perturb.silence("AVA", start_s=5.0)),
        (
            "stimulation",
            "AVA,AVB:-2.5pA@5-10",
            perturb.stimulate("AVA", "AVB", current_pA=-2.5, start_s=5.0, stop_s=10.0),
        ),
        ("stimulation", "AVA:1e1 pA", perturb.stimulate("AVA", current_pA=10.0)),
    ],
)
def test_command_line_form(kind, text, expected):
    assert parse(kind, text) == expected


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("ablation", ""),
        ("ablation", "AVA,"),
        ("ablation", "AVA@5-10"),
        ("ablation", "AVA:10pA"),
        ("silencing", "AVA@10-5"),
        ("silencing", "AVA@5"),
        ("stimulation", "AVA"),
        ("stimulation", "AVA:10nA"),
        ("stimulation", "AVA:0pA"),
        ("stimulation", "AVA:10pA@-5-10"),
    ],
)
def test_a_wrong_form_is_explained(kind, text):
    with pytest.raises(EmbodyError):
        parse(kind, text)


def test_json_round_trip():
    for perturbation in (
        perturb.ablate("AVAL"),
        perturb.stimulate("AVA", current_pA=3.0, stop_s=2.0),
        perturb.silence_muscles("MDL01"),
    ):
        text = json.dumps(perturbation.to_dict(), allow_nan=False)
        assert Perturbation.from_dict(json.loads(text)) == perturbation


def test_only_silencing_reaches_muscles():
    with pytest.raises(EmbodyError, match="muscles can be silenced"):
        Perturbation("stimulation", ("MDL01",), "muscle", current_pA=1.0)
    with pytest.raises(EmbodyError, match="current"):
        perturb.stimulate("AVA", current_pA=math.nan)
