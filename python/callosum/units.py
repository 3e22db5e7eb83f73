"""Units: `from callosum.units import ms, mV, pA`. Every unit the model language knows is here under
its name there: ms, mV, nS, pF, Mohm, volt, nsiemens, um2 ..."""

from ._core import Quantity, unit

__all__ = [
    "A", "Hz", "Mohm", "S", "V", "kHz", "mM", "mV", "mm", "ms", "nA", "nF", "nS", "pA", "pF", "pS",
    "s", "uA", "uF", "uS", "uV", "um", "us",
]

s, ms, us = unit("second"), unit("ms"), unit("us")
Hz, kHz = unit("Hz"), unit("kHz")
V, mV, uV = unit("volt"), unit("mV"), unit("uV")
A, uA, nA, pA = unit("amp"), unit("uA"), unit("nA"), unit("pA")
S, uS, nS, pS = unit("siemens"), unit("uS"), unit("nS"), unit("psiemens")
uF, nF, pF = unit("uF"), unit("nF"), unit("pF")
Mohm = unit("Mohm")
mm, um = unit("mm"), unit("um")
mM = unit("mM")


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    try:
        return unit(name)
    except Exception as error:
        raise AttributeError(str(error)) from None
