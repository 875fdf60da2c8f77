! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_quad_queue
   !! The list of intervals ordered by error estimate, worst first.
   use, intrinsic :: iso_c_binding, only: c_ptrdiff_t, dp => c_double
   implicit none (type, external)
   private
   public :: last_rank, reorder, sort_all
contains
   pure function last_rank(last, limit) result(rank)
      !! Rank down to which order is kept: no more bisections can follow than `limit - last`.
      integer(c_ptrdiff_t), intent(in) :: last !! intervals in use
      integer(c_ptrdiff_t), intent(in) :: limit !! most intervals
      integer(c_ptrdiff_t) :: rank

      rank = last
      if (last > limit/2 + 2) rank = limit + 3 - last
   end function last_rank

   pure subroutine sort_all(last, elist, iord)
      !! Order all intervals by error, by insertion: they are the few between break points.
      integer(c_ptrdiff_t), intent(in) :: last !! intervals in use
      real(dp), intent(in) :: elist(last) !! errors
      integer(c_ptrdiff_t), intent(out) :: iord(last) !! intervals by error
      integer(c_ptrdiff_t) :: i
      integer(c_ptrdiff_t) :: j

      do i = 1, last
         do j = i - 1, 1, -1
            if (elist(iord(j)) >= elist(i)) exit
            iord(j + 1) = iord(j)
         end do
         iord(j + 1) = i
      end do
   end subroutine sort_all

   pure subroutine reorder(rank, worst, last, limit, elist, iord)
      !! Restore the order after interval `worst` was split into itself and `last`, the better
      !! half. `worst` becomes the interval to bisect next and `rank` its rank.
      integer(c_ptrdiff_t), intent(inout) :: rank !! rank of `worst`
      integer(c_ptrdiff_t), intent(inout) :: worst !! number of the interval
      integer(c_ptrdiff_t), intent(in) :: last !! intervals in use
      integer(c_ptrdiff_t), intent(in) :: limit !! most intervals
      real(dp), intent(in) :: elist(last) !! errors
      integer(c_ptrdiff_t), intent(inout) :: iord(last) !! intervals by error
      real(dp) :: larger
      real(dp) :: smaller
      integer(c_ptrdiff_t) :: bottom
      integer(c_ptrdiff_t) :: i
      integer(c_ptrdiff_t) :: k

      if (last <= 2) then
         iord(1) = 1
         iord(2) = 2
         worst = iord(rank)
         return
      end if
      larger = elist(worst)
      smaller = elist(last)
      ! A difficult integrand can raise the error by bisection: move up first.
      do while (rank > 1)
         if (larger <= elist(iord(rank - 1))) exit
         iord(rank) = iord(rank - 1)
         rank = rank - 1
      end do
      ! Move down to the place of the worse half ...
      bottom = last_rank(last, limit)
      i = rank + 1
      do while (i < bottom)
         if (larger >= elist(iord(i))) exit
         iord(i - 1) = iord(i)
         i = i + 1
      end do
      iord(i - 1) = worst
      ! ... and, from the bottom up, make room for the better half.
      k = bottom - 1
      do while (k >= i)
         if (smaller < elist(iord(k))) exit
         iord(k + 1) = iord(k)
         k = k - 1
      end do
      iord(k + 1) = last
      worst = iord(rank)
   end subroutine reorder
end module ferrotran_quad_queue
