//! What text looks like, whatever is said around it: tables, manifests, what a server has filled in.
//!
//! In: the text of a block, or a line of it. Out: yes or no.

use std::sync::LazyLock;

use regex::Regex;

use crate::verify::prompt;
use crate::verify::shell;
use crate::verify::words::{self, Kind};

/// Whether a word is shaped like a program's name.
pub(super) fn program_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase() || c == '/' || c == '~' || c == '$')
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '~' | '$' | '+'))
}

/// Tables, mappings, JSON and sentences are no commands.
pub(super) fn data(text: &str) -> bool {
    let line = text.lines().next().unwrap_or("").trim();
    let first = prompt::first_word(line);
    let header = line.split_whitespace().count() > 1 && line.split_whitespace().take(2).all(header_word);
    let columns = line.contains("   ") && !line.contains('|');
    header
        || columns
        || first.ends_with(':')
        || line.starts_with(['{', '[', '}', ']', '"', '<'])
        || first.contains('/') && line.ends_with("ed")
}

fn header_word(word: &str) -> bool {
    word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase() || matches!(c, '-' | '_' | '(' | ')' | '%' | '/'))
}

/// Whether it begins with the header of a table such as kubectl prints: names in capitals, columns
/// apart.
pub(super) fn printed_table(text: &str) -> bool {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("").trim();
    line.contains("  ") && line.split_whitespace().count() > 1 && line.split_whitespace().all(header_word)
}

/// Whether it is an object's definition: what stands deeper is an object within it, or a reference to one.
pub(super) fn manifest(text: &str) -> bool {
    let column = |line: &str| line.len() - line.trim_start_matches(['-', ' ', '"', '{', '[']).len();
    let keys = || text.lines().filter(|line| line.contains(':') && !line.trim_start().starts_with('#'));
    let margin = keys().map(column).min();
    let has = |key: &str| keys().any(|line| Some(column(line)) == margin && line[column(line)..].starts_with(key));
    has("apiVersion") && has("kind")
}

/// Whether it holds what `kubectl apply` writes into an object, which nobody does by hand.
pub(super) fn last_applied(text: &str) -> bool {
    manifest(text) && text.contains("kubectl.kubernetes.io/last-applied-configuration:")
}

/// Whether it is an object whose metadata has what only a server fills in, which nobody writes.
pub(super) fn server_filled(text: &str) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let key = |line: &str| line.trim_start().trim_start_matches('"').split(['"', ':']).next().unwrap_or("").to_owned();
    let outer = text.lines().filter(|line| key(line) == "apiVersion").map(indent).min();
    let mut lines =
        text.lines().skip_while(|line| Some(indent(line)) != outer || key(line) != "metadata").skip(1).peekable();
    let Some(inner) = lines.peek().map(|line| indent(line)).filter(|inner| Some(*inner) > outer) else { return false };
    let keys: Vec<String> =
        lines.take_while(|line| indent(line) >= inner).filter(|line| indent(line) == inner).map(key).collect();
    manifest(text) && ["uid", "resourceVersion"].iter().all(|name| keys.iter().any(|key| key == name))
}

/// Whether it is what `kubectl edit` shows in an editor.
pub(super) fn edited_object(text: &str) -> bool {
    text.trim_start().starts_with("# Please edit the object below")
}

/// Whether the last command of a block prints objects as YAML or JSON.
pub(super) fn prints_objects(text: &str) -> bool {
    let units = shell::units(text);
    let Some(unit) = units.last() else { return false };
    let commands = shell::simple_commands(&unit.text);
    let [command] = commands.as_slice() else { return false };
    let formats = ["yaml", "json", "-oyaml", "-ojson", "-o=yaml", "-o=json", "--output=yaml", "--output=json"];
    let shows = command.words.iter().any(|word| formats.contains(&word.as_str()));
    let builds = command.words.iter().any(|word| word == "build");
    let verb = words::verb_of(command);
    verb.is_some() && command.writes.is_empty() && (verb == Some("kustomize") || shows)
        || command.name() == "kustomize" && words::kind(&unit.text) != Kind::Lease && builds
}

/// Whether its first line has a form in which only programs write: what kubectl has done, a line of a log behind its
/// time, the rows of `ls -l` and `ps`.
pub(super) fn printed(text: &str) -> bool {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("").trim();
    PRINTED.iter().any(|form| form.is_match(line))
}

static PRINTED: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"^[a-z][\w.]*/[\w.-]+ (created|configured|unchanged|deleted|patched|scaled|edited|labeled|annotated|exposed)\b",
        r"^(\d{4}-\d\d-\d\d|[A-Z][a-z]{2} [ \d]\d)[T ]\d\d:\d\d:\d\d",
        r"^[IWEF]\d{4} \d\d:\d\d:\d\d",
        r"^[-dl]([r-][w-][xsStT-]){3}\s",
        r"^(F S )?UID +PID +PPID\b",
    ]
    .into_iter()
    .filter_map(|form| Regex::new(form).ok())
    .collect()
});

