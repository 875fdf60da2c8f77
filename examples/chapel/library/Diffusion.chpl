/* Two kernels with a C interface: steps of diffusion on a plane grid, and a reduction.

   `chpl --library` makes a library of the exported procedures. Python, Rust, C or Fortran calls
   `chpl_library_init`, then `chpl__init_Diffusion`, then these. An array argument is a
   `chpl_external_array *` on the other side: a pointer and a number of elements.

   The result is 0, or a status: a library does not halt for a wrong argument. */
module Diffusion {
  param good = 0: int(32), badShape = 1: int(32), unstable = 2: int(32), badTasks = 3: int(32);

  /* Take `steps` explicit steps of u += r (left - 2 u + right) + r (up - 2 u + down) in place.

     `u` has `rows` x `columns` numbers, one row after the other; no flux leaves the grid. `r` is
     D dt / dx^2, at most 1/4. `work` has as many numbers as `u`. The rows are shared out among
     `tasks` tasks; each cell is one expression, so the bits do not depend on their number. */
  export proc chapel_heat2d(rows: int, columns: int, ref u: [] real, r: real, steps: int,
                            tasks: int, ref work: [] real): int(32) {
    if rows < 0 || columns < 0 || steps < 0 then return badShape;
    if u.size != rows * columns || work.size != u.size then return badShape;
    if !(r >= 0.0 && r <= 0.25) then return unstable; // a NaN, too
    if tasks < 1 then return badTasks;
    for k in 0..#steps {
      if k % 2 == 0 then step(rows, columns, u, r, tasks, work);
                    else step(rows, columns, work, r, tasks, u);
    }
    if steps % 2 == 1 then u = work;
    return good;
  }

  private proc step(rows: int, columns: int, const ref old: [] real, r: real, tasks: int,
                    ref to: [] real) {
    // An array that came from outside counts from 0, in every release.
    coforall t in 0..#tasks with (ref to) {
      for i in rows * t / tasks .. rows * (t + 1) / tasks - 1 {
        const here = i * columns,
              above = max(i - 1, 0) * columns,
              below = min(i + 1, rows - 1) * columns;
        for j in 0..#columns {
          const u = old[here + j],
                twice = 2.0 * u,
                left = old[here + max(j - 1, 0)],
                right = old[here + min(j + 1, columns - 1)];
          to[here + j] = u + (r * ((left + right) - twice)
                            + r * ((old[above + j] + old[below + j]) - twice));
        }
      }
    }
  }

  /* The largest |a[i] - b[i]|, into `largest`; 0 for empty arrays. A maximum has no rounding, so
     it is the same for any number of tasks. */
  export proc chapel_largest_difference(const ref a: [] real, const ref b: [] real,
                                        ref largest: real): int(32) {
    if a.size != b.size then return badShape;
    largest = 0.0;
    if a.size > 0 then largest = max reduce abs(a - b);
    return good;
  }
}
