/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FERROTRAN_KERNELS_H
#define FERROTRAN_KERNELS_H

#include <stddef.h>

/// Outcome of a kernel; `ferrotran_status.def` holds the list.
enum ft_status {
#define FT_STATUS(name, value, text) name = value,
#include "ferrotran_status.def"
#undef FT_STATUS
};

/* ---- linalg ------------------------------------------------------------------------------- */

/* ---- special ------------------------------------------------------------------------------ */

/* ---- integrate ---------------------------------------------------------------------------- */

/* ---- stencil ------------------------------------------------------------------------------ */

#endif
