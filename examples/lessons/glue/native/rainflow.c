// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rainflow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/// Put the level of each value into `level`; return whether all have one.
static int quantise(ptrdiff_t n, const double *restrict signal, double width,
                    int32_t *restrict level) {
    int bad = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        const double step = floor(signal[i] / width);
        const int fits = fabs(step) < 1e9; // NaN is not below anything
        level[i] = fits ? (int32_t)step : 0;
        bad |= !fits;
    }
    return !bad;
}

int rainflow_c(ptrdiff_t n, const double *restrict signal, double width, ptrdiff_t bins,
               double *restrict counts, int32_t *restrict work) {
    memset(counts, 0, (size_t)bins * sizeof *counts);
    if (!quantise(n, signal, width, work)) {
        return 1;
    }
    int32_t *stack = work; // never longer than what is read: the same memory serves both
    ptrdiff_t top = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        const int32_t level = work[i];
        if (top > 0 && level == stack[top - 1]) {
            continue;
        }
        if (top > 1 && (level > stack[top - 1]) == (stack[top - 1] > stack[top - 2])) {
            top--;
        }
        stack[top++] = level;
        while (top > 2) {
            const int32_t last = abs(stack[top - 1] - stack[top - 2]);
            const int32_t before = abs(stack[top - 2] - stack[top - 3]);
            if (last < before) {
                break;
            }
            if (before >= bins) {
                return 2;
            }
            if (top == 3) {
                counts[before] += 0.5;
                stack[0] = stack[1];
                stack[1] = stack[2];
                top = 2;
            } else {
                counts[before] += 1.0;
                stack[top - 3] = stack[top - 1];
                top -= 2;
            }
        }
    }
    for (ptrdiff_t i = 1; i < top; i++) {
        const int32_t range = abs(stack[i] - stack[i - 1]);
        if (range >= bins) {
            return 2;
        }
        counts[range] += 0.5;
    }
    return 0;
}
