//! How long docbuild takes; `cargo bench`.

fn main() {
    divan::main();
}
