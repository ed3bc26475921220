//! Where the files are that a page's commands read: examples behind URLs, manifests that the page
//! shows, files that it tells the reader to write.
//!
//! In: the plan's commands, [`Folders`]. Out: each command's [`PlacedFile`]s, and its text with the
//! URLs replaced by the files' places in the page's working folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::PlannedBlock;
use crate::config::Config;
use crate::verify::extract::{Block, Page};
use crate::verify::model::Role;
use crate::verify::shell;

/// A file that is put into the page's working folder before a command runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedFile {
    /// Path below the working folder.
    pub place: String,
    /// What is put there.
    pub source: FileSource,
}

/// Where a placed file comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileSource {
    /// A file or folder of the site, absolute.
    Site(PathBuf),
    /// The text of the block with this number.
    Block(usize),
}

/// Where example files are.
#[derive(Debug, Clone, Default)]
pub struct Folders {
    /// The site's root.
    pub root: PathBuf,
    /// URL prefix -> folders that are searched, in order, each with its place below the working folder.
    pub urls: Vec<(String, Vec<(PathBuf, String)>)>,
    /// Folder of the page's source file: its bundle.
    pub page: PathBuf,
}

/// URL prefixes of the documentation's examples that need no configuration.
const EXAMPLES: &[&str] = &["https://k8s.io/examples/", "https://kubernetes.io/examples/", "http://k8s.io/examples/"];

impl Folders {
    /// As `config` says, for a page in `language` whose source file is `page`.
    #[must_use]
    pub fn of(config: &Config, language: &str, page: &Path) -> Self {
        let place = |folder: &Path| {
            let below = folder.strip_prefix(&config.root).unwrap_or(Path::new("examples"));
            below.to_string_lossy().replace('\\', "/").trim_end_matches('/').to_owned()
        };
        let examples: Vec<PathBuf> = match &config.examples_dir {
            Some(folder) => vec![folder.clone()],
            None => {
                let own = config.languages.iter().find(|known| known.code == *language);
                let folders = own.into_iter().chain([config.default_language()]);
                folders.map(|language| language.content_dir.join("examples")).collect()
            }
        };
        let mut urls: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
        for (prefix, folder) in &config.verify.urls {
            let folder = config.root.join(folder);
            urls.insert(prefix.clone(), vec![(folder.clone(), place(&folder))]);
        }
        for prefix in EXAMPLES {
            let known = urls.entry((*prefix).to_owned()).or_default();
            known.extend(examples.iter().map(|folder| (folder.clone(), place(folder))));
        }
        for raw in raw_addresses(config) {
            for folder in examples.iter().filter(|folder| folder.starts_with(&config.root)) {
                let known = urls.entry(format!("{raw}{}/", place(folder))).or_default();
                known.push((folder.clone(), place(folder)));
            }
        }
        // The longest prefix decides.
        let mut urls: Vec<_> = urls.into_iter().collect();
        urls.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Self { root: config.root.clone(), urls, page: page.parent().unwrap_or(page).to_owned() }
    }

    /// The file behind a documented URL: `None` for a URL that is not mapped.
    #[must_use]
    pub fn behind(&self, url: &str) -> Option<Mapped> {
        let (prefix, folders) = self.urls.iter().find(|(prefix, _)| url.starts_with(prefix.as_str()))?;
        let rest = url[prefix.len()..].split(['?', '#']).next().unwrap_or("");
        if !stays_below(rest) {
            return Some(Mapped::Missing(format!("{url} leads out of the examples")));
        }
        for (folder, place) in folders {
            let file = folder.join(rest);
            if file.exists() {
                return Some(Mapped::File(PlacedFile {
                    place: format!("{place}/{rest}"),
                    source: FileSource::Site(file),
                }));
            }
        }
        let looked = folders.iter().map(|(_, place)| format!("{place}/{rest}")).collect::<Vec<_>>();
        Some(Mapped::Missing(format!("the site has no {}", looked.first().cloned().unwrap_or_default())))
    }

    /// A file that a command names by a relative path: of the site's root or the page's folder.
    fn relative(&self, path: &str) -> Option<PlacedFile> {
        if !stays_below(path) || !path.contains(['/', '.']) {
            return None;
        }
        let in_examples = self
            .urls
            .iter()
            .flat_map(|(_, folders)| folders)
            .filter(|(_, place)| path.starts_with(&format!("{place}/")));
        let roots = in_examples.map(|_| self.root.clone()).take(1).chain([self.page.clone()]);
        let file = roots.map(|root| root.join(path)).find(|file| file.is_file())?;
        Some(PlacedFile { place: path.to_owned(), source: FileSource::Site(file) })
    }
}

