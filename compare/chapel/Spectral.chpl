/* The power method on A(i, j) = 1 / ((i + j) (i + j + 1) / 2 + i + 1), cut at order n. */
module Spectral {
  use Compat;

  param ROWS = 256; // rows at a time: they stay in the first-level cache

  /* The estimate of the norm after ten rounds; 0 for order 0. */
  export proc cmp_spectral_norm_chapel(n: int, tasks: int): real {
    if n == 0 then return 0.0;
    var us, vs, betweens: [0..#n] real;
    // Pointers: the compiler of C cannot tell that the elements of an array are not its header.
    const u = c_ptrTo(us[0]), v = c_ptrTo(vs[0]), between = c_ptrTo(betweens[0]);
    for i in 0..#n do u[i] = 1.0;
    for 1..10 {
      product(n, false, u, between, tasks);
      product(n, true, between, v, tasks);
      product(n, false, v, between, tasks);
      product(n, true, between, u, tasks);
    }
    var uv, vv = 0.0;
    for i in 0..#n {
      uv += u[i] * v[i];
      vv += v[i] * v[i];
    }
    return sqrt(uv / vv);
  }

  private proc product(n: int, transposed: bool, v: c_ptr(real), y: c_ptr(real), tasks: int) {
    if tasks == 1 then every(0, 1, n, transposed, v, y);
    else coforall t in 0..#tasks do every(t, tasks, n, transposed, v, y);
  }

  /* Every block of rows whose number is `t` modulo `tasks`. */
  private proc every(t: int, tasks: int, n: int, transposed: bool, v: c_ptr(real),
                     y: c_ptr(real)) {
    for first in t * ROWS..n - 1 by tasks * ROWS do
      rows(first..min(first + ROWS, n) - 1, n, transposed, v, y);
  }

  /* An int(32) counts the rows, for AVX2 has no conversion from 64-bit integers. */
  private proc rows(mine, n: int, transposed: bool, v: c_ptr(real), y: c_ptr(real)) {
    const count = mine.size: int(32), first = mine.low: real, own = c_ptrTo(y[mine.low]);
    for k in 0..#count do own[k] = 0.0;
    for j in 0..#n {
      const x = v[j], column = j: real;
      if transposed then
        for k in 0..#count do own[k] += x / divisor(column, first + k);
      else
        for k in 0..#count do own[k] += x / divisor(first + k, column);
    }
  }

  /* 1 / A(i, j), exact below 2^53. */
  private inline proc divisor(i: real, j: real) {
    return (i + j) * (i + j + 1.0) * 0.5 + i + 1.0;
  }
}
