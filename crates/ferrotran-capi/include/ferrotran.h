/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/**
 * @file ferrotran.h
 * Classic Fortran and C numerics: checked, thread-safe, parallel. For C11, C++17 and every language
 * that calls C.
 *
 * Status. A function that can fail returns an `enum ft_status` as `int`, 0 for success;
 * ft_status_message() has its words, ft_last_error_message() says which argument of the last call
 * was wrong, what was expected and what came. A refused call leaves its outputs as they are.
 *
 * Arrays. Lengths and strides are `ptrdiff_t` and count elements. Element i of a strided array `x`
 * is `x[i * incx]`; strides may be negative, those of inputs zero. Matrices are row-major unless
 * stated: (rows x columns). An array without elements may be null. No output may overlap another
 * array unless stated. NaN in the data gives NaN, not a failure.
 *
 * Threads. Any function may be called from any number of threads at once. The messages and codes
 * of ft_last_error_message() and ft_last_callback_code() are those of the calling thread. Functions
 * without callbacks spread large work over ft_get_num_threads() threads; the bits of a result do
 * not depend on their number. A callback is called on the calling thread alone, but by a function
 * whose name begins with `ft_par_` on several threads at once. A forked child may call everything.
 *
 * Callbacks. They get `ctx` as it came and return 0, or another number to stop: then the call
 * returns FT_STOPPED and ft_last_callback_code() returns the number. A callback may call ferrotran.
 * It must not be left by longjmp or an exception. Where a later call finds that one was, it does
 * nothing and returns FT_CALLBACK_LEFT, once; the memory of the call that was left is lost.
 *
 * Options. A struct of options begins with its `size` and is filled by its `..._init` function; a
 * later version of the library may append fields and knows the older, shorter struct by its size.
 * Null stands for the defaults. Structs of results do not grow.
 *
 * Names. Everything here begins with `ft_` or `FT_`; the last letter f marks single precision.
 * Names that end in `_f64` or `_f32` belong to the kernels inside the static library.
 */
#ifndef FERROTRAN_H
#define FERROTRAN_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FT_VERSION_MAJOR 0
#define FT_VERSION_MINOR 1
#define FT_VERSION_PATCH 0
/** The version of this header as one number. */
#define FT_VERSION_NUMBER (FT_VERSION_MAJOR * 1000000 + FT_VERSION_MINOR * 1000 + FT_VERSION_PATCH)

