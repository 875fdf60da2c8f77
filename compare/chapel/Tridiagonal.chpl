/* Tridiagonal systems, elimination with partial pivoting. */
module Tridiagonal {
  use Compat, Share;

  /* Solve `batch` systems of order `n`: `dl`, `du` (batch x n - 1), `d`, and `x` (batch x n), on
     entry the right-hand sides. A singular system becomes NaN. */
  export proc cmp_tridiagonal_chapel(batch: int, n: int, dl: c_ptr(real), d: c_ptr(real),
                                     du: c_ptr(real), x: c_ptr(real), tasks: int) {
    if n == 0 then return;
    if tasks == 1 then systems(0..#batch, n, dl, d, du, x);
    else coforall t in 0..#tasks do systems(part(batch, t, tasks), n, dl, d, du, x);
  }

  private proc systems(mine, n: int, dl: c_ptr(real), d: c_ptr(real), du: c_ptr(real),
                       x: c_ptr(real)) {
    var lower, main, upper: [0..#n] real; // of one system; elimination overwrites them
    for s in mine {
      for i in 0..#n - 1 {
        lower[i] = dl[s * (n - 1) + i];
        upper[i] = du[s * (n - 1) + i];
      }
      for i in 0..#n do main[i] = d[s * n + i];
      solve(n, lower, main, upper, c_ptrTo(x[s * n]));
    }
  }

  /* Golub and Van Loan, Matrix Computations, section 4.3. */
  private proc solve(n: int, ref dl: [] real, ref d: [] real, ref du: [] real, x: c_ptr(real)) {
    for i in 0..n - 2 {
      if abs(d[i]) >= abs(dl[i]) {
        const factor = dl[i] / d[i];
        d[i + 1] -= factor * du[i];
        x[i + 1] -= factor * x[i];
        dl[i] = 0.0;
      } else {
        const factor = d[i] / dl[i], below = d[i + 1], top = x[i];
        d[i] = dl[i];
        d[i + 1] = du[i] - factor * below;
        du[i] = below;
        dl[i] = 0.0;
        if i + 2 < n {
          dl[i] = du[i + 1];
          du[i + 1] *= -factor;
        }
        x[i] = x[i + 1];
        x[i + 1] = top - factor * x[i];
      }
    }
    var singular = false;
    for i in 0..#n do singular |= d[i] == 0.0;
    for i in 0..n - 1 by -1 {
      var sum = x[i];
      if i + 1 < n then sum -= du[i] * x[i + 1];
      if i + 2 < n then sum -= dl[i] * x[i + 2];
      x[i] = if singular then notANumber else sum / d[i];
    }
  }
}
