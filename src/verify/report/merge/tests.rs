//! Which reports belong together.

use super::*;
use crate::verify::report;

fn page(path: &str) -> PageReport {
    PageReport {
        path: path.to_owned(),
        url: format!("/{path}/"),
        lang: "en".to_owned(),
        verdict: None,
        shares_run_of: None,
        stand_ins: BTreeMap::new(),
        blocks: vec![],
    }
}

fn named(name: &str, pages: &[&str]) -> Named {
    let mut report = report::new("2026-01-02T00:00:00Z", "2026-01-02T01:00:00Z");
    report.pages = pages.iter().map(|path| page(path)).collect();
    Named { name: name.to_owned(), report }
}

fn shard(index: usize, of: usize, total: usize, pages: &[(&str, usize)]) -> Named {
    let names: Vec<&str> = pages.iter().map(|(name, _)| *name).collect();
    let mut named = named(&format!("{index}.json"), &names);
    let places = pages.iter().map(|(_, place)| *place).collect();
    named.report.shard = Some(Shard { index, of, total, places });
    named
}

fn paths(report: &Report) -> Vec<&str> {
    report.pages.iter().map(|page| page.path.as_str()).collect()
}

#[test]
fn shards_are_put_together_in_the_order_of_the_whole() {
    let two = || shard(2, 2, 4, &[("a", 0), ("d", 3)]);
    let one = || shard(1, 2, 4, &[("b", 1), ("c", 2)]);
    let merged = merge(vec![two(), one()]).unwrap();
    assert_eq!(paths(&merged), ["a", "b", "c", "d"]);
    assert_eq!((merged.summary.pages, merged.shard), (4, None));
    assert_eq!(
        merge(vec![two()]).unwrap_err().to_string(),
        "shard 1/2 is missing: its pages were not verified",
        "a part of the whole is not the whole"
    );
    assert_eq!(
        merge(vec![one(), two(), one()]).unwrap_err().to_string(),
        "b is in 1.json and in 1.json: each page belongs into one report"
    );
    let empty = || shard(1, 2, 2, &[]);
    assert!(matches!(merge(vec![empty(), empty()]), Err(MergeError::SameShard { index: 1, of: 2, .. })));
}

#[test]
fn reports_that_are_no_shards_keep_their_order() {
    let merged = merge(vec![named("1.json", &["z", "a"]), named("2.json", &["m"])]).unwrap();
    assert_eq!(paths(&merged), ["z", "a", "m"]);
    let twice = merge(vec![named("1.json", &["a"]), named("2.json", &["a"])]).unwrap_err();
    assert_eq!(twice.to_string(), "a is in 1.json and in 2.json: each page belongs into one report");
    assert_eq!(merge(vec![]), Err(MergeError::Nothing));
}

#[test]
fn what_was_made_otherwise_is_not_joined() {
    let differs = |change: fn(&mut Report)| {
        let mut other = named("2.json", &["b"]);
        change(&mut other.report);
        merge(vec![named("1.json", &["a"]), other]).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(
        differs(|report| report.docbuild = "0.0.1".to_owned()),
        format!("the version of docbuild differs: 1.json has {}, 2.json has 0.0.1", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(differs(|report| report.plan = true), "what they are differs: 1.json has a report, 2.json has a plan");
    assert!(differs(|report| report.source = "recording".to_owned()).ends_with("2.json has a recording"));
    let total = merge(vec![shard(1, 2, 2, &[("a", 0)]), shard(2, 2, 3, &[("b", 1)])]).unwrap_err().to_string();
    assert!(total.starts_with("the division into shards differs: 1.json has a shard of 2 (2 pages in all)"), "{total}");
    let no_shard = merge(vec![shard(1, 2, 2, &[("a", 0)]), named("x.json", &["b"])]).unwrap_err().to_string();
    assert!(no_shard.ends_with("x.json has no shard"), "{no_shard}");
    let broken = merge(vec![shard(1, 1, 2, &[("a", 0)])]).unwrap_err();
    assert!(matches!(broken, MergeError::Broken { .. }), "{broken}");
}

#[test]
fn clusters_are_of_one_kind() {
    let with = |name: &str, version: &str, context: &str| {
        let mut named = named(name, &[name]);
        named.report.cluster = Some(ClusterFacts {
            provider: "local".to_owned(),
            server_version: version.to_owned(),
            context: context.to_owned(),
        });
        named
    };
    let merged = merge(vec![named("no", &["p"]), with("a", "v1.36.3", "one"), with("b", "v1.36.3", "two")]).unwrap();
    assert_eq!(merged.cluster.unwrap().context, "one");
    let error = merge(vec![with("a", "v1.36.3", "one"), with("b", "v1.35.0", "one")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the cluster differs: a has Kubernetes v1.36.3 (local), b has Kubernetes v1.35.0 (local)"
    );
}

#[test]
fn a_file_that_is_no_report_is_told_as_such() {
    assert!(matches!(read("[]"), Err(ReadError::Malformed(_))));
    assert!(matches!(read("{\"schema\":\"docbuild.verify/9\"}"), Err(ReadError::Schema(_))));
    assert!(matches!(read("{\"schema\":\"docbuild.verify/1\"}"), Err(ReadError::Malformed(_))));
    let report = named("a", &["p"]).report;
    assert_eq!(read(&report::json::render(&report)).unwrap(), report);
}