/// Whether it begins as JSON does, or with a key that only opens a mapping.
pub(super) fn part_of_an_object(text: &str) -> bool {
    let line = text.trim_start().lines().next().unwrap_or("").trim();
    let opens = line.strip_suffix(':').is_some_and(|key| key.starts_with(|c: char| c.is_ascii_lowercase()));
    opens || line.starts_with(['{', '['])
}

/// Whether it is written for the reader's eyes: paths and addresses alone, what is to be filled in, fences.
pub(super) fn template(text: &str) -> bool {
    let text = text.trim();
    let addresses = text.lines().all(|line| line.contains('/') && line.split_whitespace().count() == 1);
    let filled_in = text
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .any(|(name, _)| name.contains('-') && name.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
    let typed = |line: &str| line.starts_with("$ ") || line.starts_with("> ") || line.starts_with("```");
    let begun = ["${", "$(", "--"].iter().any(|start| text.starts_with(start));
    addresses || filled_in || begun || text.lines().any(typed)
}

/// Whether the last command of a block prints a file, also one of a container.
pub(super) fn prints_a_file(text: &str) -> bool {
    let units = shell::units(text);
    let commands = units.last().map(|unit| shell::simple_commands(&unit.text)).unwrap_or_default();
    commands.last().is_some_and(|command| command.writes.is_empty() && command.words.iter().any(|word| word == "cat"))
}

/// Runs of white space as one blank.
pub(super) fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A paragraph up to its first full stop.
pub(super) fn first_sentence(paragraph: &str) -> &str {
    let end = paragraph.find(". ").or_else(|| paragraph.find('。'));
    end.map_or(paragraph, |end| &paragraph[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_a_header_in_capitals() {
        assert!(printed_table("NAME                          AGE\ncrontabs/my-new-cron-object   3s\n"));
        assert!(printed_table("LAST SEEN   TYPE   REASON\n"));
        assert!(!printed_table("SELECT  name\n"));
        assert!(!printed_table("FOO=bar  BAZ\n"));
        assert!(!printed_table("NAME\n"));
    }

    #[test]
    fn what_a_server_fills_in_is_nobodys_manifest() {
        let written = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\n";
        assert!(manifest(written) && !server_filled(written));
        assert!(server_filled(&format!("{written}  resourceVersion: \"7\"\n  uid: c280\n")));
        let request = "apiVersion: x/v1\nkind: Review\nrequest:\n  uid: 1\n  object:\n    metadata:\n      uid: 2\n      resourceVersion: 3\n";
        assert!(!server_filled(request), "objects within it are another thing");
        assert!(edited_object("# Please edit the object below. Lines beginning with\napiVersion: v1\n"));
    }

    #[test]
    fn an_object_stands_at_its_own_margin() {
        assert!(manifest("apiVersion: v1\nkind: Pod\n"));
        assert!(manifest("---\n- kind: Pod\n  apiVersion: v1\n"));
        assert!(manifest("{\n  \"kind\": \"Pod\",\n  \"apiVersion\": \"v1\"\n}\n"));
        assert!(!manifest("spec:\n  target:\n    apiVersion: v1\n    kind: Pod\n"));
    }

    #[test]
    fn programs_write_in_forms_of_their_own() {
        for line in [
            "service/web created",
            "statefulset.apps/web patched",
            "2016-12-06 19:34:16,236 INFO x",
            "Jul  6 15:37:40 host kernel: x",
            "I1025 00:15:15.525108       1 a.go:79] x",
            "drwxr-sr-x 3 root root 4096 Dec  5 20:45 /data",
            "UID        PID  PPID  C STIME TTY          TIME CMD",
        ] {
            assert!(printed(line), "{line}");
        }
        assert!(!printed("service/web") && !printed("December 2016"));
        assert!(template("/apis/v1/x\n/apis/v1/y\n") && template("Deployment/<your-name>") && template("${x}"));
        assert!(!template("web-0\nweb-1\n") && !template("web  <none>"));
        assert!(part_of_an_object("{\n}") && part_of_an_object("spec:\n  a: b") && !part_of_an_object("Events:\n"));
        assert!(prints_a_file("kubectl exec web -- cat /etc/x") && !prints_a_file("cat <<EOF > x\nEOF"));
    }

    #[test]
    fn some_commands_print_objects() {
        assert!(prints_objects("kubectl kustomize ./"));
        assert!(prints_objects("ls\nkubectl get pod x -o yaml"));
        assert!(!prints_objects("kubectl get pod x"));
        assert!(!prints_objects("kubectl get pod x -o yaml > x.yaml"));
        assert!(!prints_objects("kubectl get pod x -o yaml | grep y"));
    }
}
