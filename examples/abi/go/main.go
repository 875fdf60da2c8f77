// A batch of tridiagonal systems, a quadrature, erf, and an error, from Go.
package main

/*
#cgo pkg-config: ferrotran
#include <ferrotran.h>
#include <stdint.h>

int integrand(void *ctx, double x, double *y);

// A handle is a number, which cgo will not pass as a pointer.
static int quad(uintptr_t handle, double a, double b, struct ft_quad_result *result) {
    return ft_quad(integrand, (void *)handle, a, b, NULL, result);
}
*/
import "C"

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/cgo"
	"unsafe"
)

const (
	batch = 3
	n     = 4
)

// check turns a status into an error. The message belongs to the thread that made the call, so
// main locks itself to one.
func check(status C.int) error {
	if status == C.FT_OK {
		return nil
	}
	return errors.New(C.GoString(C.ft_last_error_message()))
}

// integrand is what C calls; ctx is the handle of a Go function.
//
//export integrand
func integrand(ctx unsafe.Pointer, x C.double, y *C.double) C.int {
	f := cgo.Handle(uintptr(ctx)).Value().(func(float64) float64)
	*y = C.double(f(float64(x)))
	return 0
}

func quad(f func(float64) float64, a, b float64) (C.struct_ft_quad_result, error) {
	handle := cgo.NewHandle(f)
	defer handle.Delete()
	var result C.struct_ft_quad_result
	status := C.quad(C.uintptr_t(handle), C.double(a), C.double(b), &result)
	return result, check(status)
}

func printRow(x []C.double) {
	for _, v := range x {
		fmt.Printf("%22.17f", float64(v))
	}
	fmt.Println()
}

func run() error {
	runtime.LockOSThread()
	if err := check(C.ft_check_header()); err != nil {
		return err
	}

	var off [batch * (n - 1)]C.double
	var d, b, x [batch * n]C.double
	for i := range off {
		off[i] = -1
	}
	for i := range d {
		d[i], b[i] = C.double(2+i/n), C.double(1+i%n)
	}
	err := check(C.ft_solve_tridiagonal_batch(
		batch, n, &off[0], &d[0], &off[0], &b[0], C.FT_PIVOTING_PARTIAL, &x[0], nil, nil))
	if err != nil {
		return err
	}
	fmt.Println("tridiagonal systems")
	for k := 0; k < batch; k++ {
		printRow(x[k*n : (k+1)*n])
	}

	c := 2.0
	area, err := quad(func(x float64) float64 { return c / ((1 + x) * math.Sqrt(x)) }, 0, math.Inf(1))
	if err != nil {
		return err
	}
	fmt.Printf("quadrature\n%22.17f, %d evaluations\n", float64(area.value), area.evaluations)

	points := []C.double{0.5, 1, 1.5, 2, 2.5}
	values := make([]C.double, len(points))
	if err := check(C.ft_erf(C.ptrdiff_t(len(points)), &points[0], 1, &values[0], 1)); err != nil {
		return err
	}
	fmt.Println("erf")
	printRow(values)

	// A step that is too long; D and the spacing of the grid are 1.
	var u [n * n]C.double
	status := C.ft_heat2d(n, n, &u[0], n, nil, 0, 0.5, 1, nil, &u[0], n)
	fmt.Println("error:", check(status))
	if status != C.FT_UNSTABLE {
		return errors.New("expected FT_UNSTABLE")
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
