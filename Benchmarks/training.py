#!/usr/bin/env python3
"""Gradients of weights in training: networks by PyTorch's exporter, and what PyTorch computes of them in double precision.

    training.py make FOLDER [NETWORK ...] [--small]     (wants torch, torchvision and onnx)
    OTOSCOPE_TRAINING=FOLDER swift test -c release --filter TrainingGoldenTests
    training.py compare FOLDER

`make` writes NAME.onnx, exported in training mode (batch normalizations take the statistics of the batch), and NAME.npz:
  x, seed, y       inputs; what the result is multiplied with, element by element, before it is summed; the result
  gradient:x       of that sum with respect to the input, and to each constant of the file that is a weight (kernels,
  gradient:NAME    scales, shifts, matrices; of recurrent layers ONNX's W, R and B), computed in double precision
  single:NAME      the same by PyTorch in float32; with --small only its distance ||single - double||, as distance:NAME
The tests write NAME.ours.npz beside them; `compare` prints the distances ||a - b|| / ||b|| from double precision, of
Otoscope and of PyTorch in float32, the largest of all weights and the median. `--small` makes the golden files of
Tests/GraphsTests. Gradients that are nothing but rounding (biases before a normalization) are compared with the largest.
"""
import argparse
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "peers"))


def networks(small):
    from zoo.pictures import models, named, one_channel, smooth  # before torchvision: it looks whether that loads
    from zoo.sequences import CRNN
    if small:
        def residual():
            return narrowed(one_channel(models.ResNet(models.resnet.BasicBlock, [1, 1, 1, 1])))
        return {"training-residual": (residual, (4, 1, 24, 32)),
                "training-crnn": (lambda: CRNN(width=6, hidden=5, layers=2), (3, 1, 7, 64))}
    return {"resnet18": (named("resnet18"), (8, 1, 112, 112)),
            "resnet18-smooth": (smooth(named("resnet18")), (8, 1, 112, 112)),
            "crnn": (CRNN, (8, 1, 60, 64))}


