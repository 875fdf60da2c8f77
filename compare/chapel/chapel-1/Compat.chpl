/* Where Chapel 1.21 to 1.25 has the types of C, and what it calls NaN. */
module Compat {
  public use SysCTypes;

  const notANumber = NAN;
}
