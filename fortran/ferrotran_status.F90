! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_status
   !! Outcome of a kernel: the list of `csrc/include/ferrotran_status.def` as named constants.
   use, intrinsic :: iso_c_binding, only: c_int
   implicit none (type, external)
   public

#define FT_STATUS(name, value, text) integer(c_int), parameter :: name = value
#include "ferrotran_status.def"
#undef FT_STATUS
end module ferrotran_status
