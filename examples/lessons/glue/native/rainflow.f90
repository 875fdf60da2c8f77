! SPDX-License-Identifier: MIT OR Apache-2.0
subroutine rainflow_f(n, signal, width, bins, counts, work, status) bind(c)
   !! Count cycles by range.
   use, intrinsic :: iso_c_binding, only: c_int, c_int32_t, c_ptrdiff_t, dp => c_double
   implicit none (type, external)
   integer(c_ptrdiff_t), intent(in), value :: n !! number of values
   real(dp), intent(in) :: signal(n) !! the load
   real(dp), intent(in), value :: width !! of a level
   integer(c_ptrdiff_t), intent(in), value :: bins !! number of ranges
   real(dp), intent(out) :: counts(0:bins - 1) !! cycles
   integer(c_int32_t), intent(out) :: work(n) !! levels, then the stack
   integer(c_int), intent(out) :: status !! 0, 1: not finite or too large, 2: a range has no bin
   integer(c_int32_t) :: level, last, before
   integer(c_ptrdiff_t) :: i, top

   counts = 0.0_dp
   status = 0
   if (.not. all(abs(signal / width) < 1e9_dp)) then
      status = 1
      return
   end if
   work = floor(signal / width, c_int32_t)
   top = 0
   do i = 1, n
      level = work(i)
      if (top > 0) then
         if (level == work(top)) cycle
      end if
      if (top > 1) then
         if ((level > work(top)) .eqv. (work(top) > work(top - 1))) top = top - 1
      end if
      top = top + 1
      work(top) = level
      do while (top > 2)
         last = abs(work(top) - work(top - 1))
         before = abs(work(top - 1) - work(top - 2))
         if (last < before) exit
         if (before >= bins) then
            status = 2
            return
         end if
         if (top == 3) then
            counts(before) = counts(before) + 0.5_dp
            work(1:2) = work(2:3)
            top = 2
         else
            counts(before) = counts(before) + 1.0_dp
            work(top - 2) = work(top)
            top = top - 2
         end if
      end do
   end do
   do i = 2, top
      before = abs(work(i) - work(i - 1))
      if (before >= bins) then
         status = 2
         return
      end if
      counts(before) = counts(before) + 0.5_dp
   end do
end subroutine rainflow_f
