"""How the nets that read one line are trained: lines in shards, batches of like width, CTC.

``numerals.py`` and ``words.py`` say what is drawn and which net learns it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

SEED = 20261121
SHARD = 3000
_RATE = 2.5e-3
_EXPORT_EVERY_S = 180.0
_CALM_EVERY = 4
_CALM_RATE = 0.03

Line = tuple[NDArray[np.uint8], str]


@dataclass(frozen=True, slots=True)
class Task:
    """What is learnt: ``line`` draws line number n from the fonts and figures in some folders.

    ``height`` and ``stride`` are pixels of the picture and of one step of ``network()``;
    ``layout`` is how tensors lie in memory, whichever the net is faster with.
    """

    alphabet: str
    height: int
    stride: int
    batch: int
    network: Callable[[], nn.Sequential]
    line: Callable[[int, tuple[Path, ...], Path], Line | None]
    layout: torch.memory_format = torch.channels_last


def convolution(
    wide: int, out: int, size: tuple[int, int], step: tuple[int, int], pad: tuple[int, int],
    spread: int = 1,
) -> list[nn.Module]:  # fmt: skip
    """One step of a net from ``wide`` to ``out`` channels; ``spread`` apart along the row."""
    conv = nn.Conv2d(wide, out, size, step, pad, (1, spread), bias=False)
    return [conv, nn.BatchNorm2d(out), nn.ReLU()]


def has_room(picture: NDArray[np.uint8], text: str, stride: int) -> bool:
    """Whether the picture has steps enough for the text and a blank between equal marks."""
    doubles = sum(one == two for one, two in pairwise(text))
    return bool(picture.shape[1] // stride >= len(text) + doubles + 2)


def _draw_shards(
    task: Task, folder: Path, count: int, fonts: tuple[Path, ...], mnist: Path
) -> None:
    cv2.setNumThreads(1)
    for shard in range(count):
        if (folder / f"{shard:04d}.npz").is_file():
            continue
        numbers = range(shard * SHARD, (shard + 1) * SHARD)
        made = [line for n in numbers if (line := task.line(n, fonts, mnist)) is not None]
        made.sort(key=lambda line: line[0].shape[1])
        pictures = np.concatenate([picture for picture, _ in made], axis=1)
        widths = np.array([picture.shape[1] for picture, _ in made])
        part = folder / f"{shard:04d}.part.npz"
        np.savez(part, pictures=pictures, widths=widths, texts=np.array([t for _, t in made]))
        part.rename(folder / f"{shard:04d}.npz")


def _batches(task: Task, folder: Path, random: np.random.Generator) -> Iterator[list[Line]]:
    """Batches of like width without end: each shard drawn so far, in changing order."""
    used: dict[Path, int] = {}
    while True:
        shards = sorted(path for path in folder.glob("*.npz") if "part" not in path.name)
        if not shards:
            time.sleep(1)
            continue
        least = min(used.get(path, 0) for path in shards)
        fresh = [path for path in shards if used.get(path, 0) == least]
        chosen = fresh[int(random.integers(len(fresh)))]
        used[chosen] = least + 1
        with np.load(chosen) as stored:
            pictures, widths, texts = stored["pictures"], stored["widths"], stored["texts"]
        ends = np.cumsum(widths)
        starts = list(range(0, len(widths), task.batch))
        for start in random.permutation(starts):
            part = range(start, min(start + task.batch, len(widths)))
            yield [(pictures[:, ends[n] - widths[n] : ends[n]], str(texts[n])) for n in part]


def _tensors(
    task: Task, batch: list[Line], random: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ink (N x 1 x height x width), targets in a row, steps and target lengths."""
    wide = -(-max(picture.shape[1] for picture, _ in batch) // 8) * 8
    ink = np.zeros((len(batch), 1, task.height, wide), np.float32)
    for row, (picture, _) in enumerate(batch):
        shift = int(random.integers(-2, 3))
        moved = np.roll(picture, shift, axis=0)
        curve = float(random.uniform(0.6, 1.5))
        ink[row, 0, :, : picture.shape[1]] = (moved / 255.0) ** curve
    targets = [task.alphabet.index(char) + 1 for _, text in batch for char in text]
    steps = torch.tensor([picture.shape[1] // task.stride for picture, _ in batch])
    lengths = torch.tensor([len(text) for _, text in batch])
    return torch.from_numpy(ink), torch.tensor(targets, dtype=torch.long), steps, lengths


def export(task: Task, net: nn.Sequential, out: Path) -> None:
    """Write the net as ONNX: ink 0 to 1 of free width in, symbols x steps probabilities out."""
    whole = deepcopy(nn.Sequential(*net, nn.Softmax(1), nn.Flatten(2)))
    part = out.with_suffix(".part")
    torch.onnx.export(
        whole.eval(), (torch.zeros(1, 1, task.height, 160),), str(part), input_names=["ink"],
        output_names=["probabilities"], dynamo=False, opset_version=17,
        dynamic_axes={"ink": {0: "n", 3: "width"}, "probabilities": {0: "n", 2: "steps"}},
    )  # fmt: skip
    part.rename(out)


def train(
    task: Task, out: Path, folder: Path, minutes: float, start: Path | None, rate: float = _RATE
) -> None:
    """Train for ``minutes`` of wall clock: the rate rises, then falls along a cosine."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    random = np.random.default_rng(SEED)
    net = task.network()
    if start is not None:
        net.load_state_dict(torch.load(start))
    net = net.to(memory_format=task.layout)
    # The net that is exported is a running mean of the one that is trained.
    calm = deepcopy(net)
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.01)
    ctc = nn.CTCLoss(zero_infinity=True)
    began = told = saved = time.monotonic()
    losses: list[float] = []
    for number, batch in enumerate(_batches(task, folder, random)):
        now = time.monotonic()
        done = (now - began) / (60 * minutes)
        if done >= 1:
            break
        warm = 1.0 if start is not None else min(1.0, (number + 1) / 150)
        for group in optimizer.param_groups:
            group["lr"] = rate * warm * (0.5 + 0.5 * np.cos(np.pi * done)) + 1e-5
        ink, targets, steps, lengths = _tensors(task, batch, random)
        scores = (
            net(ink.contiguous(memory_format=task.layout))[:, :, 0].permute(2, 0, 1).log_softmax(2)
        )
        loss = ctc(scores, targets, steps, lengths)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimizer.step()
        losses.append(float(loss.detach()))
        if number % _CALM_EVERY == 0:
            _follow(calm, net)
        if now - told > 30:
            told = now
            print(f"{(now - began) / 60:5.1f} min  {number} batches  loss "
                  f"{np.mean(losses[-200:]):.4f}", flush=True)  # fmt: skip
        if now - saved > _EXPORT_EVERY_S:
            saved = now
            torch.save(net.state_dict(), out.with_suffix(".pt"))
            export(task, calm, out)
    torch.save(calm.state_dict(), out.with_suffix(".pt"))
    export(task, calm, out)


def _follow(calm: nn.Sequential, net: nn.Sequential) -> None:
    """Move the running mean a little towards the net."""
    with torch.no_grad():
        for mean, own in zip(calm.state_dict().values(), net.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(own, _CALM_RATE)


def run(task: Task, about: str | None) -> None:
    """The command line of a training: draw and train."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fonts", type=Path, action="append", required=True)
    parser.add_argument("--mnist", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--shards", type=int, default=40)
    parser.add_argument("--scratch", type=Path, default=Path("training-lines"))
    parser.add_argument("--start", type=Path, help="a checkpoint (.pt) to go on from")
    parser.add_argument("--rate", type=float, default=_RATE)
    given = parser.parse_args()
    given.scratch.mkdir(parents=True, exist_ok=True)
    drawer: multiprocessing.Process | None = None
    if not (given.scratch / f"{given.shards - 1:04d}.npz").is_file():
        drawer = multiprocessing.Process(
            target=_draw_shards,
            args=(task, given.scratch, given.shards, tuple(given.fonts), given.mnist), daemon=True,
        )  # fmt: skip
        drawer.start()
    train(task, given.out, given.scratch, given.minutes, given.start, given.rate)
    if drawer is not None:
        drawer.terminate()