def narrowed(model, divisor=16):
    """The model with a sixteenth of its channels."""
    from torch import nn
    for name, module in list(model.named_modules()):
        parent, last = model.get_submodule(name.rpartition(".")[0]), name.rpartition(".")[2]
        if isinstance(module, nn.Conv2d):
            before = max(1, module.in_channels // divisor)
            setattr(parent, last, nn.Conv2d(
                before, module.out_channels // divisor, module.kernel_size, module.stride, module.padding,
                bias=module.bias is not None))
        elif isinstance(module, nn.BatchNorm2d):
            setattr(parent, last, nn.BatchNorm2d(module.num_features // divisor))
        elif isinstance(module, nn.Linear):
            setattr(parent, last, nn.Linear(module.in_features // divisor, module.out_features))
    return model


def constants_of(module, arrays):
    """What the exporter can have made of the parameters, as functions of arrays named as them: candidates for a name,
    each as (value, gradient)."""
    from torch import nn
    made = []
    for name, (value, gradients) in arrays.items():
        made.append((value, gradients))
        if value.ndim == 2:
            made.append((value.T, [g.T for g in gradients]))
    for prefix, layer in module.named_modules():
        if not isinstance(layer, nn.GRU):
            continue

        def gates(a):
            """PyTorch has reset, update, new; ONNX update, reset, new."""
            reset, update, new = np.split(a, 3)
            return np.concatenate([update, reset, new])

        for depth in range(layer.num_layers):
            def of(part, which):
                names = [f"{prefix}.{part}_l{depth}{end}" for end in ("", "_reverse")]
                return [arrays[name][0] if which is None else arrays[name][1][which] for name in names]
            joins = {
                "W": lambda which: np.stack([gates(a) for a in of("weight_ih", which)]),
                "R": lambda which: np.stack([gates(a) for a in of("weight_hh", which)]),
                "B": lambda which: np.stack([
                    np.concatenate([gates(a), gates(b)])
                    for a, b in zip(of("bias_ih", which), of("bias_hh", which))]),
            }
            made += [(join(None), [join(0), join(1)]) for join in joins.values()]
    return made


def make(folder, name, maker, shape, small):
    import onnx
    import torch
    torch.manual_seed(1)
    module = maker().train()
    for layer in module.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(layer.weight, 0.6, 1.4)
            torch.nn.init.uniform_(layer.bias, -0.3, 0.3)
    random = np.random.default_rng(3)
    x = random.standard_normal(shape).astype(np.float32)
    path = os.path.join(folder, f"{name}.onnx")
    state = {key: value.clone() for key, value in module.state_dict().items()}
    torch.onnx.export(
        module, (torch.from_numpy(x),), path, dynamo=False, opset_version=17, input_names=["x"], output_names=["y"],
        training=torch.onnx.TrainingMode.TRAINING, do_constant_folding=True)
    module.load_state_dict(state)

    def computed(dtype):
        module.load_state_dict(state)
        module.to(dtype).train().zero_grad()
        given = torch.from_numpy(x).to(dtype).requires_grad_(True)
        y = module(given)
        seed = np.random.default_rng(4).standard_normal(y.shape).astype(np.float32)
        y.backward(torch.from_numpy(seed).to(dtype))
        return seed, y.detach(), given.grad, {n: p.grad.numpy() for n, p in module.named_parameters()}

    def distance(single, double):
        return np.float32(np.linalg.norm(np.float64(single) - np.float64(double)))

    _, y32, x32, single = computed(torch.float32)
    seed, y, x64, double = computed(torch.float64)
    values = {n: state[n].numpy() for n in double}
    candidates = constants_of(module, {n: (values[n], (double[n], single[n])) for n in values})
    arrays = {"x": x, "seed": seed, "y": y.float().numpy(), "gradient:x": x64.float().numpy(), "single:x": x32.numpy()}
    distances = {"distance:x": distance(x32, x64), "distance:y": distance(y32, y)}
    model, unmatched = onnx.load(path), []
    for tensor in model.graph.initializer:
        value = onnx.numpy_helper.to_array(tensor)
        found = [g for v, g in candidates if v.shape == value.shape and np.array_equal(v, value)]
        if found:
            arrays[f"gradient:{tensor.name}"], arrays[f"single:{tensor.name}"] = np.float32(found[0][0]), found[0][1]
            distances[f"distance:{tensor.name}"] = distance(found[0][1], found[0][0])
        elif value.dtype == np.float32 and "running" not in tensor.name and value.any():
            unmatched.append(tensor.name)
    total = sum(a.size for n, a in arrays.items() if n.startswith("gradient:")) - x.size
    expected = sum(v.size for v in values.values())
    print(f"{name}: gradients of {total} of {expected} weights; not found: {unmatched}")
    if small:
        arrays = {n: a for n, a in arrays.items() if not n.startswith("single:")} | distances
        del model.graph.value_info[:]
        for node in model.graph.node:
            node.doc_string = ""
        onnx.save(model, path)
    np.savez_compressed(os.path.join(folder, f"{name}.npz"), **arrays)


def compare(folder):
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".ours.npz"):
            continue
        name = file.removesuffix(".ours.npz")
        theirs, ours = np.load(os.path.join(folder, f"{name}.npz")), np.load(os.path.join(folder, file))
        names = [n.removeprefix("gradient:") for n in theirs.files if n.startswith("gradient:")]
        largest = max(np.linalg.norm(theirs[f"gradient:{n}"]) for n in names if n != "x")

        def distance(a, b):
            return np.linalg.norm(a - b) / max(np.linalg.norm(b), 1e-3 * largest)

        def distances(of):
            return np.array([distance(of(n), theirs[f"gradient:{n}"]) for n in names])

        print(f"{name}, {len(names) - 1} tensors of weights")
        y = np.linalg.norm(ours["y"] - theirs["y"]) / np.linalg.norm(theirs["y"])
        mine, single = distances(lambda n: ours[f"gradient:{n}"]), distances(lambda n: theirs[f"single:{n}"])
        between = np.array([distance(ours[f"gradient:{n}"], theirs[f"single:{n}"]) for n in names])
        for label, d in [("Otoscope", mine), ("PyTorch in float32", single), ("one from the other", between)]:
            print(f"  {label:<20} largest {d.max():.1e} ({names[d.argmax()]}), median {np.median(d):.1e}")
        print(f"  values {y:.1e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["make", "compare"])
    parser.add_argument("folder")
    parser.add_argument("networks", nargs="*")
    parser.add_argument("--small", action="store_true")
    arguments = parser.parse_args()
    if arguments.verb == "compare":
        return compare(arguments.folder)
    os.makedirs(arguments.folder, exist_ok=True)
    for name, (maker, shape) in networks(arguments.small).items():
        if not arguments.networks or name in arguments.networks:
            make(arguments.folder, name, maker, shape, arguments.small)


if __name__ == "__main__":
    main()
