! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_least_squares_step
   !! The step of Levenberg and Marquardt within a trust region.
   !!
   !! The damping is the root of a secular equation, found by a safeguarded Newton iteration;
   !! each trial value takes Givens rotations on the triangle alone. J. J. More, *The
   !! Levenberg-Marquardt algorithm: implementation and theory*, Lecture Notes in Mathematics
   !! 630 (1978) 105, doi:10.1007/BFb0067700, sections 3 and 5.
   use, intrinsic :: iso_c_binding, only: c_ptrdiff_t, dp => c_double
   use ferrotran_least_squares_vector, only: norm
   implicit none (type, external)
   private
   public :: damped_step

   real(dp), parameter :: close = 0.1_dp !! relative miss of the radius that is good enough
   integer, parameter :: most = 10 !! trial values of the damping
contains
   pure subroutine damped_step(n, r, d, q, radius, damping, p, u, e, v)
      !! Minimise `|R p - q|` subject to `|D p| <= radius`, nearly.
      integer(c_ptrdiff_t), intent(in) :: n !! order
      real(dp), intent(in) :: r(n, n) !! upper triangle, diagonal decreasing in size
      real(dp), intent(in) :: d(n) !! diagonal of `D`, positive
      real(dp), intent(in) :: q(n) !! right-hand side
      real(dp), intent(in) :: radius !! of the trust region, positive
      real(dp), intent(inout) :: damping !! first guess, and the one that was used
      real(dp), intent(out) :: p(n) !! the step
      real(dp), intent(out) :: u(n, n) !! workspace: the triangle of the damped problem
      real(dp), intent(out) :: e(n) !! workspace
      real(dp), intent(out) :: v(n) !! workspace
      real(dp) :: length ! of D p
      real(dp) :: low
      real(dp) :: high
      real(dp) :: miss ! |D p| - radius
      real(dp) :: last_miss
      real(dp) :: slope
      integer(c_ptrdiff_t) :: rank
      integer(c_ptrdiff_t) :: j
      integer :: trial

      rank = n
      do j = n, 1, -1
         if (r(j, j) == 0) rank = j - 1
      end do
      do j = 1, n
         p(j) = merge(q(j), 0.0_dp, j <= rank)
      end do
      call solve(n, rank, r, p)
      call measure(n, d, p, e, length)
      miss = length - radius
      if (miss <= close*radius) then
         damping = 0
         return
      end if

      low = 0
      if (rank == n) then
         call descend(n, r, d, e, length, v, slope)
         low = miss/radius/slope
      end if
      do j = 1, n
         v(j) = dot_product(r(:j, j), q(:j))/d(j)
      end do
      slope = norm(n, v)
      high = slope/radius
      if (high == 0) high = tiny(high)/min(radius, 0.1_dp)
      damping = min(max(damping, low), high)
      if (damping == 0) damping = slope/length

      do trial = 1, most
         if (damping == 0) damping = max(tiny(damping), 0.001_dp*high)
         call damp(n, r, d, q, sqrt(damping), p, u, e)
         last_miss = miss
         call measure(n, d, p, e, length)
         miss = length - radius
         if (abs(miss) <= close*radius .or. trial == most) exit
         if (low == 0 .and. miss <= last_miss .and. last_miss < 0) exit
         call descend(n, u, d, e, length, v, slope)
         if (miss > 0) low = max(low, damping)
         if (miss < 0) high = min(high, damping)
         damping = max(low, damping + miss/radius/slope)
      end do
   end subroutine damped_step

   pure subroutine measure(n, d, p, e, length)
      !! The length of `e = D p`.
      integer(c_ptrdiff_t), intent(in) :: n !! order
      real(dp), intent(in) :: d(n) !! diagonal of `D`
      real(dp), intent(in) :: p(n) !! step
      real(dp), intent(out) :: e(n) !! the scaled step
      real(dp), intent(out) :: length !! of it
      integer(c_ptrdiff_t) :: i

      do i = 1, n
         e(i) = d(i)*p(i)
      end do
      length = norm(n, e)
   end subroutine measure

   pure subroutine descend(n, r, d, e, length, v, slope)
      !! How fast the length of `D p` falls as the damping grows, over that length.
      integer(c_ptrdiff_t), intent(in) :: n !! order
      real(dp), intent(in) :: r(n, n) !! triangle of the problem that gave `p`
      real(dp), intent(in) :: d(n) !! diagonal of `D`
      real(dp), intent(in) :: e(n) !! `D p`
      real(dp), intent(in) :: length !! of it
      real(dp), intent(out) :: v(n) !! workspace
      real(dp), intent(out) :: slope !! positive
      real(dp) :: s
      integer(c_ptrdiff_t) :: i
      integer(c_ptrdiff_t) :: k

      do k = 1, n
         s = d(k)*(e(k)/length)
         do i = 1, k - 1
            s = s - r(i, k)*v(i)
         end do
         v(k) = s/r(k, k)
      end do
      slope = norm(n, v)**2
   end subroutine descend

   pure subroutine solve(n, rank, r, x)
      !! Overwrite the head of `x` with the solution of the triangular system of order `rank`.
      integer(c_ptrdiff_t), intent(in) :: n !! order
      integer(c_ptrdiff_t), intent(in) :: rank !! order of the leading part
      real(dp), intent(in) :: r(n, n) !! upper triangle
      real(dp), intent(inout) :: x(n) !! right-hand side, then solution
      integer(c_ptrdiff_t) :: i
      integer(c_ptrdiff_t) :: j

      do j = rank, 1, -1
         x(j) = x(j)/r(j, j)
         do i = 1, j - 1
            x(i) = x(i) - x(j)*r(i, j)
         end do
      end do
   end subroutine solve

   pure subroutine damp(n, r, d, q, weight, p, u, e)
      !! Minimise `|R p - q|^2 + |weight D p|^2`: rotate the rows `weight D` into `R`.
      integer(c_ptrdiff_t), intent(in) :: n !! order
      real(dp), intent(in) :: r(n, n) !! upper triangle
      real(dp), intent(in) :: d(n) !! diagonal of `D`
      real(dp), intent(in) :: q(n) !! right-hand side
      real(dp), intent(in) :: weight !! root of the damping, positive
      real(dp), intent(out) :: p(n) !! the minimum
      real(dp), intent(out) :: u(n, n) !! upper triangle of the damped problem
      real(dp), intent(out) :: e(n) !! workspace: the row that is rotated away
      real(dp) :: cosine
      real(dp) :: sine
      real(dp) :: hypotenuse
      real(dp) :: side
      real(dp) :: x
      integer(c_ptrdiff_t) :: i
      integer(c_ptrdiff_t) :: j
      integer(c_ptrdiff_t) :: k

      ! Rotations run along rows: `u` holds the transpose of the triangle for now.
      do j = 1, n
         do i = 1, j
            u(j, i) = r(i, j)
         end do
      end do
      p = q
      do j = 1, n
         e(j) = weight*d(j)
         e(j + 1:) = 0
         side = 0 ! the right-hand side of the row
         do k = j, n
            if (e(k) == 0) cycle
            call rotation(u(k, k), e(k), cosine, sine, hypotenuse)
            u(k, k) = hypotenuse
            x = cosine*p(k) + sine*side
            side = cosine*side - sine*p(k)
            p(k) = x
            do i = k + 1, n
               x = cosine*u(i, k) + sine*e(i)
               e(i) = cosine*e(i) - sine*u(i, k)
               u(i, k) = x
            end do
         end do
      end do
      do j = 1, n
         do i = 1, j - 1
            u(i, j) = u(j, i)
         end do
      end do
      call solve(n, n, u, p)
   end subroutine damp

   pure subroutine rotation(a, b, cosine, sine, hypotenuse)
      !! The rotation that takes `(a, b)` to `(hypotenuse, 0)`.
      real(dp), intent(in) :: a !! stays
      real(dp), intent(in) :: b !! vanishes, not zero
      real(dp), intent(out) :: cosine !! of the angle
      real(dp), intent(out) :: sine !! of the angle
      real(dp), intent(out) :: hypotenuse !! positive or with the sign of `a`
      real(dp) :: t

      if (abs(a) >= abs(b)) then
         t = b/a
         hypotenuse = a*sqrt(1 + t*t)
         cosine = a/hypotenuse
         sine = b/hypotenuse
      else
         t = a/b
         hypotenuse = b*sqrt(1 + t*t)
         sine = b/hypotenuse
         cosine = a/hypotenuse
      end if
   end subroutine rotation
end module ferrotran_least_squares_step
