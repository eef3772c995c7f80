#!/usr/bin/env python3
"""Writes the golden files that the tests compare Gatun with.

Needs PyTorch 1.13 and NumPy as in Debian 12 (apt install python3-torch):

    /usr/bin/python3 tests/goldens/write.py tests/src/test/resources/goldens

Every file is safetensors, written by this script, so nothing else is needed. One entry per case and tensor:
`case/in0`, `case/out`, `case/grad0` ... for operations, `case/state.NAME`, `case/x`, `case/y`, `case/gx`,
`case/grad.NAME` for modules. The gradient is that of sum(out * weights), with the weights stored as `case/weights`.
"""
import json
import struct
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

TYPES = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64", torch.bool: "BOOL"}


def save(path, tensors):
    """safetensors: length of the header, header as JSON, then the bytes of all tensors."""
    header, blobs, at = {"__metadata__": {"format": "pt", "torch": torch.__version__}}, [], 0
    for name, t in tensors.items():
        data = t.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": TYPES[t.dtype], "shape": list(t.shape), "data_offsets": [at, at + len(data)]}
        blobs.append(data)
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)))
        f.write(text)
        f.writelines(blobs)
    print(path, at, "bytes of tensors,", len(tensors), "tensors")


def normal(*shape):
    return torch.randn(*shape)


def positive(*shape):
    return torch.rand(*shape) + 0.5


def away(*shape):
    """Both signs, away from 0."""
    x = torch.randn(*shape)
    return torch.sign(x) * (x.abs() + 0.1)


class Ops:
    def __init__(self):
        self.tensors = {}

    def case(self, name, work, *inputs):
        leaves = [x.clone().requires_grad_(x.is_floating_point()) for x in inputs]
        out = work(*leaves)
        for i, x in enumerate(inputs):
            self.tensors[f"{name}/in{i}"] = x
        self.tensors[f"{name}/out"] = out
        if out.is_floating_point() and out.requires_grad:
            weights = torch.randn(out.shape)
            (out * weights).sum().backward()
            self.tensors[f"{name}/weights"] = weights
            for i, x in enumerate(leaves):
                if x.grad is not None:
                    self.tensors[f"{name}/grad{i}"] = x.grad


def pointwise(o):
    s = (3, 11)
    for name in ("neg", "sin", "cos", "tanh", "sigmoid", "exp", "expm1", "erf", "square", "floor", "ceil", "round"):
        o.case(name, getattr(torch, name), normal(*s))
    for name in ("abs", "sign", "relu", "reciprocal", "tan"):
        o.case(name, getattr(torch, name), away(*s))
    for name in ("sqrt", "rsqrt", "log", "log2", "log10", "log1p"):
        o.case(name, getattr(torch, name), positive(*s))
    o.case("softplus", F.softplus, normal(*s))
    o.case("gelu", F.gelu, normal(*s) * 2)
    o.case("silu", F.silu, normal(*s))
    o.case("leakyRelu", lambda x: F.leaky_relu(x, 0.01), away(*s))
    o.case("elu", lambda x: F.elu(x, 1.3), away(*s))
    o.case("selu", F.selu, away(*s))
    o.case("geluTanh", lambda x: F.gelu(x, approximate="tanh"), normal(*s))
    o.case("mish", F.mish, normal(*s))
    o.case("hardTanh", lambda x: F.hardtanh(x, -0.7, 0.9), normal(*s))
    o.case("relu6", F.relu6, normal(*s) * 5)
    o.case("hardSigmoid", F.hardsigmoid, normal(*s) * 3)
    o.case("hardSwish", F.hardswish, normal(*s) * 3)
    o.case("softsign", F.softsign, normal(*s))
    o.case("logSigmoid", F.logsigmoid, normal(*s))
    for name in ("add", "sub", "mul", "maximum", "minimum"):
        o.case(name, getattr(torch, name), normal(2, 1, 5), normal(4, 1))
    o.case("maximum of ties", torch.maximum, torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 5.0, -1.0]))
    o.case("div", torch.div, normal(3, 4), away(4))
    o.case("pow", torch.pow, positive(3, 4), normal(3, 4))
    o.case("remainder", torch.remainder, normal(5, 7) * 5, away(5, 7))
    o.case("clamp", lambda x: torch.clamp(x, -0.5, 0.6), normal(*s))
    o.case("where", lambda c, x, y: torch.where(c > 0, x, y), torch.randint(0, 2, (3, 4)), normal(3, 4), normal(4))
    o.case("lerp", lambda x, y: torch.lerp(x, y, 0.3), normal(*s), normal(*s))
    for name in ("eq", "ne", "lt", "le", "gt", "ge"):
        o.case(name, getattr(torch, name), torch.randint(-2, 3, s).float(), torch.randint(-2, 3, s).float())
    o.case("to I64", lambda x: x.to(torch.int64), normal(*s) * 9)


