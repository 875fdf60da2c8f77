/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "compare_kernels.h"

enum { ROOM = 16 };

static inline void rotate(int8_t *p, ptrdiff_t last) {
    int8_t front = p[0];
    for (ptrdiff_t k = 0; k < last; k++) {
        p[k] = p[k + 1];
    }
    p[last] = front;
}

/// Set `p` to permutation `number` and `turns` to how often each prefix has been rotated.
static void start(ptrdiff_t n, int64_t number, int8_t *p, int8_t *turns) {
    int64_t factorial = 1;
    for (ptrdiff_t k = 0; k < n; k++) {
        p[k] = (int8_t)k;
        turns[k] = 0;
        factorial *= k > 0 ? k : 1;
    }
    for (ptrdiff_t last = n - 1; last > 0; last--) {
        turns[last] = (int8_t)(number / factorial);
        number %= factorial;
        factorial /= last;
        for (int8_t k = 0; k < turns[last]; k++) {
            rotate(p, last);
        }
    }
}

static inline void next(ptrdiff_t n, int8_t *p, int8_t *turns) {
    for (ptrdiff_t last = 1; last < n; last++) {
        rotate(p, last);
        if (turns[last] < last) {
            turns[last]++;
            return;
        }
        turns[last] = 0;
    }
}

static inline int64_t flips_of(ptrdiff_t n, const int8_t *p) {
    int8_t q[ROOM];
    q[0] = 0;
    for (ptrdiff_t k = 0; k < n; k++) {
        q[k] = p[k];
    }
    int64_t flips = 0;
    for (int8_t front = q[0]; front != 0; front = q[0]) {
        for (int8_t low = 0, high = front; low < high; low++, high--) {
            int8_t kept = q[low];
            q[low] = q[high];
            q[high] = kept;
        }
        flips++;
    }
    return flips;
}

void cmp_fannkuch_part_c(ptrdiff_t n, int64_t first, int64_t count, int64_t *restrict result) {
    int8_t p[ROOM] = {0}, turns[ROOM];
    int64_t checksum = 0, most = 0;
    start(n, first, p, turns);
    for (int64_t number = first; number < first + count; number++) {
        int64_t flips = flips_of(n, p);
        checksum += number % 2 == 0 ? flips : -flips;
        most = flips > most ? flips : most;
        next(n, p, turns);
    }
    result[0] = checksum;
    result[1] = most;
}
