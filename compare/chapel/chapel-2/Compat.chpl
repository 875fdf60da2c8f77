/* Where Chapel 2.0 and later releases have the types of C, and what they call NaN. */
module Compat {
  public use CTypes;

  const notANumber = nan;
}
