"""The report's section on the true faces."""

from tf_morph.evaluation import tables
from tf_morph.evaluation.figures import CORRELATIONS
from tf_morph.evaluation.known_truth.study import TruthTables


def truth_section(truth: TruthTables) -> str:
    """Geometry, and how far coefficients follow the truth's, as Markdown."""
    return f"## Against the truth\n\n{_geometry(truth)}\n{_correlations(truth)}"


def geometry_markdown(truth: TruthTables) -> str:
    """The errors of every method, mean ± standard deviation over the people."""
    table = truth.geometry.assign(
        vertex=_with_deviation(truth.geometry, "vertex_mm", 2),
        color=_with_deviation(truth.geometry, "color_rms", 3),
    )
    headings = {"method": "method", "vertex": "vertex error, mm", "color": "colour error (sRGB)"}
    return tables.to_markdown(table, headings, {"vertex": str, "color": str})


def _with_deviation(table, name: str, digits: int) -> list[str]:
    return [
        f"{mean:.{digits}f} ± {deviation:.{digits}f}"
        for mean, deviation in zip(table[name], table[f"{name}_deviation"], strict=True)
    ]


def _geometry(truth: TruthTables) -> str:
    return (
        "Vertex error: the mean distance of predicted from true vertices, all those of the face "
        "model counting alike, at the neutral expression, after the best rotation and translation "
        "(no scaling). Colour error: the root mean square difference of the vertices' sRGB-coded "
        "colours, in [0, 1]. Mean ± standard deviation over "
        f"{truth.geometry['people'].iloc[0]:,} people; methods as above, `true_face_in_model` "
        "being as near as the regressor's model comes.\n\n"
        f"{geometry_markdown(truth)}"
    )


def _correlations(truth: TruthTables) -> str:
    methods = truth.correlation_means.columns[2:]
    headings = {name: name for name in truth.correlation_means.columns}
    headings["components"] = "mean of the first components"
    formats = dict.fromkeys(methods, tables.decimals(2)) | {"components": tables.decimals(0)}
    return (
        "Correlation of each predicted coefficient with that of the true face, projected into the "
        "regressor's model, over the people:\n\n"
        f"{tables.to_markdown(truth.correlation_means, headings, formats)}\n"
        f"![correlations]({CORRELATIONS})\n"
    )
