//! What text looks like, whatever is said around it: tables, manifests, what a server has filled in.
//!
//! In: the text of a block, or a line of it. Out: yes or no.

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

/// Whether it is an object's definition.
pub(super) fn manifest(text: &str) -> bool {
    let has = |key: &str| text.lines().any(|line| line.trim_start_matches(['-', ' ', '"']).starts_with(key));
    has("apiVersion") && has("kind")
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
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    let (verb, _) = words::kubectl_verb(&words);
    command.name() == "kubectl" && command.writes.is_empty() && (verb == "kustomize" || shows)
        || command.name() == "kustomize" && words::kind(&unit.text) != Kind::Lease && words.contains(&"build")
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
    fn some_commands_print_objects() {
        assert!(prints_objects("kubectl kustomize ./"));
        assert!(prints_objects("ls\nkubectl get pod x -o yaml"));
        assert!(!prints_objects("kubectl get pod x"));
        assert!(!prints_objects("kubectl get pod x -o yaml > x.yaml"));
        assert!(!prints_objects("kubectl get pod x -o yaml | grep y"));
    }
}