def reductions(o):
    s = (3, 5, 7)
    for name, dims in (("all", None), ("0", (0,)), ("1", (1,)), ("02", (0, 2))):
        d = dims if dims is not None else (0, 1, 2)
        o.case("sum " + name, lambda x: torch.sum(x, d), normal(*s))
        o.case("mean " + name, lambda x: torch.mean(x, d, keepdim=True), normal(*s))
        o.case("amax " + name, lambda x: torch.amax(x, d), normal(*s))
        o.case("amin " + name, lambda x: torch.amin(x, d), torch.randint(-2, 3, s).float())
        o.case("var " + name, lambda x: torch.var(x, d), normal(*s))
        o.case("std " + name, lambda x: torch.std(x, d, unbiased=False), normal(*s))
        o.case("logSumExp " + name, lambda x: torch.logsumexp(x, d), normal(*s))
        o.case("norm 2 " + name, lambda x: torch.linalg.vector_norm(x, 2, d), normal(*s))
        o.case("norm 1 " + name, lambda x: torch.linalg.vector_norm(x, 1, d), normal(*s))
        o.case("norm 3 " + name, lambda x: torch.linalg.vector_norm(x, 3, d), normal(*s))
    o.case("prod", lambda x: torch.prod(x, 1), away(*s))
    o.case("prod with zeros", lambda x: torch.prod(x, 1), torch.tensor([[1.0, 0, 3], [0, 0, 2], [4, 5, 6]]))
    o.case("cumsum", lambda x: torch.cumsum(x, 1), normal(*s))
    o.case("argmax", lambda x: torch.argmax(x, 1), normal(*s))
    o.case("argmin", lambda x: torch.argmin(x, 2, keepdim=True), normal(*s))


def products(o):
    o.case("matmul", torch.matmul, normal(5, 17), normal(17, 9))
    o.case("matmul broadcast", torch.matmul, normal(2, 1, 3, 4), normal(3, 4, 5))
    o.case("matmul vector", torch.matmul, normal(2, 3, 7), normal(7))
    o.case("bmm", torch.bmm, normal(2, 3, 4), normal(2, 4, 5))
    o.case("linear", F.linear, normal(6, 5), normal(3, 5), normal(3))
    o.case("outer", torch.outer, normal(3), normal(4))
    o.case("einsum", lambda a, b: torch.einsum("bij,bjk->bik", a, b), normal(2, 3, 4), normal(2, 4, 5))
    o.case("einsum of three", lambda a, b, c: torch.einsum("i,ij,j->", a, b, c), normal(3), normal(3, 4), normal(4))


def picking(o):
    o.case("gather", lambda x, i: torch.gather(x, 1, i), normal(3, 5), torch.randint(0, 5, (3, 8)))
    o.case("scatterAdd", lambda x, i, s: x.scatter_add(1, i, s), normal(3, 5), torch.randint(0, 5, (3, 7)),
           normal(3, 7))
    o.case("scatter", lambda x, i, s: x.scatter(1, i, s), normal(3, 5),
           torch.stack([torch.randperm(5)[:4] for _ in range(3)]), normal(3, 4))
    o.case("indexSelect", lambda x, i: torch.index_select(x, 1, i), normal(3, 5, 2), torch.randint(0, 5, (9,)))
    o.case("indexAdd", lambda x, i, s: x.index_add(0, i, s), normal(4, 5), torch.randint(0, 4, (7,)), normal(7, 5))
    o.case("maskedFill", lambda x, m: x.masked_fill(m > 0, -3), normal(4, 5), torch.randint(0, 2, (4, 5)))
    o.case("maskedSelect", lambda x, m: torch.masked_select(x, m > 0), normal(4, 5), torch.randint(0, 2, (4, 5)))
    o.case("topk", lambda x: torch.topk(x, 3, 1)[0], normal(4, 9))
    o.case("sort", lambda x: torch.sort(x, dim=0, descending=True, stable=True)[0], normal(7, 3))
    o.case("argsort", lambda x: torch.sort(x, dim=1, descending=False, stable=True)[1], torch.randint(-2, 3, (4, 9)).float())
    o.case("tril", lambda x: torch.tril(x, 1), normal(4, 5))
    o.case("triu", lambda x: torch.triu(x, -1), normal(4, 5))
    o.case("oneHot", lambda i: F.one_hot(i, 5), torch.randint(0, 5, (3, 2)))
    o.case("flip", lambda x: torch.flip(x, (1,)), normal(3, 4))
    o.case("roll", lambda x: torch.roll(x, 3, 1), normal(3, 7))
    o.case("cat", lambda x, y: torch.cat((x, y), 1), normal(3, 2), normal(3, 5))
    o.case("stack", lambda x, y: torch.stack((x, y), 1), normal(3, 2), normal(3, 2))
    o.case("repeat", lambda x: x.repeat(2, 3), normal(3, 2))
    o.case("pad", lambda x: F.pad(x, (1, 2, 0, 3), value=0.5), normal(2, 3, 4))
    o.case("padReflect", lambda x: F.pad(x, (2, 1, 3, 0), mode="reflect"), normal(1, 2, 5, 4))
    o.case("padReplicate", lambda x: F.pad(x, (2, 1, 0, 3), mode="replicate"), normal(1, 2, 5, 4))
    o.case("unfold", lambda x: x.unfold(1, 4, 2), normal(3, 9))
    o.case("permute", lambda x: x.permute(2, 0, 1).reshape(4, 6), normal(2, 3, 4))
    o.case("slice", lambda x: x[:, 1:8:3], normal(3, 9))
    o.case("diagonal", lambda x: torch.diagonal(x), normal(4, 6))


