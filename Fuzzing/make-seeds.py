"""Seeds for the fuzzer: small files that cover every operator, in the folder given.

    python Fuzzing/make-seeds.py Fuzzing/corpus

- ONNX's own node tests (onnx.backend.test.case.node), at an opset that is read; each also with its smaller inputs made
  constants, so that readers that want constant operands get them;
- the models of the tests' archive of later operators, ONNX Runtime's own among them;
- the golden networks of the tests, and YAMNet with its channels reduced to a few.
"""

import pathlib
import sys
import warnings

import numpy as np
import onnx
import onnx.backend.test.case.node as node_tests
from onnx import numpy_helper

warnings.filterwarnings("ignore")
root = pathlib.Path(__file__).resolve().parent.parent
folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)


def save(name, model):
    for opset in model.opset_import:
        if opset.domain == "" and opset.version > 26:
            opset.version = 26
    data = model.SerializeToString()
    if len(data) < 1 << 16:
        (folder / f"{name}.onnx").write_bytes(data)


for case in node_tests.collect_testcases(None):
    if case.model is None or any(o.domain not in ("", "ai.onnx") for o in case.model.opset_import):
        continue
    save(case.name, case.model)
    inputs = case.data_sets[0][0] if case.data_sets else []
    arrays = [x for x in inputs if isinstance(x, np.ndarray) and x.size <= 256]
    if len(inputs) < 2 or len(arrays) != len(inputs):
        continue
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    for value, array in list(zip(model.graph.input, inputs))[1:]:
        model.graph.initializer.append(numpy_helper.from_array(array, value.name))
    del model.graph.input[1:]
    save(f"{case.name}_constant", model)

# The models of the tests' archive, ONNX Runtime's own operators among them.
archive = np.load(root / "Tests/GraphsTests/Golden/later.npz")
bytes_left = archive["models"].tobytes()
for number, line in enumerate(archive["index"].tobytes().decode().split("\n")):
    length = int(line.split("\t")[2])
    data, bytes_left = bytes_left[:length], bytes_left[length:]
    save(f"later_{number}", onnx.load_model_from_string(data))

for path in (root / "Tests/GraphsTests/Golden").glob("*.onnx"):
    save(path.stem, onnx.load(path))


def reduced(extent):
    """Channels and classes, few."""
    return extent if extent < 16 else max(2, extent // 64)


model = onnx.load(root / "Data/models/yamnet.onnx")
del model.metadata_props[:]
for weight in model.graph.initializer:
    array = numpy_helper.to_array(weight)
    depthwise = array.ndim == 4 and array.shape[1] == 1
    if array.ndim and array.dtype == np.float32:
        array = array[tuple(slice(reduced(extent)) for extent in array.shape)]
    weight.CopyFrom(numpy_helper.from_array(array, weight.name))
kernels = {weight.name: list(weight.dims) for weight in model.graph.initializer}
for node in model.graph.node:
    for attribute in node.attribute:
        if attribute.name == "group" and attribute.i > 1:
            attribute.i = kernels[node.input[1]][0]
save("yamnet", model)
print(len(list(folder.iterdir())), "seeds")
