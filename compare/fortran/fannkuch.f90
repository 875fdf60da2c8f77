! SPDX-License-Identifier: MIT OR Apache-2.0
module compare_fannkuch
   !! Pancakes: how often the first p(1) of a permutation are turned over until p(1) is 1.
   use, intrinsic :: iso_c_binding, only: c_int8_t, c_int64_t, sz => c_ptrdiff_t
   implicit none (type, external)
   private
   public :: cmp_fannkuch_part_fortran

   integer, parameter :: room = 16

contains

   pure subroutine cmp_fannkuch_part_fortran(n, first, count, result) bind(c)
      !! The alternating sum of flips over some permutations, and the largest number.
      integer(sz), intent(in), value :: n !! length of a permutation, at most 16
      integer(c_int64_t), intent(in), value :: first !! number of the first, from 0
      integer(c_int64_t), intent(in), value :: count !! how many
      integer(c_int64_t), intent(out) :: result(2) !! sum, largest

      integer(c_int64_t) :: flips
      integer(c_int64_t) :: number
      integer(c_int8_t) :: p(room)
      integer(c_int8_t) :: turns(room)

      result = 0
      call start(n, first, p, turns)
      do number = first, first + count - 1
         flips = flips_of(n, p)
         result(1) = result(1) + merge(flips, -flips, modulo(number, 2_c_int64_t) == 0)
         result(2) = max(result(2), flips)
         call next(n, p, turns)
      end do
   end subroutine cmp_fannkuch_part_fortran

   pure subroutine start(n, number, p, turns)
      !! Permutation `number`, and how often each prefix has been rotated.
      integer(sz), intent(in) :: n !! length
      integer(c_int64_t), intent(in) :: number !! which, from 0
      integer(c_int8_t), intent(out) :: p(room) !! the permutation
      integer(c_int8_t), intent(out) :: turns(room) !! rotations of each prefix

      integer(c_int64_t) :: factorial
      integer(c_int64_t) :: rest
      integer(sz) :: k
      integer(sz) :: last

      p = 1
      turns = 0
      factorial = 1
      do k = 1, n
         p(k) = int(k, c_int8_t)
         factorial = factorial*max(k - 1, 1_sz)
      end do
      rest = number
      do last = n, 2, -1
         turns(last) = int(rest/factorial, c_int8_t)
         rest = modulo(rest, factorial)
         factorial = factorial/(last - 1)
         do k = 1, turns(last)
            call rotate(p, last)
         end do
      end do
   end subroutine start

   pure subroutine next(n, p, turns)
      !! The permutation after `p`.
      integer(sz), intent(in) :: n !! length
      integer(c_int8_t), intent(inout) :: p(room) !! the permutation
      integer(c_int8_t), intent(inout) :: turns(room) !! rotations of each prefix

      integer(sz) :: last

      do last = 2, n
         call rotate(p, last)
         if (turns(last) < last - 1) then
            turns(last) = turns(last) + 1_c_int8_t
            return
         end if
         turns(last) = 0
      end do
   end subroutine next

   pure subroutine rotate(p, last)
      !! Move the first element behind the next `last - 1`.
      integer(c_int8_t), intent(inout) :: p(room) !! the permutation
      integer(sz), intent(in) :: last !! length of the prefix

      integer(c_int8_t) :: front
      integer(sz) :: k

      front = p(1)
      do k = 1, last - 1
         p(k) = p(k + 1)
      end do
      p(last) = front
   end subroutine rotate

   pure function flips_of(n, p) result(flips)
      !! How often the front of `p` is turned over.
      integer(sz), intent(in) :: n !! length
      integer(c_int8_t), intent(in) :: p(room) !! the permutation
      integer(c_int64_t) :: flips !! their number

      integer :: high
      integer :: low
      integer(c_int8_t) :: kept
      integer(c_int8_t) :: q(room)

      q(1) = 1
      q(:n) = p(:n)
      flips = 0
      do while (q(1) /= 1)
         low = 1
         high = q(1)
         do while (low < high)
            kept = q(low)
            q(low) = q(high)
            q(high) = kept
            low = low + 1
            high = high - 1
         end do
         flips = flips + 1
      end do
   end function flips_of

end module compare_fannkuch