def layers(o):
    o.case("softmax", lambda x: F.softmax(x, 1), normal(3, 5, 7))
    o.case("logSoftmax", lambda x: F.log_softmax(x, -1), normal(3, 5, 7))
    o.case("conv2d", lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1), normal(2, 3, 9, 8), normal(4, 3, 3, 3),
           normal(4))
    o.case("conv2d groups", lambda x, w: F.conv2d(x, w, padding=2, dilation=2, groups=2), normal(2, 4, 7, 6),
           normal(6, 2, 3, 3))
    o.case("conv2d depthwise", lambda x, w: F.conv2d(x, w, padding=1, groups=5), normal(2, 5, 7, 6), normal(5, 1, 3, 3))
    o.case("conv2d 1x1", F.conv2d, normal(2, 6, 5, 4), normal(3, 6, 1, 1))
    o.case("convTranspose2d", lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1, output_padding=1),
           normal(2, 3, 4, 4), normal(3, 2, 3, 3))
    o.case("maxPool2d", lambda x: F.max_pool2d(x, 3, 2, 1), normal(2, 3, 8, 7))
    o.case("maxPool2d of ties", lambda x: F.max_pool2d(x, 2, 2), torch.randint(0, 2, (1, 2, 6, 6)).float())
    o.case("averagePool2d", lambda x: F.avg_pool2d(x, 3, 2, 1), normal(2, 3, 8, 7))
    o.case("averagePool2d ceil", lambda x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False),
           normal(2, 3, 8, 8))
    o.case("adaptiveAveragePool2d", lambda x: F.adaptive_avg_pool2d(x, (3, 2)), normal(2, 3, 8, 7))
    o.case("batchNorm", lambda x, g, b: F.batch_norm(x, None, None, g, b, True, 0.1, 1e-5), normal(3, 4, 5, 2),
           positive(4), normal(4))
    labels = torch.randint(0, 5, (6,))
    o.case("crossEntropy", F.cross_entropy, normal(6, 5), labels)
    o.case("crossEntropy smoothed", lambda x, y: F.cross_entropy(x, y, label_smoothing=0.1), normal(6, 5), labels)
    o.case("crossEntropy weighted", lambda x, y, w: F.cross_entropy(x, y, w.detach(), ignore_index=2), normal(6, 5),
           labels, positive(5))
    o.case("crossEntropy images", F.cross_entropy, normal(2, 5, 3, 4), torch.randint(0, 5, (2, 3, 4)))
    o.case("nll", F.nll_loss, F.log_softmax(normal(6, 5), 1), labels)
    o.case("mse", F.mse_loss, normal(4, 5), normal(4, 5))
    o.case("l1", F.l1_loss, normal(4, 5), normal(4, 5))
    o.case("huber", lambda x, y: F.huber_loss(x, y, delta=0.7), normal(4, 5), normal(4, 5))
    o.case("smoothL1", lambda x, y: F.smooth_l1_loss(x, y, beta=0.7), normal(4, 5), normal(4, 5))
    o.case("bce", F.binary_cross_entropy, torch.rand(4, 5), torch.randint(0, 2, (4, 5)).float())
    o.case("bceWithLogits", F.binary_cross_entropy_with_logits, normal(4, 5) * 4, torch.rand(4, 5))
    o.case("bceWithLogits weighted", lambda x, y, w: F.binary_cross_entropy_with_logits(x, y, pos_weight=w.detach()),
           normal(4, 5) * 4, torch.rand(4, 5), positive(5))


