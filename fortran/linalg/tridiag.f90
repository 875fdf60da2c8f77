! SPDX-License-Identifier: MIT OR Apache-2.0
module ferrotran_tridiag_sizes
   !! What both precisions have in common.
   use, intrinsic :: iso_c_binding, only: sz => c_ptrdiff_t
   implicit none (type, external)
   private

   integer(sz), parameter, public :: tile_rows = 16 !! with its scratch, a tile is 3 KiB
   integer(sz), parameter, public :: min_block = 4 !! fewest systems that are solved as a block
   integer(sz), parameter, public :: block_rows = 16384 !! largest order: 8 MiB of factors
   integer(sz), parameter, public :: touch_rows = 512 !! two blocks of this order fit in L2
end module ferrotran_tridiag_sizes

module ferrotran_tridiag_f64
   !! Tridiagonal systems in double precision; `tridiag_pivot.inc` says how a batch is solved.
   use, intrinsic :: iso_c_binding, only: c_int, ip => c_int64_t, sz => c_ptrdiff_t, wp => c_double
   use ferrotran_status, only: ft_ok, ft_singular
   use ferrotran_tridiag_sizes, only: block_rows, min_block, tile_rows, touch_rows
   implicit none (type, external)
   private
   public :: ft_tridiag_pivot, ft_tridiag_thomas, ft_tridiag_work

   character(*), parameter :: suffix = "_f64"
   integer(sz), parameter :: lanes = 16 ! systems of a block: two AVX-512 or four AVX2 vectors
   integer(sz), parameter :: span = 8 ! elements of a cache line
   real(wp), parameter :: nan = transfer(int(z"7FF8000000000000", ip), 0.0_wp)

contains

   include "tridiag_pivot.inc"
   include "tridiag_thomas.inc"
   include "tridiag_tiles.inc"

end module ferrotran_tridiag_f64

module ferrotran_tridiag_f32
   !! Tridiagonal systems in single precision; `tridiag_pivot.inc` says how a batch is solved.
   use, intrinsic :: iso_c_binding, only: c_int, ip => c_int32_t, sz => c_ptrdiff_t, wp => c_float
   use ferrotran_status, only: ft_ok, ft_singular
   use ferrotran_tridiag_sizes, only: block_rows, min_block, tile_rows, touch_rows
   implicit none (type, external)
   private
   public :: ft_tridiag_pivot, ft_tridiag_thomas, ft_tridiag_work

   character(*), parameter :: suffix = "_f32"
   integer(sz), parameter :: lanes = 32 ! systems of a block: two AVX-512 or four AVX2 vectors
   integer(sz), parameter :: span = 16 ! elements of a cache line
   real(wp), parameter :: nan = transfer(int(z"7FC00000", ip), 0.0_wp)

contains

   include "tridiag_pivot.inc"
   include "tridiag_thomas.inc"
   include "tridiag_tiles.inc"

end module ferrotran_tridiag_f32
