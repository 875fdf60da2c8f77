/* 50 iterations of z^2 + c on a square grid, as a bitmap, eight pixels a byte. */
module Mandelbrot {
  use Compat;

  /* The bitmap: `bits` (n x (n + 7) / 8). */
  export proc cmp_mandelbrot_chapel(n: int, bits: c_ptr(uint(8)), tasks: int) {
    if tasks == 1 then every(0, 1, n, bits);
    else coforall t in 0..#tasks do every(t, tasks, n, bits);
  }

  /* Every row whose number is `t` modulo `tasks`. */
  private proc every(t: int, tasks: int, n: int, bits: c_ptr(uint(8))) {
    const width = (n + 7) / 8;
    for row in t..n - 1 by tasks {
      const ci = 2.0 * row / n - 1.0;
      for k in 0..#width do bits[row * width + k] = eight(n, 8 * k, ci);
    }
  }

  /* Eight pixels. A point that has escaped stays so: |c| is below 2, and NaN is below nothing. */
  private proc eight(n: int, column: int, ci: real): uint(8) {
    var cr, zr, zi, rr, ii: c_array(real, 8);
    for k in 0..7 do cr[k] = 2.0 * (column + k) / n - 1.5;
    for 1..10 {
      for 1..5 {
        for k in 0..7 {
          zi[k] = 2.0 * zr[k] * zi[k] + ci;
          zr[k] = rr[k] - ii[k] + cr[k];
          rr[k] = zr[k] * zr[k];
          ii[k] = zi[k] * zi[k];
        }
      }
      var inside = false;
      for k in 0..7 do inside |= rr[k] + ii[k] <= 4.0;
      if !inside then return 0;
    }
    var byte = 0: uint(8);
    for k in 0..7 do
      byte = (2 * byte + (rr[k] + ii[k] <= 4.0 && column + k < n): uint(8)): uint(8);
    return byte;
  }
}
