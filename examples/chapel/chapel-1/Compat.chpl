/* What Chapel 1.21 to 1.25 calls otherwise than 2.0 and later. */
module Compat {
  use BlockDist;
  public use SysCTypes; // from 1.26 on in CTypes
  type address = c_void_ptr;
  type cText = c_string;

  const null: address = c_nil;

  /* A copy of a string of C. */
  proc textOf(s: cText): string {
    return try! createStringWithNewBuffer(s, s.length);
  }

  /* The indices of a vector, in blocks over the locales. */
  proc distributed(indices) {
    return {indices} dmapped Block(boundingBox={indices});
  }

  /* The indices of a matrix, its rows in blocks over the locales. */
  proc distributedRows(rows, columns) {
    const all = {rows, columns},
          columnOfLocales = reshape(Locales, {0..#numLocales, 0..0});
    return all dmapped Block(boundingBox=all, targetLocales=columnOfLocales);
  }
}
