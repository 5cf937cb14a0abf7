#!/usr/bin/env python3
"""Otoscope's relevance and DeepLIFT beside Zennit 0.5.1 and Captum 0.9, on the same networks and inputs.

  relevance.py OTOSCOPE PEERS MODEL.onnx ...        prints a Markdown table

PEERS is a file with a class OnnxModule(path, output), which makes a PyTorch module of an ONNX file; what it computes by
functions of torch is made modules here, so that hooks see it. Inputs are normal random numbers (seed 0), and so is
DeepLIFT's baseline (seed 1; a constant one makes maxima of equals, of which rounding chooses one); the element that is
explained is the largest. Batch normalizations behind a convolution are folded into it for Zennit.
"""
import importlib.util, subprocess, sys, tempfile, types
from pathlib import Path
import numpy as np, onnx, torch
from torch import nn

# Zennit's models of torchvision are not needed.
for name in ("torchvision", "torchvision.models", "torchvision.models.resnet", "torchvision.models.vgg"):
    sys.modules.setdefault(name, types.ModuleType(name))
sys.modules["torchvision.models.resnet"].__dict__.update(Bottleneck=nn.Module, BasicBlock=nn.Module, ResNet=nn.Module)
sys.modules["torchvision.models.vgg"].VGG = nn.Module
from zennit.rules import AlphaBeta, Epsilon, Flat, Gamma, Norm, Pass, ZBox, ZPlus
from captum.attr import DeepLift
from captum.attr._core import deep_lift

deep_lift.SUPPORTED_NON_LINEAR[nn.Hardtanh] = deep_lift.nonlinear  # elementwise, as ReLU is


def unpool_adding(values, indices, kernel, stride, padding, size):
    """`max_unpool2d`, which where windows overlap keeps one value a place, with all of them added."""
    result = torch.zeros(*size[:2], size[2] * size[3])
    return result.scatter_add_(2, indices.flatten(2), values.flatten(2)).reshape(size)


def captum(network, x, baseline, target, unpool=nn.functional.max_unpool2d):
    kept, nn.functional.max_unpool2d = nn.functional.max_unpool2d, unpool
    result = DeepLift(network).attribute(x, baseline, target=target).detach().numpy()
    nn.functional.max_unpool2d = kept
    return result


class PaddedConv2d(nn.Conv2d):
    """A convolution that pads each side by itself. With a module of its own for that, a rule would count the padding as
    part of the input: the box and the flat rule do not leave it at zero."""

    def forward(self, x):
        return super().forward(nn.functional.pad(x, self.sides))


class Sum(nn.Module):
    def forward(self, stacked):
        return stacked.sum(-1)


class Network(nn.Module):
    """The ONNX file with a module for every node that a rule may want to see."""

    def __init__(self, peers, path, output, fold):
        super().__init__()
        self.base = peers.OnnxModule(path, output)
        self.plan, self.layers, self.const = [], nn.ModuleList(), self.base.const
        behind = {}
        for op, a, ins, outs, k in self.base.plan:
            module = self.module(op, a, ins, self.base.steps[k])
            maker = behind.get(ins[0])
            conv = list(maker.modules())[-1] if maker is not None else None
            if fold and op == "BatchNormalization" and isinstance(conv, nn.Conv2d):
                self.fold(conv, module)
                module = nn.Identity()
            behind = {outs[0]: module} if op == "Conv" else {}
            self.plan.append((op, a, ins, outs, len(self.layers)))
            self.layers.append(module)
            if outs[0] == self.base.result:
                break
        self.base.steps = nn.ModuleList()  # what is not run has no place among what is hooked

    def module(self, op, a, ins, step):
        if op == "Clip":
            return nn.Hardtanh(float(self.const[ins[1]]), float(self.const[ins[2]]))
        if op == "Gemm":
            w, b = self.const[ins[1]], self.const[ins[2]]
            linear = nn.Linear(*(w.shape[::-1] if a.get("transB") else w.shape))
            linear.weight.data, linear.bias.data = (w if a.get("transB") else w.T.contiguous()), b
            return linear
        if op == "MaxPool":
            assert not any(a.get("pads", [0]))
            return nn.MaxPool2d(tuple(a["kernel_shape"]), tuple(a["strides"]))
        if op == "GlobalAveragePool":
            return nn.AdaptiveAvgPool2d(1)
        if op == "Conv" and isinstance(step, nn.Sequential):
            pad, step = step
            step.__class__, step.sides = PaddedConv2d, pad.padding
        return Sum() if op == "Add" else step

    @staticmethod
    def fold(conv, norm):
        scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
        bias = 0 if conv.bias is None else conv.bias.double()
        conv.weight.data = (conv.weight.double() * scale[:, None, None, None]).float()
        conv.bias = nn.Parameter(((bias - norm.running_mean.double()) * scale + norm.bias.double()).float(), False)

    def forward(self, x):
        v = {self.base.input: x}
        for op, a, ins, outs, k in self.plan:
            x = v[ins[0]]
            if op == "Add":
                y = self.layers[k](torch.stack([v[i] for i in ins], -1))
            elif op == "Flatten":
                y = x.flatten(a.get("axis", 1))
            elif op == "Transpose":
                y = x.permute(*a["perm"])
            elif op == "Unsqueeze":
                y = x
                for axis in sorted(self.const[ins[1]].tolist()):
                    y = y.unsqueeze(axis)
            else:
                y = self.layers[k](x)
            v[outs[0]] = y
        return y


