//! The header is held to the Fortran.

mod common;

use common::{Project, archive, contains, message, project_of, warned};

/// `ft_scale` in Fortran.
const SCALE: &str = "\
module scale
   use, intrinsic :: iso_c_binding, only: c_double, c_int, c_ptrdiff_t
   implicit none (type, external)
contains
   pure subroutine ft_scale(n, factor, x, y, status) bind(c)
      integer(c_ptrdiff_t), intent(in), value :: n
      real(c_double), intent(in), value :: factor
      real(c_double), intent(in) :: x(n)
      real(c_double), intent(inout) :: y(n)
      integer(c_int), intent(out) :: status
      y = factor*x
      status = 0
   end subroutine
end module
";

const HONEST: &str = "void ft_scale(ptrdiff_t n, double factor, const double *restrict x, \
                      double *restrict y, int *status);";

fn project(prototypes: &str) -> Project {
    project_of(SCALE, prototypes)
}

/// Checks that a header is refused, and that both prototypes are shown.
#[track_caller]
fn refused(prototypes: &str, what: &str) {
    let text = message(project(prototypes).build_with_header());
    let shown = prototypes.split_whitespace().collect::<Vec<_>>().join(" ");
    contains(&text, &["`ft_scale`", what, "k.f90"]);
    contains(&text, &[&format!("header:  {}", shown)]);
    contains(
        &text,
        &[
            "Fortran: void ft_scale(long n, double factor, const double *x, double *y, int *status);",
        ],
    );
}

#[test]
fn an_honest_header_passes() {
    archive(project(HONEST).build_with_header());
}

#[test]
fn shapes_in_prototypes_pass() {
    let shapes =
        "void ft_scale(ptrdiff_t n, double factor, const double x[n], double y[], int *status);";
    archive(project(shapes).build_with_header());
}

#[test]
fn a_wrong_width_is_refused() {
    refused(&HONEST.replace("ptrdiff_t n", "int n"), "parameter 1 (`n`)");
    refused(
        &HONEST.replace("const double", "const float"),
        "parameter 3 (`x`)",
    );
    refused(
        &HONEST.replace("double factor", "float factor"),
        "parameter 2 (`factor`)",
    );
}

#[test]
fn a_wrong_order_is_refused() {
    let swapped = HONEST.replace(
        "const double *restrict x, double *restrict y",
        "double *restrict y, const double *restrict x",
    );
    refused(&swapped, "another order");
}

#[test]
fn a_wrong_order_of_equal_types_is_refused() {
    let fortran = "subroutine ft_two(a, b) bind(c)\n use iso_c_binding\n \
                   real(c_double), intent(in) :: a, b\nend subroutine\n";
    let header = "void ft_two(const double *b, const double *a);";
    let text = message(project_of(fortran, header).build_with_header());
    contains(
        &text,
        &[
            "`ft_two`",
            "another order",
            "const double *b, const double *a",
        ],
    );
    contains(&text, &["const double *a, const double *b"]);
}

#[test]
fn a_missing_const_is_refused() {
    refused(&HONEST.replace("const ", ""), "parameter 3 (`x`)");
}

#[test]
fn a_const_too_many_is_refused() {
    refused(
        &HONEST.replace("double *restrict y", "const double *restrict y"),
        "parameter 4 (`y`)",
    );
}

#[test]
fn a_missing_parameter_is_refused() {
    refused(
        &HONEST.replace(", int *status", ""),
        "4 parameters, the Fortran 5",
    );
}

#[test]
fn a_wrong_result_is_refused() {
    refused(&HONEST.replace("void ft_scale", "int ft_scale"), "result");
}

#[test]
fn no_parameters_are_not_any_parameters() {
    let fortran = "subroutine ft_none() bind(c)\nend subroutine\n";
    let text = message(project_of(fortran, "void ft_none(double x);").build_with_header());
    contains(
        &text,
        &["`ft_none`", "void ft_none(double x)", "void ft_none(void)"],
    );
    archive(project_of(fortran, "void ft_none(void);").build_with_header());
}

#[test]
fn a_prototype_without_a_definition_is_refused() {
    let header = format!("{HONEST}\ndouble ft_forgotten(double x);");
    contains(
        &message(project(&header).build_with_header()),
        &["ft_forgotten", "defined nowhere"],
    );
}

#[test]
fn a_definition_without_a_prototype_is_a_warning() {
    let project = project("void ft_other(void);")
        .file("src/o.c", "#include \"k.h\"\nvoid ft_other(void) {}\n");
    let built = project.build_with_header().expect("builds");
    warned(&built, "`ft_scale` is not in the header");
    contains(
        &message(project.bound().warnings_into_errors(true).try_run("native")),
        &["ft_scale"],
    );
}

#[test]
fn unsigned_integers_of_the_same_width_pass() {
    let fortran = "subroutine ft_u(n, b, k) bind(c)\n use iso_c_binding\n \
                   integer(c_size_t), value :: n\n integer(c_int8_t), intent(in) :: b(n)\n \
                   integer(c_int32_t), intent(out) :: k\n k = b(1)\nend subroutine\n";
    archive(
        project_of(
            fortran,
            "void ft_u(size_t n, const uint8_t *b, uint32_t *k);",
        )
        .build_with_header(),
    );
    let wrong = "void ft_u(size_t n, const uint8_t *b, uint16_t *k);";
    contains(
        &message(project_of(fortran, wrong).build_with_header()),
        &["parameter 3 (`k`)"],
    );
}

