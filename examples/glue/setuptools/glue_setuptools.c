/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <numpy/arrayobject.h>

#include "ferrotran_kernels.h"

static PyObject *erf_(PyObject *self, PyObject *x) {
    if (!PyArray_Check(x)) {
        double y, value = PyFloat_AsDouble(x);
        if (value == -1.0 && PyErr_Occurred())
            return NULL;
        ft_erf_f64(1, &value, &y);
        return PyFloat_FromDouble(y);
    }
    PyArrayObject *in = (PyArrayObject *)PyArray_FROM_OTF(x, NPY_DOUBLE, NPY_ARRAY_IN_ARRAY);
    if (in == NULL)
        return NULL;
    PyObject *out = PyArray_SimpleNew(PyArray_NDIM(in), PyArray_DIMS(in), NPY_DOUBLE);
    if (out != NULL) {
        Py_BEGIN_ALLOW_THREADS ft_erf_f64(PyArray_SIZE(in), PyArray_DATA(in),
                                          PyArray_DATA((PyArrayObject *)out));
        Py_END_ALLOW_THREADS
    }
    Py_DECREF((PyObject *)in);
    return out;
}

/* The lowest address of a vector; `at` says where its elements are from there. */
static double *place(PyArrayObject *a, ptrdiff_t *at) {
    const ptrdiff_t stride = PyArray_STRIDE(a, 0) / (ptrdiff_t)sizeof(double);
    at[0] = stride < 0 ? (1 - PyArray_DIM(a, 0)) * stride : 0;
    at[1] = 0;
    at[2] = stride;
    return (double *)PyArray_DATA(a) - at[0];
}

static PyObject *singular(ptrdiff_t row) {
    PyObject *linalg = PyImport_ImportModule("numpy.linalg");
    PyObject *type = linalg ? PyObject_GetAttrString(linalg, "LinAlgError") : NULL;
    if (type != NULL)
        PyErr_Format(type, "row %zd has no pivot: the matrix is singular", row);
    Py_XDECREF(linalg);
    Py_XDECREF(type);
    return NULL;
}

static PyObject *solve_tridiagonal(PyObject *self, PyObject *args) {
    PyObject *given[4], *x = NULL, *result = NULL;
    PyArrayObject *a[5] = {NULL};
    double *work = NULL;
    if (!PyArg_ParseTuple(args, "OOOO", &given[0], &given[1], &given[2], &given[3]))
        return NULL;
    for (int i = 0; i < 4; i++) {
        PyArray_Descr *type = PyArray_DescrFromType(NPY_DOUBLE);
        a[i] = (PyArrayObject *)PyArray_FromAny(given[i], type, 1, 1, NPY_ARRAY_ALIGNED, NULL);
        if (a[i] == NULL)
            goto done;
    }
    npy_intp n = PyArray_DIM(a[1], 0), m = n - 1;
    if (PyArray_DIM(a[0], 0) != m || PyArray_DIM(a[2], 0) != m || PyArray_DIM(a[3], 0) != n) {
        PyErr_SetString(PyExc_ValueError, "dl, d, du and b must have lengths n-1, n, n-1 and n");
        goto done;
    }
    x = PyArray_SimpleNew(1, &n, NPY_DOUBLE);
    if (x == NULL)
        goto done;
    a[4] = (PyArrayObject *)x;
    work = PyMem_Malloc((size_t)ft_tridiag_work_f64(1, n) * sizeof(double));
    if (work == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    ptrdiff_t layout[5][3], info;
    double *at[5];
    int status;
    for (int i = 0; i < 5; i++)
        at[i] = place(a[i], layout[i]);
    Py_BEGIN_ALLOW_THREADS ft_tridiag_pivot_f64(1, n, layout[0], at[0], at[1], at[2], at[3], at[4],
                                                work, &info, &status);
    Py_END_ALLOW_THREADS result = status == FT_SINGULAR ? singular(info) : Py_NewRef(x);
done:
    PyMem_Free(work);
    Py_XDECREF(x);
    for (int i = 0; i < 4; i++)
        Py_XDECREF((PyObject *)a[i]);
    return result;
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
    {"erf", erf_, METH_O, "Return the error function of a number or an array."},
    {"solve_tridiagonal", solve_tridiagonal, METH_VARARGS, "Solve a tridiagonal system."},
    {"integrate", integrate, METH_VARARGS, "Integrate f from a to b: the integral, its error."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "glue_setuptools",
                                    .m_size = -1, .m_methods = methods};

PyMODINIT_FUNC PyInit_glue_setuptools(void) {
    import_array();
    return PyModule_Create(&module);
}
