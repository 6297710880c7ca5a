"""Trains the net that reads numerals, on lines drawn by typefaces and handwritten figures.

Run as ``python -m bench.train.numerals OUT.onnx --fonts DIR --fonts DIR --mnist DIR`` where torch
and onnx are installed (they are no part of the product). Seeded: line number i is always alike.
One process draws while the other trains; checkpoints are exported to OUT as it goes. What was
used for what stands in ``README.md`` beside this file.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from bench.train.numerals_drawing import drawn
from bench.train.numerals_pens import HANDS, PRINTED, FigurePen, Pen, figures, font_pens
from bench.train.numerals_texts import over_hundred, some_line
from ocr.numerals import ALPHABET, HEIGHT, MARGIN, STRIDE, prepared

SEED = 20261121
_SHARD = 3000
# The first lines are spoiled roughly, the rest as gently as most checks are.
_ROUGH = 22 * _SHARD
_BATCH = 48
_RATE = 2.5e-3
_EXPORT_EVERY_S = 180.0
_CALM_EVERY = 4
_CALM_RATE = 0.03

Line = tuple[NDArray[np.uint8], str]


def drawn_line(
    number: int, fonts: tuple[Path, ...], mnist: Path, *, seed: int = SEED
) -> Line | None:
    """Line ``number`` of the training set as the net sees it, None where it came out illegible."""
    random = np.random.default_rng((seed, number))
    printed = bool(random.random() < 0.22)
    faces = font_pens(fonts, PRINTED if printed else HANDS)
    face = faces[int(random.integers(len(faces)))]
    pen: Pen = face
    if not printed and random.random() < 0.5:
        pen = FigurePen(figures(mnist, 0), face, random)
    gentle = number >= _ROUGH
    sign: Pen | None = None
    if gentle and not printed and random.random() < 0.3:
        forms = font_pens(fonts, PRINTED)
        sign = forms[int(random.integers(len(forms)))]
    parts = some_line(random, printed=printed)
    if gentle and not printed and random.random() < 0.22:
        parts = over_hundred(random)
    crop, text = drawn(parts, pen, random, printed=printed, gentle=gentle, sign=sign)
    picture = prepared(crop, scale=float(random.uniform(0.78, 1.12)))
    if picture is None:
        picture = np.zeros((HEIGHT, 4 * MARGIN), np.uint8)
        text = "" if text else text
    return (picture, text) if _room(picture, text) else None


def _room(picture: NDArray[np.uint8], text: str) -> bool:
    """Whether the picture has steps enough for the text and a blank between equal marks."""
    doubles = sum(one == two for one, two in pairwise(text))
    return bool(picture.shape[1] // STRIDE >= len(text) + doubles + 2)


def _draw_shards(folder: Path, count: int, fonts: tuple[Path, ...], mnist: Path) -> None:
    cv2.setNumThreads(1)
    for shard in range(count):
        if (folder / f"{shard:04d}.npz").is_file():
            continue
        numbers = range(shard * _SHARD, (shard + 1) * _SHARD)
        made = [line for n in numbers if (line := drawn_line(n, fonts, mnist)) is not None]
        made.sort(key=lambda line: line[0].shape[1])
        pictures = np.concatenate([picture for picture, _ in made], axis=1)
        widths = np.array([picture.shape[1] for picture, _ in made])
        part = folder / f"{shard:04d}.part.npz"
        np.savez(part, pictures=pictures, widths=widths, texts=np.array([t for _, t in made]))
        part.rename(folder / f"{shard:04d}.npz")


def _batches(folder: Path, random: np.random.Generator) -> Iterator[list[Line]]:
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
        starts = list(range(0, len(widths), _BATCH))
        for start in random.permutation(starts):
            part = range(start, min(start + _BATCH, len(widths)))
            yield [(pictures[:, ends[n] - widths[n] : ends[n]], str(texts[n])) for n in part]


def _tensors(
    batch: list[Line], random: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ink (N x 1 x HEIGHT x width), targets in a row, steps and target lengths."""
    wide = -(-max(picture.shape[1] for picture, _ in batch) // 8) * 8
    ink = np.zeros((len(batch), 1, HEIGHT, wide), np.float32)
    for row, (picture, _) in enumerate(batch):
        shift = int(random.integers(-2, 3))
        moved = np.roll(picture, shift, axis=0)
        curve = float(random.uniform(0.6, 1.5))
        ink[row, 0, :, : picture.shape[1]] = (moved / 255.0) ** curve
    targets = [ALPHABET.index(char) + 1 for _, text in batch for char in text]
    steps = torch.tensor([picture.shape[1] // STRIDE for picture, _ in batch])
    lengths = torch.tensor([len(text) for _, text in batch])
    return torch.from_numpy(ink), torch.tensor(targets, dtype=torch.long), steps, lengths


def network() -> nn.Sequential:
    """Convolutions over height and width down to one row, then wider and wider along the row.

    Each step sees about 60 pixels to both sides: a stacked fraction as a whole, no language.
    """
    layers: list[nn.Module] = []

    def add(wide: int, out: int, size: tuple[int, int], step: tuple[int, int],
            pad: tuple[int, int], spread: int = 1) -> None:  # fmt: skip
        conv = nn.Conv2d(wide, out, size, step, pad, (1, spread), bias=False)
        layers.extend([conv, nn.BatchNorm2d(out), nn.ReLU()])

    add(1, 12, (3, 3), (2, 1), (1, 1))
    add(12, 20, (3, 3), (1, STRIDE), (1, 1))
    add(20, 40, (3, 3), (2, 1), (1, 1))
    add(40, 52, (3, 3), (2, 1), (1, 1))
    add(52, 96, (4, 3), (1, 1), (0, 1))
    for spread in (1, 2, 4, 6):
        add(96, 96, (1, 3), (1, 1), (0, spread), spread)
    layers.append(nn.Dropout(0.05))
    layers.append(nn.Conv2d(96, len(ALPHABET) + 1, 1))
    return nn.Sequential(*layers)


def export(net: nn.Sequential, out: Path) -> None:
    """Write the net as ONNX: ink 0 to 1 of free width in, symbols x steps probabilities out."""
    whole = deepcopy(nn.Sequential(*net, nn.Softmax(1), nn.Flatten(2)))
    part = out.with_suffix(".part")
    torch.onnx.export(
        whole.eval(), (torch.zeros(1, 1, HEIGHT, 160),), str(part), input_names=["ink"],
        output_names=["probabilities"], dynamo=False, opset_version=17,
        dynamic_axes={"ink": {0: "n", 3: "width"}, "probabilities": {0: "n", 2: "steps"}},
    )  # fmt: skip
    part.rename(out)


def train(out: Path, folder: Path, minutes: float, start: Path | None, rate: float = _RATE) -> None:
    """Train for ``minutes`` of wall clock: the rate rises, then falls along a cosine."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    random = np.random.default_rng(SEED)
    net = network()
    if start is not None:
        net.load_state_dict(torch.load(start))
    net = net.to(memory_format=torch.channels_last)
    # The net that is exported is a running mean of the one that is trained.
    calm = deepcopy(net)
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.01)
    ctc = nn.CTCLoss(zero_infinity=True)
    began = told = saved = time.monotonic()
    losses: list[float] = []
    for number, batch in enumerate(_batches(folder, random)):
        now = time.monotonic()
        done = (now - began) / (60 * minutes)
        if done >= 1:
            break
        warm = 1.0 if start is not None else min(1.0, (number + 1) / 150)
        for group in optimizer.param_groups:
            group["lr"] = rate * warm * (0.5 + 0.5 * np.cos(np.pi * done)) + 1e-5
        ink, targets, steps, lengths = _tensors(batch, random)
        scores = (
            net(ink.contiguous(memory_format=torch.channels_last))[:, :, 0]
            .permute(2, 0, 1)
            .log_softmax(2)
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
            export(calm, out)
    torch.save(calm.state_dict(), out.with_suffix(".pt"))
    export(calm, out)


def _follow(calm: nn.Sequential, net: nn.Sequential) -> None:
    """Move the running mean a little towards the net."""
    with torch.no_grad():
        for mean, own in zip(calm.state_dict().values(), net.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(own, _CALM_RATE)


def main() -> None:
    """Draw and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fonts", type=Path, action="append", required=True)
    parser.add_argument("--mnist", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--shards", type=int, default=40)
    parser.add_argument("--scratch", type=Path, default=Path("numerals-lines"))
    parser.add_argument("--start", type=Path, help="a checkpoint (.pt) to go on from")
    parser.add_argument("--rate", type=float, default=_RATE)
    given = parser.parse_args()
    given.scratch.mkdir(parents=True, exist_ok=True)
    drawer: multiprocessing.Process | None = None
    if not (given.scratch / f"{given.shards - 1:04d}.npz").is_file():
        drawer = multiprocessing.Process(
            target=_draw_shards,
            args=(given.scratch, given.shards, tuple(given.fonts), given.mnist), daemon=True,
        )  # fmt: skip
        drawer.start()
    train(given.out, given.scratch, given.minutes, given.start, given.rate)
    if drawer is not None:
        drawer.terminate()


if __name__ == "__main__":
    main()
