/* Kernels of ferrotran over distributed arrays: each locale works on the part that it holds, and
   its tasks on blocks of that part. With one locale all is on it; the program is the same. */
module kernels {
  use Compat, IO;

  require "ferrotran.h", "-lferrotran";

  config const n = 100000,     // numbers to take erf of
               systems = 1000, // tridiagonal systems
               order = 50,     // unknowns of a system
               blocks = 0;     // blocks of a locale; 0: one for each of its tasks

  extern const FT_OK, FT_PIVOTING_PARTIAL: c_int;
  extern proc ft_check_header(): c_int;
  extern proc ft_last_error_message(): cText;
  extern proc ft_set_num_threads(n: c_int): c_int;
  extern proc ft_erf(n: int, x: c_ptr(real), incx: int, y: c_ptr(real), incy: int): c_int;
  extern proc ft_solve_tridiagonal_batch(batch: int, n: int, dl: c_ptr(real), d: c_ptr(real),
                                         du: c_ptr(real), b: c_ptr(real), pivoting: c_int,
                                         x: c_ptr(real), strides: c_ptr(int),
                                         info: address): c_int;

  /* End the program with what the library says of the last call of this thread. */
  proc check(status: c_int) {
    if status != FT_OK then halt(textOf(ft_last_error_message()));
  }

  /* The number of blocks that `size` indices are cut into. */
  proc count(size: int) {
    return min(size, if blocks > 0 then blocks else here.maxTaskPar);
  }

  /* Block `k` of `count` of the indices of a range. */
  proc block(indices, k: int, count: int) {
    const size = indices.size;
    return indices.low + size * k / count .. indices.low + size * (k + 1) / count - 1;
  }

  /* y = erf(x). The numbers of a locale are contiguous, so the first leads to the others. */
  proc erf(ref x: [], ref y: []) {
    coforall loc in Locales with (ref x, ref y) do on loc {
      const (mine,) = x.localSubdomain().dims(),
            parts = count(mine.size);
      forall k in 0..#parts with (ref x, ref y) {
        const own = block(mine, k, parts);
        check(ft_erf(own.size, c_ptrTo(x.localAccess[own.low]), 1,
                     c_ptrTo(y.localAccess[own.low]), 1));
      }
    }
  }

  /* Solve a system for each row of `b`; all have the matrix with the diagonals `dl`, `d`, `du`. */
  proc solve(dl: [] real, d: [] real, du: [] real, ref b: [], ref x: []) {
    coforall loc in Locales with (ref b, ref x) do on loc {
      const (mine, columns) = b.localSubdomain().dims(),
            parts = count(mine.size),
            row = columns.size;
      // A stride of 0 between systems: one row for all of them. Here, so no locale asks another.
      var strides: [0..#10] int = 1, lower = dl, main = d, upper = du;
      for (system, stride) in zip((0, 2, 4, 6, 8), (0, 0, 0, row, row)) do strides[system] = stride;
      forall k in 0..#parts with (ref strides, ref lower, ref main, ref upper, ref b, ref x) {
        const own = block(mine, k, parts);
        check(ft_solve_tridiagonal_batch(
          own.size, row, c_ptrTo(lower), c_ptrTo(main), c_ptrTo(upper),
          c_ptrTo(b.localAccess[own.low, 0]), FT_PIVOTING_PARTIAL,
          c_ptrTo(x.localAccess[own.low, 0]), c_ptrTo(strides), null));
      }
    }
  }

  proc main() throws {
    // The tasks of Chapel are what runs side by side: a call stays on its own.
    coforall loc in Locales do on loc {
      check(ft_check_header());
      check(ft_set_num_threads(1));
    }

    const numbers = distributed(0..#n);
    var x, y: [numbers] real;
    forall i in numbers with (ref x) do x[i] = 8.0 * i / n - 4.0;
    erf(x, y);
    var x1: [0..#n] real = x, y1: [0..#n] real;
    check(ft_erf(n, c_ptrTo(x1), 1, c_ptrTo(y1), 1));
    const same = && reduce (y1 == y);
    writef("erf of %i numbers, one call or many: the same bits: %s\n", n, same: string);

    const rows = distributedRows(0..#systems, 0..#order);
    var b, v: [rows] real;
    var dl, du: [0..#order-1] real = -1.0, d: [0..#order] real = 2.0;
    forall (k, i) in rows with (ref b) do b[k, i] = 1.0 + k + i;
    solve(dl, d, du, b, v);
    // All numbers here are whole: the residual is a rounding of x, not of b.
    var residual, largest = 0.0;
    residual = max reduce [(k, i) in rows]
      abs(2.0 * v[k, i] - (if i > 0 then v[k, i - 1] else 0.0)
          - (if i + 1 < order then v[k, i + 1] else 0.0) - b[k, i]);
    largest = max reduce abs(v);
    // Higham 2002, section 9.6: a backward error of 4 order eps, in rows that sum to 4.
    const good = residual <= 4.0 * order * 2.0**(-52) * 4.0 * largest;
    writef("%i systems of order %i: solved to rounding: %s\n", systems, order, good: string);
    if !(same && good) then halt("wrong answers");
    writef("locales: %i\n", numLocales);
  }
}
