/* Planets about the sun, all pairs, a symplectic Euler step; one task. */
module NBody {
  use Compat;

  /* Move `n` bodies of masses `m` (n) by `steps` steps: positions `x`, velocities `v` (n x 3);
     `energy` (2) before and after. */
  export proc cmp_nbody_chapel(n: int, steps: int, dt: real, m: c_ptr(real), x: c_ptr(real),
                               v: c_ptr(real), energy: c_ptr(real)) {
    energy[0] = energyOf(n, m, x, v);
    for 1..steps {
      for i in 0..#n {
        for j in i + 1..n - 1 {
          const d0 = x[3 * i] - x[3 * j],
                d1 = x[3 * i + 1] - x[3 * j + 1],
                d2 = x[3 * i + 2] - x[3 * j + 2],
                square = d0 * d0 + d1 * d1 + d2 * d2,
                pull = dt / (square * sqrt(square)),
                pullI = m[j] * pull,
                pullJ = m[i] * pull;
          v[3 * i] -= d0 * pullI;
          v[3 * i + 1] -= d1 * pullI;
          v[3 * i + 2] -= d2 * pullI;
          v[3 * j] += d0 * pullJ;
          v[3 * j + 1] += d1 * pullJ;
          v[3 * j + 2] += d2 * pullJ;
        }
      }
      for k in 0..#3 * n do x[k] += dt * v[k];
    }
    energy[1] = energyOf(n, m, x, v);
  }

  private proc energyOf(n: int, m: c_ptr(real), x: c_ptr(real), v: c_ptr(real)) {
    var e = 0.0;
    for i in 0..#n {
      e += 0.5 * m[i] * (v[3 * i] * v[3 * i] + v[3 * i + 1] * v[3 * i + 1]
                         + v[3 * i + 2] * v[3 * i + 2]);
      for j in i + 1..n - 1 {
        const d0 = x[3 * i] - x[3 * j],
              d1 = x[3 * i + 1] - x[3 * j + 1],
              d2 = x[3 * i + 2] - x[3 * j + 2];
        e -= m[i] * m[j] / sqrt(d0 * d0 + d1 * d1 + d2 * d2);
      }
    }
    return e;
  }
}
