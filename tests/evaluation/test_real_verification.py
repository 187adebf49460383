"""Real networks on pairs of Labeled Faces in the Wild: accuracies that are known, met."""

import pandas as pd
import pytest

from tf_morph.evaluation import pair_features
from tf_morph.evaluation.verification_suite import verify

# By this code, photographs cropped to (55, 49, 195, 189), and the least they must reach.
MEASURED = {
    "mobileface_v2": {"accuracy": 0.9583, "auc": 0.9937, "least": 0.95},
    "mobilefacenet_y1": {"accuracy": 0.9817, "auc": 0.9985, "least": 0.97},
}


@pytest.fixture
def run(assets, tmp_path):
    pairs = assets / "lfw_pairs_subset.txt"
    networks = [assets / "recognition" / name for name in MEASURED]
    for needed in (pairs, *networks):
        if not needed.exists():
            pytest.skip(f"needs {needed}")
    return lambda crop=None: verify(
        [str(path) for path in networks],
        str(assets / "lfw"),
        str(pairs),
        tmp_path / "out",
        crop=crop,
        cache_folder=tmp_path / "cache",
    )


@pytest.mark.slow
def test_accuracy_on_labeled_faces_in_the_wild(run, monkeypatch):
    table = run()
    for row in table.itertuples():
        measured = MEASURED[row.network]
        assert row.accuracy >= measured["least"]
        assert row.accuracy == pytest.approx(measured["accuracy"], abs=0.005)
        assert row.auc == pytest.approx(measured["auc"], abs=0.002)
        assert (row.pairs, row.photographs, row.left_out_pairs) == (600, 1064, 0)
        assert row.crop == "55,49,195,189" and row.images_per_second > 0
    monkeypatch.setattr(pair_features, "load_aligned", None)
    pd.testing.assert_frame_equal(run(), table)


@pytest.mark.slow
def test_faces_that_are_found_and_aligned_are_told_apart_better(run):
    table = run("aligned").set_index("network")
    for name, accuracy in (("mobileface_v2", 0.9867), ("mobilefacenet_y1", 0.9950)):
        assert table["accuracy"][name] == pytest.approx(accuracy, abs=0.005)
        assert table["accuracy"][name] > MEASURED[name]["accuracy"]
        assert (table["crop"][name], table["left_out_pairs"][name]) == ("aligned", 0)


@pytest.mark.slow
def test_dlib_s_network_is_compared_centred_and_cropped_as_dlib_does(assets, tmp_path):
    pairs = assets / "lfw_pairs_subset.txt"
    if not pairs.exists():
        pytest.skip(f"needs {pairs}")
    (row,) = verify(
        ["dlib_resnet"],
        str(assets / "lfw"),
        str(pairs),
        tmp_path / "out",
        crop="aligned",
        cache_folder=tmp_path / "cache",
    ).itertuples()
    assert row.accuracy == pytest.approx(0.9833, abs=0.003) and row.accuracy >= 0.98
    assert row.auc == pytest.approx(0.9994, abs=0.001)
    assert (row.output, row.crop, row.left_out_pairs) == ("centred", "aligned_dlib", 0)
    assert abs(row.mean_different) < 0.05
