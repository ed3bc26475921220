//! A shell that runs one command after another and keeps its state between them.
//!
//! In: a process that reads shell commands from its standard input (bash for the page, a shell in a
//! container behind `kubectl exec -i`). Out: what each command printed, its streams apart, and its
//! exit code. The end of a command is a line with a nonce that no page can know. A command's own
//! standard input is closed; the variable `$?` is what the page's last command left.

use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;

use crate::verify::matching::Actual;
use crate::verify::shell::quote;

/// Most bytes kept of one stream of one command; what comes after is read and thrown away.
pub(crate) const OUTPUT_CAP: usize = 4 << 20;

/// More bytes than an end mark has.
const SEAM: usize = 256;

/// What one command did.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) actual: Actual,
    pub(crate) took: Duration,
    pub(crate) timed_out: bool,
    /// The shell itself ended; it runs nothing more.
    pub(crate) gone: bool,
}

/// A running shell.
pub(crate) struct Shell {
    child: Child,
    group: Option<rustix::process::Pid>,
    stdin: Option<ChildStdin>,
    output: mpsc::Receiver<Chunk>,
    nonce: String,
    last_exit: i32,
}

enum Chunk {
    Out(Vec<u8>),
    Err(Vec<u8>),
    End,
}

impl Shell {
    /// Starts a shell in a process group of its own. `nonce` must be unknown to the page.
    pub(crate) fn start(mut command: Command, nonce: &str) -> std::io::Result<Self> {
        use std::process::Stdio;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).kill_on_drop(true);
        let mut child = command.spawn()?;
        let (sender, output) = mpsc::channel(64);
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(pump(stdout, sender.clone(), Chunk::Out));
        }
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(pump(stderr, sender, Chunk::Err));
        }
        let group = child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?));
        Ok(Self { stdin: child.stdin.take(), child, group, output, nonce: nonce.to_owned(), last_exit: 0 })
    }

    /// Runs a command of ours: the page's `$?` stays what its last command left.
    pub(crate) async fn aside(&mut self, text: &str, timeout: Duration) -> Done {
        let status = self.last_exit;
        let done = self.run(text, timeout).await;
        self.last_exit = status;
        done
    }

    /// Runs one command and waits for its end, at most `timeout`.
    pub(crate) async fn run(&mut self, text: &str, timeout: Duration) -> Done {
        let started = Instant::now();
        let script = format!(
            "(exit {status})\neval {text} </dev/null\nprintf '\\036{nonce} %d\\036' \"$?\"; printf '\\036{nonce}\\036' >&2\n",
            status = self.last_exit,
            text = quote(text),
            nonce = self.nonce,
        );
        let sent = match &mut self.stdin {
            Some(stdin) => stdin.write_all(script.as_bytes()).await.is_ok() && stdin.flush().await.is_ok(),
            None => false,
        };
        let mut streams = Streams::default();
        if !sent {
            return self.done(streams, started.elapsed(), Stop::Gone).await;
        }
        let mut stop = self.read(&mut streams, started + timeout).await;
        let took = started.elapsed();
        if matches!(stop, Stop::TimedOut) {
            self.interrupt();
            // The shell goes on once its command is gone; if not, it is of no use any more.
            match self.read(&mut streams, Instant::now() + Duration::from_secs(5)).await {
                Stop::Exit(_) => {}
                _ => {
                    self.kill();
                    stop = Stop::Stuck;
                }
            }
        }
        self.done(streams, took, stop).await
    }

    async fn done(&mut self, streams: Streams, took: Duration, stop: Stop) -> Done {
        let gone = matches!(stop, Stop::Gone | Stop::Stuck);
        let exit = match stop {
            Stop::Exit(code) => Some(code),
            Stop::Gone => {
                self.stdin = None;
                self.exit_code().await
            }
            Stop::TimedOut | Stop::Stuck => None,
        };
        self.last_exit = exit.unwrap_or(124);
        Done {
            actual: Actual { stdout: streams.out.text(), stderr: streams.err.text(), exit, terminal: false },
            took,
            timed_out: matches!(stop, Stop::TimedOut | Stop::Stuck),
            gone,
        }
    }

    /// The exit code of the shell itself, as a shell tells it: 128 and the signal's number where a
    /// signal ended it. A shell that does not end has none.
    async fn exit_code(&mut self) -> Option<i32> {
        use std::os::unix::process::ExitStatusExt as _;
        let status = tokio::time::timeout(Duration::from_secs(2), self.child.wait()).await.ok()?.ok()?;
        status.code().or_else(|| status.signal().map(|signal| 128 + signal))
    }

    /// Reads both streams up to their end marks.
    async fn read(&mut self, streams: &mut Streams, deadline: Instant) -> Stop {
        let mark = format!("\u{1e}{}", self.nonce);
        loop {
            if let (Some(code), true) = (streams.out.end(&mark), streams.err.end(&mark).is_some()) {
                return Stop::Exit(code);
            }
            match tokio::time::timeout_at(deadline.into(), self.output.recv()).await {
                Err(_) => return Stop::TimedOut,
                Ok(Some(Chunk::Out(bytes))) => streams.out.push(&bytes),
                Ok(Some(Chunk::Err(bytes))) => streams.err.push(&bytes),
                Ok(Some(Chunk::End)) => {
                    streams.ended += 1;
                    if streams.ended == 2 {
                        return Stop::Gone;
                    }
                }
                Ok(None) => return Stop::Gone,
            }
        }
    }

    /// Ends what the shell runs, not the shell.
    fn interrupt(&self) {
        let Some(id) = self.child.id() else { return };
        for pid in super::processes::below(id, true) {
            super::processes::signal(pid, rustix::process::Signal::KILL);
        }
    }

    /// Ends the shell and all that it started.
    pub(crate) fn kill(&mut self) {
        self.stdin = None;
        if let Some(id) = self.child.id() {
            for pid in super::processes::below(id, false) {
                super::processes::signal(pid, rustix::process::Signal::KILL);
            }
        }
        if let Some(group) = self.group.take() {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }

    /// Lets it end by itself: nothing more is typed. Returns when it has ended, or after `limit`.
    pub(crate) async fn end(&mut self, limit: Duration) {
        self.stdin = None;
        let _ = tokio::time::timeout(limit, self.child.wait()).await;
    }

    /// Closes its input, and ends it if that does not.
    pub(crate) async fn close(mut self) {
        self.stdin = None;
        let _ = tokio::time::timeout(Duration::from_millis(500), self.child.wait()).await;
        self.kill();
        let _ = tokio::time::timeout(Duration::from_secs(2), self.child.wait()).await;
    }
}

