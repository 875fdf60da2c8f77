//! Fortran is compiled in the order of its modules.

mod common;

use common::{Project, archive, contains, message, symbols, told};

/// A module that uses `other`.
fn module(name: &str, other: &str) -> String {
    format!("module {name}\n   use {other}\n   implicit none\nend module {name}\n")
}

#[test]
fn modules_are_compiled_before_their_users() {
    let project = Project::new()
        .file("src/a.f90", &module("top", "middle"))
        .file("src/b.f90", &module("Middle", "BASE, only: x"))
        .file(
            "src/deep/er/c.f90",
            "module base\n integer, parameter :: x = 1\nend module\n",
        );
    archive(project.build());
}

#[test]
fn submodules_follow_their_parents() {
    let module = "module shapes\n interface\n module function area(r) result(a)\n \
                  real, intent(in) :: r\n real :: a\n end function\n end interface\nend module\n";
    let child = "submodule (shapes) a_child\n real, parameter :: pi = 3.14\nend submodule\n";
    let grandchild = "submodule (shapes : a_child) aa_grandchild\ncontains\n \
                      module procedure area\n a = pi*r**2\n end procedure\nend submodule\n";
    let project = Project::new()
        .file("src/a.f90", grandchild)
        .file("src/b.f90", child)
        .file("src/c.f90", module);
    let symbols = symbols(&archive(project.build()));
    assert!(
        symbols.contains(&"T __shapes_MOD_area".to_owned()),
        "{symbols:?}"
    );
}

#[test]
fn a_cycle_names_its_files() {
    let project = Project::new()
        .file("src/one.f90", &module("one", "two"))
        .file("src/two.f90", &module("two", "three"))
        .file("src/three.f90", &module("three", "one"))
        .file("src/user.f90", &module("user", "one"));
    let message = message(project.build());
    contains(
        &message,
        &["circle", "one.f90 uses `two`", "two.f90 uses `three`"],
    );
    contains(&message, &["three.f90 uses `one`"]);
    assert!(!message.contains("user.f90"), "{message}");
}

#[test]
fn a_missing_module_names_its_user() {
    let project = Project::new().file("src/a.f90", &module("a", "nowhere"));
    contains(&message(project.build()), &["a.f90", "`nowhere`"]);
}

#[test]
fn a_module_defined_twice_names_both_files() {
    let empty = "module m\nend module\n";
    let project = Project::new()
        .file("src/a.f90", empty)
        .file("src/b.f90", empty);
    contains(&message(project.build()), &["`m`", "a.f90", "b.f90"]);
}

#[test]
fn modules_of_the_compiler_need_no_source() {
    let text = "module a\n use, intrinsic :: iso_c_binding\n use ieee_arithmetic\n \
                use :: iso_fortran_env, only: int64\nend module\n";
    archive(Project::new().file("src/a.f90", text).build());
}

#[test]
fn an_installed_module_needs_no_source() {
    let library = Project::new().file("src/a.f90", "module lib\n integer :: i = 1\nend module\n");
    archive(library.build());
    let user = Project::new().file("src/a.f90", &module("user", "lib"));
    let built = user
        .builder()
        .include(library.path("out/native/baseline/mod"))
        .try_run("native");
    archive(built);
}

#[test]
fn a_use_in_an_included_file_counts() {
    let project = Project::new()
        .file("src/a.f90", "module a\n include 'uses.inc'\nend module\n")
        .file("src/b.F90", "module b\n#include \"uses.inc\"\nend module\n")
        .file("src/uses.inc", " use zebra\n")
        .file(
            "src/z.f90",
            "module zebra\n integer, parameter :: stripes = 40\nend module\n",
        );
    let built = project
        .builder()
        .include(project.path("src"))
        .try_run("native")
        .expect("builds");
    told(
        &built,
        &format!(
            "rerun-if-changed={}",
            project.path("src/uses.inc").display()
        ),
    );
}

#[test]
fn the_preprocessor_decides_what_is_used() {
    let text = "module a\n#ifdef MPI\n use mpi_f08\n#endif\n implicit none\nend module\n";
    archive(Project::new().file("src/a.F90", text).build());
    let lower = Project::new().file("src/a.f90", text);
    contains(&message(lower.build()), &["a.f90", "`mpi_f08`"]);
    archive(lower.builder().flag_fortran("-cpp").try_run("native"));
}
