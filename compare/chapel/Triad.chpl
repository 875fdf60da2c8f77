/* a = b + s c: two loads and a store for each two operations. */
module Triad {
  use Compat, Share;

  export proc cmp_triad_chapel(n: int, s: real, b: c_ptr(real), c: c_ptr(real), a: c_ptr(real),
                               tasks: int) {
    if tasks == 1 then add(0..#n, s, b, c, a);
    else coforall t in 0..#tasks do add(part(n, t, tasks), s, b, c, a);
  }

  private proc add(mine, s: real, b: c_ptr(real), c: c_ptr(real), a: c_ptr(real)) {
    for i in mine do a[i] = b[i] + s * c[i];
  }
}