def modules():
    """Layers as modules: the state dict before, outputs and gradients in training mode, the buffers after it, and the
    output in evaluation mode."""
    cases = {
        "linear": (nn.Linear(7, 5), normal(4, 7)),
        "linear without bias": (nn.Linear(7, 5, bias=False), normal(2, 3, 7)),
        "conv1d": (nn.Conv1d(3, 4, 5, stride=2, padding=2), normal(2, 3, 17)),
        "conv2d": (nn.Conv2d(3, 4, 3, padding=1), normal(2, 3, 7, 6)),
        "conv2d same": (nn.Conv2d(3, 4, 3, padding="same", dilation=2), normal(2, 3, 7, 6)),
        "conv2d grouped": (nn.Conv2d(4, 8, 3, stride=2, groups=4, bias=False), normal(2, 4, 9, 9)),
        "batchNorm1d": (nn.BatchNorm1d(5), normal(6, 5) * 2 + 1),
        "batchNorm1d sequence": (nn.BatchNorm1d(5, eps=1e-3, momentum=0.3), normal(3, 5, 4) * 2 + 1),
        "batchNorm2d": (nn.BatchNorm2d(3), normal(4, 3, 5, 6) * 2 + 1),
        "batchNorm2d plain": (nn.BatchNorm2d(3, affine=False), normal(4, 3, 5, 6)),
        "maxPool1d": (nn.MaxPool1d(3, stride=2, padding=1), normal(2, 3, 11)),
        "maxPool2d": (nn.MaxPool2d(2, ceil_mode=True), normal(2, 3, 7, 5)),
        "averagePool1d": (nn.AvgPool1d(3, stride=2, padding=1), normal(2, 3, 11)),
        "averagePool2d": (nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False), normal(2, 3, 7, 5)),
        "adaptiveAverage2d": (nn.AdaptiveAvgPool2d(2), normal(2, 3, 7, 5)),
        "adaptiveMax2d": (nn.AdaptiveMaxPool2d(3), normal(2, 3, 7, 5)),
        "prelu": (nn.PReLU(3), normal(2, 3, 4)),
        "flatten": (nn.Flatten(), normal(2, 3, 4)),
    }
    tensors = {}
    for name, (module, x) in cases.items():
        for key, value in module.state_dict().items():
            tensors[f"{name}/state.{key}"] = value.clone()
        leaf = x.clone().requires_grad_()
        y = module(leaf)
        weights = torch.randn(y.shape)
        (y * weights).sum().backward()
        tensors.update({f"{name}/x": x, f"{name}/y": y, f"{name}/weights": weights, f"{name}/gx": leaf.grad})
        for key, p in module.named_parameters():
            tensors[f"{name}/grad.{key}"] = p.grad
        for key, value in module.named_buffers():
            tensors[f"{name}/after.{key}"] = value.clone()
        module.eval()
        tensors[f"{name}/eval"] = module(x)
    return tensors


class BasicBlock(nn.Module):
    """The blocks and networks of torchvision, which Debian does not have."""

    def __init__(self, inputs, out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.downsample = downsample(inputs, out, stride)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + (self.downsample(x) if self.downsample else x))


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = downsample(inputs, 4 * width, stride)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + (self.downsample(x) if self.downsample else x))


def downsample(inputs, out, stride):
    if stride == 1 and inputs == out:
        return None
    return nn.Sequential(nn.Conv2d(inputs, out, 1, stride, bias=False), nn.BatchNorm2d(out))


class ResNet(nn.Module):
    def __init__(self, block, expansion, blocks, width, channels, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        inputs, self.stages = width, len(blocks)
        for stage, n in enumerate(blocks):
            layers = []
            for i in range(n):
                layers.append(block(inputs, width, 2 if stage > 0 and i == 0 else 1))
                inputs = width * expansion
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
            width *= 2
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        y = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for stage in range(self.stages):
            y = getattr(self, f"layer{stage + 1}")(y)
        return self.fc(F.adaptive_avg_pool2d(y, 1).flatten(1))


class Vgg(nn.Module):
    def __init__(self, stages, hidden, channels, classes):
        super().__init__()
        features = []
        for stage in stages:
            for out in stage:
                features += [nn.Conv2d(channels, out, 3, padding=1), nn.ReLU()]
                channels = out
            features.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Linear(channels * 49, hidden), nn.ReLU(), nn.Dropout(0.0),
                                        nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(0.0),
                                        nn.Linear(hidden, classes))

    def forward(self, x):
        return self.classifier(F.adaptive_avg_pool2d(self.features(x), 7).flatten(1))


