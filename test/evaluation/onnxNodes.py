"""The node tests of the onnx package, written out for test/evaluation/onnxNodes.exhaustive.ts.

    pip install onnx && python test/evaluation/onnxNodes.py FOLDER
    ONNX_NODES=FOLDER npm run test:exhaustive -- test/evaluation/onnxNodes.exhaustive.ts

A folder a case: model.onnx, and data.json with its inputs and outputs. Cases with sequences or absent values are left out, and
counted.
"""

import json
import pathlib
import sys

import numpy
import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases


def told(value, info):
    """A tensor as JSON, its numbers as texts; None for what is no tensor."""
    if not isinstance(value, (TensorProto, numpy.ndarray, numpy.generic)):
        return None
    tensor = value if isinstance(value, TensorProto) else numpy_helper.from_array(numpy.asarray(value))
    array = numpy_helper.to_array(tensor).reshape(-1)
    kind = TensorProto.DataType.Name(tensor.data_type).lower()
    if kind == "string" or "complex" in kind:
        return None
    if "float" in kind or kind == "double":
        data = [repr(float(one)) for one in array.astype(numpy.float64)]
    else:
        data = [str(int(one)) for one in array]
    return {"name": info.name, "type": kind, "shape": list(tensor.dims), "data": data}


def main(folder):
    left = 0
    cases = [case for case in collect_testcases(None) if case.model is not None and case.data_sets]
    for case in cases:
        graph = case.model.graph
        inputs, outputs = case.data_sets[0]
        tensors = {
            "input": [told(value, info) for value, info in zip(inputs, graph.input)],
            "output": [told(value, info) for value, info in zip(outputs, graph.output)],
        }
        if any(one is None for group in tensors.values() for one in group):
            left += 1
            continue
        place = pathlib.Path(folder) / case.name
        place.mkdir(parents=True, exist_ok=True)
        (place / "model.onnx").write_bytes(case.model.SerializeToString())
        (place / "data.json").write_text(json.dumps({**tensors, "rtol": case.rtol, "atol": case.atol}))
    print(f"onnx {onnx.__version__}: {len(cases) - left} cases, {left} left out")


main(sys.argv[1])
