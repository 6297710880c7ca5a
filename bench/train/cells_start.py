"""The weights of a net for print or cells as a checkpoint from which ``cells.py`` trains on.

Run as ``python -m bench.train.cells_start OUT.pt --fonts NPM/node_modules/@fontsource``; without
``--model`` the weights are those of ``ocr/printed_net.onnx``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from bench.train.cells import WIDER, drawn_cell, network
from bench.train.ctc import SEED
from ocr.printed_line import MODEL

_CELLS, _FIRST = 160, 1_000_000  # no cell of the training
_STIR = 0.004  # by which weights of a layer that hands on what it is told differ from each other


def start(model: Path, fonts: tuple[Path, ...]) -> nn.Sequential:
    """The net with a model's weights, its batch norms fitted to drawn cells.

    An exported net has its norms folded into the convolutions. Each gets the mean and spread of
    what comes to it, and a scale and shift that undo them: the net says the same as before, in
    training, too. The layers that it has beyond the model's hand on what comes to them.
    """
    graph = onnx.load(str(model)).graph
    stored = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    folded = [[stored[name] for name in node.input[1:3]] for node in graph.node
              if node.op_type == "Conv"]  # fmt: skip
    numbers = range(_FIRST, _FIRST + _CELLS)
    drawn = [cell[0] for n in numbers if (cell := drawn_cell(n, fonts, Path())) is not None]
    seen = [torch.from_numpy(np.asarray(ink / 255.0, np.float32))[None, None] for ink in drawn]
    torch.manual_seed(SEED)
    net = network().eval()
    more = [layer for layer in net if isinstance(layer, nn.Conv2d)][-1 - len(WIDER) : -1]
    with torch.no_grad():
        for place, layer in enumerate(net):
            if isinstance(layer, nn.Conv2d):
                told = _handing_on(layer) if layer in more else map(torch.tensor, folded.pop(0))
                weight, bias = told
                layer.weight.copy_(weight)
                if layer.bias is not None:
                    layer.bias.copy_(bias)
                else:
                    _fit(net[place + 1], torch.cat([layer(x)[0].flatten(1) for x in seen], 1), bias)
            seen = [layer(x) for x in seen]
    return net


def _handing_on(layer: nn.Conv2d) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights and bias by which a layer says what it is told, nearly."""
    weight = _STIR * torch.randn_like(layer.weight)
    middle = layer.kernel_size[1] // 2
    for channel in range(layer.out_channels):
        weight[channel, channel, 0, middle] += 1
    return weight, torch.zeros(layer.out_channels)


def _fit(norm: nn.BatchNorm2d, told: torch.Tensor, bias: torch.Tensor) -> None:
    """Let a norm add ``bias`` to what it is told (channels x values) and change nothing else."""
    mean, spread = told.mean(1), told.var(1)
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(spread)
    norm.weight.copy_(torch.sqrt(spread + norm.eps))
    norm.bias.copy_(bias + mean)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fonts", type=Path, action="append", required=True)
    parser.add_argument("--model", type=Path, default=MODEL, help="with as many layers as print's")
    given = parser.parse_args()
    torch.save(start(given.model, tuple(given.fonts)).state_dict(), given.out)
