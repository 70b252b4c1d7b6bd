"""Files of any model: whole, or refused with the reason."""

import pytest

from cx_assets.prediction.model_files import ModelFileError, load, save

TREES = "tree\nversion=v4\nfeature_names=form_score visit_count\n"
PLAIN = {"model_id": "lead_1", "features": ["form_score", "visit_count"], "rate": 0.1}


def build(plain, booster_text):
    return plain["model_id"], plain["rate"], booster_text


def test_what_is_read_is_what_was_written(tmp_path):
    directory = save(PLAIN, TREES, tmp_path / "leads" / "lead_1")
    assert load(directory, build) == ("lead_1", 0.1, TREES)
    assert sorted(path.name for path in directory.iterdir()) == ["card.json", "model.txt"]
    assert "format_version" not in PLAIN


def test_a_part_that_the_question_needs_and_the_card_lacks_is_refused(tmp_path):
    directory = save({name: PLAIN[name] for name in ("model_id", "features")}, TREES, tmp_path / "lead_1")
    with pytest.raises(ModelFileError, match="lacks a part or has a wrong one: 'rate'"):
        load(directory, build)


def test_trees_that_read_other_features_are_refused(tmp_path):
    directory = save({**PLAIN, "features": ["form_score"]}, TREES, tmp_path / "lead_1")
    with pytest.raises(ModelFileError, match="the trees read"):
        load(directory, build)


def test_trees_of_another_model_are_refused(tmp_path):
    directory = save(PLAIN, TREES, tmp_path / "lead_1")
    (directory / "model.txt").write_text(TREES.replace("v4", "v5"))
    with pytest.raises(ModelFileError, match="hash differs"):
        load(directory, build)
