/* The longest Collatz chain: integers and branches that no processor foresees. */
module Collatz {
  use Compat, Share;

  /* The start below `n` of the longest chain, the smallest such, and its number of terms. */
  export proc cmp_collatz_chapel(n: int, tasks: int, result: c_ptr(int)) {
    const starts = max(n - 1, 0),
          parts = min(starts, if tasks == 1 then 1 else 32 * tasks);
    var best, longest: [0..#parts] int;
    if tasks == 1 then every(0, 1, starts, best, longest);
    else coforall t in 0..#tasks with (ref best, ref longest) do
      every(t, tasks, starts, best, longest);
    result[0] = 0;
    result[1] = 0;
    for k in 0..#parts {
      if longest[k] > result[1] {
        result[0] = best[k];
        result[1] = longest[k];
      }
    }
  }

  /* Every part whose number is `t` modulo `tasks`. */
  private proc every(t: int, tasks: int, starts: int, ref best: [] int, ref longest: [] int) {
    for k in t..best.size - 1 by tasks do
      (best[k], longest[k]) = among(part(starts, k, best.size));
  }

  private proc among(mine) {
    var best, longest = 0;
    for i in mine {
      var terms = 1, k = i + 1;
      while k != 1 {
        k = if k % 2 == 0 then k / 2 else 3 * k + 1;
        terms += 1;
      }
      if terms > longest {
        best = i + 1;
        longest = terms;
      }
    }
    return (best, longest);
  }
}
