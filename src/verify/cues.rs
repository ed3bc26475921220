//! What sentences before a block say about it, per language.
//!
//! In: `cues.toml` (embedded). Out: [`Cues`] of one language: its own and the English ones, which
//! hold everywhere because translations keep English passages. To add a language: a table there.

use std::collections::BTreeMap;

use regex::{RegexSet, RegexSetBuilder};

const DATA: &str = include_str!("cues.toml");

/// What a sentence can say. The names are the keys in `cues.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cue {
    /// What follows was printed by a command.
    Output,
    /// The reader is told to run what follows.
    Run,
    /// A container, job or script runs what follows.
    Container,
    /// What follows is typed in the shell opened in a container.
    Inside,
    /// What follows is typed on the machine though a shell is open elsewhere.
    Machine,
    /// What follows is typed on a node of the cluster.
    Node,
    /// What follows is not typed in the container whose shell is open.
    Aside,
    /// The cluster has several nodes.
    Several,
    /// The reader writes what follows into a file.
    Save,
    /// A list of suggestions.
    Ideas,
    /// Another way to do what was just done.
    Otherwise,
    /// About an object that need not exist.
    Suppose,
    /// Must not be seen.
    Negative,
    /// An expected error.
    Error,
    /// What the same command shows later.
    States,
    /// Points back to the terminal in which an earlier command still runs.
    Original,
    /// What follows is a definition that the reader is shown.
    Shown,
    /// What follows is typed at the prompt of a program.
    Prompt,
    /// The start of a heading that names one of several ways.
    Method,
}

/// The cues of one language.
#[derive(Debug)]
pub struct Cues {
    sets: BTreeMap<Cue, RegexSet>,
}

impl Cues {
    /// The cues that hold in `language` (`en`, `ja`, `zh-cn`; an unknown one has the English ones).
    #[must_use]
    pub fn of(language: &str) -> Self {
        let tables: BTreeMap<String, BTreeMap<Cue, Vec<String>>> = toml::from_str(DATA).unwrap_or_default();
        let mut patterns: BTreeMap<Cue, Vec<&str>> = BTreeMap::new();
        for name in [language, "en"] {
            // A regional variant without a table has its language's.
            let table = tables.get(name).or_else(|| tables.get(name.split('-').next().unwrap_or(name)));
            for (cue, list) in table.into_iter().flatten() {
                patterns.entry(*cue).or_default().extend(list.iter().map(String::as_str));
            }
        }
        let sets = patterns
            .into_iter()
            .filter_map(|(cue, list)| Some((cue, RegexSetBuilder::new(list).case_insensitive(true).build().ok()?)))
            .collect();
        Self { sets }
    }

    /// Whether `text` says `cue`.
    #[must_use]
    pub fn say(&self, cue: Cue, text: &str) -> bool {
        !text.is_empty() && self.sets.get(&cue).is_some_and(|set| set.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cue_of_every_language_compiles() {
        let tables: BTreeMap<String, BTreeMap<Cue, Vec<String>>> = toml::from_str(DATA).unwrap();
        assert!(tables.len() >= 16);
        for (language, table) in tables {
            for (cue, list) in table {
                for pattern in list {
                    assert!(regex::Regex::new(&pattern).is_ok(), "{language} {cue:?}: {pattern}");
                }
            }
        }
    }

    #[test]
    fn every_language_has_every_kind_of_cue() {
        let tables: BTreeMap<String, BTreeMap<Cue, Vec<String>>> = toml::from_str(DATA).unwrap();
        let english: Vec<Cue> = tables["en"].keys().copied().collect();
        for (language, table) in &tables {
            let own: Vec<Cue> = table.keys().copied().collect();
            assert_eq!(own, english, "{language}");
        }
    }

    #[test]
    fn outputs_are_announced_in_every_language() {
        for (language, sentence) in [
            ("en", "The output is similar to this:"),
            ("ja", "実行結果は以下のとおりです。"),
            ("zh-cn", "输出类似于："),
            ("ko", "출력은 다음과 유사하다."),
            ("de", "Wenn Valide, dann sieht die Ausgabe wie folgt aus:"),
            ("fr", "Le résultat sera similaire à :"),
            ("es", "La salida debería ser similar a:"),
            ("pt-br", "A saída é semelhante a esta:"),
            ("id", "Keluaran akan tampil seperti berikut:"),
            ("ru", "Вывод будет примерно следующим:"),
            ("uk", "У виводі ви побачите подібну інформацію:"),
            ("it", "L'output del comando è simile a:"),
            ("vi", "Kết quả sẽ như sau:"),
            ("pl", "Wynik powinien wyglądać podobnie do:"),
            ("hi", "आउटपुट कुछ इस समान होगा:"),
            ("bn", "আউটপুট হবে এরকম:"),
        ] {
            assert!(Cues::of(language).say(Cue::Output, sentence), "{language}: {sentence}");
        }
    }

    #[test]
    fn cues_hold_in_their_language_and_the_english_ones_everywhere() {
        let ja = Cues::of("ja");
        assert!(ja.say(Cue::Output, "こちらは出力の一部です:"));
        assert!(ja.say(Cue::Output, "The output is similar to this:"));
        assert!(ja.say(Cue::Container, "2番目のコンテナは次のコマンドを実行してから終了します。"));
        assert!(!ja.say(Cue::Container, "次のコマンドを実行してください:"));
        assert!(!Cues::of("en").say(Cue::Output, "こちらは出力の一部です:"));
        assert!(
            Cues::of("en").say(Cue::Container, "The second container runs the following command and then terminates.")
        );
        assert!(!Cues::of("en").say(Cue::Container, "Run the following command in the container:"));
    }
}
