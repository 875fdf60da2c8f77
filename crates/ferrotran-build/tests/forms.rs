//! What can be compiled, what Cargo is told, and what goes wrong.

mod common;

use common::{Project, archive, contains, message, symbols, told, warned};

const F77: &str = "\
C     Sum of a vector, as in 1977
      DOUBLE PRECISION FUNCTION TOTAL(N, X)
      INTEGER N, I
      DOUBLE PRECISION X(N)
      TOTAL = 0
      DO 10 I = 1, N
   10 TOTAL = TOTAL
     1        + X(I)
      END
";

const C: &str = "double twice(double x);\ndouble twice(double x) { return 2 * x; }\n";

#[test]
fn fixed_form_is_compiled() {
    let project = Project::new()
        .file("src/total.f", F77)
        .file("src/deep/SUM.FOR", &F77.replace("TOTAL", "OTHER"));
    let symbols = symbols(&archive(project.build()));
    for name in ["T total_", "T other_"] {
        assert!(symbols.contains(&name.to_owned()), "{symbols:?}");
    }
}

#[test]
fn c_alone_needs_no_fortran_compiler() {
    let project = Project::new().file("src/twice.c", C);
    let built = project
        .builder()
        .env("FC", "/nonexistent/gfortran")
        .try_run("native");
    assert!(symbols(&archive(built)).contains(&"T twice".to_owned()));
}

#[test]
fn a_path_with_spaces_works() {
    let project = Project::in_folder("a folder with spaces")
        .file(
            "src/the c.c",
            "#include \"the k.h\"\ndouble twice(double x) { return 2 * x; }\n",
        )
        .file("src/the k.h", "double twice(double x);\n")
        .file("src/the f.F90", "#include \"part one.inc\"\n")
        .file("src/part one.inc", "module spaced\nend module\n");
    let include = project.path("src");
    let header = project.path("src/the k.h");
    let build = project.builder().include(&include).header(&header);
    #[cfg(target_arch = "x86_64")]
    let build = build.variants([ferrotran_build::Isa::X86_64V3]);
    let built = build.try_run("native").expect("builds");
    for file in ["the k.h", "the c.c", "the f.F90", "part one.inc"] {
        told(
            &built,
            &format!("rerun-if-changed={}", include.join(file).display()),
        );
    }
}

#[test]
fn cargo_is_told_what_to_watch_and_link() {
    let project = Project::new()
        .file(
            "src/a.c",
            "#include \"inner/a.h\"\ndouble twice(double x) { return 2 * x; }\n",
        )
        .file("src/inner/a.h", "double twice(double x);\n")
        .file("src/b.f90", "module b\nend module\n");
    let built = project
        .builder()
        .include(project.path("src"))
        .try_run("native")
        .expect("builds");
    let src = project.path("src").display().to_string();
    let out = project.path("out").display().to_string();
    for line in [
        format!("rerun-if-changed={src}"),
        format!("rerun-if-changed={src}/a.c"),
        format!("rerun-if-changed={src}/b.f90"),
        format!("rerun-if-changed={src}/inner/a.h"),
        format!("metadata=include={src}"),
        format!("rustc-link-search=native={out}"),
        "rustc-link-lib=static=native".to_owned(),
        "rerun-if-env-changed=FC".to_owned(),
        "rerun-if-env-changed=FFLAGS".to_owned(),
        "rerun-if-env-changed=CC".to_owned(),
        "rerun-if-env-changed=CFLAGS".to_owned(),
    ] {
        told(&built, &line);
    }
    assert!(
        !built.lines.iter().any(|l| l.contains("gfortran")),
        "{:#?}",
        built.lines
    );
}

#[test]
fn large_local_arrays_are_not_static() {
    let text = "pure subroutine s(x) bind(c)\n use iso_c_binding\n \
                real(c_double), intent(inout) :: x(40000)\n real(c_double) :: y(40000)\n \
                y = 2*x\n y(1) = sum(y)\n x = cshift(x, 1) + y\nend subroutine\n";
    let symbols = symbols(&archive(Project::new().file("src/s.f90", text).build()));
    let writable = |s: &&String| "bBdDsSC".contains(&s[..1]);
    assert_eq!(symbols.iter().find(writable), None);
}