/// Where the files of the site's own repository are read without a page around them, on GitHub: by the repository
/// that the theme's `github_repo` names, and the branches that are the site as it is.
fn raw_addresses(config: &Config) -> Vec<String> {
    let param = |name: &str| config.params.get(name).and_then(serde_json::Value::as_str);
    let Some(repository) = param("github_repo").and_then(|url| url.strip_prefix("https://github.com/")) else {
        return vec![];
    };
    let repository = repository.trim_end_matches('/').trim_end_matches(".git");
    let branches: BTreeSet<&str> = param("github_branch").into_iter().chain(["main", "master"]).collect();
    branches.into_iter().map(|branch| format!("https://raw.githubusercontent.com/{repository}/{branch}/")).collect()
}

/// What is behind a mapped URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapped {
    /// A file or folder of the site.
    File(PlacedFile),
    /// Nothing, and why.
    Missing(String),
}

/// Whether a path leads nowhere else than below its folder.
fn stays_below(path: &str) -> bool {
    !path.is_empty()
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// Fills in the files of every command and the commands' texts.
pub(super) fn place(blocks: &mut [PlannedBlock], page: &Page, folders: &Folders) {
    // What commands write, and the index of the block that does.
    let mut writes: Vec<(String, usize)> = vec![];
    let mut used_blocks: Vec<usize> = vec![];
    for index in 0..blocks.len() {
        let (before, rest) = blocks.split_at_mut(index);
        let block = &mut rest[0];
        if block.in_session.is_some() {
            continue;
        }
        for command in &mut block.commands {
            map_urls(command, folders);
            let wanted = file_words(&command.ran);
            for word in wanted {
                let name = word.trim_start_matches("./");
                let mapped = command.files.iter().any(|file| file.place == name);
                if mapped {
                    continue;
                }
                let written = writes.iter().rev().find(|(written, _)| written.trim_start_matches("./") == name);
                let found = match written {
                    Some((_, by)) => shown_since(name, &before[*by..], &block.block, page, folders),
                    None => shown_file(name, block.block.id, before, page, folders, &mut used_blocks)
                        .or_else(|| folders.relative(name)),
                };
                command.files.extend(found);
            }
            let written = shell::simple_commands(&command.text).into_iter().flat_map(|simple| simple.writes);
            writes.extend(written.map(|name| (name, index)));
        }
    }
}

/// Replaces mapped URLs in a command by the files' places.
fn map_urls(command: &mut super::PlannedCommand, folders: &Folders) {
    for (prefix, _) in &folders.urls {
        while let Some(at) = command.ran.find(prefix.as_str()) {
            let url: String = command.ran[at..]
                .chars()
                .take_while(|c| !c.is_whitespace() && !matches!(c, '\'' | '"' | ')' | ';' | '|'))
                .collect();
            match folders.behind(&url) {
                Some(Mapped::File(file)) => {
                    // curl reads files by an address; what else is given a URL here takes a path as well.
                    let by_address = fetches(&command.ran[..at]);
                    let place = if by_address { format!("file://$HOME/{}", file.place) } else { file.place.clone() };
                    command.ran.replace_range(at..at + url.len(), &place);
                    command.ran = as_copy(&command.ran, &place);
                    command.notes.push(format!("{url} is {}", file.place));
                    command.files.push(file);
                }
                Some(Mapped::Missing(why)) => {
                    command.notes.push(why.clone());
                    command.skip = Some(why);
                    return;
                }
                None => return,
            }
        }
    }
}

/// Whether the command in front of a word is one that fetches what an address names.
fn fetches(before: &str) -> bool {
    let command = before.rsplit(['|', ';', '&', '(', '\n']).next().unwrap_or(before);
    command.split_whitespace().next() == Some("curl")
}

/// `wget` of a file that is at hand, as the copy that it comes to: it reads no addresses of files.
fn as_copy(ran: &str, place: &str) -> String {
    let words = r"(?:\s+-{1,2}(?:q|nv|no-verbose|quiet|N))*";
    let output = r"(?:-O|-P|--output-document|--directory-prefix)[ =]?(\S+)";
    let pattern = format!(r"\bwget{words}(?:\s+{output})?{words}\s+{}(?:\s+{output})?", regex::escape(place));
    let Ok(pattern) = regex::Regex::new(&pattern) else { return ran.to_owned() };
    pattern
        .replace_all(ran, |found: &regex::Captures<'_>| {
            let to = found.get(1).or_else(|| found.get(2)).map_or(".", |to| to.as_str());
            // A folder that is not there yet is made by wget, too.
            let folder = to.ends_with('/') || found[0].contains("-P") || found[0].contains("--directory-prefix");
            let make = if folder { format!("mkdir -p {to} && ") } else { String::new() };
            format!("{make}cp {place} {to}")
        })
        .into_owned()
}

