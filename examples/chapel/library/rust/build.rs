//! Links the library that `chpl --library --dynamic` has made.

use std::env;

fn main() {
    println!("cargo::rerun-if-env-changed=DIFFUSION_LIB");
    let Ok(folder) = env::var("DIFFUSION_LIB") else {
        println!("cargo::error=DIFFUSION_LIB is not set: the folder of libdiffusion.so");
        return;
    };
    println!("cargo::rustc-link-search=native={folder}");
    println!("cargo::rustc-link-lib=dylib=diffusion");
    println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
}
