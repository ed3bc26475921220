//! Says which folders are embedded in the binary, so that a change there compiles it again.

fn main() {
    // The directive goes to Cargo through standard output.
    #[expect(clippy::print_stdout, reason = "this is how a build script talks to Cargo")]
    for folder in ["layouts", "assets"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
