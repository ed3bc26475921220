//! Pages that come from strangers: what their commands can't do, and that they are no pass.

use std::time::{Duration, Instant};

use docbuild::verify::model::{Report, Verdict};

use crate::support::SiteTest;

/// A site with one page, each command in a block of its own.
fn site(commands: &[&str]) -> SiteTest {
    let blocks: String = commands.iter().map(|command| format!("Run it:\n\n```bash\n{command}\n```\n\n")).collect();
    SiteTest::small().file("content/en/page.md", format!("---\ntitle: Page\n---\n\n{blocks}"))
}

/// The verdict of each command, and what it printed.
fn verified(commands: &[&str]) -> Vec<(Verdict, String)> {
    let site = site(commands);
    let begun = Instant::now();
    site.run("verify --cluster none --timeout 3s --report json=report.json content/en/page.md");
    assert!(begun.elapsed() < Duration::from_secs(100), "it took {:?}", begun.elapsed());
    let report: Report = serde_json::from_str(&site.read("report.json")).unwrap();
    let commands = report.pages[0].blocks.iter().flat_map(|block| &block.commands);
    commands.map(|command| (command.verdict.unwrap(), format!("{}{}", command.stdout, command.stderr))).collect()
}

#[test]
fn nothing_outside_of_the_page_is_written_or_read() {
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret");
    std::fs::write(&secret, "top secret\n").unwrap();
    let file = secret.display();
    let commands = [format!("cat {file}"), format!("echo x > {file}"), format!("rm -rf {}", outside.path().display())];
    let ran = verified(&commands.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "top secret\n");
    assert!(ran.iter().all(|(_, printed)| !printed.contains("top secret")), "{ran:?}");
    assert_ne!(ran[0].0, Verdict::Pass);
    assert_ne!(ran[1].0, Verdict::Pass);
}

#[test]
fn a_page_that_ends_its_shell_floods_or_waits_holds_nothing_up() {
    let ran = verified(&["read answer", "head -c 50000000 /dev/zero", "echo 'open", "exit 3", "echo after"]);
    let verdicts: Vec<Verdict> = ran.iter().map(|(verdict, _)| *verdict).collect();
    assert_eq!(verdicts[0], Verdict::Fail, "nobody answers");
    assert!(ran[1].1.len() < 5 << 20, "{} bytes are kept", ran[1].1.len());
    assert_ne!(verdicts[2], Verdict::Pass, "a quote that is open is a mistake");
    assert_ne!(verdicts[3], Verdict::Pass);
    assert_eq!((verdicts[4], ran[4].1.as_str()), (Verdict::Pass, "after\n"));
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_run_leaves_no_process_and_no_folder() {
    use std::io::{BufRead as _, BufReader};

    let site = site(&["sleep 98765"]);
    let temporary = site.root().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let mut command = site.command();
    command.args(["verify", "--cluster", "none", "content/en/page.md"]).env("TMPDIR", &temporary);
    let mut child = command.stderr(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn().unwrap();
    // The command is named before it is run.
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.ends_with("sleep 98765")));
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let begun = Instant::now();
    let left = || std::fs::read_dir(&temporary).unwrap().count() > 0 || sleeps();
    while left() {
        assert!(begun.elapsed() < Duration::from_secs(10), "something is left");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether the page's command still runs.
#[cfg(target_os = "linux")]
fn sleeps() -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
        .any(|line| line == b"sleep\x0098765\x00")
}
