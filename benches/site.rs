//! How long docbuild takes on its own manual; `cargo bench`.
//!
//! `cold_build` is all of `docbuild build` but the start of the process: read, render, write into an
//! empty folder. `edit` is what `docbuild serve` does between a save and the reload.

use std::path::Path;
use std::sync::Arc;

use docbuild::config::{Config, LoadOptions, load};
use docbuild::output::Target;
use docbuild::render::verdicts::Verdicts;
use docbuild::render::{Memory, build, rebuild};

fn main() {
    divan::main();
}

/// The manual's configuration, with another build folder.
fn manual(output: &Path) -> Config {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).to_owned();
    let options = LoadOptions { root: Some(root), output: Some(output.to_owned()), ..LoadOptions::default() };
    match load(&options) {
        Ok(config) => config,
        Err(diagnostics) => panic!("the manual's configuration: {:?}", diagnostics.sorted()),
    }
}

fn temporary_folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap_or_else(|error| panic!("a temporary folder: {error}"))
}

#[divan::bench(min_time = 1)]
fn cold_build(bencher: divan::Bencher<'_, '_>) {
    bencher.with_inputs(temporary_folder).bench_values(|folder| {
        let config = Arc::new(manual(&folder.path().join("public")));
        let writer = Target::open(&config).and_then(Target::begin).unwrap_or_else(|error| panic!("{error}"));
        let built = build(&config, &Verdicts::default(), &writer);
        assert!(!built.diagnostics.has_errors(), "the manual does not build");
        match writer.commit() {
            Ok(written) => assert!(written.changed > 0),
            Err(error) => panic!("{error}"),
        }
        folder
    });
}

#[divan::bench(min_time = 1)]
fn edit(bencher: divan::Bencher<'_, '_>) {
    let folder = temporary_folder();
    let config = Arc::new(manual(&folder.path().join("public")));
    let sink = Memory::default();
    let before = build(&config, &Verdicts::default(), &sink);
    let files = Arc::new(sink.into_files());
    let page = config.content_dir.join("en/docs/getting-started.md");
    bencher.bench(|| {
        let sink = Memory::new(Arc::clone(&files));
        rebuild(&before, &config, &Verdicts::default(), std::slice::from_ref(&page), &sink)
    });
}