/// A program that is not asked anything: what it prints is read as it comes.
pub(crate) struct Tail {
    shell: Shell,
    streams: Streams,
    exit: Option<i32>,
}

impl Tail {
    /// Of a program that was just started.
    pub(crate) fn of(shell: Shell) -> Self {
        Self { shell, streams: Streams::default(), exit: None }
    }

    /// Waits for something to be printed, at most until `deadline`. Returns whether something was.
    pub(crate) async fn read(&mut self, deadline: Instant) -> bool {
        if self.ended() {
            return false;
        }
        match tokio::time::timeout_at(deadline.into(), self.shell.output.recv()).await {
            Ok(Some(Chunk::Out(bytes))) => self.streams.out.push(&bytes),
            Ok(Some(Chunk::Err(bytes))) => self.streams.err.push(&bytes),
            Ok(Some(Chunk::End)) => self.streams.ended += 1,
            Ok(None) => self.streams.ended = 2,
            Err(_) => return false,
        }
        true
    }

    /// Types something. That a program which has ended takes none is seen when it is read.
    pub(crate) async fn send(&mut self, text: &str) {
        if let Some(stdin) = &mut self.shell.stdin {
            let _ = stdin.write_all(text.as_bytes()).await;
            let _ = stdin.flush().await;
        }
    }

    /// Whether it closed both its streams.
    pub(crate) fn ended(&self) -> bool {
        self.streams.ended >= 2
    }

    /// Waits for how a program ended that closed both its streams: that decides whether it failed.
    pub(crate) async fn settle(&mut self) {
        self.exit = self.shell.exit_code().await;
    }

    /// All that it has printed.
    pub(crate) fn actual(&self) -> Actual {
        Actual { stdout: self.streams.out.text(), stderr: self.streams.err.text(), exit: self.exit, terminal: false }
    }

    /// Ends it.
    pub(crate) async fn close(self) {
        self.shell.close().await;
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        self.kill();
    }
}

