/* Explicit diffusion on a square grid, edges closed. */
module Heat2d {
  use Compat, Share;

  /* `steps` steps of ratio `r` = D dt / dx^2 from `u` (n x n); an even number ends in `u`, an odd
     one in `work`. */
  export proc cmp_heat2d_chapel(n: int, r: real, steps: int, u: c_ptr(real), work: c_ptr(real),
                                tasks: int) {
    for k in 0..#steps {
      const old = if k % 2 == 0 then u else work,
            to = if k % 2 == 0 then work else u;
      if tasks == 1 then rows(n, 0..#n, r, old, to);
      else coforall t in 0..#tasks do rows(n, part(n, t, tasks), r, old, to);
    }
  }

  private proc rows(n: int, mine, r: real, old: c_ptr(real), to: c_ptr(real)) {
    for i in mine {
      const here = i * n,
            above = max(i - 1, 0) * n,
            below = min(i + 1, n - 1) * n;

      inline proc cell(j: int, left: int, right: int) {
        const u = old[here + j];
        to[here + j] = u + r * (old[above + j] - 2.0 * u + old[below + j])
                         + r * (old[here + left] - 2.0 * u + old[here + right]);
      }

      cell(0, 0, min(1, n - 1));
      for j in 1..n - 2 do cell(j, j - 1, j + 1);
      if n > 1 then cell(n - 1, n - 2, n - 1);
    }
  }
}
