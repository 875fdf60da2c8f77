/* What Chapel 1.21 to 1.25 calls otherwise than 2.0 and later. */
module Compat {
  public use SysCTypes; // from 1.26 on in CTypes
  type address = c_void_ptr;
  type cText = c_string;

  const infinity = INFINITY;
  const null: address = c_nil;

  /* A copy of a string of C. */
  proc textOf(s: cText): string {
    return try! createStringWithNewBuffer(s, s.length);
  }
}
