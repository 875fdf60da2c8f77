! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_radau5_matrix
   !! The Jacobian of RADAU5 and the two matrices of its Newton iteration.
   !!
   !! A Jacobian is full (`ml < 0`), entry (i, j) at (i, j), or banded, at (i - j + mu + 1, j).
   use, intrinsic :: iso_c_binding, only: c_int, c_ptr, dp => c_double, ip => c_ptrdiff_t
   use ferrotran_radau5_band, only: decompose_band, decompose_complex_band
   use ferrotran_radau5_full, only: decompose, decompose_complex
   use ferrotran_radau5_state, only: eps, field, jacobian_rows, lambda, matrix_rows, mu_im, &
      mu_re, one
   implicit none (type, external)
   private
   public :: ask, assemble, differences
contains
   recursive subroutine ask(jac, ctx, n, rows, t, y, npar, p, raw, matrix, stop)
      !! Fetch the Jacobian from the callback, which gives it row by row.
      procedure(field) :: jac !! the callback
      type(c_ptr), intent(in) :: ctx !! handed to it
      integer(ip), intent(in) :: n !! components
      integer(ip), intent(in) :: rows !! rows of the Jacobian
      real(dp), intent(in) :: t !! time
      real(dp), intent(in) :: y(n) !! state
      integer(ip), intent(in) :: npar !! number of parameters
      real(dp), intent(in) :: p(npar) !! parameters
      real(dp), intent(inout) :: raw(n, rows) !! scratch
      real(dp), intent(inout) :: matrix(rows, n) !! Jacobian
      integer(c_int), intent(out) :: stop !! what the callback returned
      integer(ip) :: i
      integer(ip) :: j

      stop = jac(ctx, one, n, [t], y, raw, p)
      if (stop /= 0) return
      do j = 1, n
         do i = 1, rows
            matrix(i, j) = raw(j, i)
         end do
      end do
   end subroutine ask

   recursive subroutine differences(f, ctx, n, ml, mu, t, y, f0, npar, p, step, tolerance, &
      moved, slope, matrix, evaluations, stop)
      !! Approximate the Jacobian by forward differences.
      !!
      !! The increment is the root of the machine epsilon of the component or of its change in
      !! the step to come; or if that is more, so much that rounding errors of `f` times the step
      !! stay below a thousandth of the tolerance: Hindmarsh et al., *ACM Trans. Math. Softw.* 31
      !! (2005) 363, doi:10.1145/1089014.1089020, section 2.1.
      procedure(field) :: f !! the right-hand side
      type(c_ptr), intent(in) :: ctx !! handed to it
      integer(ip), intent(in) :: n !! components
      integer(ip), intent(in) :: ml !! diagonals below the main one; negative: full
      integer(ip), intent(in) :: mu !! diagonals above
      real(dp), intent(in) :: t !! time
      real(dp), intent(in) :: y(n) !! state
      real(dp), intent(in) :: f0(n) !! derivative there
      integer(ip), intent(in) :: npar !! number of parameters
      real(dp), intent(in) :: p(npar) !! parameters
      real(dp), intent(in) :: step !! the step to come
      real(dp), intent(in) :: tolerance(n) !! reciprocal tolerance of each component
      real(dp), intent(out) :: moved(n) !! scratch
      real(dp), intent(out) :: slope(n) !! scratch
      real(dp), intent(out) :: matrix(jacobian_rows(n, ml, mu), n) !! Jacobian
      integer(ip), intent(inout) :: evaluations !! grows by those of `f`
      integer(c_int), intent(out) :: stop !! what the callback returned
      real(dp) :: delta
      real(dp) :: noise ! least increment, in tolerances
      integer(ip) :: group
      integer(ip) :: groups
      integer(ip) :: i
      integer(ip) :: j

      noise = 0
      do i = 1, n
         noise = noise + (f0(i)*tolerance(i))**2
      end do
      noise = 1000*abs(step)*eps*sqrt(n*noise)
      if (.not. noise > 0) noise = 1
      groups = n
      if (ml >= 0) groups = min(n, ml + mu + 1)
      do group = 1, groups
         moved = y
         do j = group, n, groups
            moved(j) = y(j) + increment(j)
         end do
         stop = f(ctx, one, n, [t], moved, slope, p)
         if (stop /= 0) return
         evaluations = evaluations + 1
         do j = group, n, groups
            delta = 1/(moved(j) - y(j))
            if (ml < 0) then
               do i = 1, n
                  matrix(i, j) = (slope(i) - f0(i))*delta
               end do
            else
               do i = max(one, j - mu), min(n, j + ml)
                  matrix(i - j + mu + 1, j) = (slope(i) - f0(i))*delta
               end do
            end if
         end do
      end do
   contains
      pure real(dp) function increment(j)
         !! The increment of component `j`.
         integer(ip), intent(in) :: j !! component

         increment = max(sqrt(eps)*max(abs(y(j)), abs(step*f0(j))), noise/tolerance(j))
      end function increment
   end subroutine differences

   pure subroutine assemble(n, ml, mu, h, matrix, real_part, re, im, pivot, singular)
      !! Decompose lambda/h I - J and (mu_re + i mu_im)/h I - J.
      integer(ip), intent(in) :: n !! components
      integer(ip), intent(in) :: ml !! diagonals below the main one; negative: full
      integer(ip), intent(in) :: mu !! diagonals above
      real(dp), intent(in) :: h !! step
      real(dp), intent(in) :: matrix(jacobian_rows(n, ml, mu), n) !! Jacobian J
      real(dp), intent(inout) :: real_part(matrix_rows(n, ml, mu), n) !! factors of the real one
      real(dp), intent(inout) :: re(matrix_rows(n, ml, mu), n) !! real parts of the complex one
      real(dp), intent(inout) :: im(matrix_rows(n, ml, mu), n) !! imaginary parts
      integer(ip), intent(inout) :: pivot(n, 2) !! exchanges
      logical, intent(out) :: singular !! whether one of them is
      real(dp) :: per_h
      integer(ip) :: above ! rows above the Jacobian's
      integer(ip) :: d ! row of the diagonal
      integer(ip) :: i
      integer(ip) :: j

      above = max(0_ip, ml)
      per_h = 1/h
      do j = 1, n
         do i = 1, above
            real_part(i, j) = 0
            re(i, j) = 0
            im(i, j) = 0
         end do
         do i = 1, jacobian_rows(n, ml, mu)
            real_part(above + i, j) = -matrix(i, j)
            re(above + i, j) = -matrix(i, j)
            im(above + i, j) = 0
         end do
         d = j
         if (ml >= 0) d = ml + mu + 1
         real_part(d, j) = real_part(d, j) + lambda*per_h
         re(d, j) = re(d, j) + mu_re*per_h
         im(d, j) = mu_im*per_h
      end do
      if (ml < 0) then
         call decompose(n, real_part, pivot(:, 1), singular)
         if (.not. singular) call decompose_complex(n, re, im, pivot(:, 2), singular)
      else
         call decompose_band(n, ml, mu, real_part, pivot(:, 1), singular)
         if (.not. singular) &
            call decompose_complex_band(n, ml, mu, re, im, pivot(:, 2), singular)
      end if
   end subroutine assemble
end module ferrotran_radau5_matrix
