/* Prefixes of every permutation turned over until the first number is in front. */
module Fannkuch {
  use Compat, Share;

  /* The checksum and the largest number of flips; `n` is at most 12. */
  export proc cmp_fannkuch_chapel(n: int, tasks: int, result: c_ptr(int)) {
    var all = 1;
    for k in 2..n do all *= k;
    const parts = min(all, if tasks == 1 then 1 else 16 * tasks);
    var sums, most: [0..#parts] int;
    if tasks == 1 then every(0, 1, n, all, sums, most);
    else coforall t in 0..#tasks with (ref sums, ref most) do every(t, tasks, n, all, sums, most);
    result[0] = 0;
    result[1] = 0;
    for k in 0..#parts {
      result[0] += sums[k];
      result[1] = max(result[1], most[k]);
    }
  }

  /* Every part whose number is `t` modulo `tasks`. */
  private proc every(t: int, tasks: int, n: int, all: int, ref sums: [] int, ref most: [] int) {
    for k in t..sums.size - 1 by tasks do (sums[k], most[k]) = among(n, part(all, k, sums.size));
  }

  private proc among(n: int, mine) {
    var p, turns: c_array(uint(8), 16);
    start(n, mine.low, p, turns);
    var sum, most = 0;
    for number in mine {
      const flips = count(p);
      sum += if number % 2 == 0 then flips else -flips;
      most = max(most, flips);
      next(n, p, turns);
    }
    return (sum, most);
  }

  /* Permutation `number`, from 0, and how often each of its prefixes has been rotated. */
  private proc start(n: int, number: int, ref p: c_array(uint(8), 16),
                     ref turns: c_array(uint(8), 16)) {
    var rest = number;
    for k in 0..15 do p[k] = k: uint(8);
    for last in 1..n - 1 by -1 {
      var factorial = 1;
      for k in 2..last do factorial *= k;
      turns[last] = (rest / factorial): uint(8);
      rest %= factorial;
      for 1..turns[last]: int do rotate(last, p);
    }
  }

  private inline proc rotate(last: int, ref p: c_array(uint(8), 16)) {
    const front = p[0];
    for k in 0..#last do p[k] = p[k + 1];
    p[last] = front;
  }

  private proc next(n: int, ref p: c_array(uint(8), 16), ref turns: c_array(uint(8), 16)) {
    for last in 1..n - 1 {
      rotate(last, p);
      if turns[last] < last {
        turns[last] += 1;
        return;
      }
      turns[last] = 0;
    }
  }

  private proc count(const ref p: c_array(uint(8), 16)) {
    var q = p, flips = 0;
    while q[0] != 0 {
      var low = 0, high = q[0]: int;
      while low < high {
        q[low] <=> q[high];
        low += 1;
        high -= 1;
      }
      flips += 1;
    }
    return flips;
  }
}
