/* What Chapel 2.0 and later releases call otherwise than earlier ones. */
module Compat {
  public use CTypes;

  type address = c_ptr(void);
  type cText = c_ptrConst(c_char);

  const infinity = inf;
  const null: address = nil;

  /* A copy of a string of C. */
  proc textOf(s: cText): string {
    return try! string.createCopyingBuffer(s);
  }
}