/// Whether it is a kustomization: its keys at the margin, and no kind of an object.
pub(super) fn is_kustomization(text: &str) -> bool {
    let keys =
        ["secretGenerator:", "configMapGenerator:", "resources:", "namePrefix:", "patches:", "generatorOptions:"];
    text.lines().any(|line| keys.contains(&line.trim_end()))
        && !text.lines().any(|line| line.starts_with("kind:") && !line.contains("Kustomization"))
}

/// The kustomization in the folder that a command reads with `-k`.
fn kustomization(simple: &shell::Simple) -> Option<String> {
    let words = &simple.words;
    let flag = words.iter().position(|word| matches!(word.as_str(), "-k" | "--kustomize" | "kustomize"))?;
    let folder = words.get(flag + 1).filter(|word| !word.starts_with(['-', '<']) && !word.contains("://"))?;
    let folder = folder.trim_end_matches('/').trim_start_matches("./");
    let below = if matches!(folder, "" | ".") { String::new() } else { format!("{folder}/") };
    Some(format!("{below}kustomization.yaml"))
}

/// The words of a command that name files it reads.
fn file_words(text: &str) -> Vec<String> {
    let mut files = vec![];
    for simple in shell::simple_commands(text) {
        files.extend(kustomization(&simple));
        let mut after_flag = false;
        for word in simple.words.iter().skip(1) {
            let value = word
                .strip_prefix("-f=")
                .or_else(|| word.strip_prefix("--filename="))
                .or_else(|| word.split_once("-file=").map(|(_, file)| file))
                .or_else(|| flag_of_data(word));
            let candidate = value.unwrap_or(word);
            let file_like = [
                ".yaml",
                ".yml",
                ".json",
                ".txt",
                ".sh",
                ".py",
                ".conf",
                ".properties",
                ".env",
                ".tmpl",
                ".csr",
                ".crt",
                ".key",
                ".jinja2",
            ]
            .iter()
            .any(|end| candidate.ends_with(end));
            if !candidate.contains("://")
                && (file_like || after_flag && candidate != "-" && candidate.contains('.'))
                && !candidate.starts_with('-')
            {
                files.push(candidate.split_once('=').map_or(candidate, |(_, file)| file).to_owned());
            }
            after_flag = matches!(word.as_str(), "-f" | "--filename" | "--patch-file");
        }
    }
    files
}

/// The file of YAML or JSON that a flag with `=` names; what is behind `--output` is written.
fn flag_of_data(word: &str) -> Option<&str> {
    let (flag, file) = word.strip_prefix("--")?.split_once('=')?;
    let data = [".yaml", ".yml", ".json"].iter().any(|end| file.ends_with(end));
    (data && !flag.starts_with("out") && flag != "from-literal").then_some(file)
}

/// What the page tells the reader to write into a file, or shows under its name, since the first of these blocks
/// has written it.
fn shown_since(
    name: &str,
    since: &[PlannedBlock],
    reader: &Block,
    page: &Page,
    folders: &Folders,
) -> Option<PlacedFile> {
    let (writer, after) = since.split_first()?;
    let base = name.rsplit('/').next().unwrap_or(name);
    let told = |block: &&PlannedBlock| {
        let context = &block.block.context;
        block.role == Role::File
            && block.alternative_of.is_none()
            && (context.paragraph.contains(base) || context.prose.contains(base))
    };
    let source = if let Some(block) = after.iter().rev().find(told) {
        FileSource::Block(block.block.id)
    } else {
        let shown = page.examples.get(writer.block.context.examples_before..reader.context.examples_before)?;
        let example = shown.iter().rev().find(|example| example.file.rsplit('/').next() == Some(base))?;
        FileSource::Site(folders.root.join(&example.path))
    };
    Some(PlacedFile { place: name.to_owned(), source })
}

