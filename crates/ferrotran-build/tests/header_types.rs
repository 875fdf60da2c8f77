//! The header is held to Fortran types that C writes in another way.

mod common;

use common::{archive, contains, message, project_of};

/// Callbacks, as a procedure and as an address.
const CALLBACKS: &str = "\
module callbacks
   use, intrinsic :: iso_c_binding
   implicit none
   abstract interface
      function integrand(ctx, n, x, y) bind(c) result(stop)
         import
         type(c_ptr), intent(in), value :: ctx
         integer(c_ptrdiff_t), intent(in), value :: n
         real(c_double), intent(in) :: x(n)
         real(c_double), intent(out) :: y(n)
         integer(c_int) :: stop
      end function
   end interface
contains
   subroutine ft_direct(f, ctx, answer) bind(c)
      procedure(integrand) :: f
      type(c_ptr), intent(in), value :: ctx
      real(c_double), intent(out) :: answer
      real(c_double) :: y(1)
      answer = f(ctx, 1_c_ptrdiff_t, [1.0_c_double], y)
      answer = y(1)
   end subroutine
   subroutine ft_address(f, ctx, where) bind(c)
      type(c_funptr), intent(in), value :: f
      type(c_ptr), intent(in), value :: ctx
      type(c_ptr), intent(out) :: where
      where = ctx
      if (.not. c_associated(f)) where = c_null_ptr
   end subroutine
end module
";

#[test]
fn callbacks_are_compared_in_full() {
    let f = "int (*f)(void *ctx, ptrdiff_t n, const double *x, double *y)";
    let address = format!("void ft_address({f}, void *ctx, void **where);");
    let honest = format!("void ft_direct({f}, void *ctx, double *answer);\n{address}");
    archive(project_of(CALLBACKS, &honest).build_with_header());
    for (from, to) in [
        ("const double *x", "double *x"),
        ("ptrdiff_t n", "int n"),
        ("int (*f)", "void (*f)"),
    ] {
        let lie = format!(
            "void ft_direct({}, void *ctx, double *answer);\n{address}",
            f.replace(from, to)
        );
        let text = message(project_of(CALLBACKS, &lie).build_with_header());
        contains(
            &text,
            &[
                "`ft_direct`: parameter 1 (`f`)",
                to,
                "int (*f)(void *ctx, long n, const double *x, double *y)",
            ],
        );
    }
    let lie = honest.replace("void **where", "double where");
    contains(
        &message(project_of(CALLBACKS, &lie).build_with_header()),
        &["`ft_address`: parameter 3"],
    );
    let lie = honest.replace(&address, &address.replace(f, "double *f"));
    contains(
        &message(project_of(CALLBACKS, &lie).build_with_header()),
        &["`ft_address`: parameter 1"],
    );
}

#[test]
fn an_address_is_any_pointer() {
    let fortran = "function ft_end(p) bind(c) result(q)\n use iso_c_binding\n \
                   type(c_ptr), intent(in), value :: p\n type(c_ptr) :: q\n q = p\nend function\n";
    for honest in [
        "double *ft_end(const double *p);",
        "void *ft_end(void *p);",
        "int *ft_end(char p[]);",
    ] {
        archive(project_of(fortran, honest).build_with_header());
    }
    for lie in [
        "double ft_end(const double *p);",
        "double *ft_end(double p);",
        "double *ft_end(void (*p)(void));",
    ] {
        contains(
            &message(project_of(fortran, lie).build_with_header()),
            &["`ft_end`"],
        );
    }
}

#[test]
fn an_alias_for_a_callback_passes() {
    let header = "typedef int (*integrand)(void *ctx, ptrdiff_t n, const double *x, double *y);\n\
                  void ft_direct(integrand f, void *ctx, double *answer);\n\
                  void ft_address(integrand f, void *ctx, void **where);";
    archive(project_of(CALLBACKS, header).build_with_header());
}

#[test]
fn an_assumed_shape_is_not_a_pointer() {
    let fortran = "subroutine ft_shape(a) bind(c)\n use iso_c_binding\n \
                   real(c_double), intent(inout) :: a(:)\n a = 0\nend subroutine\n";
    let text = message(project_of(fortran, "void ft_shape(double *a);").build_with_header());
    contains(&text, &["`ft_shape`", "double *a", "CFI_cdesc_t *a"]);
    let honest = "typedef struct CFI_cdesc_t CFI_cdesc_t;\nvoid ft_shape(CFI_cdesc_t *a);";
    archive(project_of(fortran, honest).build_with_header());
}

#[test]
fn complex_and_logical_are_compared() {
    let fortran = "subroutine ft_c(z, l) bind(c)\n use iso_c_binding\n \
                   complex(c_double_complex), intent(inout) :: z(2)\n \
                   logical(c_bool), intent(in), value :: l\n if (l) z = 0\nend subroutine\n";
    archive(project_of(fortran, "void ft_c(double _Complex *z, _Bool l);").build_with_header());
    let text =
        message(project_of(fortran, "void ft_c(float _Complex *z, int l);").build_with_header());
    contains(&text, &["parameter 1 (`z`)", "parameter 2 (`l`)"]);
}

/// A derived type.
const POINT: &str = "\
module points
   use, intrinsic :: iso_c_binding
   implicit none
   type, bind(c) :: point
      real(c_double) :: x(3)
      integer(c_int) :: id
   end type
contains
   subroutine ft_move(p, q) bind(c)
      type(point), intent(inout) :: p
      type(point), intent(in), value :: q
      p%x = p%x + q%x
   end subroutine
end module
module points_user
   use points
contains
   subroutine ft_again(p) bind(c)
      type(point), intent(inout) :: p
      p%id = 0
   end subroutine
end module
";

#[test]
fn derived_types_are_compared() {
    let functions =
        |name: &str| format!("void ft_move({name} *p, {name} q);\nvoid ft_again({name} *p);");
    for (definition, name) in [
        ("typedef struct { double x[3]; int id; } Point;", "Point"),
        (
            "typedef struct point { double x[3]; int id; } point;",
            "point",
        ),
        ("struct point { double x[3]; int id; };", "struct point"),
    ] {
        archive(
            project_of(POINT, &format!("{definition}\n{}", functions(name))).build_with_header(),
        );
    }
    for wrong in [
        "double x[2]; int id;",
        "float x[3]; int id;",
        "int id; double x[3];",
        "double x[3]; int id; int more;",
    ] {
        let header = format!(
            "typedef struct {{ {wrong} }} point;\n{}",
            functions("point")
        );
        let text = message(project_of(POINT, &header).build_with_header());
        contains(&text, &["structure `point`", wrong, "double x[3]; int id;"]);
    }
}
