/* How the tasks share the work. */
module Share {
  /* Part `t` of `tasks` of the indices 0..#n. */
  inline proc part(n: int, t: int, tasks: int) {
    return n * t / tasks .. n * (t + 1) / tasks - 1;
  }
}
