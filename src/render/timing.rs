//! How long the stages of a build take: wall time, and processor time of all threads.

use std::time::{Duration, Instant};

/// Ticks a second in `/proc/self/stat`: `USER_HZ` of Linux, whatever the kernel's own clock.
const TICKS: u64 = 100;

/// A stage of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lap {
    /// Its name.
    pub stage: &'static str,
    /// How long it took.
    pub wall: Duration,
    /// The time that all threads spent in it, in steps of 10 ms; `None` where the system does not say.
    pub cpu: Option<Duration>,
}

/// Measures stages, one behind the other.
#[derive(Debug)]
pub struct Clock {
    since: Instant,
    cpu: Option<Duration>,
    laps: Vec<Lap>,
}

impl Clock {
    /// Begins the first stage.
    #[must_use]
    pub fn start() -> Self {
        Self { since: Instant::now(), cpu: cpu_time(), laps: vec![] }
    }

    /// Ends a stage and begins the next.
    pub fn lap(&mut self, stage: &'static str) {
        let (now, cpu) = (Instant::now(), cpu_time());
        let spent = cpu.zip(self.cpu).map(|(now, before)| now.saturating_sub(before));
        self.laps.push(Lap { stage, wall: now - self.since, cpu: spent });
        (self.since, self.cpu) = (now, cpu);
    }

    /// The stages that ended, in order.
    #[must_use]
    pub fn laps(self) -> Vec<Lap> {
        self.laps
    }
}

/// The processor time of this process so far, of all its threads, in the system and out of it.
#[must_use]
pub fn cpu_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program comes second and may hold anything; the last bracket ends it.
    let mut fields = text.get(text.rfind(')')? + 1..)?.split_ascii_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()?.checked_add(fields.next()?.parse().ok()?)?;
    Some(Duration::from_millis(ticks.checked_mul(1000 / TICKS)?))
}

/// The most memory that this process had at a time, in bytes.
#[must_use]
pub fn peak_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn the_system_says_what_was_spent() {
        let before = cpu_time().unwrap();
        let start = Instant::now();
        // Work until it shows, however busy the machine is.
        while cpu_time().unwrap() == before && start.elapsed() < Duration::from_secs(60) {}
        assert!(cpu_time().unwrap() > before);
        assert!(peak_memory().unwrap() > 100_000);
    }
}