/// A file that the page shows or tells the reader to write, by the name a command reads.
fn shown_file(
    name: &str,
    reader: usize,
    before: &[PlannedBlock],
    page: &Page,
    folders: &Folders,
    used: &mut Vec<usize>,
) -> Option<PlacedFile> {
    if !stays_below(name) {
        return None;
    }
    let base = name.rsplit('/').next().unwrap_or(name);
    if base == "kustomization.yaml" {
        let block = before.iter().rev().find(|block| {
            block.commands.is_empty()
                && block.role != Role::Output
                && block.alternative_of.is_none()
                && is_kustomization(&block.block.text)
        })?;
        used.push(block.block.id);
        return Some(PlacedFile { place: name.to_owned(), source: FileSource::Block(block.block.id) });
    }
    let named = |block: &&PlannedBlock| {
        let context = &block.block.context;
        block.alternative_of.is_none()
            && matches!(block.role, Role::File | Role::Manifest)
            && (context.paragraph.contains(base)
                || context.prose.contains(base)
                || block.block.text.lines().next().is_some_and(|line| line.contains(base)))
    };
    if let Some(block) = before.iter().rev().find(named) {
        used.push(block.block.id);
        return Some(PlacedFile { place: name.to_owned(), source: FileSource::Block(block.block.id) });
    }
    let shown = page.examples.iter().rev().find(|example| example.file.rsplit('/').next() == Some(base));
    if let Some(example) = shown {
        return Some(PlacedFile { place: name.to_owned(), source: FileSource::Site(folders.root.join(&example.path)) });
    }
    // A path with folders is one of a repository; only a plain name may be the manifest that was just shown.
    if name.contains('/') {
        return None;
    }
    let manifest = before.iter().rev().find(|block| {
        matches!(block.role, Role::Manifest | Role::File)
            && block.block.id < reader
            && !used.contains(&block.block.id)
            && block.alternative_of.is_none()
            && block.block.text.contains("apiVersion")
    })?;
    used.push(manifest.block.id);
    Some(PlacedFile { place: name.to_owned(), source: FileSource::Block(manifest.block.id) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lead_to_files_that_exist_and_never_out_of_their_folder() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("examples/pods")).unwrap();
        std::fs::write(root.path().join("examples/pods/a.yaml"), "x").unwrap();
        let urls =
            vec![("https://k8s.io/examples/".to_owned(), vec![(root.path().join("examples"), "examples".to_owned())])];
        let folders = Folders { root: root.path().to_owned(), urls, page: root.path().to_owned() };
        let Some(Mapped::File(file)) = folders.behind("https://k8s.io/examples/pods/a.yaml") else {
            panic!("not found")
        };
        assert_eq!(file.place, "examples/pods/a.yaml");
        assert_eq!(
            folders.behind("https://k8s.io/examples/pods/b.yaml"),
            Some(Mapped::Missing("the site has no examples/pods/b.yaml".to_owned()))
        );
        assert!(matches!(folders.behind("https://k8s.io/examples/../secret"), Some(Mapped::Missing(_))));
        assert_eq!(folders.behind("https://example.com/a.yaml"), None);
    }

    #[test]
    fn fetching_a_file_that_is_at_hand_is_copying_it() {
        assert_eq!(as_copy("wget a/b.yaml -O c.yaml", "a/b.yaml"), "cp a/b.yaml c.yaml");
        assert_eq!(as_copy("wget -q a/b.yaml && ls", "a/b.yaml"), "cp a/b.yaml . && ls");
        assert_eq!(as_copy("wget -P d/ a/b.yaml", "a/b.yaml"), "mkdir -p d/ && cp a/b.yaml d/");
        assert_eq!(as_copy("cat a/b.yaml", "a/b.yaml"), "cat a/b.yaml");
        assert!(fetches("curl -LO ") && fetches("ls; curl ") && !fetches("kubectl apply -f "));
    }

    #[test]
    fn commands_name_files_in_flags_and_as_words() {
        assert_eq!(file_words("kubectl apply -f ./a.yaml"), ["./a.yaml"]);
        assert_eq!(file_words("kubectl create secret generic x --from-file=k=./user.txt"), ["./user.txt"]);
        assert_eq!(file_words("kubectl patch x --patch-file p.yaml; cat <<EOF | kubectl apply -f -\nEOF"), ["p.yaml"]);
        assert!(file_words("kubectl apply -f https://k8s.io/x.yaml").is_empty());
        assert_eq!(file_words("kubectl apply -k ./"), ["kustomization.yaml"]);
        assert_eq!(file_words("kubectl kustomize overlays/dev/"), ["overlays/dev/kustomization.yaml"]);
        assert!(file_words("kubectl apply -k <folder>").is_empty());
        assert_eq!(file_words("kubectl debug -it web --image=x --custom=profile.yaml"), ["profile.yaml"]);
        assert!(file_words("kubectl get pods --output-file=out.json --from-literal=a.yaml").len() == 1);
    }

    #[test]
    fn a_kustomization_has_keys_of_its_own() {
        assert!(is_kustomization("secretGenerator:\n- name: x\n"));
        assert!(is_kustomization("kind: Kustomization\nresources:\n- a.yaml\n"));
        assert!(!is_kustomization("kind: Pod\nspec:\n  resources:\n    limits: {}\n"));
    }
}
