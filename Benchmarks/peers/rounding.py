"""How far PyTorch is from itself: the measure of what two right implementations may differ by.

On either side of a kink (ReLU, a clip at 6, two equal values under a maximum) a gradient is another. An activation
within rounding of a kink may fall on either side in any correct implementation, and one such is enough to change the
gradient of the input by 1e-3 of its norm. Of 32 random images through EfficientNet-Lite0, 56 % have a saliency within
1e-4 of what PyTorch computes after folding BatchNormalization into the convolutions; the others differ by up to 4e-3,
and PyTorch in double precision is as far from both. So rows are taken that suffer little from it, and where PyTorch
with folded BatchNormalization or in double precision is further from PyTorch than the limit, that distance is the
limit's measure.
"""
import argparse
import importlib.util
import warnings

import numpy as np
import torch


def load_peers(path):
    specification = importlib.util.spec_from_file_location("peers", path)
    peers = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(peers)
    return peers


def module(peers, path, output):
    model = peers.OnnxModule(path, output).eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return model


def in_double(model):
    model.double()
    for name, constant in model.const.items():
        if constant.is_floating_point():
            model.const[name] = constant.double()
    return model


def folded(model):
    """The model with every BatchNormalization after a convolution made a part of it."""
    convolutions = {outputs[0]: model.steps[k] for operator, _, _, outputs, k in model.plan if operator == "Conv"}
    for operator, _, inputs, _, k in model.plan:
        if operator == "BatchNormalization" and inputs[0] in convolutions:
            convolution, normalization = convolutions[inputs[0]], model.steps[k]
            if isinstance(convolution, torch.nn.Sequential):  # with padding before it
                convolution = convolution[1]
            scale = normalization.weight / torch.sqrt(normalization.running_var + normalization.eps)
            bias = torch.zeros_like(scale) if convolution.bias is None else convolution.bias
            bias = (bias - normalization.running_mean) * scale + normalization.bias
            weight = convolution.weight * scale.reshape(-1, *[1] * (convolution.weight.ndim - 1))
            convolution.weight = torch.nn.Parameter(weight, requires_grad=False)
            convolution.bias = torch.nn.Parameter(bias, requires_grad=False)
            model.steps[k] = torch.nn.Identity()
    return model


def gradients(model, rows, target):
    found = []
    for part in torch.from_numpy(rows).split(8):
        part = part.clone().requires_grad_(True)
        found.append(torch.autograd.grad(model(part)[:, target].sum(), part)[0].double().numpy())
    return np.concatenate(found).reshape(len(rows), -1)


def stable_rows(peers_path, model_path, candidates, target, count):
    """The indices, ascending, of the `count` rows whose gradient of a logit changes least with folded
    BatchNormalization, and when the rows are moved by a millionth of their spread. Rows without a gradient are left
    out."""
    peers = load_peers(peers_path)
    model = module(peers, model_path, "logits")
    step = 1e-6 * candidates.std() * np.random.default_rng(3).standard_normal(candidates.shape)
    plain = gradients(model, candidates, target)
    others = [gradients(folded(module(peers, model_path, "logits")), candidates, target),
              gradients(model, (candidates + step).astype(np.float32), target)]
    norm = np.linalg.norm(plain, axis=1)
    change = np.max([np.linalg.norm(other - plain, axis=1) for other in others], axis=0)
    change = np.where(norm > 0, change / np.where(norm > 0, norm, 1), np.inf)
    return np.sort(np.argsort(change, kind="stable")[:count])


def other_attributions(peers_path, model_path, rows, method, target, layer=None, noise=None):
    """What peers.py attributes with folded BatchNormalization, and in double precision."""
    peers = load_peers(peers_path)
    options = argparse.Namespace(method=method, target=target, layer=layer, noise=noise, batch=16)
    rows = torch.from_numpy(rows)
    others = []
    for model, input in ((folded(module(peers, model_path, "logits")), rows),
                         (in_double(module(peers, model_path, "logits")), rows.double())):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Captum tells that it asks the input for its gradient
            others.append(peers.attribute(options, model, input)().detach().numpy())
    return others
