"""Small random ONNX models: values, operands in every form a file may give them, and nodes."""
import numpy as np
from onnx import TensorProto, helper, numpy_helper


class Model:
    """A model under construction, with the values that are fed to its inputs.

    `random` decides all that is left open: values, whether an operand is an input, an initializer or the result of a
    Constant node, and how much of the inputs' shapes the file tells.
    """

    def __init__(self, kind, opset, random):
        self.kind, self.opset, self.random = kind, opset, random
        self.nodes, self.initializers, self.inputs, self.outputs = [], [], {}, []
        self.listed = []
        self.words = []
        self.differentiable = True
        self.counter = 0

    # Choices

    def choose(self, *options):
        return options[self.random.integers(len(options))]

    def chance(self, probability=0.5):
        return self.random.random() < probability

    def count(self, low, high):
        """A whole number from `low` to `high`, both included."""
        return int(self.random.integers(low, high + 1))

    def shape(self, low=1, high=4, most=5):
        """Extents of a random rank."""
        return [self.count(1, most) for _ in range(self.count(low, high))]

    def real(self, *shape, low=-2.0, high=2.0):
        """Numbers far from each other, from zero, and from whole and half numbers: odd multiples of 2^-11."""
        count = int(np.prod(shape))
        first, last = int(np.ceil(low * 1024)), int(np.floor(high * 1024))
        distinct = last - first > 2 * count
        steps = self.random.choice(last - first, count, replace=not distinct) + first
        return ((2 * steps + 1) / 2048).astype(np.float32).reshape(shape)

    def whole(self, *shape, low=-9, high=9, dtype=np.int64):
        return self.random.integers(low, high + 1, shape).astype(dtype)

    def coarse(self, *shape):
        """Floats that are often equal to each other."""
        return self.whole(*shape, low=-2, high=2).astype(np.float32)

    def truth(self, *shape):
        return self.random.random(shape) < 0.5

    # Operands

    def name(self, stem="t"):
        self.counter += 1
        return f"{stem}{self.counter}"

    def input(self, value):
        name = self.name("x")
        self.inputs[name] = np.asarray(value)
        self.words.append(f"{name}{list(np.shape(value))}")
        return name

    def operand(self, value):
        """An operand that may come from anywhere."""
        return self.input(value) if self.chance(0.5) else self.constant(value)

    def constant(self, value):
        """An operand that is known beforehand."""
        value = np.asarray(value)
        name = self.name("c")
        form = self.choose("initializer", "Constant", "listed")
        if form == "Constant":
            attributes = {"value": numpy_helper.from_array(value)}
            if self.opset >= 12 and value.ndim < 2 and value.dtype in (np.float32, np.int64) and self.chance(0.3):
                plain = value.tolist()
                word = "float" if value.dtype == np.float32 else "int"
                if value.ndim == 0:
                    attributes = {f"value_{word}": plain}
                elif plain:
                    attributes = {f"value_{word}s": plain}
            self.nodes.append(helper.make_node("Constant", [], [name], **attributes))
        else:
            self.initializers.append(numpy_helper.from_array(value, name))
            if form == "listed":
                self.listed.append((name, value))
        self.words.append(f"{name}={form}{list(value.shape)}")
        return name

    # Nodes

    def node(self, kind, inputs, outputs=1, **attributes):
        """Adds a node. `outputs` is a number, or a string of 0 and 1 that says which of the results are named."""
        wanted = outputs if isinstance(outputs, str) else "1" * outputs
        names = [self.name("y") if w == "1" else "" for w in wanted]
        attributes = {k: v for k, v in attributes.items() if v is not None}
        inputs = ["" if i is None else i for i in inputs]
        while inputs and inputs[-1] == "":
            inputs.pop()
        self.nodes.append(helper.make_node(kind, inputs, names, name=f"{kind} {self.counter}", **attributes))
        said = [f"{k}={_plain(v)}" for k, v in sorted(attributes.items())]
        self.words.append(f"{kind}({' '.join(said)})")
        named = [n for n in names if n]
        self.outputs = named
        return named[0] if len(named) == 1 else named

    def proto(self, types=None):
        """The model. `types` maps output names to element types and ranks once they are known."""
        form = self.random.spawn(1)[0]
        inputs = []
        told = form.choice(["fixed", "batch", "symbolic", "unknown"], p=[0.4, 0.3, 0.25, 0.05])
        for name, value in self.inputs.items():
            dims = list(value.shape)
            if told == "batch" and dims:
                dims[0] = "N" if len({v.shape[:1] for v in self.inputs.values()}) == 1 else f"{name}_0"
            elif told == "symbolic":
                dims = [f"{name}_{i}" if form.random() < 0.8 else d for i, d in enumerate(dims)]
            elif told == "unknown":
                dims = [None] * len(dims)
            inputs.append(helper.make_tensor_value_info(name, _type(value), dims))
        for name, value in self.listed:
            inputs.append(helper.make_tensor_value_info(name, _type(value), value.shape))
        outputs = [
            helper.make_tensor_value_info(n, types[n], None) if types else helper.make_empty_tensor_value_info(n)
            for n in self.outputs]
        imports = [helper.make_opsetid("", self.opset)]
        imports += [helper.make_opsetid(d, 1) for d in sorted({n.domain for n in self.nodes} - {""})]
        graph = helper.make_graph(self.nodes, "g", inputs, outputs, self.initializers)
        return helper.make_model(
            graph, opset_imports=imports, ir_version=8 if self.opset < 19 else 10)


def _type(value):
    return helper.np_dtype_to_tensor_dtype(np.asarray(value).dtype)


def _plain(value):
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(str, value)) + "]"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, bytes):
        return value.decode()
    return "{...}" if hasattr(value, "SerializeToString") else str(value)
