/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <fenv.h>
#include <numpy/arrayobject.h>
#include <numpy/ufuncobject.h>

#include "ferrotran_kernels.h"

/* NumPy has freed the GIL when it calls a loop, and reads the floating-point flags after it. What
   the kernels raise in lanes that they throw away is none of its business. */

static void erf_loop(char **args, const npy_intp *dims, const npy_intp *steps, void *data) {
    const npy_intp one = sizeof(double);
    fenv_t flags;
    feholdexcept(&flags);
    if (steps[0] == one && steps[1] == one) {
        ft_erf_f64(dims[0], (double *)args[0], (double *)args[1]);
    } else {
        for (npy_intp i = 0; i < dims[0]; i++)
            ft_erf_f64(1, (double *)(args[0] + i * steps[0]), (double *)(args[1] + i * steps[1]));
    }
    fesetenv(&flags);
}

/* Strides in elements; `*start` moves to the lowest address, `at` starts from there. */
static double *place(char *start, npy_intp nsys, npy_intp across, npy_intp n, npy_intp along,
                     ptrdiff_t *at) {
    at[1] = across / (npy_intp)sizeof(double);
    at[2] = along / (npy_intp)sizeof(double);
    at[0] = (at[1] < 0 ? (1 - nsys) * at[1] : 0) + (at[2] < 0 ? (1 - n) * at[2] : 0);
    return (double *)start - at[0];
}

static void solve_loop(char **args, const npy_intp *dims, const npy_intp *steps, void *data) {
    const npy_intp nsys = dims[0], m = dims[1], n = dims[2], rows[5] = {m, n, m, n, n};
    const size_t size = (size_t)ft_tridiag_work_f64(nsys, n) * sizeof(double);
    double *at[5], *work = malloc(size);
    ptrdiff_t layout[5][3], *info = malloc((size_t)nsys * sizeof *info);
    int status;
    if (work == NULL || info == NULL) {
        NPY_ALLOW_C_API_DEF
        NPY_ALLOW_C_API;
        PyErr_NoMemory();
        NPY_DISABLE_C_API;
    } else {
        fenv_t flags;
        feholdexcept(&flags);
        for (int i = 0; i < 5; i++)
            at[i] = place(args[i], nsys, steps[i], rows[i], steps[5 + i], layout[i]);
        ft_tridiag_pivot_f64(nsys, n, layout[0], at[0], at[1], at[2], at[3], at[4], work, info,
                             &status);
        fesetenv(&flags);
        if (status == FT_SINGULAR)
            feraiseexcept(FE_INVALID);
    }
    free(work);
    free(info);
}

static int core_dims(PyUFuncObject *self, npy_intp *sizes) {
    if (sizes[1] == sizes[0] + 1)
        return 0;
    PyErr_Format(PyExc_ValueError, "dl and du have length %zd, d and b %zd", sizes[0], sizes[1]);
    return -1;
}

/* An exception stays where Python keeps it until the kernel has stopped. */
static int nodes(void *f, ptrdiff_t n, const double *x, double *y) {
    for (ptrdiff_t i = 0; i < n; i++) {
        PyObject *value = PyObject_CallFunction(f, "d", x[i]);
        if (value == NULL)
            return 1;
        y[i] = PyFloat_AsDouble(value);
        Py_DECREF(value);
        if (y[i] == -1.0 && PyErr_Occurred())
            return 1;
    }
    return 0;
}

static PyObject *integrate(PyObject *self, PyObject *args) {
    enum { LIMIT = 50 };
    double a, b, reals[4][LIMIT], value, error;
    ptrdiff_t sizes[3][LIMIT], neval, last;
    int status;
    PyObject *f;
    if (!PyArg_ParseTuple(args, "Odd", &f, &a, &b))
        return NULL;
    ft_quad_f64(nodes, f, a, b, 0, NULL, 1.5e-8, 1.5e-8, LIMIT, reals[0], reals[1], reals[2],
                reals[3], sizes[0], sizes[1], sizes[2], &value, &error, &neval, &last, &status);
    return status == FT_STOPPED ? NULL : Py_BuildValue("dd", value, error);
}

static PyMethodDef methods[] = {
    {"integrate", integrate, METH_VARARGS, "Integrate f from a to b: the integral, its error."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_native", .m_size = -1,
                                    .m_methods = methods};

static PyUFuncGenericFunction erf_loops[] = {erf_loop}, solve_loops[] = {solve_loop};
static const char types[] = {NPY_DOUBLE, NPY_DOUBLE, NPY_DOUBLE, NPY_DOUBLE, NPY_DOUBLE};
static void *const no_data[] = {NULL};

PyMODINIT_FUNC PyInit__native(void) {
    import_array();
    import_umath();
    PyObject *made = PyModule_Create(&module);
    PyObject *erf = PyUFunc_FromFuncAndData(erf_loops, no_data, types, 1, 1, 1, PyUFunc_None, "erf",
                                            "The error function, elementwise.", 0);
    PyObject *solve = PyUFunc_FromFuncAndDataAndSignature(
        solve_loops, no_data, types, 1, 4, 1, PyUFunc_None, "solve_tridiagonal",
        "NaN and the flag `invalid` where the matrix is singular.", 0, "(m),(n),(m),(n)->(n)");
    if (solve != NULL)
        ((PyUFuncObject *)solve)->process_core_dims_func = core_dims;
    if (made == NULL || PyModule_AddObjectRef(made, "erf", erf) < 0 ||
        PyModule_AddObjectRef(made, "solve_tridiagonal", solve) < 0)
        Py_CLEAR(made);
    Py_XDECREF(erf);
    Py_XDECREF(solve);
    return made;
}
