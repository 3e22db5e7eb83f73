"""The Callosum halves of docs/guide/coming-from.md run as they stand."""

import pathlib
import re

import numpy as np
import pytest

guide = pathlib.Path(__file__).resolve().parents[2] / "docs/guide/coming-from.md"


def block(title, which):
    section = guide.read_text().split(f"## {title}\n")[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.S)[which]


def test_the_network_of_brian2_and_nest_is_one_network():
    rates = []
    for title in ("Brian2", "NEST"):
        names = {}
        exec("import callosum as cs\nfrom callosum.units import *\n" + block(title, 1).replace("threads=2", "threads=2, progress=False"), names)
        rates.append(len(names["sim"].recording().spikes_of("G")) / 800)
    assert 5 < rates[0] < 100
    assert rates[0] == pytest.approx(rates[1], rel=0.02)


def test_the_network_of_snntorch_fires():
    torch = pytest.importorskip("torch")
    names = {"spikes": torch.tensor((np.random.default_rng(0).random((30, 4, 700)) < 0.1).astype("float32"))}
    exec("import callosum as cs\nfrom callosum.units import *\n" + block("snnTorch", 1), names)
    assert names["counts"].shape == (4, 10) and names["counts"].sum() > 0