def normed(inputs, out, kernel, stride=1, groups=1, activated=True):
    steps = [nn.Conv2d(inputs, out, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(out)]
    return steps + [nn.ReLU6()] if activated else steps


class InvertedResidual(nn.Module):
    def __init__(self, inputs, out, stride, expansion):
        super().__init__()
        hidden = inputs * expansion
        steps = [] if expansion == 1 else [nn.Sequential(*normed(inputs, hidden, 1))]
        steps.append(nn.Sequential(*normed(hidden, hidden, 3, stride, hidden)))
        self.conv = nn.Sequential(*steps, *normed(hidden, out, 1, activated=False))
        self.adds = stride == 1 and inputs == out

    def forward(self, x):
        return x + self.conv(x) if self.adds else self.conv(x)


class MobileNetV2(nn.Module):
    def __init__(self, first, stages, last, channels, classes):
        super().__init__()
        steps = [nn.Sequential(*normed(channels, first, 3, 2))]
        for expansion, out, repeats, stride in stages:
            for i in range(repeats):
                steps.append(InvertedResidual(first, out, stride if i == 0 else 1, expansion))
                first = out
        steps.append(nn.Sequential(*normed(first, last, 1)))
        self.features = nn.Sequential(*steps)
        self.classifier = nn.Sequential(nn.Dropout(0.0), nn.Linear(last, classes))

    def forward(self, x):
        return self.classifier(F.adaptive_avg_pool2d(self.features(x), 1).flatten(1))


class TimeSeriesCnn(nn.Module):
    def __init__(self, channels, first, second, kernel, pool, classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(channels, first, kernel), nn.ReLU(), nn.Conv1d(first, first, kernel), nn.ReLU(),
            nn.MaxPool1d(pool), nn.Conv1d(first, second, kernel), nn.ReLU(), nn.Conv1d(second, second, kernel),
            nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten())
        self.classifier = nn.Sequential(nn.Dropout(0.0), nn.Linear(second, classes))

    def forward(self, x):
        return self.classifier(self.features(x))


def models():
    """Small relatives of the networks, without dropout: state dict before, output and gradients in training, output in
    evaluation with the running statistics that a few batches left."""
    torch.manual_seed(13)
    cases = {
        "resnet basic": (ResNet(BasicBlock, 1, (1, 2), 4, 3, 5), normal(3, 3, 21, 26)),
        "resnet bottleneck": (ResNet(Bottleneck, 4, (2, 1), 4, 3, 5), normal(3, 3, 26, 21)),
        "vgg": (Vgg(((4,), (6, 6)), 10, 3, 5), normal(2, 3, 18, 29)),
        "mobilenetv2": (MobileNetV2(6, ((1, 4, 1, 1), (3, 6, 2, 2)), 12, 3, 5), normal(3, 3, 19, 22)),
        "time series cnn": (TimeSeriesCnn(3, 7, 9, 10, 3, 6), normal(2, 3, 80)),
        "mlp": (nn.Sequential(nn.Linear(17, 13), nn.ReLU(), nn.Linear(13, 11), nn.ReLU(), nn.Linear(11, 3)),
                normal(4, 17)),
    }
    tensors = {}
    for name, (module, x) in cases.items():
        with torch.no_grad():
            for _ in range(3):
                module(normal(*x.shape) * 1.5 + 0.2)
        for key, value in module.state_dict().items():
            tensors[f"{name}/state.{key}"] = value.clone()
        module.eval()
        tensors[f"{name}/eval"] = module(x)
        module.train()
        leaf = x.clone().requires_grad_()
        y = module(leaf)
        weights = torch.randn(y.shape)
        (y * weights).sum().backward()
        tensors.update({f"{name}/x": x, f"{name}/y": y, f"{name}/weights": weights, f"{name}/gx": leaf.grad})
        for key, p in module.named_parameters():
            tensors[f"{name}/grad.{key}"] = p.grad
    return tensors


def network():
    """No bias before a batch norm: its gradient is rounding noise, which Adam would turn into full steps."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
        nn.Linear(32, 5))


OPTIMISERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=1e-3),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3),
    "adam": lambda p: torch.optim.Adam(p, lr=1e-3),
    "adam with decay": lambda p: torch.optim.Adam(p, lr=1e-3, weight_decay=1e-2),
    "adamw": lambda p: torch.optim.AdamW(p, lr=1e-3, weight_decay=1e-2),
}
STEPS = 20


def trajectories():
    """Twenty steps of a small network under each optimiser: loss of every step, state dict after the last."""
    torch.manual_seed(11)
    start = network().state_dict()
    images, labels = normal(STEPS, 8, 1, 8, 8), torch.randint(0, 5, (STEPS, 8))
    tensors = {"images": images, "labels": labels}
    tensors.update({f"start.{k}": v.clone() for k, v in start.items()})
    for name, make in OPTIMISERS.items():
        net = network()
        net.load_state_dict(start)
        optimiser = make(net.parameters())
        losses = []
        for x, y in zip(images, labels):
            optimiser.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        tensors[f"{name}/losses"] = torch.tensor(losses)
        tensors.update({f"{name}/end.{k}": v.clone() for k, v in net.state_dict().items()})
        net.eval()
        tensors[f"{name}/eval"] = net(images[0])
    return start, tensors


def rms_norm(x, w, eps):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * w


def attention(q, k, v, mask=None, causal=False, scale=None):
    """Scaled dot product attention; query heads are a multiple of the key heads."""
    group = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
    scores = q @ k.transpose(-1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)
    if mask is not None:
        scores = scores + mask
    if causal:
        n, m = scores.shape[-2:]
        scores = scores.masked_fill(torch.ones(n, m).triu(1) > 0, float("-inf"))
    return F.softmax(scores, -1) @ v


def padded(*lengths):
    """True where a key is padding."""
    return torch.arange(max(lengths))[None, :] >= torch.tensor(lengths)[:, None]


def additive(mask):
    return torch.zeros(mask.shape).masked_fill(mask, float("-inf"))


def transformer_ops(o):
    o.case("layerNorm", lambda x, w, b: F.layer_norm(x, (19,), w, b), normal(3, 4, 19), positive(19), normal(19))
    o.case("layerNorm of two dims", lambda x, w, b: F.layer_norm(x, (3, 4), w, b, 0.1), normal(5, 3, 4),
           positive(3, 4), normal(3, 4))
    o.case("layerNorm without parameters", lambda x: F.layer_norm(x, (19,)), normal(3, 19))
    o.case("rmsNorm", lambda x, w: rms_norm(x, w, 1e-6), normal(3, 4, 19), positive(19))
    o.case("embedding", lambda w, i: F.embedding(i, w), normal(7, 5), torch.randint(0, 7, (2, 6)))
    o.case("embedding with padding", lambda w, i: F.embedding(i, w, padding_idx=2), normal(7, 5),
           torch.randint(0, 7, (3, 9)))
    o.case("attention", attention, normal(2, 3, 5, 8), normal(2, 3, 7, 8), normal(2, 3, 7, 8))
    o.case("attention causal", lambda q, k, v: attention(q, k, v, causal=True), normal(2, 2, 9, 4), normal(2, 2, 9, 4),
           normal(2, 2, 9, 4))
    o.case("attention grouped", lambda q, k, v: attention(q, k, v, scale=0.3), normal(1, 6, 5, 8), normal(1, 2, 7, 8),
           normal(1, 2, 7, 8))
    o.case("attention masked", lambda q, k, v, m: attention(q, k, v, m.detach()), normal(2, 2, 5, 8),
           normal(2, 2, 7, 8), normal(2, 2, 7, 8), normal(2, 1, 5, 7))
    o.case("attention padded", lambda q, k, v, m: attention(q, k, v, m.detach()), normal(2, 2, 5, 8),
           normal(2, 2, 7, 8), normal(2, 2, 7, 8), additive(padded(7, 3))[:, None, None, :])


class Bert(nn.Module):
    """The encoder of Devlin and others (2019) with the parameter names of its published files."""

    def __init__(self, vocabulary, positions, types, width, heads, inner, layers):
        super().__init__()
        self.heads = heads
        e = nn.Module()
        e.word_embeddings = nn.Embedding(vocabulary, width)
        e.position_embeddings = nn.Embedding(positions, width)
        e.token_type_embeddings = nn.Embedding(types, width)
        e.LayerNorm = nn.LayerNorm(width, 1e-12)
        self.embeddings = e
        self.encoder = nn.Module()
        self.encoder.layer = nn.ModuleList(self.block(width, inner) for _ in range(layers))
        self.pooler = nn.Module()
        self.pooler.dense = nn.Linear(width, width)

    @staticmethod
    def block(width, inner):
        b = nn.Module()
        b.attention = nn.Module()
        b.attention.self = nn.Module()
        for name in ("query", "key", "value"):
            setattr(b.attention.self, name, nn.Linear(width, width))
        b.attention.output = nn.Module()
        b.attention.output.dense = nn.Linear(width, width)
        b.attention.output.LayerNorm = nn.LayerNorm(width, 1e-12)
        b.intermediate = nn.Module()
        b.intermediate.dense = nn.Linear(width, inner)
        b.output = nn.Module()
        b.output.dense = nn.Linear(inner, width)
        b.output.LayerNorm = nn.LayerNorm(width, 1e-12)
        return b

    def forward(self, ids, types, mask):
        e = self.embeddings
        t = ids.shape[1]
        x = e.LayerNorm(e.word_embeddings(ids) + e.position_embeddings(torch.arange(t)) + e.token_type_embeddings(types))
        for b in self.encoder.layer:
            s = b.attention.self
            q, k, v = (f(x).view(x.shape[0], t, self.heads, -1).transpose(1, 2) for f in (s.query, s.key, s.value))
            a = attention(q, k, v, additive(mask == 0)[:, None, None, :]).transpose(1, 2).reshape(x.shape)
            x = b.attention.output.LayerNorm(b.attention.output.dense(a) + x)
            x = b.output.LayerNorm(b.output.dense(F.gelu(b.intermediate.dense(x))) + x)
        return x, torch.tanh(self.pooler.dense(x[:, 0]))


def module_case(tensors, name, module, work, **inputs):
    """State dict, inputs, output, and the gradients of sum(out * weights)."""
    for p in module.parameters():
        if p.dim() == 1:
            p.data += 0.1 * torch.randn(p.shape)
    tensors.update({f"{name}/state.{k}": v.clone() for k, v in module.state_dict().items()})
    leaves = {k: v.clone().requires_grad_(v.is_floating_point()) for k, v in inputs.items()}
    out = work(**leaves)
    outs = out if isinstance(out, tuple) else (out,)
    loss = 0
    for i, y in enumerate(outs):
        weights = torch.randn(y.shape)
        loss = loss + (y * weights).sum()
        tensors.update({f"{name}/out{i}": y, f"{name}/weights{i}": weights})
    loss.backward()
    tensors.update({f"{name}/x.{k}": v for k, v in inputs.items()})
    tensors.update({f"{name}/gx.{k}": v.grad for k, v in leaves.items() if v.grad is not None})
    tensors.update({f"{name}/grad.{k}": p.grad for k, p in module.named_parameters()})


def transformer_modules():
    tensors = {}
    m = nn.LayerNorm((3, 7))
    module_case(tensors, "layerNorm", m, lambda x: m(x), x=normal(4, 3, 7))
    e = nn.Embedding(9, 5, padding_idx=3)
    module_case(tensors, "embedding", e, lambda x: e(x), x=torch.randint(0, 9, (3, 8)))
    short = nn.Embedding(9, 5, max_norm=1.5)
    ids = torch.randint(0, 9, (3, 8))
    tensors.update({"embedding max norm/state.weight": short.weight.detach().clone(), "embedding max norm/x.x": ids,
                    "embedding max norm/out0": short(ids), "embedding max norm/after.weight": short.weight})
    a = nn.MultiheadAttention(12, 3, batch_first=True)
    module_case(tensors, "attention", a, lambda x: a(x, x, x), x=normal(2, 5, 12))
    c = nn.MultiheadAttention(12, 3, batch_first=True, kdim=7, vdim=10)
    module_case(tensors, "cross-attention", c, lambda q, k, v: c(q, k, v, key_padding_mask=padded(6, 4)),
                q=normal(2, 5, 12), k=normal(2, 6, 7), v=normal(2, 6, 10))
    p = nn.MultiheadAttention(12, 3, batch_first=True, bias=False)
    causal = torch.ones(5, 5).triu(1) > 0
    module_case(tensors, "causal attention", p, lambda x: p(x, x, x, attn_mask=causal, need_weights=False)[0],
                x=normal(2, 5, 12))
    post = nn.TransformerEncoderLayer(12, 3, 20, 0.0, batch_first=True)
    module_case(tensors, "encoder layer", post, lambda x: post(x), x=normal(2, 5, 12))
    pre = nn.TransformerEncoderLayer(12, 3, 20, 0.0, F.gelu, batch_first=True, norm_first=True)
    module_case(tensors, "encoder layer, norm first", pre, lambda x: pre(x, src_key_padding_mask=padded(5, 2)),
                x=normal(2, 5, 12))
    stack = nn.TransformerEncoder(nn.TransformerEncoderLayer(12, 3, 20, 0.0, batch_first=True), 2, nn.LayerNorm(12),
                                  enable_nested_tensor=False)
    module_case(tensors, "encoder", stack, lambda x: stack(x, mask=causal), x=normal(2, 5, 12))
    b = Bert(30, 16, 2, 12, 3, 20, 2)
    types = (torch.arange(7)[None, :] > 3).long().expand(2, 7).contiguous()
    module_case(tensors, "bert", b, lambda ids, types, mask: b(ids, types, mask), ids=torch.randint(0, 30, (2, 7)),
                types=types, mask=(~padded(7, 5)).long())
    return tensors


class Recurrent(nn.Module):
    """A recurrent layer with states as plain arguments, and, with lengths, on a packed sequence."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x, h=None, c=None, lengths=None):
        state = None if h is None else h if c is None else (h, c)
        if lengths is None:
            y, last = self.layer(x, state)
        else:
            batch_first = self.layer.batch_first
            packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first, enforce_sorted=False)
            y, last = self.layer(packed, state)
            steps = x.shape[1 if batch_first else 0]
            y = nn.utils.rnn.pad_packed_sequence(y, batch_first, total_length=steps)[0]
        return (y,) + (last if isinstance(last, tuple) else (last,))


