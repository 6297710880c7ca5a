"""Trains the net that reads MICR strips, on lines drawn from the E-13B geometry and spoiled.

Run as ``python -m bench.train.micr OUT.onnx [MINUTES [STATE.pt]]`` where torch and onnx are
installed (they are no part of the product). Seeded; one core, and one more that draws. Checkpoints
lie beside OUT; with the state of an earlier run it goes on from there, on other lines.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from bench.train.micr_drawing import Drawn, draw
from ocr.e13b import SYMBOLS
from ocr.micr_ctc import FRAME, PITCH, ROWS, TO_RIGHT

SEED = 20260
_BATCH = 48
_IGNORED = -100
_RATE = 2e-3
_LEGIBLE = 0.32


class Net(nn.Module):
    """Convolutions only: every step sees about three cells, so it cannot learn a language."""

    def __init__(self) -> None:
        super().__init__()

        def block(
            wide: int, out: int, size: tuple[int, int], step: tuple[int, int], pad: tuple[int, int]
        ) -> list[nn.Module]:
            layer = nn.Conv2d(wide, out, size, step, pad, bias=False)
            return [layer, nn.BatchNorm2d(out), nn.ReLU(inplace=True)]

        self.layers = nn.Sequential(
            *block(1, 16, (3, 3), (2, 2), (1, 1)),
            *block(16, 32, (3, 3), (2, 1), (1, 1)),
            *block(32, 48, (3, 3), (2, 2), (1, 1)),
            *block(48, 64, (3, 3), (1, 1), (1, 1)),
            *block(64, 96, (4, 3), (1, 1), (0, 1)),
            *block(96, 96, (1, 5), (1, 1), (0, 2)),
            nn.Conv2d(96, len(SYMBOLS) + 1, 1),
        )

    def forward(self, strips: torch.Tensor) -> torch.Tensor:
        """Strips (N x 1 x 32 x W, ink 0 to 1) to scores N x 15 x W/4; class 0 is no symbol."""
        return torch.as_tensor(self.layers(strips)).squeeze(2)


def targets(drawn: Drawn, frames: int) -> NDArray[np.int64]:
    """The class of each step: a symbol near its middle, none between, and no opinion where torn."""
    classes = np.zeros(frames, np.int64)
    places = np.arange(frames) * FRAME
    width = drawn.strip.shape[1]
    for symbol, right, like in zip(drawn.symbols, drawn.rights, drawn.likeness, strict=True):
        away = np.abs(places - (right - TO_RIGHT)) / PITCH
        torn = right - 14.4 < 0 or right > width + 1 or like < _LEGIBLE
        near = away < 0.2
        classes[(away < 0.36) & ~near & (classes == 0)] = _IGNORED
        classes[near] = _IGNORED if torn else symbol + 1
    return classes


class _Strips(torch.utils.data.IterableDataset[tuple[torch.Tensor, torch.Tensor]]):
    """Endless batches, each from its own seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        cv2.setNumThreads(1)
        number = 0
        while True:
            yield batch(self.seed, number)
            number += 1


def batch(seed: int, number: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Batch ``number`` of a seed: strips and the classes of their steps."""
    random = np.random.default_rng([seed, number])
    drawn = [draw(random) for _ in range(_BATCH)]
    frames = (drawn[0].strip.shape[1] + FRAME - 1) // FRAME
    strips = np.stack([one.strip for one in drawn])[:, None]
    classes = np.stack([targets(one, frames) for one in drawn])
    return torch.from_numpy(strips), torch.from_numpy(classes)


def whole_right(net: Net, seed: int, batches: int) -> tuple[float, float]:
    """Share of held-out strips whose symbols are all right, and of steps that are."""
    net.eval()
    right = steps = strips = whole = 0
    with torch.no_grad():
        for number in range(batches):
            pictures, classes = batch(seed, number)
            said = net(pictures).argmax(1)
            kept = classes != _IGNORED
            good = (said == classes) | ~kept
            right += int((good & kept).sum())
            steps += int(kept.sum())
            whole += int(good.all(1).sum())
            strips += len(pictures)
    net.train()
    return whole / strips, right / steps


def save(net: Net, path: Path) -> None:
    """Write the net as ONNX with free batch and width, probabilities N x W/4 x 15 as output."""

    class Softened(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, strips: torch.Tensor) -> torch.Tensor:
            return torch.softmax(self.net(strips), 1).transpose(1, 2)

    net.eval()
    torch.onnx.export(
        Softened(),
        (torch.zeros(2, 1, ROWS, 320),),
        str(path),
        input_names=["strips"],
        output_names=["probabilities"],
        dynamic_axes={"strips": {0: "n", 3: "w"}, "probabilities": {0: "n", 1: "t"}},
        opset_version=17,
        dynamo=False,
    )
    net.train()


def train(out: Path, minutes: float, state: Path | None = None) -> None:
    """Train for some minutes, from ``state`` if given, a checkpoint every three."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    net = Net()
    seed, rate = SEED, _RATE
    if state is not None:
        net.load_state_dict(torch.load(state, weights_only=True))
        seed, rate = SEED + 2, _RATE / 2
    optimiser = torch.optim.AdamW(net.parameters(), _RATE, weight_decay=1e-4)
    weight = torch.ones(len(SYMBOLS) + 1)
    measure = nn.CrossEntropyLoss(weight, ignore_index=_IGNORED)
    loader = torch.utils.data.DataLoader(_Strips(seed), batch_size=None, num_workers=1)
    begun = kept = time.perf_counter()
    running = 0.0
    for step, (strips, classes) in enumerate(loader):
        spent = (time.perf_counter() - begun) / (60 * minutes)
        if spent >= 1:
            break
        warm = min(1.0, (step + 1) / 100)
        for group in optimiser.param_groups:
            group["lr"] = rate * warm * (0.5 * (1 + np.cos(np.pi * spent)) + 0.005)
        optimiser.zero_grad()
        loss = measure(net(strips), classes)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        running = 0.98 * running + 0.02 * float(loss.detach())
        if step % 50 == 0:
            print(f"{time.perf_counter() - begun:.0f} s step {step} loss {running:.4f}", flush=True)
        if time.perf_counter() - kept > 180:
            kept = time.perf_counter()
            whole, steps = whole_right(net, SEED + 1, 4)
            print(f"held-out strips whole {whole:.4f} steps {steps:.4f}", flush=True)
            save(net, out)
            torch.save(net.state_dict(), out.with_suffix(".pt"))
    whole, steps = whole_right(net, SEED + 1, 20)
    print(f"end: held-out strips whole {whole:.4f} steps {steps:.4f}", flush=True)
    save(net, out)
    torch.save(net.state_dict(), out.with_suffix(".pt"))


if __name__ == "__main__":
    train(
        Path(sys.argv[1]),
        float(sys.argv[2]) if len(sys.argv) > 2 else 30.0,
        Path(sys.argv[3]) if len(sys.argv) > 3 else None,
    )