def zennit(network, x, target, dense, conv, first, whole):
    """Relevance by Zennit's rules: `dense`, `conv`, `first` make one."""
    hooks, is_first = [], True
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            hook = (first or conv)() if is_first else conv()
            is_first = False
        elif isinstance(layer, nn.Linear):
            hook = dense()
        elif isinstance(layer, nn.BatchNorm2d):
            hook = Epsilon() if whole else Pass()
        elif isinstance(layer, (nn.ReLU, nn.Hardtanh)):
            hook = Pass()
        elif isinstance(layer, (Sum, nn.AdaptiveAvgPool2d)):
            hook = Norm()
        else:
            continue
        hooks.append(hook.register(layer))
    z = x.clone().requires_grad_(True)
    y = network(z)
    seed = torch.zeros_like(y)
    seed[:, target] = y[:, target].detach()
    (result,) = torch.autograd.grad(y, z, seed)
    for hook in hooks:
        hook.remove()
    return result.numpy()


def methods(box):
    yield "lrp-epsilon", (Epsilon, Epsilon, None, True)
    yield "lrp-gamma", (Gamma, Gamma, None, False)
    yield "lrp-z-plus", (ZPlus, ZPlus, None, False)
    yield "lrp-alpha-beta", (AlphaBeta, AlphaBeta, None, False)
    yield "lrp-epsilon-plus", (Epsilon, ZPlus, None, False)
    yield "lrp-epsilon-gamma-box", (Epsilon, Gamma, box, False)
    yield "lrp-epsilon-plus-flat", (Epsilon, ZPlus, Flat, False)


def main():
    otoscope, peers_path, *models = sys.argv[1:]
    spec = importlib.util.spec_from_file_location("peers", peers_path)
    peers = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(peers)
    print("| network | method | largest difference / largest value | cosine |\n|---|---|---|---|")
    for path in models:
        graph = onnx.load(path).graph
        shape = [d.dim_value or 1 for d in graph.input[0].type.tensor_type.shape.dim]
        x, baseline = (np.random.default_rng(seed).standard_normal(shape).astype(np.float32) for seed in (0, 1))
        folded, plain = (Network(peers, path, "logits", fold).eval() for fold in (True, False))
        for parameter in [*folded.parameters(), *plain.parameters()]:
            parameter.requires_grad_(False)
        xt = torch.from_numpy(x)
        target = int(plain(xt)[0].argmax())
        # Zennit wants numbers for the box: what the first convolution reads.
        seen = []
        conv = next(m for m in folded.modules() if isinstance(m, nn.Conv2d))
        handle = conv.register_forward_pre_hook(lambda m, i: seen.append((float(i[0].min()), float(i[0].max()))))
        folded(xt)
        handle.remove()
        runs = {
            name: lambda rules=rules: zennit(folded, xt, target, *rules)
            for name, rules in methods(lambda: ZBox(*seen[0]))
        }
        runs["deeplift"] = lambda: captum(plain, xt, torch.from_numpy(baseline), target)
        runs["deeplift (overlaps added)"] = lambda: captum(plain, xt, torch.from_numpy(baseline), target, unpool_adding)
        with tempfile.TemporaryDirectory() as folder:
            np.save(f"{folder}/x.npy", x)
            np.save(f"{folder}/baseline.npy", baseline)
            for name, run in runs.items():
                command = [otoscope, "attribute", path, f"{folder}/x.npy", "--method", name.split()[0], "--of", "logits",
                           "--target", str(target), "--baseline", f"{folder}/baseline.npy", "-o", f"{folder}/a.npz"]
                subprocess.run(command, check=True, capture_output=True)
                ours, theirs = np.load(f"{folder}/a.npz")["attribution"], run()
                error = np.abs(ours - theirs).max() / np.abs(theirs).max()
                cosine = (ours * theirs).sum() / np.sqrt((ours.astype(float)**2).sum() * (theirs.astype(float)**2).sum())
                print(f"| {Path(path).stem} | {name} | {error:.1e} | {cosine:.7f} |", flush=True)


if __name__ == "__main__":
    main()
