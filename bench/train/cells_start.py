"""The weights of ``ocr/printed_net.onnx`` as a checkpoint from which ``cells.py`` trains on.

Run as ``python -m bench.train.cells_start OUT.pt --fonts NPM/node_modules/@fontsource``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from bench.train.cells import drawn_cell
from bench.train.printed import network
from ocr.printed_line import MODEL

_CELLS, _FIRST = 160, 1_000_000  # no cell of the training


def start(model: Path, fonts: tuple[Path, ...]) -> nn.Sequential:
    """The net with a model's weights, its batch norms fitted to drawn cells.

    An exported net has its norms folded into the convolutions. Each gets the mean and spread of
    what comes to it, and a scale and shift that undo them: the net says the same as before, in
    training, too.
    """
    graph = onnx.load(str(model)).graph
    stored = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    folded = [[stored[name] for name in node.input[1:3]] for node in graph.node
              if node.op_type == "Conv"]  # fmt: skip
    numbers = range(_FIRST, _FIRST + _CELLS)
    drawn = [cell[0] for n in numbers if (cell := drawn_cell(n, fonts, Path())) is not None]
    seen = [torch.from_numpy(np.asarray(ink / 255.0, np.float32))[None, None] for ink in drawn]
    net = network().eval()
    with torch.no_grad():
        for place, layer in enumerate(net):
            if isinstance(layer, nn.Conv2d):
                weight, bias = (torch.tensor(part) for part in folded.pop(0))
                layer.weight.copy_(weight)
                if layer.bias is not None:
                    layer.bias.copy_(bias)
                else:
                    _fit(net[place + 1], torch.cat([layer(x)[0].flatten(1) for x in seen], 1), bias)
            seen = [layer(x) for x in seen]
    return net


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
    given = parser.parse_args()
    torch.save(start(MODEL, tuple(given.fonts)).state_dict(), given.out)
