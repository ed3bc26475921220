//! Pages verified on a real cluster: what the recordings of other tests only repeat.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use docbuild::verify::model::{FindingClass, PageReport, Report, Role, Verdict};

use crate::cluster::machine::Machine;
use crate::cluster::{Cluster, cluster};
use crate::support::{Ran, SiteTest, shared};
use crate::verify_seed::{PAGE, report, seed, site, worked};

/// Runs `docbuild verify --cluster local` with the cluster's own cache, where its cluster is `default`.
fn verify(site: &SiteTest, cluster: &Cluster, arguments: &str) -> Ran {
    let mut command = site.command();
    command.args(["verify", "--cluster", "local"]).args(arguments.split_whitespace());
    command.env("DOCBUILD_CACHE", &cluster.cache).env("DOCBUILD_IMAGES", "stand-ins");
    site.finish(command)
}

/// A file of the corpus, from its archive.
fn from_archive(archive: &PathBuf, path: &str) -> Vec<u8> {
    let member = format!("./{path}");
    let output = Command::new("tar").arg("-xJOf").arg(archive).arg(&member).output().unwrap();
    assert!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The documented token and class of all that is no addition: the same in each language.
fn differences(page: &PageReport) -> BTreeSet<(String, String)> {
    let findings = page.blocks.iter().flat_map(|block| &block.findings);
    findings
        .filter(|finding| finding.class != FindingClass::Additive)
        .map(|finding| (format!("{:?}", finding.class), finding.documented.clone()))
        .collect()
}

/// Folders of pages that are left in the place for temporary files.
fn page_folders() -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(std::env::temp_dir()).unwrap();
    let paths = entries.flatten().map(|entry| entry.path());
    paths.filter(|path| path.to_string_lossy().contains("docbuild-verify-")).collect()
}

#[test]
fn the_seed_page_and_its_original_share_one_run_on_a_real_cluster() {
    let Some(seed) = seed() else { return };
    let Some(archive) = shared("corpus/kubernetes-site.tar.xz") else { return };
    let Some((cluster, _guard)) = cluster("default") else { return };
    let site = site(&seed);
    site.write(&format!("content/en/{PAGE}"), from_archive(&archive, &format!("content/en/{PAGE}")));
    let (before, folders) = (Machine::look(), page_folders());

    let pages = format!("content/ja/{PAGE} content/en/{PAGE}");
    let ran = verify(&site, &cluster, &format!("--report text --report json=report.json --record run.json {pages}"));
    let ran = ran.code(1);
    let live = report(&site.read("report.json"));
    assert_eq!(live.source, "run");
    assert!(live.cluster.as_ref().is_some_and(|cluster| cluster.provider == "local"));
    worked(&live, &format!("content/ja/{PAGE}"));
    for line in [63, 65, 68, 74] {
        assert!(ran.stdout.contains(&format!("content/ja/{PAGE}:{line}: ")), "line {line} is not in\n{}", ran.stdout);
    }
    one_run(&live);

    // The same comparison without the cluster: a recording holds all that decides.
    let replayed = site.run(&format!("verify --replay run.json --report json=replayed.json {pages}")).code(1);
    assert!(replayed.stderr.contains("nothing is run"), "{}", replayed.stderr);
    let replayed = report(&site.read("replayed.json"));
    assert_eq!(replayed.source, "recording");
    assert_eq!(replayed.pages, live.pages);

    cluster.run("down");
    assert_eq!(page_folders(), folders, "a page's folders go with it");
    before.assert_same_as(&Machine::look());
}

/// Both pages show what one run printed, and differ from it in the same tokens.
#[track_caller]
fn one_run(report: &Report) {
    let [ja, en] = &report.pages[..] else { panic!("two pages were named") };
    assert_eq!(ja.shares_run_of.as_deref(), Some(en.path.as_str()));
    let commands = |page: &PageReport| {
        let commands = page.blocks.iter().filter(|block| block.role != Role::Output).flat_map(|block| &block.commands);
        commands.map(|command| (command.text.clone(), command.stdout.clone(), command.ms)).collect::<Vec<_>>()
    };
    assert_eq!(commands(ja), commands(en), "times and generated names are those of one run");
    assert_eq!(en.verdict, Some(Verdict::Drift));
    assert_eq!(differences(ja), differences(en), "a translation has its original's differences");
}
