//! Sets `cfg(engine)` when tests on a real engine are asked for. Without it these tests are compiled as
//! ignored, so that every runner reports them as skipped.

fn main() {
    println!("cargo::rerun-if-env-changed=RUN_ENGINE_TESTS");
    println!("cargo::rustc-check-cfg=cfg(engine)");
    if std::env::var_os("RUN_ENGINE_TESTS").is_some_and(|value| value == "1") {
        println!("cargo::rustc-cfg=engine");
    }
}