def recurrent():
    """As modules(); the parameters go by the layer's own names."""
    tensors = {}

    def case(name, layer, **inputs):
        module_case(tensors, name, Recurrent(layer), lambda **kw: Recurrent(layer)(**kw), **inputs)

    case("lstm", nn.LSTM(7, 5), x=normal(6, 3, 7))
    case("gru", nn.GRU(7, 5), x=normal(6, 3, 7))
    case("rnn", nn.RNN(7, 5), x=normal(6, 3, 7))
    case("rnn relu", nn.RNN(7, 16, nonlinearity="relu"), x=normal(6, 3, 7))
    case("lstm without bias", nn.LSTM(3, 17, bias=False), x=normal(4, 2, 3), h=normal(1, 2, 17), c=normal(1, 2, 17))
    case("lstm of two layers", nn.LSTM(4, 33, 2, batch_first=True), x=normal(3, 5, 4), h=normal(2, 3, 33),
         c=normal(2, 3, 33))
    case("gru of two layers", nn.GRU(4, 18, 2, batch_first=True), x=normal(3, 5, 4), h=normal(2, 3, 18))
    lengths = torch.tensor([3, 6, 1, 5])
    case("lstm, both directions, lengths", nn.LSTM(4, 9, 2, bidirectional=True), x=normal(6, 4, 4), h=normal(4, 4, 9),
         c=normal(4, 4, 9), lengths=lengths)
    case("gru, both directions, lengths", nn.GRU(4, 9, 2, bidirectional=True, batch_first=True), x=normal(4, 6, 4),
         h=normal(4, 4, 9), lengths=lengths)
    case("rnn, both directions, lengths", nn.RNN(4, 20, bidirectional=True), x=normal(6, 4, 4), lengths=lengths)
    cell = nn.LSTMCell(6, 5)
    module_case(tensors, "lstm cell", cell, lambda x, h, c: cell(x, (h, c)), x=normal(3, 6), h=normal(3, 5),
                c=normal(3, 5))
    gru = nn.GRUCell(6, 5)
    module_case(tensors, "gru cell", gru, lambda x, h: gru(x, h), x=normal(3, 6), h=normal(3, 5))
    rnn = nn.RNNCell(6, 5, bias=False, nonlinearity="relu")
    module_case(tensors, "rnn cell", rnn, lambda x, h: rnn(x, h), x=normal(3, 6), h=normal(3, 5))
    return {name.replace("/state.layer.", "/state.").replace("/grad.layer.", "/grad."): t for name, t in tensors.items()}


def main(folder):
    torch.set_num_threads(1)
    torch.manual_seed(7)
    ops = Ops()
    for part in (pointwise, reductions, products, picking, layers):
        part(ops)
    save(f"{folder}/ops.safetensors", ops.tensors)
    save(f"{folder}/modules.safetensors", modules())
    save(f"{folder}/models.safetensors", models())
    start, tensors = trajectories()
    save(f"{folder}/trajectories.safetensors", tensors)
    save(f"{folder}/network.safetensors", start)
    torch.manual_seed(13)
    ops = Ops()
    transformer_ops(ops)
    save(f"{folder}/transformer-ops.safetensors", ops.tensors)
    save(f"{folder}/transformer-modules.safetensors", transformer_modules())
    torch.manual_seed(17)
    save(f"{folder}/recurrent.safetensors", recurrent())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
