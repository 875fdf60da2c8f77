! SPDX-License-Identifier: MIT OR Apache-2.0
subroutine refuse() bind(c)
   !! What a Fortran program does with bad input.
   implicit none (type, external)
   error stop "the signal is not finite"
end subroutine refuse