#[test]
fn the_runtime_is_linked_when_it_is_used() {
    let text = "subroutine hello() bind(c)\n print *, 'hello'\nend subroutine\n";
    let built = Project::new()
        .file("src/s.f90", text)
        .build()
        .expect("builds");
    told(&built, "rustc-link-lib=dylib=gfortran");
}

#[test]
fn flags_come_from_the_builder_and_then_the_environment() {
    let c = "int level(void);\nint level(void) { return LEVEL; }\n";
    let fortran = "subroutine s() bind(c)\n integer, parameter :: here = LEVEL\nend subroutine\n";
    let project = Project::new().file("src/a.c", c).file("src/b.F90", fortran);
    let fails = project.builder().flag_c("-DLEVEL=1").try_run("native");
    contains(&message(fails), &["LEVEL"]);
    archive(
        project
            .builder()
            .flag_c("-DLEVEL=1")
            .flag_fortran("-DLEVEL=2")
            .try_run("native"),
    );
    let environment = project
        .builder()
        .env("CFLAGS", "-DLEVEL=3")
        .env("FFLAGS", "-DLEVEL=4");
    archive(environment.try_run("native"));
    let unused = project
        .builder()
        .env("CFLAGS", "-DLEVEL=3 -no-such-flag")
        .env("FFLAGS", "-DLEVEL=4");
    contains(&message(unused.try_run("native")), &["no-such-flag"]);
}

#[test]
fn checks_at_run_time_can_be_asked_for() {
    let text = "subroutine s(n, x) bind(c)\n use iso_c_binding\n integer(c_int), value :: n\n \
                real(c_double) :: x(n)\n x(n + 1) = 0\nend subroutine\n";
    let project = Project::new().file("src/s.f90", text);
    let built = project
        .builder()
        .env("FFLAGS", "-fcheck=all")
        .try_run("native")
        .expect("builds");
    told(&built, "rustc-link-lib=dylib=gfortran");
}

#[test]
fn warnings_are_shown_and_can_be_errors() {
    let text = "subroutine s() bind(c)\n integer :: never_used\nend subroutine\n";
    let project = Project::new().file("src/s.f90", text);
    let built = project.build().expect("builds");
    warned(&built, "never_used");
    let strict = project
        .builder()
        .warnings_into_errors(true)
        .try_run("native");
    contains(&message(strict), &["never_used"]);
    let strict = project
        .builder()
        .env("FERROTRAN_WERROR", "1")
        .try_run("native");
    contains(&message(strict), &["never_used"]);
}

#[test]
fn an_error_of_a_compiler_is_shown_with_its_file() {
    let project = Project::new().file("src/wrong.f90", "subroutine s(\nend subroutine\n");
    contains(&message(project.build()), &["wrong.f90", "Error"]);
    let project = Project::new().file("src/wrong.c", "int f( {\n");
    contains(&message(project.build()), &["wrong.c", "error"]);
}

#[test]
fn a_trampoline_is_an_error() {
    let text = "module m\n implicit none\ncontains\n subroutine outer(x)\n real, intent(inout) :: x\n \
                call apply(inner)\n contains\n subroutine inner(y)\n real, intent(inout) :: y\n \
                y = x\n end subroutine\n end subroutine\n subroutine apply(f)\n interface\n \
                subroutine f(y)\n real, intent(inout) :: y\n end subroutine\n end interface\n \
                real :: z\n z = 0\n call f(z)\n end subroutine\nend module\n";
    contains(
        &message(Project::new().file("src/m.f90", text).build()),
        &["trampoline"],
    );
}

