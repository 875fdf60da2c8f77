/* A batch of tridiagonal systems, a quadrature, erf, and an error, from Chapel. */
module main {
  use Compat, IO;

  require "ferrotran.h", "-lferrotran";

  extern const FT_OK, FT_PIVOTING_PARTIAL, FT_UNSTABLE: c_int;

  extern "struct ft_quad_result" record quadResult {
    var value, abs_error: real;
    var evaluations, subintervals: int;
    var status: c_int;
  }

  extern proc ft_check_header(): c_int;
  extern proc ft_last_error_message(): cText;
  extern proc ft_solve_tridiagonal_batch(batch: int, n: int, dl: c_ptr(real), d: c_ptr(real),
                                         du: c_ptr(real), b: c_ptr(real), pivoting: c_int,
                                         x: c_ptr(real), strides: address,
                                         info: address): c_int;
  extern proc ft_quad(f: c_fn_ptr, ctx: c_ptr(real), a: real, b: real, options: address,
                      ref result: quadResult): c_int;
  extern proc ft_erf(n: int, x: c_ptr(real), incx: int, y: c_ptr(real), incy: int): c_int;
  extern proc ft_heat2d(rows: int, columns: int, u: c_ptr(real), u_row: int, cells: address,
                        cells_row: int, dt: real, steps: int, options: address,
                        out_: c_ptr(real), out_row: int): c_int;

  /* End the program with what the library says of the last call. */
  proc check(status: c_int) {
    if status != FT_OK then halt(textOf(ft_last_error_message()));
  }

  /* c / ((1 + x) sqrt(x)), whose integral over the positive numbers is c pi. */
  export proc integrand(c: c_ptr(real), x: real, y: c_ptr(real)): c_int {
    y[0] = c[0] / ((1.0 + x) * sqrt(x));
    return 0;
  }

  proc printRow(x) throws {
    for v in x do writef("%22.17dr", v);
    writeln();
  }

  proc main() throws {
    check(ft_check_header());

    const batch = 3, n = 4;
    var off: [0..#batch, 0..#n-1] real = -1.0;
    var d, b, x: [0..#batch, 0..#n] real;
    for (k, i) in d.domain {
      d[k, i] = 2.0 + k;
      b[k, i] = 1.0 + i;
    }
    check(ft_solve_tridiagonal_batch(batch, n, c_ptrTo(off), c_ptrTo(d), c_ptrTo(off), c_ptrTo(b),
                                     FT_PIVOTING_PARTIAL, c_ptrTo(x), null, null));
    writeln("tridiagonal systems");
    for k in 0..#batch do printRow(x[k, ..]);

    var c = 2.0, area: quadResult;
    check(ft_quad(c_ptrTo(integrand), c_ptrTo(c), 0.0, infinity, null, area));
    writef("quadrature\n%22.17dr, %i evaluations\n", area.value, area.evaluations);

    var points, values: [0..#5] real;
    for i in points.domain do points[i] = 0.5 * (i + 1);
    check(ft_erf(points.size, c_ptrTo(points), 1, c_ptrTo(values), 1));
    writeln("erf");
    printRow(values);

    // A step that is too long; D and the spacing of the grid are 1.
    var u: [0..#n, 0..#n] real;
    const status = ft_heat2d(n, n, c_ptrTo(u), n, null, 0, 0.5, 1, null, c_ptrTo(u), n);
    writeln("error: ", textOf(ft_last_error_message()));
    if status != FT_UNSTABLE then halt("expected FT_UNSTABLE");
  }
}
