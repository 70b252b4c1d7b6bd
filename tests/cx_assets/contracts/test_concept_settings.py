"""Blocks of settings that the concepts declare: found by their files, strict, and listed in the docs."""

import pytest
from pydantic import ValidationError

from cx_assets.churn.settings import ChurnSettings
from cx_assets.contracts.concept_settings import concept_settings, settings_document
from cx_assets.identity.settings import IdentitySettings


def test_blocks_are_called_as_their_concepts() -> None:
    found = concept_settings()
    assert sorted(found) == ["churn", "experience_value", "feedback", "happiness", "identity", "lifetime_value"]
    assert (found["churn"], found["identity"]) == (ChurnSettings, IdentitySettings)
    assert ChurnSettings.block() == "churn"


@pytest.mark.parametrize("block", sorted(concept_settings()))
def test_every_key_has_a_default_and_a_description(block: str) -> None:
    for name, field in concept_settings()[block].model_fields.items():
        assert not field.is_required(), name
        assert field.description, name


@pytest.mark.parametrize("wrong", [{"horizon_days": 0}, {"horizon_days": "30"}, {"horizon": 30}])
def test_what_is_out_of_range_converted_or_unknown_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ChurnSettings.model_validate(wrong)


def test_the_page_tells_default_unit_range_and_evidence() -> None:
    assert (
        "| `horizon_days` | 30 days | 1 to 730 | Days ahead in which a customer counts as lost without a purchase. |"
        " A month is what a retention campaign can act on. |"
    ) in settings_document({}, concept_settings())
