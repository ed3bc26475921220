//! Says which folders are embedded in the binary, so that a change there compiles it again.

fn main() {
    for folder in ["layouts", "assets"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
