/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the tests share: counted checks, and memory that ends where no access is allowed. */
#ifndef CHECK_H
#define CHECK_H

#include <ferrotran.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int checks_failed;

static inline void check(int good, const char *words, const char *file, int line) {
    if (good)
        return;
    checks_failed++;
    printf("%s:%d: %s; the last message is: %s\n", file, line, words, ft_last_error_message());
}

/* One check. */
#define CHECK(condition) check((condition) != 0, #condition, __FILE__, __LINE__)

/* The call succeeds, and leaves no message. */
#define GOOD(call) check((call) == FT_OK && !*ft_last_error_message(), #call, __FILE__, __LINE__)

/* The call has this status, and its message has these words. */
#define BAD(call, status, words)                                                                   \
    check((call) == (status) && strstr(ft_last_error_message(), (words)), #call, __FILE__, __LINE__)

/* Whether a and b differ by at most `ulps` units of the last place of b. */
static inline int near_to(double a, double b, double ulps) {
    return fabs(a - b) <= ulps * 2.220446049250313e-16 * fabs(b);
}

/* `bytes` bytes in front of a page that must not be touched. Never freed. */
static inline void *guarded(size_t bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t room = (bytes + page - 1) / page * page;
    char *memory =
        mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory + room, page, PROT_NONE) != 0) {
        perror("guarded");
        exit(3);
    }
    return memory + room - bytes;
}

/* `n` doubles, guarded, each `value`. */
static inline double *doubles(ptrdiff_t n, double value) {
    double *memory = guarded((size_t)n * sizeof(double));
    for (ptrdiff_t i = 0; i < n; i++)
        memory[i] = value;
    return memory;
}

/* The exit status of a test. */
static inline int outcome(void) {
    if (checks_failed)
        printf("%d checks failed\n", checks_failed);
    return checks_failed ? 1 : 0;
}

#endif
