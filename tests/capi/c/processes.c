/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Many threads at once, threads of their own messages, and forked children. */
#include "check.h"

#include <pthread.h>
#include <sys/wait.h>

enum { THREADS = 8, N = 50000 };

static double *input, *expected;

/* Returns null if every result and message is this thread's own. */
static void *work(void *number) {
    int k = *(int *)number;
    double *y = doubles(N, 0);
    for (int repeat = 0; repeat < 10; repeat++) {
        char words[40];
        snprintf(words, sizeof words, "`n` is -%d", k + 1);
        if (ft_erf(-k - 1, input, 1, y, 1) != FT_INVALID_ARGUMENT)
            return number;
        if (!strstr(ft_last_error_message(), words))
            return number;
        if (ft_erf(N, input, 1, y, 1) != FT_OK || *ft_last_error_message())
            return number;
        if (memcmp(y, expected, N * sizeof *y) != 0)
            return number;
    }
    return NULL;
}

static void threads(void) {
    pthread_t ids[THREADS];
    int numbers[THREADS];
    for (int k = 0; k < THREADS; k++) {
        numbers[k] = k;
        CHECK(pthread_create(ids + k, NULL, work, numbers + k) == 0);
    }
    for (int k = 0; k < THREADS; k++) {
        void *wrong = NULL;
        CHECK(pthread_join(ids[k], &wrong) == 0 && !wrong);
    }
}

/* A child whose parent has threads makes its own. */
static void children(void) {
    fflush(stdout);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(20);
        int number = 0;
        _exit(work(&number) != NULL);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void) {
    input = doubles(N, 0);
    expected = doubles(N, 0);
    for (int i = 0; i < N; i++)
        input[i] = 1e-4 * i;
    GOOD(ft_set_num_threads(1));
    GOOD(ft_erf(N, input, 1, expected, 1));
    GOOD(ft_set_num_threads(4));
    threads();
    children();
    GOOD(ft_set_num_threads(2));
    children();
    return outcome();
}
