/* The kernels of the comparison in Chapel: a library for Python. */
module Compare {
  use Collatz, Fannkuch, Heat2d, Mandelbrot, NBody, Neumaier, Spectral, Triad, Tridiagonal;
}
