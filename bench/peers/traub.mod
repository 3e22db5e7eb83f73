: Sodium and potassium of Traub and Miles as in networks/cobahh.toml (Brette et al. 2007, benchmark 3)
NEURON {
  SUFFIX traub
  USEION na READ ena WRITE ina
  USEION k READ ek WRITE ik
  RANGE gnabar, gkbar, vt
}
UNITS {
  (mA) = (milliamp)
  (mV) = (millivolt)
  (S) = (siemens)
}
PARAMETER {
  gnabar = 0 (S/cm2)
  gkbar = 0 (S/cm2)
  vt = -63 (mV)
}
STATE { m h n }
ASSIGNED {
  v (mV)
  ena (mV)
  ek (mV)
  ina (mA/cm2)
  ik (mA/cm2)
}
BREAKPOINT {
  SOLVE states METHOD cnexp
  ina = gnabar * m*m*m * h * (v - ena)
  ik = gkbar * n*n*n*n * (v - ek)
}
INITIAL {
  m = 0
  h = 0
  n = 0
}
DERIVATIVE states {
  LOCAL u, am, bm, ah, bh, an, bn
  u = v - vt
  am = 0.32 * 4 / exprel((13 - u) / 4)
  bm = 0.28 * 5 / exprel((u - 40) / 5)
  ah = 0.128 * exp((17 - u) / 18)
  bh = 4 / (1 + exp((40 - u) / 5))
  an = 0.032 * 5 / exprel((15 - u) / 5)
  bn = 0.5 * exp((10 - u) / 40)
  m' = am * (1 - m) - bm * m
  h' = ah * (1 - h) - bh * h
  n' = an * (1 - n) - bn * n
}
FUNCTION exprel(x) {
  if (fabs(x) < 1e-6) {
    exprel = 1 + x / 2
  } else {
    exprel = (exp(x) - 1) / x
  }
}
