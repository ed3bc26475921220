use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::config::{LoadOptions, load};

fn config(root: &Path, build: &str) -> Config {
    fs::write(root.join("book.toml"), format!("[build]\nbuild-dir = \"{build}\"\n")).unwrap();
    fs::create_dir_all(root.join("content/en")).unwrap();
    load(&LoadOptions { root: Some(root.to_owned()), ..LoadOptions::default() }).unwrap()
}

/// A writer that was given these files.
fn site(config: &Config, files: &[(&str, &str)]) -> Result<Writer, OutputError> {
    let writer = Target::open(config)?.begin()?;
    for (path, text) in files {
        writer.put(path, Content::Text((*text).to_owned())).unwrap();
    }
    Ok(writer)
}

/// Commits the journal for these files, and stops as if killed.
fn commit_and_die(config: &Config, files: &[(&str, &str)]) -> (usize, usize, usize) {
    let writer = site(config, files).unwrap();
    let entries = writer.stage.finish().unwrap();
    let plan = plan::compare(&writer.folder, &writer.own, &entries, &writer.stage.folders).unwrap();
    let counts = (plan.clear.len(), plan.put.len(), plan.delete.len());
    journal::commit(&writer.folder, plan, &entries).unwrap();
    drop(writer);
    counts
}

/// A folder for a site, and its build folder.
fn place() -> (tempfile::TempDir, Config, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let config = config(&root, "public");
    let build = config.build_dir.clone();
    (folder, config, build)
}

fn write(config: &Config, files: &[(&str, &str)]) -> Result<Written, OutputError> {
    site(config, files)?.commit()
}

