//! Variants, bindings, and a crate that uses them through Cargo.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{Project, archive, contains, message, symbols, told};
use ferrotran_build::Isa;

/// Three functions: C, Fortran in a module that uses another, and what they were compiled for.
fn kernels() -> Project {
    Project::new()
        .file("src/a_sum.f90", SUM)
        .file("src/kinds.f90", "module kinds\n use, intrinsic :: iso_c_binding\n integer, parameter :: dp = c_double\nend module\n")
        .file("src/level.c", LEVEL)
        .file("src/k.h", HEADER)
}

const SUM: &str = "\
module a_sum
   use kinds, only: dp, c_ptrdiff_t
   implicit none (type, external)
contains
   pure subroutine k_sum(n, x, total) bind(c)
      integer(c_ptrdiff_t), intent(in), value :: n
      real(dp), intent(in) :: x(n)
      real(dp), intent(out) :: total
      total = helper(x)
   end subroutine
   pure function helper(x) result(total)
      real(dp), intent(in) :: x(:)
      real(dp) :: total
      total = sum(x)
   end function
end module
";

const LEVEL: &str = "\
#include \"k.h\"
int k_level(void) {
#if defined(__AVX512F__)
    return 4;
#elif defined(__AVX2__)
    return 3;
#else
    return 1;
#endif
}
int k_apply(int (*f)(void *ctx, double x), void *ctx, double x) { return f(ctx, x); }
";

const HEADER: &str = "\
#ifndef K_H
#define K_H
#include <stddef.h>

/// What a function says.
enum k_status { K_OK, K_BAD = 7 };

/* ---- a section ---- */

/// The sum of `x[0..n)`.
void k_sum(ptrdiff_t n, const double *x, double *total);
/// The level it was compiled for.
int k_level(void);
int k_apply(int (*f)(void *ctx, double x), void *ctx, double x);
#endif
";

#[test]
#[cfg(target_arch = "x86_64")]
fn variants_have_symbols_of_their_own() {
    let project = kernels();
    let built = project
        .bound()
        .variants([Isa::X86_64V4, Isa::X86_64V3])
        .try_run("native");
    let symbols = symbols(&archive(built));
    for name in ["k_sum", "k_level", "__a_sum_MOD_helper"] {
        for suffix in ["", "_v3", "_v4"] {
            let symbol = format!("T {name}{suffix}");
            let times = symbols.iter().filter(|s| **s == symbol).count();
            assert_eq!(times, 1, "{symbol}: {symbols:?}");
        }
    }
}

#[test]
fn the_baseline_can_be_all_there_is() {
    let project = kernels();
    let built = project
        .bound()
        .variants([Isa::X86_64V3])
        .env("FERROTRAN_BASELINE_ONLY", "1")
        .try_run("native");
    let symbols = symbols(&archive(built));
    assert!(symbols.contains(&"T k_sum".into()), "{symbols:?}");
    assert!(!symbols.iter().any(|s| s.ends_with("_v3")), "{symbols:?}");
}