#[test]
fn a_missing_tool_is_named_with_its_cure() {
    let fortran = Project::new().file("src/a.f90", "module a\nend module\n");
    let built = fortran
        .builder()
        .env("FC", "/nonexistent/gfortran")
        .try_run("native");
    let text = message(built);
    contains(
        &text,
        &[
            "gfortran",
            "Set FC",
            "/nonexistent/gfortran",
            "apt-get install gfortran",
        ],
    );
    contains(
        &text,
        &[
            "dnf install gcc-gfortran",
            "pacman -S gcc-fortran",
            "brew install gcc",
        ],
    );
    let c = Project::new().file("src/a.c", C);
    let built = c.builder().env("CC", "/nonexistent/cc").try_run("native");
    contains(
        &message(built),
        &["C compiler", "Set CC", "apt-get install gcc"],
    );
    let built = c.builder().env("NM", "/nonexistent/nm").try_run("native");
    contains(&message(built), &["nm is missing", "Set NM", "binutils"]);
}

#[test]
fn a_symbol_defined_twice_names_both_files() {
    let project = Project::new().file("src/a.c", C).file("src/b.c", C);
    contains(&message(project.build()), &["`twice`", "a.c", "b.c"]);
}

#[test]
fn a_folder_without_sources_is_an_error() {
    let project = Project::new().file("src/readme.txt", "nothing");
    contains(
        &message(project.build()),
        &["no C or Fortran source", "src"],
    );
}

#[test]
fn a_library_may_be_built_again_with_less() {
    let project = Project::new()
        .file("src/a.c", C)
        .file("src/b.c", &C.replace("twice", "thrice"));
    archive(project.build());
    std::fs::remove_file(project.path("src/b.c")).expect("removes");
    let symbols = symbols(&archive(project.build()));
    assert!(!symbols.contains(&"T thrice".to_owned()), "{symbols:?}");
}

/// A compiler that calls itself flang, and takes only flags that flang 16 takes.
#[cfg(unix)]
const FLANG: &str = r#"#!/bin/sh
flags=
for flag; do
    case $flag in
        --version) echo "flang-new version 16.0.6"; exit ;;
        -module-dir) flag=-J ;;
        -w | -O3 | -fPIC | -c | -o | -E | -cpp | -I | -[!-]*.o | [!-]* | -march=*) ;;
        -print-*) ;;
        *) echo "unknown argument: $flag" >&2; exit 1 ;;
    esac
    flags="$flags $flag"
done
exec gfortran $flags
"#;

#[test]
#[cfg(unix)]
fn flang_compiles_without_the_check() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new()
        .file("flang", FLANG)
        .file("src/a.F90", "module a\n use b\nend module\n")
        .file(
            "src/b.f90",
            "module b\ncontains\n subroutine s() bind(c)\n end subroutine\nend module\n",
        )
        .file("src/k.h", "void s(void);\n");
    let flang = project.path("flang");
    let runs = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&flang, runs).expect("sets the mode");
    let built = project
        .bound()
        .env("FC", &flang)
        .try_run("native")
        .expect("builds");
    warned(&built, "the header is not checked");
}

#[test]
fn a_foreign_target_has_tools_of_its_own() {
    let project = Project::new().file("src/a.f90", "module a\nend module\n");
    let cross = |key: &str, value: &str| {
        let build = project
            .builder()
            .env("TARGET", "s390x-unknown-linux-gnu")
            .env(key, value);
        message(build.try_run("native"))
    };
    contains(
        &cross("NO_SUCH_KEY", ""),
        &["`s390x-linux-gnu-gfortran` does not run"],
    );
    for key in [
        "FC_s390x_unknown_linux_gnu",
        "FC_s390x-unknown-linux-gnu",
        "TARGET_FC",
        "FC",
    ] {
        contains(
            &cross(key, "/nonexistent/cross"),
            &["`/nonexistent/cross` does not run"],
        );
    }
    contains(
        &cross("HOST_FC", "/nonexistent/host"),
        &["`s390x-linux-gnu-gfortran` does not run"],
    );
}
