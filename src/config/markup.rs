//! Hugo's `[markup]`: which of its settings ask for something that docbuild does otherwise.

use serde_json::Value;

/// The settings that docbuild has, as Hugo writes them: it is one way of rendering, the one that sites of
/// documentation in many languages use.
const SAME: &[(&str, &str)] = &[
    ("markup.defaultmarkdownhandler", "goldmark"),
    ("markup.goldmark.extensions.cjk.enable", "false"),
    ("markup.goldmark.extensions.definitionlist", "true"),
    ("markup.goldmark.extensions.footnote", "true"),
    ("markup.goldmark.extensions.linkify", "true"),
    ("markup.goldmark.extensions.linkifyprotocol", "https"),
    ("markup.goldmark.extensions.strikethrough", "true"),
    ("markup.goldmark.extensions.table", "true"),
    ("markup.goldmark.extensions.tasklist", "true"),
    ("markup.goldmark.extensions.typographer", "false"),
    ("markup.goldmark.parser.attribute", "true"),
    ("markup.goldmark.parser.attribute.block", "false"),
    ("markup.goldmark.parser.attribute.title", "true"),
    ("markup.goldmark.parser.autoheadingid", "true"),
    ("markup.goldmark.parser.autoheadingidtype", "blackfriday"),
    ("markup.goldmark.parser.wrapstandaloneimagewithinparagraph", "true"),
    ("markup.goldmark.renderer.hardwraps", "false"),
    ("markup.goldmark.renderer.unsafe", "true"),
    ("markup.goldmark.renderer.xhtml", "false"),
    ("markup.highlight.anchorlinenos", "false"),
    ("markup.highlight.codefences", "true"),
    ("markup.highlight.guesssyntax", "false"),
    ("markup.highlight.hl_lines", ""),
    ("markup.highlight.linenos", "false"),
    // Without line numbers these mean nothing.
    ("markup.highlight.linenostart", "1"),
    ("markup.highlight.linenumbersintable", "true"),
    ("markup.highlight.noclasses", "false"),
    ("markup.highlight.tabwidth", "4"),
    ("markup.tableofcontents.endlevel", "3"),
    ("markup.tableofcontents.ordered", "false"),
    ("markup.tableofcontents.startlevel", "2"),
];

/// Adds the keys below `key` that ask for something else.
pub(super) fn differences(key: &str, value: &Value, found: &mut Vec<String>) {
    if let Value::Object(table) = value {
        for (name, value) in table {
            differences(&format!("{key}.{name}"), value, found);
        }
        return;
    }
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if !SAME.iter().any(|(same, setting)| key.eq_ignore_ascii_case(same) && text.eq_ignore_ascii_case(setting)) {
        found.push(key.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::differences;
    use serde_json::json;

    #[test]
    fn what_docbuild_does_is_not_named() {
        let mut found = vec![];
        let markup = json!({"goldmark": {"renderer": {"unsafe": true, "hardWraps": true}}, "asciidocExt": {"x": 1}});
        differences("markup", &markup, &mut found);
        assert_eq!(found, ["markup.goldmark.renderer.hardWraps", "markup.asciidocExt.x"]);
    }
}
