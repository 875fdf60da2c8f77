/* A compensated sum. */
module Neumaier {
  use Compat;

  param PART = 1 << 16; // terms of a part: the same for any number of tasks

  /* The sum of `x` (n). */
  export proc cmp_neumaier_chapel(n: int, x: c_ptr(real), tasks: int): real {
    const parts = (n + PART - 1) / PART;
    var sums: [0..#2 * parts] real;
    if tasks == 1 then every(0, 1, n, x, sums);
    else coforall t in 0..#tasks with (ref sums) do every(t, tasks, n, x, sums);
    if n == 0 then return 0.0;
    const (sum, lost) = add(c_ptrTo(sums[0]), 0, 2 * parts);
    return sum + lost;
  }

  /* Every part whose number is `t` modulo `tasks`. */
  private proc every(t: int, tasks: int, n: int, x: c_ptr(real), ref sums: [] real) {
    for k in t..sums.size / 2 - 1 by tasks do
      (sums[2 * k], sums[2 * k + 1]) = add(x, k * PART, min((k + 1) * PART, n));
  }

  /* The plain sum of x[first..end) and its correction. */
  private proc add(x: c_ptr(real), first: int, end: int) {
    var sum, lost = 0.0;
    for i in first..end - 1 {
      const next = sum + x[i];
      lost += if abs(sum) >= abs(x[i]) then (sum - next) + x[i] else (x[i] - next) + sum;
      sum = next;
    }
    return (sum, lost);
  }
}