enum Stop {
    Exit(i32),
    TimedOut,
    /// Timed out, and the shell did not come back.
    Stuck,
    Gone,
}

#[derive(Default)]
struct Streams {
    out: Stream,
    err: Stream,
    ended: usize,
}

/// One stream of one command.
#[derive(Default)]
struct Stream {
    bytes: Vec<u8>,
    /// The last bytes once the cap is reached, so that the end mark is still found. They begin with
    /// the last bytes that were kept: the mark may stand across the cap.
    tail: Vec<u8>,
    dropped: bool,
    end: Option<(usize, i32)>,
}

impl Stream {
    fn push(&mut self, bytes: &[u8]) {
        let room = OUTPUT_CAP.saturating_sub(self.bytes.len());
        let (kept, rest) = bytes.split_at(room.min(bytes.len()));
        self.bytes.extend_from_slice(kept);
        if !rest.is_empty() {
            if !self.dropped {
                self.tail.extend_from_slice(&self.bytes[self.bytes.len().saturating_sub(SEAM)..]);
            }
            self.dropped = true;
            self.tail.extend_from_slice(rest);
            let surplus = self.tail.len().saturating_sub(4096);
            self.tail.drain(..surplus);
        }
    }

    /// The exit code behind the end mark, once it has come (0 on the stream that carries none).
    fn end(&mut self, mark: &str) -> Option<i32> {
        if let Some((_, code)) = self.end {
            return Some(code);
        }
        let in_tail = self.dropped.then(|| find_mark(&self.tail, mark)).flatten();
        let found = match in_tail {
            // Where the mark begins among the kept bytes, its beginning is no output.
            Some((_, code)) => (find_bytes(&self.bytes, mark).unwrap_or(self.bytes.len()), code),
            None => find_mark(&self.bytes, mark)?,
        };
        self.end = Some(found);
        Some(found.1)
    }

    fn text(&self) -> String {
        let end = self.end.map_or(self.bytes.len(), |(at, _)| at.min(self.bytes.len()));
        let mut text = String::from_utf8_lossy(&self.bytes[..end]).into_owned();
        if self.dropped {
            text.push_str("\n[docbuild: the output was cut here, at 4 MiB]\n");
        }
        text
    }
}

/// Where the mark, or a beginning of it that the bytes end with, stands among the last of them.
fn find_bytes(bytes: &[u8], mark: &str) -> Option<usize> {
    let from = bytes.len().saturating_sub(SEAM);
    (from..bytes.len()).find(|&at| {
        let end = bytes.len().min(at + mark.len());
        mark.as_bytes().starts_with(&bytes[at..end])
    })
}

fn find_mark(bytes: &[u8], mark: &str) -> Option<(usize, i32)> {
    let from = bytes.len().saturating_sub(4096 + mark.len());
    let at = from + memchr::memmem::rfind(&bytes[from..], mark.as_bytes())?;
    let rest = &bytes[at + mark.len()..];
    let end = rest.iter().position(|&byte| byte == 0x1e)?;
    let code = std::str::from_utf8(&rest[..end]).ok()?.trim();
    Some((at, if code.is_empty() { 0 } else { code.parse().ok()? }))
}

