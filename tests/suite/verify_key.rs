//! The answer key: what people say of pages that they ran by hand on a real cluster, and what the
//! commands printed there.
//!
//! Roles, pairs and skips are taken from the key, so that only matching and verdicts are measured.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use docbuild::config::{LoadOptions, load};
use docbuild::markdown::{self, Article};
use docbuild::shortcode::Registry;
use docbuild::site::{PageId, assemble};
use docbuild::source::{self, DiskFiles};
use docbuild::verify::matching::{Actual, ObjectFacts, VolatileFacts};
use docbuild::verify::model::{BlockReport, PageReport, Role, Verdict};
use docbuild::verify::plan::{OutputLines, PagePlan, PlannedBlock, PlannedCommand};
use docbuild::verify::recording::{Attempt, CommandRun, Ended, PageRun};
use docbuild::verify::{pages, verdict, words};
use serde_json::Value;

use crate::matching::mutation::{Mutations, mutate};
use crate::matching::{Comparison, holds};
use crate::support::{corpus_part, shared};

/// A page of the key: what people say of it, and what we say of the same outputs.
struct Judged {
    key: Value,
    report: PageReport,
    plan: PagePlan,
    run: PageRun,
}

/// Every page of the key, judged once; empty where there is no key.
fn judged() -> &'static [Judged] {
    static PAGES: OnceLock<Vec<Judged>> = OnceLock::new();
    PAGES.get_or_init(|| read().unwrap_or_default())
}

