"""coba, cuba, cobahh and brunel in Brian2: the equations, parameters, delays and initial values of networks/*.toml; plastic
and its twin without plasticity, those of bench/plastic.toml.

Shared by tests/references/brian2_networks.py (figures the tests compare with), bench/run.py and bench/plasticity.py (the peer beside us)."""
import numpy as np
from brian2 import NeuronGroup, PoissonInput, SpikeMonitor, Synapses, Hz, ms, mV, nS, pA, pF, uS, siemens, volt  # noqa: F401

SIZES = {"coba": (3200, 800), "cuba": (3200, 800), "cobahh": (3200, 800), "brunel": (10000, 2500)}

COBA = """dv/dt = (gl*(El-v) + ge*(Ee-v) + gi*(Ei-v) + I)/C : volt (unless refractory)
          dge/dt = -ge/taue : siemens
          dgi/dt = -gi/taui : siemens"""
CUBA = """dv/dt = (ge+gi-(v-El))/taum : volt (unless refractory)
          dge/dt = -ge/taue : volt
          dgi/dt = -gi/taui : volt"""
COBAHH = """dv/dt = (gl*(El-v)+ge*(Ee-v)+gi*(Ei-v)-gna*(m*m*m)*h*(v-ENa)-gk*(n*n*n*n)*(v-EK))/C : volt
            dm/dt = am*(1-m)-bm*m : 1
            dn/dt = an*(1-n)-bn*n : 1
            dh/dt = ah*(1-h)-bh*h : 1
            dge/dt = -ge/taue : siemens
            dgi/dt = -gi/taui : siemens
            u = (v-VT)/mV : 1
            am = 0.32*4/exprel((13-u)/4)/ms : Hz
            bm = 0.28*5/exprel((u-40)/5)/ms : Hz
            ah = 0.128*exp((17-u)/18)/ms : Hz
            bh = 4/(1+exp((40-u)/5))/ms : Hz
            an = 0.032*5/exprel((15-u)/5)/ms : Hz
            bn = 0.5*exp((10-u)/40)/ms : Hz"""


def build(kind, record=True):
    """The objects of a Brian2 Network and its spike monitor. Set seed and clock before."""
    if kind == "brunel":
        return _brunel(record)
    if kind.startswith("plastic"):
        return _plastic(record, kind == "plastic")
    taue, taui, Ee, Ei = 5 * ms, 10 * ms, 0 * mV, -80 * mV
    common = dict(taue=taue, taui=taui, Ee=Ee, Ei=Ei)
    jumps = ("ge += 6*nS", "gi += 67*nS")
    if kind == "coba":
        names = dict(common, gl=10 * nS, El=-60 * mV, C=200 * pF, I=200 * pA, Vt=-50 * mV, Vr=-60 * mV)
        group = NeuronGroup(4000, COBA, threshold="v>Vt", reset="v=Vr", refractory=5 * ms,
                            method="exponential_euler", namespace=names)
    elif kind == "cuba":
        names = dict(taue=taue, taui=taui, El=-49 * mV, taum=20 * ms, Vt=-50 * mV, Vr=-60 * mV)
        jumps = ("ge += 1.62*mV", "gi += -9*mV")
        group = NeuronGroup(4000, CUBA, threshold="v>Vt", reset="v=Vr", refractory=5 * ms,
                            method="exact", namespace=names)
    else:
        names = dict(common, gl=10 * nS, El=-60 * mV, C=200 * pF, EK=-90 * mV, ENa=50 * mV, gna=20 * uS,
                     gk=6 * uS, VT=-63 * mV)
        group = NeuronGroup(4000, COBAHH, threshold="v>-20*mV", refractory=3 * ms,
                            method="exponential_euler", namespace=names)
    if kind == "cobahh":
        group.v = "El + (randn()*5-5)*mV"
        group.ge = "(randn()*1.5+4)*10*nS"
        group.gi = "(randn()*12+20)*10*nS"
    else:
        group.v = "-60*mV + rand()*10*mV"
    exc = Synapses(group, group, on_pre=jumps[0], delay=0.1 * ms)
    exc.connect("i < 3200", p=0.02)
    inh = Synapses(group, group, on_pre=jumps[1], delay=0.1 * ms)
    inh.connect("i >= 3200", p=0.02)
    monitor = SpikeMonitor(group, record=record)
    return [group, exc, inh, monitor], monitor


def _brunel(record):
    n_exc, n_inh, n_in = 10000, 2500, 1000
    tau, theta, v_r, jump, g, eta = 20 * ms, 20 * mV, 10 * mV, 0.1 * mV, 5.0, 2.0
    names = dict(tau=tau, theta=theta, v_r=v_r, jump=jump, g=g)
    group = NeuronGroup(n_exc + n_inh, "dv/dt = -v/tau : volt (unless refractory)", threshold="v>theta",
                        reset="v=v_r", refractory=2 * ms, method="exact", namespace=names)
    exc = Synapses(group, group, on_pre="v += jump", delay=1.5 * ms, namespace=names)
    n = n_exc + n_inh
    # Fixed in-degree with repetition, as in the paper; keyed to Brian2's seed through numpy.
    exc.connect(i=np.random.randint(0, n_exc, n * 1000), j=np.repeat(np.arange(n), 1000))
    inh = Synapses(group, group, on_pre="v += -g*jump", delay=1.5 * ms, namespace=names)
    inh.connect(i=np.random.randint(n_exc, n, n * 250), j=np.repeat(np.arange(n), 250))
    drive = PoissonInput(group, "v", n_in, eta * theta / (jump * n_in * tau), jump)
    monitor = SpikeMonitor(group, record=record)
    return [group, exc, inh, drive, monitor], monitor


def _plastic(record, learns):
    n_exc, n_inh, p = 8000, 2000, 1 / 64
    names = dict(taue=5 * ms, taui=10 * ms, El=-49 * mV, taum=20 * ms, Vt=-50 * mV, Vr=-60 * mV,
                 w_ex=1.62 * mV * 64 / 125, w_in=-9 * mV * 16 / 31.25, tau=20 * ms, up=0.005, down=0.00525)
    group = NeuronGroup(n_exc + n_inh, CUBA, threshold="v>Vt", reset="v=Vr", refractory=5 * ms, method="exact", namespace=names)
    group.v = "-60*mV + rand()*10*mV"
    if learns:
        learning = Synapses(group, group,
                            """w : volt
                               dapre/dt = -apre/tau : 1 (event-driven)
                               dapost/dt = -apost/tau : 1 (event-driven)""",
                            on_pre="ge += w; apre += 1; w = clip(w - down*2*w_ex*apost, 0*mV, 2*w_ex)",
                            on_post="apost += 1; w = clip(w + up*2*w_ex*apre, 0*mV, 2*w_ex)", delay=1.5 * ms, namespace=names)
    else:
        learning = Synapses(group, group, "w : volt", on_pre="ge += w", delay=1.5 * ms, namespace=names)
    number = n_exc * n_exc // 64
    learning.connect(i=np.random.randint(0, n_exc, number), j=np.random.randint(0, n_exc, number))
    learning.w = names["w_ex"]
    exc = Synapses(group, group, on_pre="ge += w_ex", delay=1.5 * ms, namespace=names)
    exc.connect("i < 8000 and j >= 8000", p=p)
    inh = Synapses(group, group, on_pre="gi += w_in", delay=1.5 * ms, namespace=names)
    inh.connect("i >= 8000", p=p)
    monitor = SpikeMonitor(group, record=record)
    return [group, learning, exc, inh, monitor], monitor
