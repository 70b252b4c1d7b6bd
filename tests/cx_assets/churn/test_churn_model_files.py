"""Model files: what is read is what was written, or a clear error."""

import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest

from cx_assets.churn.model_files import ModelFileError, load, save
from cx_assets.churn.scoring import score
from cx_assets.churn.training import train
from tests.cx_assets.churn.churn_worlds import SETTINGS, at_scoring_date, without_truth, world


@pytest.fixture(scope="module")
def frame():
    return without_truth(world(customers=800))


@pytest.fixture(scope="module")
def model(frame):
    return train(frame, **SETTINGS)


@pytest.fixture
def directory(model, tmp_path):
    return save(model, tmp_path / "churn" / model.model_id)


def test_round_trip_is_equal_and_scores_equally(model, frame, directory):
    assert sorted(path.name for path in directory.iterdir()) == ["card.json", "model.txt"]
    assert [path.name for path in directory.parent.iterdir()] == [model.model_id]
    read = load(directory)
    assert read == model
    today = at_scoring_date(frame)
    pd.testing.assert_frame_equal(
        score(read, today, snapshot_id="s", snapshot_sequence=1),
        score(model, today, snapshot_id="s", snapshot_sequence=1),
    )


def test_saving_again_changes_nothing(model, directory):
    before = [path.stat().st_mtime_ns for path in sorted(directory.iterdir())]
    save(model, directory)
    assert [path.stat().st_mtime_ns for path in sorted(directory.iterdir())] == before


@pytest.mark.parametrize("name", ["card.json", "model.txt"])
def test_files_cut_short_anywhere_are_refused_and_replaced_by_the_next_save(model, directory, name):
    whole = (directory / name).read_bytes()
    for length in (0, 1, len(whole) // 3, len(whole) // 2, len(whole) - 1):
        (directory / name).write_bytes(whole[:length])
        with pytest.raises(ModelFileError, match=r"cut short|differs|not of format"):
            load(directory)
    save(model, directory)
    assert load(directory) == model


def test_a_missing_file_or_directory_is_refused(directory):
    (directory / "model.txt").unlink()
    with pytest.raises(ModelFileError, match="cannot be read"):
        load(directory)
    shutil.rmtree(directory)
    with pytest.raises(ModelFileError, match="cannot be read"):
        load(directory)


def test_changed_numbers_are_refused(directory):
    plain = json.loads((directory / "card.json").read_text())
    plain["metrics"]["auc"] = 0.99
    (directory / "card.json").write_text(json.dumps(plain))
    with pytest.raises(ModelFileError, match="hash differs"):
        load(directory)


def test_other_features_than_the_trees_read_are_refused(model, tmp_path):
    swapped = save(replace(model, features=tuple(reversed(model.features))), tmp_path / "swapped")
    with pytest.raises(ModelFileError, match="the trees read"):
        load(swapped)


@pytest.mark.parametrize("text", ["[]", '"x"', "{}", '{"format_version": 2}'])
def test_other_formats_are_refused(directory, text):
    (directory / "card.json").write_text(text)
    with pytest.raises(ModelFileError, match="not of format 1"):
        load(directory)


def test_another_model_in_the_same_place_is_replaced(model, frame, directory):
    other = train(frame, **SETTINGS | {"seed": 5})
    save(other, directory)
    assert load(directory) == other