fn read() -> Option<Vec<Judged>> {
    let folder = shared("truth/labels")?;
    let keys: Vec<Value> = files(&folder).iter().map(|path| json(path)).collect();
    let paths: Vec<String> = keys.iter().map(|key| key["path"].as_str().unwrap().to_owned()).collect();
    let mut parts =
        vec!["hugo.toml", "data", "content/en/includes", "content/en/docs/reference/glossary", "content/en/examples"];
    parts.extend(paths.iter().map(String::as_str));
    let site = corpus_part(&parts)?;
    let plans = plans(site.root(), &paths);
    let recordings = folder.parent().unwrap().join("recordings");
    let judged = keys.into_iter().map(|key| {
        let path = key["path"].as_str().unwrap().to_owned();
        let mut plan = plans[&path].clone();
        correct(&mut plan, &key);
        let file = recordings.join(format!("{}.json", path.trim_end_matches(".md").replace('/', "__")));
        let recorded = if file.exists() { json(&file) } else { Value::Array(vec![]) };
        let run = run(&plan, recorded.as_array().unwrap());
        let report = verdict::judge(&plan, Some(&run), "it was not recorded");
        Judged { key, report, plan, run }
    });
    Some(judged.collect())
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(|entry| entry.unwrap().into_path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn plans(root: &Path, paths: &[String]) -> BTreeMap<String, PagePlan> {
    let options = LoadOptions { root: Some(root.to_owned()), start: root.to_owned(), ..LoadOptions::default() };
    let config = Arc::new(load(&options).unwrap_or_else(|_| panic!("the configuration has an error")));
    let (source, _) = source::load(&config);
    let (site, _) = assemble(config, source);
    let (registry, _) = Registry::load(&site.config);
    let files = DiskFiles::new(&site.config.root);
    let context = markdown::Context { site: &site, files: &files, shortcodes: &registry, decorate: None };
    let parse = |id: PageId| -> Article { markdown::article(&context, id) };
    let ids = pages::select(&site, paths, &[]).unwrap();
    let prepared = pages::prepare(&site, &ids, &parse);
    prepared.iter().map(|page| (page.plan.path.clone(), PagePlan::clone(&page.plan))).collect()
}

/// Gives each block the role, the session, the command it documents and the skip that the key says.
fn correct(plan: &mut PagePlan, key: &Value) {
    let ids: BTreeMap<u64, usize> = plan
        .blocks
        .iter()
        .filter(|block| block.block.file.is_none())
        .map(|block| (block.block.line as u64, block.block.id))
        .collect();
    let known: BTreeMap<u64, &Value> =
        key["blocks"].as_array().unwrap().iter().map(|block| (block["line"].as_u64().unwrap(), block)).collect();
    for block in &mut plan.blocks {
        let label = known.get(&(block.block.line as u64)).filter(|_| block.block.file.is_none());
        let Some(label) = label else {
            block.role = Role::Other;
            block.commands.clear();
            continue;
        };
        let role: Role = serde_json::from_value(label["role"].clone()).unwrap();
        let of = |name: &str| label[name].as_u64().and_then(|line| ids.get(&line)).copied();
        block.documents = of("documents");
        block.in_session = of("in_session");
        block.skip = (label["verdict"] == "skip").then(|| label["why"].as_str().unwrap().to_owned());
        if role != Role::Transcript || block.role != Role::Transcript {
            commands(block, label, role);
        }
        block.role = role;
        for command in &mut block.commands {
            command.skip.clone_from(&block.skip);
            command.session = block.in_session;
        }
    }
}

/// The commands of a block as the key has them.
fn commands(block: &mut PlannedBlock, label: &Value, role: Role) {
    let listed = label["commands"].as_array().cloned().unwrap_or_default();
    let line = |value: &Value| usize::try_from(value["line"].as_u64().unwrap()).unwrap();
    let text = |value: &Value| value["text"].as_str().unwrap().to_owned();
    block.commands = listed.iter().map(|command| planned(line(command), text(command))).collect();
    if let Some(inline) = label.get("inline_command").filter(|inline| !inline.is_null()) {
        let text = inline.as_str().or(inline["text"].as_str()).unwrap().to_owned();
        let line = inline["line"].as_u64().or(label["documents"].as_u64()).unwrap_or(block.block.line as u64);
        block.commands = vec![planned(usize::try_from(line).unwrap(), text)];
        block.documents = None;
    }
    if role == Role::Transcript {
        let ends: Vec<usize> =
            block.commands.iter().skip(1).map(|next| next.line).chain([block.block.end_line]).collect();
        for (command, end) in block.commands.iter_mut().zip(ends) {
            let first = command.line + command.text.lines().count();
            let of: Vec<(usize, &str)> = block.block.lines.iter().copied().zip(block.block.text.lines()).collect();
            let of: Vec<_> = of.into_iter().filter(|(line, _)| (first..end).contains(line)).collect();
            let text: String = of.iter().map(|(_, text)| format!("{text}\n")).collect();
            let lines = of.iter().map(|(line, _)| *line).collect();
            command.output = (!text.trim().is_empty()).then_some(OutputLines { text, lines });
        }
    }
}

fn planned(line: usize, text: String) -> PlannedCommand {
    PlannedCommand {
        line,
        ran: text.clone(),
        kind: words::kind(&text),
        text,
        prompt: None,
        session: None,
        repl: false,
        edit: None,
        output: None,
        files: vec![],
        placeholders: vec![],
        skip: None,
        notes: vec![],
    }
}

/// What was recorded for each command of the plan, as a run.
fn run(plan: &PagePlan, recorded: &[Value]) -> PageRun {
    let mut left: Vec<&Value> = recorded.iter().collect();
    let mut facts =
        VolatileFacts { nodes: vec!["node1".into()], runtime: "containerd".into(), ..VolatileFacts::default() };
    let mut commands = vec![];
    for (block, command) in
        plan.blocks.iter().flat_map(|block| block.commands.iter().map(move |command| (block, command)))
    {
        let opened = block.in_session.and_then(|id| plan.block(id)).map(|block| block.block.line);
        let at = left.iter().position(|record| {
            record["line"].as_u64() == Some(command.line as u64)
                && record["command"].as_str().unwrap().trim() == command.text.trim()
        });
        let at = at.or_else(|| left.iter().position(|record| record["line"].as_u64() == Some(command.line as u64)));
        let Some(record) = at.map(|at| left.remove(at)).filter(|_| command.skip.is_none()) else {
            commands.push(CommandRun::not_run(command.line, &command.text, "it was not recorded"));
            continue;
        };
        let ended = record.get("timed_out").is_none() && record["stopped"] != true;
        let mut ran = CommandRun {
            ran: record["ran"].as_str().unwrap_or(&command.text).to_owned(),
            session: opened,
            ended: Ended::Done,
            ..CommandRun::not_run(command.line, &command.text, "")
        };
        let earlier = record["earlier"].as_array().cloned().unwrap_or_default();
        for attempt in earlier.iter().chain([record]) {
            let text = |name: &str| attempt[name].as_str().unwrap_or_default().to_owned();
            // 124: it never ends by itself, and was ended by `timeout`.
            let exit = attempt["exit"].as_i64().filter(|code| ended && *code != 124);
            let exit = exit.and_then(|code| i32::try_from(code).ok());
            let actual = Actual { stdout: text("stdout"), stderr: text("stderr"), exit, terminal: opened.is_some() };
            facts.objects.extend(objects(&actual.stdout));
            ran.push(Attempt { actual, ms: 1, times: 1 });
        }
        ran.facts = Some(facts.clone());
        commands.push(ran);
    }
    PageRun { path: plan.path.clone(), commands, ..PageRun::default() }
}

/// The Pods of Deployments and Jobs of CronJobs that an output names: the recordings hold no facts.
fn objects(text: &str) -> Vec<ObjectFacts> {
    let pod = regex::Regex::new("^(?:pod/)?(([a-z0-9.-]*?)-[a-z0-9]{8,10})-[bcdfghjklmnpqrstvwxz2456789]{5}$").unwrap();
    let job = regex::Regex::new("^(.*)-[0-9]{8}$").unwrap();
    let work = regex::Regex::new("^(process-item-[a-z]+)-[bcdfghjklmnpqrstvwxz2456789]{5}$").unwrap();
    let mut found = vec![];
    let mut add = |kind: &str, name: &str, generate: Option<String>, owner: (&str, &str)| {
        found.push(ObjectFacts {
            kind: kind.into(),
            name: name.into(),
            namespace: "default".into(),
            generate_name: generate,
            owner: Some((owner.0.into(), owner.1.into())),
            ..ObjectFacts::default()
        });
    };
    for word in text.split(|c: char| c.is_whitespace() || c == '"' || c == ',') {
        if let Some(parts) = pod.captures(word) {
            add("Pod", word, Some(format!("{}-", &parts[1])), ("ReplicaSet", &parts[1]));
            add("ReplicaSet", &parts[1], None, ("Deployment", &parts[2]));
        }
        if let Some(parts) = job.captures(word) {
            add("Job", word, None, ("CronJob", &parts[1]));
        }
        if let Some(parts) = work.captures(word) {
            add("Pod", word, Some(format!("{}-", &parts[1])), ("Job", &parts[1]));
        }
    }
    found
}

/// What the key and we say differently, and how much was compared.
#[derive(Debug, Default)]
struct Score {
    verdicts: (usize, usize),
    findings: (usize, usize),
    wrong: String,
    false_passes: String,
}

impl Score {
    fn percent((good, all): (usize, usize)) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let share = 100.0 * good as f64 / all.max(1) as f64;
        share
    }

    fn block(&mut self, path: &str, label: &Value, block: Option<&BlockReport>) {
        let Some(wanted) = label["verdict"].as_str() else { return };
        let wanted: Verdict = serde_json::from_value(Value::from(wanted)).unwrap();
        let found = block.and_then(|block| block.verdict);
        let listed = label["findings"].as_array().map_or(&[][..], Vec::as_slice);
        let broken = matches!(wanted, Verdict::Drift | Verdict::Fail);
        let excused = broken && !listed.is_empty() && listed.iter().all(|finding| finding["cause"] == "environment");
        let right =
            found == Some(wanted) || excused && matches!(found, Some(Verdict::Pass | Verdict::Drift | Verdict::Fail));
        self.verdicts.0 += usize::from(right);
        self.verdicts.1 += 1;
        let line = label["line"].as_u64().unwrap();
        if !right {
            let told: Vec<_> = block.iter().flat_map(|block| &block.findings).map(|finding| &finding.message).collect();
            let reason = block.and_then(|block| block.reason.as_deref()).unwrap_or("");
            let _ = writeln!(self.wrong, "{path}:{line}: {wanted:?}, we say {found:?} {reason} {told:?}");
        }
        if broken && !excused && found == Some(Verdict::Pass) {
            let _ = writeln!(self.false_passes, "{path}:{line}: {wanted:?}");
        }
        for finding in listed {
            self.finding(path, line, finding, block);
        }
    }

    fn finding(&mut self, path: &str, block_line: u64, finding: &Value, block: Option<&BlockReport>) {
        if finding["cause"] != "docs" || finding["class"] == "additive" {
            return;
        }
        let line = finding["line"].as_u64().unwrap();
        let told = block.map_or(&[][..], |block| block.findings.as_slice());
        let lines = || told.iter().flat_map(|finding| finding.lines.iter().chain([&finding.line]));
        let near = if finding["class"] == "value" {
            lines().any(|other| line.abs_diff(*other as u64) <= 1)
        } else {
            !told.is_empty() || block.is_some_and(|block| block.verdict == Some(Verdict::Fail))
        };
        self.findings.0 += usize::from(near);
        self.findings.1 += 1;
        if !near {
            let _ = writeln!(self.wrong, "{path}:{block_line}: no finding at line {line}: {}", finding["documented"]);
        }
    }
}

#[test]
fn verdicts_and_findings_are_those_of_the_key() {
    let pages = judged();
    if pages.is_empty() {
        return;
    }
    let mut score = Score::default();
    for page in pages {
        for label in page.key["blocks"].as_array().unwrap() {
            let line = label["line"].as_u64().unwrap();
            let block = page.report.blocks.iter().find(|block| block.line as u64 == line && block.file.is_none());
            score.block(&page.plan.path, label, block);
        }
    }
    let (verdicts, findings) = (Score::percent(score.verdicts), Score::percent(score.findings));
    let report = format!(
        "verdicts {verdicts:.1} % of {}, findings {findings:.1} % of {}\n{}",
        score.verdicts.1, score.findings.1, score.wrong
    );
    assert!(score.false_passes.is_empty(), "false passes\n{}{report}", score.false_passes);
    assert!(verdicts >= 98.0 && findings >= 98.0, "{report}");
}

/// The rules by which a changed character may go unnoticed: those of what differs from run to run, and
/// those of what the page leaves out.
const FREE: &[&str] = &["B2 ", "B4 ", "B5 ", "B6 ", "G ", "C any order", "C loop", "D watch", "E elided", "E key gone"];

/// A sample of the changes of what pages show, against what came; `DOCBUILD_ALL_MUTATIONS=1` tries all.
#[test]
fn no_output_of_the_key_can_change_unnoticed() {
    let each = if std::env::var_os("DOCBUILD_ALL_MUTATIONS").is_some() { usize::MAX } else { 60 };
    let mut total = Mutations::default();
    let mut wrong = String::new();
    for (name, comparison) in judged().iter().flat_map(Judged::outputs) {
        if !holds(&comparison.outcome()) {
            continue;
        }
        let stride = (comparison.documented.len() * 3 / each).max(1);
        let mutations = mutate(&comparison, stride);
        for survivor in &mutations.survivors {
            if !survivor.rule.is_some_and(|rule| FREE.iter().any(|free| rule.starts_with(free))) {
                let _ = writeln!(wrong, "{name}: {survivor:?}");
            }
        }
        total.add(mutations);
    }
    assert!(wrong.is_empty(), "{} changes, survivors by rule {:?}\n{wrong}", total.tried, total.by_rule());
    assert!(judged().is_empty() || total.tried > 1_000, "only {} changes were tried", total.tried);
}

impl Judged {
    /// Each output block that passes, with the last answer of its command.
    fn outputs(&self) -> Vec<(String, Comparison)> {
        let passing = self
            .report
            .blocks
            .iter()
            .filter(|block| block.role == Role::Output && block.verdict == Some(Verdict::Pass));
        let output = |block: &BlockReport| {
            let planned = self.plan.block(block.id)?;
            let command = self.plan.block(planned.documents.unwrap_or(block.id))?.commands.last()?;
            let run = self.run.commands.iter().find(|run| run.line == command.line && run.text == command.text)?;
            let comparison = Comparison {
                command: command.text.clone(),
                documented: planned.block.text.clone(),
                actual: run.last()?.actual.clone(),
                facts: run.facts.clone()?,
            };
            Some((format!("{}:{}", self.plan.path, block.line), comparison))
        };
        passing.filter_map(output).collect()
    }
}