async fn pump(mut stream: impl AsyncRead + Unpin, sender: mpsc::Sender<Chunk>, wrap: fn(Vec<u8>) -> Chunk) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(length) = stream.read(&mut buffer).await {
        if length == 0 || sender.send(wrap(buffer[..length].to_vec())).await.is_err() {
            break;
        }
    }
    let _ = sender.send(Chunk::End).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bash() -> Shell {
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc"]);
        Shell::start(command, "n0nce").unwrap()
    }

    const LONG: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn state_lasts_and_streams_are_apart() {
        let mut shell = bash();
        let first = shell.run("x=1; cd /; f() { echo \"f$x\"; }; echo out; echo err >&2; false", LONG).await;
        assert_eq!(
            (first.actual.stdout.as_str(), first.actual.stderr.as_str(), first.actual.exit),
            ("out\n", "err\n", Some(1))
        );
        let second = shell.run("echo $?; f; pwd; printf 'no newline'", LONG).await;
        assert_eq!(second.actual.stdout, "1\nf1\n/\nno newline");
        assert_eq!(second.actual.exit, Some(0));
    }

    #[tokio::test]
    async fn standard_input_is_closed_and_syntax_errors_end_nothing() {
        let mut shell = bash();
        assert_eq!(shell.run("cat; echo after", LONG).await.actual.stdout, "after\n");
        assert_ne!(shell.run("if then (", LONG).await.actual.exit, Some(0));
        assert_eq!(shell.run("echo still here", LONG).await.actual.stdout, "still here\n");
    }

    #[tokio::test]
    async fn a_command_that_does_not_end_is_stopped_and_the_shell_goes_on() {
        let mut shell = bash();
        shell.run("x=kept", LONG).await;
        let done = shell.run("sleep 60 | cat", Duration::from_millis(300)).await;
        assert!(done.timed_out && !done.gone);
        assert_eq!(shell.run("echo $x", LONG).await.actual.stdout, "kept\n");
        let gone = shell.run("exit 3", LONG).await;
        assert!(gone.gone);
        assert_eq!(gone.actual.exit, Some(3));
    }

    #[tokio::test]
    async fn a_shell_that_is_killed_has_failed() {
        let killed = bash().run("kill -9 $$", LONG).await;
        assert!(killed.gone);
        assert_eq!(killed.actual.exit, Some(137));
        let replaced = bash().run("exec sh -c 'echo other; exit 4'", LONG).await;
        assert_eq!((replaced.actual.stdout.as_str(), replaced.actual.exit), ("other\n", Some(4)));
    }

    #[tokio::test]
    async fn a_program_that_never_answers_takes_the_shell_with_it() {
        let mut shell = bash();
        let done = shell.run("exec sleep 1000", Duration::from_millis(200)).await;
        assert!(done.timed_out && done.gone);
        assert_eq!(done.actual.exit, None);
        assert!(shell.run("echo x", LONG).await.gone, "nothing is run any more");
    }

    #[tokio::test]
    async fn what_a_shell_prints_of_its_own_is_no_end() {
        let mut shell = bash();
        let done = shell.run("set -xv; printf '\\036n0nc 0\\036'; echo \"<<x 'a\"", LONG).await;
        assert_eq!((done.actual.stdout.as_str(), done.actual.exit), ("\u{1e}n0nc 0\u{1e}<<x 'a\n", Some(0)));
        assert_eq!(shell.run("set +xv; false", LONG).await.actual.exit, Some(1));
        let open = shell.run("cat <<EOF\nnever closed", LONG).await;
        assert_eq!(open.actual.stdout, "never closed\n");
        assert_ne!(shell.run("echo 'open", LONG).await.actual.exit, Some(0));
    }

    #[tokio::test]
    async fn what_runs_in_the_background_holds_nothing_up_and_ends_with_the_shell() {
        let mut shell = bash();
        let begun = Instant::now();
        let done = shell.run("sleep 1000 & echo $!", LONG).await;
        assert!(begun.elapsed() < Duration::from_secs(10));
        let pid: u32 = done.actual.stdout.trim().parse().unwrap();
        shell.close().await;
        let gone = || !std::path::Path::new(&format!("/proc/{pid}")).exists();
        let deadline = Instant::now() + Duration::from_secs(5);
        while cfg!(target_os = "linux") && !gone() {
            assert!(Instant::now() < deadline, "{pid} is left");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    #[test]
    fn the_end_is_found_wherever_the_cap_falls() {
        for beyond in 0..12 {
            let mut stream = Stream::default();
            stream.push(&vec![b'a'; OUTPUT_CAP - beyond]);
            assert_eq!(stream.end("\u{1e}n0nce"), None);
            stream.push(b"\x1en0nce 7\x1e");
            assert_eq!(stream.end("\u{1e}n0nce"), Some(7), "{beyond} bytes below the cap");
            assert!(stream.text().trim_end_matches("\n[docbuild: the output was cut here, at 4 MiB]\n").ends_with('a'));
        }
    }

    #[tokio::test]
    async fn output_is_capped() {
        let mut shell = bash();
        let done = shell.run("head -c 6000000 /dev/zero | tr '\\0' a", LONG).await;
        assert_eq!(done.actual.exit, Some(0));
        assert!(done.actual.stdout.len() < OUTPUT_CAP + 100 && done.actual.stdout.ends_with("at 4 MiB]\n"));
        assert_eq!(shell.run("echo next", LONG).await.actual.stdout, "next\n");
    }
}
