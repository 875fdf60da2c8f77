/* What Chapel 2.0 and later releases call otherwise than earlier ones. */
module Compat {
  use BlockDist;
  public use CTypes;

  type address = c_ptr(void);
  type cText = c_ptrConst(c_char);

  const null: address = nil;

  /* A copy of a string of C. */
  proc textOf(s: cText): string {
    return try! string.createCopyingBuffer(s);
  }

  /* The indices of a vector, in blocks over the locales. */
  proc distributed(indices) {
    return blockDist.createDomain({indices});
  }

  /* The indices of a matrix, its rows in blocks over the locales. */
  proc distributedRows(rows, columns) {
    const all = {rows, columns},
          columnOfLocales = reshape(Locales, {0..#numLocales, 0..0});
    return blockDist.createDomain(all, targetLocales=columnOfLocales);
  }
}
