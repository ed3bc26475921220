//! Builds that are killed: the site is the old one or the new one, never a mixture.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{SiteTest, corpus_part, files};

const CLOCK: &str = "2026-04-25T12:00:00Z";
const KILLS: usize = 20;

/// Two versions of a site.
struct Versions<'a> {
    site: &'a SiteTest,
    /// Brings the sources to a version.
    write: &'a dyn Fn(usize),
    /// A page to break the content with.
    broken: &'a str,
}

impl Versions<'_> {
    fn build(&self, output: &str) -> Command {
        let mut command = self.site.command();
        command.args(["--quiet", "build", "--clock", CLOCK, "--output", output]);
        command
    }

    /// The files of a version, built where nothing is, and how long that took.
    fn whole(&self, version: usize) -> (BTreeMap<String, Vec<u8>>, Duration) {
        (self.write)(version);
        let output = format!("whole{version}");
        let start = Instant::now();
        self.site.finish(self.build(&output)).code(0);
        (files(&self.site.root().join(output)), start.elapsed())
    }

    /// Kills builds of the one version over the other, at moments that follow from a seed.
    fn kill(&self, mut seed: u64) {
        let ((zero, mut time), (one, _)) = (self.whole(0), self.whole(1));
        let whole = [zero, one];
        assert!(whole[0] != whole[1]);
        let public = self.site.root().join("public");
        (self.write)(0);
        self.site.finish(self.build("public")).code(0);
        let (mut shown, mut killed) = (0, 0);
        for round in 0..KILLS {
            let wanted = 1 - shown;
            (self.write)(wanted);
            let mut child = self.build("public").stderr(Stdio::null()).spawn().unwrap();
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // A little longer than the whole takes: most of the writing is at the end.
            let share = 0.1 + f64::from(u32::try_from(seed >> 33).unwrap()) / f64::from(u32::MAX >> 1);
            let begun = Instant::now();
            std::thread::sleep(time.mul_f64(share));
            let _ = child.kill();
            if child.wait().unwrap().success() {
                // It was over before: what was measured first, beside other work, is too long.
                time = time.min(begun.elapsed());
            } else {
                killed += 1;
            }
            // The next start has an error in the content: it recovers, and writes nothing of its own.
            self.site.write(self.broken, "{{< nothing-like-it >}}\n");
            self.site.finish(self.build("public")).code(1);
            std::fs::remove_file(self.site.root().join(self.broken)).unwrap();
            let now = files(&public);
            let version = whole.iter().position(|whole| *whole == now);
            let Some(version) = version else { panic!("round {round}, {share:.3} of {time:?}: a mixture") };
            shown = version;
        }
        assert!(killed >= KILLS / 4, "{killed} of {KILLS} were killed before their end");
        (self.write)(1 - shown);
        self.site.finish(self.build("public")).code(0);
        assert!(files(&public) == whole[1 - shown], "the next build completes it");
        assert!(!public.join(".docbuild/staged").exists() && !public.join(".docbuild/journal").exists());
    }
}

/// `DOCBUILD_SEED=N`, else always the same.
#[expect(clippy::print_stdout, reason = "a failure shows it, to come again")]
fn seed() -> u64 {
    let seed = std::env::var("DOCBUILD_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_260_425);
    // Shown where the test fails.
    println!("DOCBUILD_SEED={seed}");
    seed
}

#[test]
fn a_killed_build_leaves_the_old_site_or_finishes_the_new_one() {
    let site = SiteTest::small();
    let write = |version: usize| {
        for page in 0..120 {
            let text = format!("---\ntitle: P{page}\n---\n\nVersion {version} {}\n", "text ".repeat(200));
            site.write(&format!("content/en/docs/p{page}.md"), text);
        }
    };
    Versions { site: &site, write: &write, broken: "content/en/broken.md" }.kill(seed());
}

/// The same with a part of a large site, each page of which shows the version.
#[test]
fn a_killed_build_of_a_part_of_the_corpus_leaves_one_site_whole() {
    let parts = ["hugo.toml", "data", "i18n", "content/en/community", "content/en/docs/reference/glossary"];
    let Some(site) = corpus_part(&parts) else { return };
    let write = |version: usize| {
        site.write("layouts/partials/footer.html", format!("<footer>Version {version}</footer>\n"));
        let page = format!("---\ntitle: Version {version}\n---\n\nText.\n");
        site.write("content/en/docs/reference/version.md", page);
    };
    Versions { site: &site, write: &write, broken: "content/en/broken.md" }.kill(seed());
}
