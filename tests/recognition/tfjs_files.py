"""TensorFlow.js graph models written by hand, as its converter lays them out."""

import base64
import json
from pathlib import Path

import numpy as np

from tf_morph.config import network_config

SIZE = 6
FLOAT, INT = {"type": "DT_FLOAT"}, {"type": "DT_INT32"}


def text(value: str) -> dict:
    """A string attribute, in base64 as protobuf's JSON has it."""
    return {"s": base64.b64encode(value.encode()).decode()}


def texts(*values: str) -> dict:
    return {"list": {"s": [text(value)["s"] for value in values]}}


def numbers(*values: int) -> dict:
    """Integers, which protobuf's JSON writes as strings."""
    return {"list": {"i": [str(value) for value in values]}}


def node(name: str, op: str, *inputs: str, **attributes) -> dict:
    written = {"name": name, "op": op, "input": list(inputs), "attr": {"T": FLOAT, **attributes}}
    return written if inputs else {k: v for k, v in written.items() if k != "input"}


def placeholder(name: str = "image", *, shape=(-1, SIZE, SIZE, 3), dtype=FLOAT) -> dict:
    dims = {"shape": {"dim": [{"size": str(size)} for size in shape]}}
    return {"name": name, "op": "Placeholder", "attr": {"dtype": dtype, "shape": dims}}


def convolution(name: str, op: str, *inputs: str, fused=(), strides=1, padding="SAME", **more):
    """A convolution with the attributes the converter writes, some of them empty."""
    return node(
        name,
        op,
        *inputs,
        fused_ops=texts(*fused) if fused else {"list": {}},
        num_args={"i": str(len(inputs) - 2)},
        strides=numbers(1, strides, strides, 1),
        dilations=numbers(1, 1, 1, 1),
        explicit_paddings={"list": {}},
        padding=text(padding),
        data_format=text("NHWC"),
        use_cudnn_on_gpu={"b": True},
        epsilon={"f": 0},
        **more,
    )


def constant(name: str, array: np.ndarray, dtype: str | None = None) -> dict:
    kind = dtype or {"f": "DT_FLOAT", "i": "DT_INT32", "b": "DT_BOOL"}[array.dtype.kind]
    dims = {"dim": [{"size": str(size)} for size in array.shape]} if array.shape else {}
    value = {"tensor": {"dtype": kind, "tensorShape": dims}}
    return {"name": name, "op": "Const", "attr": {"dtype": {"type": kind}, "value": value}}


def quantized(array: np.ndarray, dtype: str) -> tuple[np.ndarray, dict]:
    """(what is stored, the manifest's `quantization`), as the converter does it."""
    if dtype == "float16":
        return array.astype("<f2"), {"dtype": "float16", "original_dtype": "float32"}
    levels = np.iinfo(dtype).max
    least, scale = float(array.min()), float(np.ptp(array) / levels)
    stored = np.round((array - least) / scale).astype(dtype)
    return stored, {"dtype": dtype, "min": least, "scale": scale, "original_dtype": "float32"}


def model(
    nodes: list[dict],
    weights: dict[str, np.ndarray],
    *,
    quantization: dict[str, str] | None = None,
    types: dict[str, str] | None = None,
) -> tuple[dict, bytes]:
    """(the JSON, the weights' bytes) of a graph whose constants are `weights`."""
    entries, data = [], b""
    for name, array in weights.items():
        entry = {"name": name, "shape": list(array.shape), "dtype": _dtype(array)}
        stored = array
        if quantization and name in quantization:
            stored, entry["quantization"] = quantized(array, quantization[name])
        entries.append(entry)
        data += np.ascontiguousarray(stored).tobytes()
    constants = [constant(name, array, (types or {}).get(name)) for name, array in weights.items()]
    content = {
        "format": "graph-model",
        "generatedBy": "2.4.0",
        "convertedBy": "TensorFlow.js Converter v2.8.0",
        "modelTopology": {"node": constants + nodes, "library": {}, "versions": {"producer": 440}},
        "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": entries}],
    }
    return content, data


def _dtype(array: np.ndarray) -> str:
    return {"f": "float32", "i": "int32", "b": "bool"}[array.dtype.kind]


def write(folder: Path, content: dict, data: bytes) -> Path:
    """Writes a model whose weights lie in one file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").write_text(json.dumps(content))
    (folder / content["weightsManifest"][0]["paths"][0]).write_bytes(data)
    return folder / "model.json"


def config_of(path: Path, output: str = "out", size: int = SIZE, **changes):
    return network_config(
        "by hand",
        str(path),
        kind="tfjs",
        input_size=size,
        input_range=(0.0, 1.0),
        outputs={"embedding": output},
        **changes,
    )