/** Outcome of a call. Numbers keep their meaning in all versions. */
enum ft_status {
    FT_OK = 0,               /**< the kernel finished */
    FT_SINGULAR = 1,         /**< a pivot is exactly zero */
    FT_STOPPED = 2,          /**< the callback stopped the kernel */
    FT_MAX_SUBDIVISIONS = 3, /**< the maximum number of subdivisions has been reached */
    FT_ROUNDOFF = 4, /**< roundoff error prevents the requested tolerance from being reached */
    FT_BAD_INTEGRAND =
        5, /**< the integrand behaves extremely badly at some points of the interval */
    FT_NO_CONVERGENCE = 6,   /**< the extrapolation does not converge: roundoff in its table */
    FT_DIVERGENT = 7,        /**< the integral is probably divergent, or converges slowly */
    FT_INVALID_ARGUMENT = 8, /**< an argument is outside its domain */
    FT_GTOL = 9, /**< the residuals are orthogonal to the columns of the Jacobian within gtol */
    FT_FTOL =
        10, /**< actual and predicted relative change of the sum of squares are at most ftol */
    FT_XTOL = 11,            /**< the relative change of the parameters is at most xtol */
    FT_XTOL_AND_FTOL = 12,   /**< both ftol and xtol are met */
    FT_MAX_EVALUATIONS = 13, /**< the maximum number of function evaluations has been reached */
    FT_FTOL_TOO_SMALL = 14,  /**< ftol is too small: the sum of squares cannot be reduced further */
    FT_XTOL_TOO_SMALL = 15,  /**< xtol is too small: the parameters cannot be improved further */
    FT_GTOL_TOO_SMALL =
        16, /**< gtol is too small: the residuals are orthogonal to the Jacobian within roundoff */
    FT_START_NOT_FINITE = 17,    /**< the residuals are not finite at the start */
    FT_JACOBIAN_NOT_FINITE = 18, /**< the derivatives are not finite at the best point found */
    FT_ILL_CONDITIONED =
        19, /**< the normal equations would lose digits: the problem is to be done by QR */
    FT_NULL_POINTER = 64,     /**< a pointer is null that must not be */
    FT_OVERLAP = 65,          /**< an output overlaps another array */
    FT_VERSION_MISMATCH = 66, /**< header and library are of versions that do not go together */
    FT_CALLBACK_LEFT = 67,    /**< a callback was left by longjmp */
    FT_INTERNAL = 68,         /**< an internal error was caught: a defect of the library */
    FT_SOME_FAILED = 69,      /**< some members of the batch failed: each has a status of its own */
    FT_NO_THREADS = 70,       /**< the system allows not one thread */
    FT_NOT_RUN = 71,          /**< the batch ended before this member */
    FT_DATA_NOT_FINITE = 72,  /**< the data are not finite */
    FT_BAD_SIGMA = 73,        /**< sigma is not positive */
    FT_BAD_START = 74,        /**< the starting point is not finite or outside the bounds */
    FT_TOO_FEW_POINTS = 75,   /**< there are fewer points than parameters */
    FT_STEP_TOO_SMALL = 76,   /**< the required step is below the spacing of numbers */
    FT_STATE_NOT_FINITE = 77, /**< the state or its derivative is not finite at the start */
    FT_MATRIX_SINGULAR = 78,  /**< the matrix of the implicit method stays singular or not finite */
    FT_MAX_STEPS = 79,        /**< the maximum number of steps has been reached */
    FT_UNSTABLE = 80,         /**< the time step is too long for a stable step */
};

/** The version of the library: "major.minor.patch". Never null. */
const char *ft_version(void);

/**
 * Check that a header of version `header` (FT_VERSION_NUMBER) goes with this library: the same
 * major number, while that is 0 the same minor one too, and a header that is not newer.
 *
 * Returns FT_OK or FT_VERSION_MISMATCH; the message has both versions.
 */
int ft_check_version(int header);

/** ft_check_version() for the header that the caller is compiled with. */
static inline int ft_check_header(void) {
    return ft_check_version(FT_VERSION_NUMBER);
}

/** The instruction set in use: "baseline", "v3" or "v4" on x86-64. Never null. */
const char *ft_instruction_set(void);

/** The words of a status; "unknown status" for a number that is none. Never null. */
const char *ft_status_message(int status);

/**
 * Whether a status stands for a result as good as the tolerances, or the arithmetic, allow: 1 for
 * FT_OK and for the statuses by which a search for the least squares ends well, else 0.
 */
int ft_status_converged(int status);

/**
 * What was wrong with the last call that this thread made, in words that name the argument, what
 * was expected and what came; empty after success. The text stays until the next call that returns
 * a status on this thread, at most 1023 bytes. Never null.
 */
const char *ft_last_error_message(void);

/**
 * For wrappers: keep `message` as that of a call which failed with `status`, and return `status`.
 * A null `message` stands for the words of the status.
 */
int ft_report(int status, const char *message);

/** What the callback returned that stopped the last call of this thread; 0 if none did. */
int ft_last_callback_code(void);

/**
 * Set the number of threads that calls may use, for the whole process: 1 to 1024; 0 for the number
 * in the environment variable FERROTRAN_NUM_THREADS, or else that of the cores. The first call
 * reads them too.
 *
 * Returns FT_OK or FT_INVALID_ARGUMENT. Calls under way keep the number they began with.
 */
int ft_set_num_threads(int n);

/** The number of threads that calls may use, at least 1. */
int ft_get_num_threads(void);

#ifdef __cplusplus
}
#endif

#include "ferrotran/integrate.h"
#include "ferrotran/linalg.h"
#include "ferrotran/optimize.h"
#include "ferrotran/special.h"
#include "ferrotran/stencil.h"

#endif
