/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Structs of options from older and newer headers. */
#include "check.h"

/* The struct of a later header. */
struct newer {
    struct ft_quad_options known;
    double later;
};

static int one(void *ctx, double x, double *y) {
    (void)ctx, (void)x;
    *y = 1;
    return 0;
}

static int quad(const void *options) {
    struct ft_quad_result r;
    return ft_quad(one, NULL, 0, 1, options, &r);
}

static void newer_headers(void) {
    struct newer *o = guarded(sizeof *o);
    memset(o, 0x55, sizeof *o);
    GOOD(ft_quad_options_init(&o->known, sizeof *o));
    CHECK(o->known.size == sizeof *o && o->known.limit == 50 && o->later == 0);
    GOOD(quad(o));
    o->later = 1;
    BAD(quad(o), FT_INVALID_ARGUMENT, "newer header");
}

static void wrong_sizes(void) {
    struct ft_quad_options o;
    struct ft_heat2d_options h;
    memset(&o, 0, sizeof o);
    BAD(quad(&o), FT_INVALID_ARGUMENT, "`options.size` is 0, expected sizeof of the struct, 48");
    o.size = sizeof o - 1;
    BAD(quad(&o), FT_INVALID_ARGUMENT, "`options.size` is 47");
    o.size = (size_t)-1;
    BAD(quad(&o), FT_INVALID_ARGUMENT, "`options.size`");
    BAD(ft_quad_options_init(NULL, sizeof o), FT_NULL_POINTER, "`options` is null");
    BAD(ft_quad_options_init(&o, 8), FT_INVALID_ARGUMENT, "`size` is 8");
    BAD(ft_ivp_options_init(NULL, 200), FT_NULL_POINTER, "ft_ivp_options_init");
    BAD(ft_fit_options_init(NULL, 200), FT_NULL_POINTER, "ft_fit_options_init");
    BAD(ft_least_squares_options_init(NULL, 200), FT_NULL_POINTER, "`options` is null");
    BAD(ft_heat2d_options_init(&h, 4), FT_INVALID_ARGUMENT, "`size` is 4");
}

int main(void) {
    newer_headers();
    wrong_sizes();
    return outcome();
}