/// What a web server would find, by path.
fn published(build: &Path) -> Vec<(String, String)> {
    let entries = walkdir::WalkDir::new(build).sort_by_file_name().into_iter().map(Result::unwrap);
    entries
        .filter(|entry| entry.file_type().is_file() && !entry.path().starts_with(build.join(STATE_FOLDER)))
        .map(|entry| {
            let path = entry.path().strip_prefix(build).unwrap().to_string_lossy().into_owned();
            (path, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

fn owned(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn writes_changes_only_and_prunes_its_own_files_only() {
    let (_folder, config, build) = place();
    let first = write(&config, &[("a.html", "1"), ("b/index.html", "2"), ("c/d/e.txt", "3")]).unwrap();
    assert_eq!(first, Written { changed: 3, removed: 0, unchanged: 0 });
    let before = fs::metadata(build.join("a.html")).unwrap();
    fs::write(build.join("theirs.txt"), "kept").unwrap();
    let second = write(&config, &[("a.html", "1"), ("b/index.html", "two")]).unwrap();
    assert_eq!(second, Written { changed: 1, removed: 1, unchanged: 1 });
    let expected = owned(&[("a.html", "1"), ("b/index.html", "two"), ("theirs.txt", "kept")]);
    assert_eq!(published(&build), expected);
    assert!(!build.join("c").exists(), "folders that became empty go");
    let after = fs::metadata(build.join("a.html")).unwrap();
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
    assert_eq!(write(&config, &[("a.html", "1"), ("b/index.html", "two")]).unwrap().changed, 0);
    assert!(!build.join(STATE_FOLDER).join("journal").exists() && !build.join(STATE_FOLDER).join("staged").exists());
}

#[test]
fn a_file_becomes_a_folder_and_the_reverse() {
    let (_folder, config, build) = place();
    write(&config, &[("x", "file"), ("y/deep/z.html", "page")]).unwrap();
    write(&config, &[("x/index.html", "folder"), ("y", "file")]).unwrap();
    assert_eq!(published(&build), owned(&[("x/index.html", "folder"), ("y", "file")]));
}

#[test]
fn what_docbuild_did_not_write_is_neither_replaced_nor_removed() {
    let (_folder, config, build) = place();
    fs::create_dir_all(build.join("y")).unwrap();
    fs::write(build.join("a.html"), "theirs").unwrap();
    fs::write(build.join("x"), "theirs").unwrap();
    fs::write(build.join("y/mine.txt"), "theirs").unwrap();
    let before = published(&build);
    let error = write(&config, &[("a.html", "ours")]).unwrap_err();
    assert!(matches!(&error, OutputError::Foreign { paths, .. } if paths == &["a.html"]), "{error}");
    let error = write(&config, &[("x/index.html", "ours")]).unwrap_err();
    assert!(matches!(&error, OutputError::InTheWay { obstacle, .. } if obstacle.ends_with("x")), "{error}");
    let error = write(&config, &[("y", "ours")]).unwrap_err();
    assert!(matches!(&error, OutputError::InTheWay { obstacle, .. } if obstacle.ends_with("y/mine.txt")), "{error}");
    assert_eq!(published(&build), before);
    write(&config, &[("a.html", "theirs"), ("b.html", "ours")]).unwrap();
}

#[test]
fn links_out_of_the_build_folder_are_not_followed() {
    let (folder, config, build) = place();
    let outside = folder.path().join("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::create_dir_all(&build).unwrap();
    std::os::unix::fs::symlink(&outside, build.join("docs")).unwrap();
    let error = write(&config, &[("docs/index.html", "page")]).unwrap_err();
    assert!(matches!(error, OutputError::InTheWay { .. }), "{error}");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn a_link_in_place_of_an_own_folder_is_not_followed() {
    let (folder, config, build) = place();
    write(&config, &[("docs/deep/index.html", "page"), ("docs/old.html", "old"), ("x.html", "x")]).unwrap();
    // Somebody moves the folder away, and leaves a link to it, or to another one with files of these names.
    let outside = folder.path().join("outside");
    fs::rename(build.join("docs"), &outside).unwrap();
    std::os::unix::fs::symlink(&outside, build.join("docs")).unwrap();
    let before = published(&outside);
    for text in ["page", "another page"] {
        let error = write(&config, &[("docs/deep/index.html", text), ("x.html", "x")]).unwrap_err();
        assert!(matches!(&error, OutputError::InTheWay { obstacle, .. } if obstacle.ends_with("docs")), "{error}");
    }
    // What is no longer produced is not removed through it either.
    write(&config, &[("x.html", "new")]).unwrap();
    assert_eq!(published(&outside), before);
}

#[test]
fn a_link_that_came_after_the_commit_is_not_followed() {
    let (folder, config, build) = place();
    write(&config, &[("docs/index.html", "old"), ("docs/gone.html", "old")]).unwrap();
    commit_and_die(&config, &[("docs/index.html", "new")]);
    let outside = folder.path().join("outside");
    fs::rename(build.join("docs"), &outside).unwrap();
    std::os::unix::fs::symlink(&outside, build.join("docs")).unwrap();
    let error = Target::open(&config).unwrap_err();
    assert!(matches!(&error, OutputError::InTheWay { obstacle, .. } if obstacle.ends_with("docs")), "{error}");
    assert_eq!(published(&outside), owned(&[("gone.html", "old"), ("index.html", "old")]));
    // With the folder back in its place, the change is finished.
    fs::remove_file(build.join("docs")).unwrap();
    fs::rename(&outside, build.join("docs")).unwrap();
    assert!(Target::open(&config).unwrap().recovered());
    assert_eq!(published(&build), owned(&[("docs/index.html", "new")]));
}

#[test]
fn paths_stay_inside() {
    let (_folder, config, _build) = place();
    for path in ["../x", "/x", "a//b", "a/../b", ".docbuild/lock", "", "a\nb", "a\\b", "a/"] {
        let error = write(&config, &[(path, "x")]).unwrap_err();
        assert!(matches!(error, OutputError::Path(_)), "{path}: {error}");
    }
    let error = write(&config, &[("a", "x"), ("a-b", "y"), ("a/b", "z")]).unwrap_err();
    assert!(matches!(&error, OutputError::FileAndFolder(path) if path == "a"), "{error}");
}

#[test]
fn sources_are_never_a_build_folder() {
    let (folder, config, _build) = place();
    let root = folder.path().canonicalize().unwrap();
    fs::create_dir_all(root.join("content/en")).unwrap();
    std::os::unix::fs::symlink(root.join("content"), root.join("link")).unwrap();
    let parent = root.parent().unwrap().to_owned();
    let inner = ["content", "content/en/out", "link/out", "assets", "static/out"].map(|path| root.join(path));
    let builds = [root.clone(), parent].into_iter().chain(inner);
    for build in builds {
        let config = Config { build_dir: build.clone(), ..config.clone() };
        assert!(matches!(Target::open(&config), Err(OutputError::Overlap { .. })), "{}", build.display());
    }
    assert!(Target::open(&config).is_ok());
}

#[test]
fn two_builds_at_once_are_refused() {
    let (_folder, config, _build) = place();
    write(&config, &[("a", "1")]).unwrap();
    let first = Target::open(&config).unwrap();
    assert!(matches!(Target::open(&config), Err(OutputError::Locked(_))));
    drop(first);
    assert!(Target::open(&config).is_ok());
}

/// Every state that a kill can leave between the commit and the end, made by doing the steps by hand.
#[test]
fn a_committed_change_is_finished_from_any_point() {
    let old = [("a.html", "old"), ("gone.html", "old"), ("x", "old"), ("style.css", "old")];
    let new = [("a.html", "new"), ("b/c.html", "new"), ("x/index.html", "new"), ("style.css", "new")];
    for done in 0..=5 {
        let (_folder, config, build) = place();
        write(&config, &old).unwrap();
        assert_eq!(commit_and_die(&config, &new), (1, 4, 1));
        // The first steps, as `apply` does them.
        let staged = build.join(STATE_FOLDER).join("staged");
        // In the order of the journal, with the numbers in which they were staged.
        let names = [("style.css", 3), ("a.html", 0), ("b/c.html", 1), ("x/index.html", 2)];
        if done > 0 {
            fs::remove_file(build.join("x")).unwrap();
        }
        for (name, number) in names.iter().take(usize::saturating_sub(done, 1)) {
            fs::create_dir_all(build.join(name).parent().unwrap()).unwrap();
            fs::rename(staged.join(number.to_string()), build.join(name)).unwrap();
        }
        let target = Target::open(&config).unwrap();
        assert!(target.recovered());
        assert_eq!(published(&build), owned(&[new[0], new[1], new[3], new[2]]), "after {done} steps");
        drop(target);
        assert!(!Target::open(&config).unwrap().recovered(), "recovered once");
    }
}

/// The folders of a new site are renamed whole; one that somebody made meanwhile is filled file by file.
#[test]
fn a_new_site_is_finished_from_any_point() {
    let new = [("a.html", "new"), ("b/c.html", "new"), ("b/d/e.html", "new"), ("x/index.html", "new")];
    for done in 0..=3 {
        let (_folder, config, build) = place();
        assert_eq!(commit_and_die(&config, &new), (0, 4, 0));
        let staged = build.join(STATE_FOLDER).join("staged");
        match done {
            1 => fs::rename(staged.join("b"), build.join("b")).unwrap(),
            2 => fs::create_dir(build.join("b")).unwrap(),
            3 => {
                fs::create_dir(build.join("b")).unwrap();
                fs::rename(staged.join("b/c.html"), build.join("b/c.html")).unwrap();
            }
            _ => {}
        }
        assert!(Target::open(&config).unwrap().recovered());
        assert_eq!(published(&build), owned(&new), "state {done}");
        assert!(!staged.exists());
    }
}

#[test]
fn a_journal_that_never_reached_the_disk_is_dropped() {
    let (_folder, config, build) = place();
    commit_and_die(&config, &[("a.html", "new")]);
    fs::write(build.join(STATE_FOLDER).join("journal"), [0; 40]).unwrap();
    assert!(!Target::open(&config).unwrap().recovered());
    write(&config, &[("a.html", "newer")]).unwrap();
    assert_eq!(published(&build), owned(&[("a.html", "newer")]));
}

#[test]
fn an_uncommitted_change_is_dropped() {
    let (_folder, config, build) = place();
    write(&config, &[("a.html", "old")]).unwrap();
    let state = build.join(STATE_FOLDER);
    fs::create_dir_all(state.join("staged")).unwrap();
    fs::write(state.join("staged/0"), "new").unwrap();
    fs::write(state.join("journal.new"), "{\"schema\":").unwrap();
    assert!(!Target::open(&config).unwrap().recovered());
    assert_eq!(published(&build), owned(&[("a.html", "old")]));
    assert!(!state.join("staged").exists());
}

#[test]
fn a_journal_that_leads_outside_is_not_followed() {
    let (folder, config, build) = place();
    write(&config, &[("a.html", "old")]).unwrap();
    fs::write(folder.path().join("precious"), "x").unwrap();
    let journal = r#"{"schema":"docbuild.journal/1","clear":["../precious"],"put":[],"delete":[],"files":[]}"#;
    fs::write(build.join(STATE_FOLDER).join("journal"), journal).unwrap();
    assert!(matches!(Target::open(&config), Err(OutputError::Path(_))));
    assert!(folder.path().join("precious").exists());
}

#[test]
fn a_damaged_staged_file_replaces_nothing() {
    let (_folder, config, build) = place();
    write(&config, &[("a.html", "old")]).unwrap();
    commit_and_die(&config, &[("a.html", "new")]);
    fs::write(build.join(STATE_FOLDER).join("staged/0"), "").unwrap();
    drop(Target::open(&config).unwrap());
    assert_eq!(published(&build), owned(&[("a.html", "old")]));
    assert_eq!(write(&config, &[("a.html", "new")]).unwrap().changed, 1, "the next build mends it");
}
