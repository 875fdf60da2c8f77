/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "check.h"

static void words_of_statuses(void) {
    CHECK(strcmp(ft_status_message(FT_OK), "the kernel finished") == 0);
    CHECK(strcmp(ft_status_message(FT_SINGULAR), "a pivot is exactly zero") == 0);
    CHECK(strcmp(ft_status_message(FT_CALLBACK_LEFT), "a callback was left by longjmp") == 0);
    CHECK(strcmp(ft_status_message(-1), "unknown status") == 0);
    CHECK(strcmp(ft_status_message(4711), "unknown status") == 0);
    CHECK(ft_status_converged(FT_OK) && ft_status_converged(FT_GTOL));
    CHECK(!ft_status_converged(FT_MAX_EVALUATIONS) && !ft_status_converged(-1));
}

static void versions(void) {
    char expected[40];
    snprintf(expected, sizeof expected, "%d.%d.%d", FT_VERSION_MAJOR, FT_VERSION_MINOR,
             FT_VERSION_PATCH);
    CHECK(strcmp(ft_version(), expected) == 0);
    GOOD(ft_check_header());
    BAD(ft_check_version(FT_VERSION_NUMBER + 1), FT_VERSION_MISMATCH, "0.1.1");
    BAD(ft_check_version(FT_VERSION_NUMBER + 1000), FT_VERSION_MISMATCH, "0.2.0");
    BAD(ft_check_version(1000000), FT_VERSION_MISMATCH, "the library of");
    BAD(ft_check_version(0), FT_VERSION_MISMATCH, "0.0.0");
    BAD(ft_check_version(-5), FT_VERSION_MISMATCH, "");
}

static void messages_of_wrappers(void) {
    CHECK(ft_report(FT_INVALID_ARGUMENT, "`a` is odd") == FT_INVALID_ARGUMENT);
    CHECK(strcmp(ft_last_error_message(), "`a` is odd") == 0);
    CHECK(ft_report(FT_OVERLAP, NULL) == FT_OVERLAP);
    CHECK(strcmp(ft_last_error_message(), ft_status_message(FT_OVERLAP)) == 0);
    GOOD(ft_check_header());
}

static void threads(void) {
    BAD(ft_set_num_threads(-1), FT_INVALID_ARGUMENT, "`n` is -1, expected 0 to 1024");
    BAD(ft_set_num_threads(1025), FT_INVALID_ARGUMENT, "`n` is 1025");
    GOOD(ft_set_num_threads(3));
    CHECK(ft_get_num_threads() == 3);
    GOOD(ft_set_num_threads(0));
    CHECK(ft_get_num_threads() >= 1);
    CHECK(setenv("FERROTRAN_NUM_THREADS", "5", 1) == 0);
    GOOD(ft_set_num_threads(0));
    CHECK(ft_get_num_threads() == 5);
    CHECK(setenv("FERROTRAN_NUM_THREADS", "nonsense", 1) == 0);
    GOOD(ft_set_num_threads(0));
    CHECK(ft_get_num_threads() >= 1);
    CHECK(*ft_instruction_set());
}

int main(void) {
    words_of_statuses();
    versions();
    messages_of_wrappers();
    threads();
    return outcome();
}