#[test]
fn variants_need_a_header() {
    let built = kernels()
        .builder()
        .variants([Isa::X86_64V3])
        .try_run("native");
    contains(&message(built), &["variants need a header"]);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn objcopy_is_named_when_it_is_missing() {
    let project = kernels();
    let build = project
        .bound()
        .variants([Isa::X86_64V3])
        .env("OBJCOPY", "/nonexistent/objcopy");
    contains(
        &message(build.try_run("native")),
        &["objcopy is missing", "Set OBJCOPY", "binutils"],
    );
}

#[test]
fn bindings_keep_documentation_and_constants() {
    let project = kernels();
    let built = project.bound().try_run("native").expect("builds");
    let text = fs::read_to_string(built.bindings.expect("bindings")).expect("reads");
    contains(
        &text,
        &[
            "/// The sum of `x[0..n)`.",
            "pub(crate) unsafe fn k_sum(n: isize, x: *const f64, total: *mut f64)",
        ],
    );
    contains(
        &text,
        &[
            "pub(crate) const K_BAD: ::std::os::raw::c_int = 7;",
            "// SAFETY: ",
        ],
    );
    contains(
        &text,
        &[
            "pub(crate) const FORTRAN_COMPILER: &str = \"GNU Fortran",
            "-frecursive",
        ],
    );
    assert!(!text.contains("a section"), "{text}");
}

#[test]
fn documentation_needs_no_compiler() {
    let project = kernels();
    let docs = project
        .bound()
        .env("DOCS_RS", "1")
        .env("FC", "/nonexistent")
        .env("CC", "/nonexistent");
    let built = docs.try_run("native").expect("builds");
    assert_eq!(built.archive, None);
    let text = fs::read_to_string(built.bindings.expect("bindings")).expect("reads");
    contains(&text, &["fn k_sum", "/// The level it was compiled for."]);
}

#[test]
fn variables_are_bound_but_not_multiplied() {
    let project = Project::new()
        .file("src/v.c", "#include \"k.h\"\nint k_count = 3;\n")
        .file("src/inner.def", "")
        .file("src/k.h", "#include \"inner.def\"\nextern int k_count;\n");
    let built = project.bound().try_run("native").expect("builds");
    told(
        &built,
        &format!(
            "rerun-if-changed={}",
            project.path("src/inner.def").display()
        ),
    );
    let text = fs::read_to_string(built.bindings.expect("bindings")).expect("reads");
    contains(
        &text,
        &["pub(crate) static mut k_count: ::std::os::raw::c_int;"],
    );
    let variants = project.bound().variants([Isa::X86_64V3]).try_run("native");
    contains(&message(variants), &["variables"]);
}

/// A crate with a build script, in a folder with a space.
struct Crate {
    _folder: tempfile::TempDir,
    root: PathBuf,
}

const MAIN: &str = "\
//! Uses native code.
mod ffi {
    include!(concat!(env!(\"OUT_DIR\"), \"/native.rs\"));
}

unsafe extern \"C\" fn callback(ctx: *mut std::os::raw::c_void, x: f64) -> i32 {
    // SAFETY: `ctx` is the number that `main` passes.
    unsafe { *ctx.cast::<f64>() = 2.0 * x };
    ffi::K_BAD
}

fn main() {
    let x = [1.0, 2.0, 3.5];
    let (mut total, mut twice) = (0.0, 0.0f64);
    // SAFETY: `x` has three elements; the callback gets what it expects.
    unsafe {
        ffi::k_sum(3, x.as_ptr(), &mut total);
        let status = ffi::k_apply(Some(callback), std::ptr::from_mut(&mut twice).cast(), 4.0);
        assert_eq!((status, twice), (7, 8.0));
        println!(\"{total} {} {}\", ffi::isa().name(), ffi::k_level());
    }
    println!(\"{} {:?}\", env!(\"NATIVE_ARCHIVE\").ends_with(\"libnative.a\"), ffi::Isa::ALL);
}
";

impl Crate {
    /// A crate whose `build.rs` ends with `settings`.
    fn new(settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().join("my crate");
        let this = Path::new(env!("CARGO_MANIFEST_DIR"));
        let manifest = format!(
            "[package]\nname = \"native-user\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
             links = \"native\"\n\n[build-dependencies]\nferrotran-build = {{ path = {this:?} }}\n\n\
             [lints.rust]\nunsafe_op_in_unsafe_fn = \"deny\"\nunreachable_pub = \"deny\"\n\
             warnings = \"deny\"\n\n[lints.clippy]\nundocumented_unsafe_blocks = \"deny\"\n\n[workspace]\n"
        );
        let script = format!(
            "fn main() -> std::process::ExitCode {{\n    ferrotran_build::Build::new()\n        \
             .sources(\"src/native\")\n        .include(\"src/native\")\n        \
             .header(\"src/native/k.h\"){settings}\n        .run(\"native\")\n}}\n"
        );
        let crate_ = Self {
            _folder: folder,
            root,
        };
        crate_.write("Cargo.toml", &manifest);
        crate_.write("build.rs", &script);
        crate_.write("src/main.rs", MAIN);
        let project = kernels();
        for name in ["a_sum.f90", "kinds.f90", "level.c", "k.h"] {
            let text = fs::read_to_string(project.path("src").join(name)).expect("reads");
            crate_.write(&format!("src/native/{name}"), &text);
        }
        // The versions that are already on the machine.
        let lock = this.join("../../Cargo.lock");
        fs::copy(lock, crate_.root.join("Cargo.lock")).expect("copies the lock file");
        crate_
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn cargo(&self, arguments: &[&str], isa: Option<&str>) -> Output {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(arguments)
            .arg("--offline")
            .current_dir(&self.root);
        // The workspace's own, where what the toolkit needs is compiled already.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
        cargo.env(
            "CARGO_TARGET_DIR",
            target.expect("it lies in the target directory"),
        );
        cargo
            .env_remove("FERROTRAN_ISA")
            .env_remove("FERROTRAN_WERROR")
            .envs(isa.map(|isa| ("FERROTRAN_ISA", isa)));
        cargo.output().expect("cargo runs")
    }

    /// What the program prints.
    fn run(&self, isa: Option<&str>) -> String {
        let output = self.cargo(&["run", "-q"], isa);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
#[cfg(target_arch = "x86_64")]
fn a_crate_calls_the_variant_that_is_asked_for() {
    let user = Crate::new(
        "\n        .variants([ferrotran_build::Isa::X86_64V3, ferrotran_build::Isa::X86_64V4])",
    );
    assert!(
        user.run(Some("baseline"))
            .starts_with("6.5 baseline 1\ntrue [Baseline, V3, V4]")
    );
    let best = user.run(None);
    if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
        assert!(user.run(Some("v3")).starts_with("6.5 v3 3\n"));
        // An instruction set above the processor's own gives the best there is.
        assert!(
            best.starts_with("6.5 v3 3\n") || best.starts_with("6.5 v4 4\n"),
            "{best}"
        );
    }
    for unknown in ["v9", "", "V3 "] {
        assert_eq!(user.run(Some(unknown)), best);
    }
    let clippy = user.cargo(&["clippy", "-q"], None);
    assert!(
        clippy.status.success(),
        "{}",
        String::from_utf8_lossy(&clippy.stderr)
    );

    // Nothing is written beside the sources.
    let mut entries: Vec<_> = ["", "src/native"]
        .iter()
        .flat_map(|f| names(&user.root.join(f)))
        .collect();
    entries.sort();
    let expected = [
        "Cargo.lock",
        "Cargo.toml",
        "a_sum.f90",
        "build.rs",
        "k.h",
        "kinds.f90",
        "level.c",
        "src",
    ];
    assert_eq!(entries, expected);

    // A header that lies stops the build with one message.
    user.write(
        "src/native/k.h",
        &HEADER.replace("const double *x", "double *x"),
    );
    let output = user.cargo(&["build"], None);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    contains(
        &text,
        &[
            "`k_sum`: parameter 2 (`x`)",
            "void k_sum(ptrdiff_t n, double *x, double *total);",
        ],
    );
    contains(
        &text,
        &[
            "void k_sum(long n, const double *x, double *total);",
            "a_sum.f90",
        ],
    );

    // A function that nobody calls is dead code.
    user.write("src/native/k.h", HEADER);
    user.write("src/main.rs", &MAIN.replace("ffi::k_level()", "1"));
    let output = user.cargo(&["build"], None);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    contains(&text, &["function `k_level` is never used"]);
}
