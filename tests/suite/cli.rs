//! The command line itself: usage errors, help, versions.

use std::io::{Read as _, Write as _};

use crate::support::{SiteTest, shared};

#[test]
fn a_usage_error_is_exit_code_2_and_says_how_to_go_on() {
    let site = SiteTest::small();
    let ran = site.run("no-such-command").code(2);
    assert!(ran.stderr.contains("no-such-command") && ran.stderr.contains("--help"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "", "nothing but data goes to stdout");
}

#[test]
fn version_is_the_crates() {
    let ran = SiteTest::empty().run("--version").code(0);
    assert_eq!(ran.stdout, format!("docbuild {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_command_changes_nothing_where_it_only_informs() {
    let site = SiteTest::small();
    let before = site.read("book.toml");
    site.run("--help").code(0);
    assert_eq!(site.read("book.toml"), before);
}

#[test]
fn the_shared_seed_page_is_the_one_the_specification_names() {
    let Some(seeds) = shared("seeds") else { return };
    assert!(seeds.join("000_9b49ee064ae5e843.txt").exists());
}

/// Starts a build that waits for its report of verdicts, and says what it printed to standard error until it
/// had waited for longer than a moment, and after that.
fn printed_while_waiting(terminal: bool, quiet: bool) -> (String, String) {
    let site = SiteTest::small();
    let report = site.root().join("report.json");
    rustix::fs::mknodat(rustix::fs::CWD, &report, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let (mut ours, theirs): (std::fs::File, std::fs::File) = if terminal {
        let ours = rustix::pty::openpt(
            rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY | rustix::pty::OpenptFlags::CLOEXEC,
        )
        .unwrap();
        rustix::pty::grantpt(&ours).unwrap();
        rustix::pty::unlockpt(&ours).unwrap();
        let name = rustix::pty::ptsname(&ours, vec![]).unwrap().into_string().unwrap();
        let theirs = std::fs::OpenOptions::new().read(true).write(true).open(name).unwrap();
        let size = rustix::termios::Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&theirs, size).unwrap();
        (ours.into(), theirs)
    } else {
        let (ours, theirs) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).unwrap();
        (ours.into(), theirs.into())
    };
    let mut command = site.command();
    command.args(quiet.then_some("--quiet")).args(["build", "--verdicts", "report.json"]);
    let mut child = command.env("TERM", "xterm").stderr(theirs).spawn().unwrap();
    drop(command);
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        // A terminal whose other end is closed is an error, not an end.
        while let Some(length) = ours.read(&mut buffer).ok().filter(|length| *length > 0) {
            let _ = sender.send(String::from_utf8_lossy(&buffer[..length]).into_owned());
        }
    });
    let shows = terminal && !quiet;
    let mut before = String::new();
    // That nothing comes can only be seen by waiting.
    let wait = std::time::Duration::from_secs(if shows { 60 } else { 2 });
    let end = std::time::Instant::now() + wait;
    while !before.contains("building: reading, 1 s") {
        let Ok(text) = receiver.recv_timeout(end.saturating_duration_since(std::time::Instant::now())) else { break };
        before += &text;
    }
    // It is read twice, for the cache and for what it says, and nobody else knows when.
    let code = loop {
        let flags = rustix::fs::OFlags::WRONLY | rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::CLOEXEC;
        if let Ok(report) = rustix::fs::open(&report, flags, rustix::fs::Mode::empty()) {
            let _ = std::fs::File::from(report).write_all(b"no report");
        }
        match child.try_wait().unwrap() {
            Some(status) => break status.code(),
            None => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
    };
    assert_eq!(code, Some(2));
    (before, receiver.iter().collect())
}

#[test]
fn a_build_that_takes_longer_than_a_moment_says_so_on_a_terminal() {
    let (before, after) = printed_while_waiting(true, false);
    assert!(before.contains("building: reading, 1 s"), "{before:?}");
    // The line is cleared, and what was to be said stands alone.
    let error = after.rsplit('\r').nth(1).unwrap_or_default();
    assert!(after.contains("\u{1b}[2K") && after.contains("report.json") && !error.contains("building"), "{after:?}");
}

#[test]
fn a_build_whose_output_is_kept_has_no_line_that_changes() {
    for (terminal, quiet) in [(false, false), (true, true)] {
        let (before, after) = printed_while_waiting(terminal, quiet);
        assert_eq!(before, "", "terminal: {terminal}");
        assert!(after.contains("report.json") && !after.contains("building"), "{after:?}");
    }
}