#[test]
fn external_procedures_of_f77_are_compared() {
    let f77 = "      SUBROUTINE OLD(N, X, S)\n      INTEGER N\n      DOUBLE PRECISION X(N), S\n      \
               S = X(1)\n      END\n";
    let with = |header: &str| {
        Project::new()
            .file("src/old.f", f77)
            .file("src/k.h", header)
    };
    archive(with("void old_(int *n, double *x, double *s);\n").build_with_header());
    archive(with("void old_(const int *n, const double *x, double *s);\n").build_with_header());
    let text = message(with("void old_(int *n, float *x, double *s);\n").build_with_header());
    contains(&text, &["`old_`: parameter 2 (`x`)"]);
}

#[test]
fn what_cannot_be_checked_is_said() {
    let fortran = "module m\n use, intrinsic :: iso_c_binding\n abstract interface\n \
                   subroutine hook() bind(c)\n end subroutine\n end interface\ncontains\n \
                   subroutine ft_hook(f) bind(c)\n procedure(hook) :: f\n call f()\n end subroutine\n \
                   subroutine ft_next(x) bind(c)\n real(c_double), intent(out) :: x\n x = 0\n \
                   end subroutine\nend module\n";
    let header = "void ft_hook(void (*f)(void));\nvoid ft_next(double *x);";
    let built = project_of(fortran, header)
        .build_with_header()
        .expect("builds");
    warned(&built, "`ft_hook` is not checked");
    let text =
        message(project_of(fortran, &header.replace("double *x", "float *x")).build_with_header());
    contains(&text, &["`ft_next`: parameter 1 (`x`)"]);
}

#[test]
fn a_header_that_c_does_not_accept_is_an_error() {
    let text = message(project("void ft_scale(unknown n);").build_with_header());
    contains(&text, &["unknown"]);
}

/// A descriptor and a pointer by reference, under `bind(c, name=label)`.
fn labelled(label: &str) -> String {
    format!(
        "subroutine ft_fill(y, p, n) &\n bind(c, name={label})\n use, intrinsic :: iso_c_binding\n \
         real(wp), intent(in) :: y(:)\n type(c_ptr), intent(out) :: p\n \
         integer(c_int), intent(out) :: n\n p = c_null_ptr\n n = size(y)\nend subroutine\n"
    )
}

/// A module that includes `body.inc` after `declarations`.
fn including(module: &str, kind: &str, declarations: &str) -> String {
    format!(
        "module {module}\n use, intrinsic :: iso_c_binding, only: wp => {kind}\n implicit none\n \
         private :: wp\n {declarations}\ncontains\n include 'body.inc'\nend module\n"
    )
}

#[test]
fn labels_are_put_together_for_each_module() {
    let sources = [
        including(
            "a",
            "c_double",
            "character(*), parameter :: Suffix = '_f64'",
        ),
        including(
            "b",
            "c_float",
            "character(len=*), private, parameter :: bits = \"32\", suffix = '_f' // BITS",
        ),
    ];
    let honest = "void ft_fill_f64(const CFI_cdesc_t *y, void **p, int *n);\n\
                  void ft_fill_f32(const CFI_cdesc_t *y, float **p, int *n);";
    let with = |header: &str| {
        project_of(
            &sources.concat(),
            &format!("typedef struct CFI_cdesc_t CFI_cdesc_t;\n{header}"),
        )
        .file("src/body.inc", &labelled("'ft_fill' // suffix"))
        .bound()
        .warnings_into_errors(true)
        .try_run("native")
    };
    archive(with(honest));
    for (right, wrong, name) in [
        ("f64(const CFI_cdesc_t", "f64(const double", "ft_fill_f64"),
        ("f32(const CFI_cdesc_t", "f32(const float", "ft_fill_f32"),
        ("void **p", "void *p", "ft_fill_f64"),
        ("float **p", "float *p", "ft_fill_f32"),
    ] {
        let text = message(with(&honest.replace(right, wrong)));
        contains(&text, &[&format!("`{name}`: parameter"), "k.f90"]);
    }
}

#[test]
fn a_label_that_is_not_evaluated_is_said() {
    let fortran = including("a", "c_double", "character(*), parameter :: s = '_f64 '");
    let with = |parameters: &str| {
        let header =
            format!("typedef struct CFI_cdesc_t CFI_cdesc_t;\nvoid ft_fill_f64({parameters});");
        project_of(&fortran, &header).file("src/body.inc", &labelled("trim('ft_fill' // s)"))
    };
    let honest = with("const CFI_cdesc_t *y, void **p, int *n");
    let unchecked = "`p`, `y` of `ft_fill_f64` is not checked";
    warned(&honest.build_with_header().expect("builds"), unchecked);
    let strict = honest.bound().warnings_into_errors(true);
    contains(&message(strict.try_run("native")), &[unchecked]);
    let lie = with("const double *y, void *p, int *n");
    warned(&lie.build_with_header().expect("builds"), unchecked);
    let text = message(with("const double *y, void *p, float *n").build_with_header());
    contains(&text, &["`ft_fill_f64`: parameter 3 (`n`)"]);
}

#[test]
fn a_procedure_of_fortran_alone_hides_nothing() {
    let hidden = "module z\n private\ncontains\nsubroutine ft_fill(y)\n real :: y(3)\n y = 0\n\
                  end subroutine\nend module\n";
    let fortran = including("a", "c_double", "") + hidden;
    let project = project_of(&fortran, "void ft_fill(const double *y, void **p, int *n);")
        .file("src/body.inc", &labelled("'ft_fill'"));
    contains(
        &message(project.build_with_header()),
        &["`ft_fill`: parameter 1 (`y`)"],
    );
}
