//! What holds across matchers.

use super::*;
use crate::verify::model::FindingClass;

/// Compares, with the documented text's first line at source line `first`.
fn run(documented: &str, command: &str, stdout: &str, first: usize, facts: &VolatileFacts) -> Outcome {
    let lines: Vec<usize> = (first..first + documented.lines().count()).collect();
    let documented = Documented { text: documented, lines: &lines, command, command_line: 1 };
    let actual = Actual { stdout: stdout.to_owned(), exit: Some(0), ..Actual::default() };
    compare(&documented, &actual, &mut Bindings::default(), facts)
}

#[test]
fn a_cell_is_reported_with_its_line_and_a_sentence() {
    let outcome = run(
        "NAME   READY   AGE\nweb    2/2     5s\n",
        "kubectl get pods",
        "NAME   READY   AGE\nweb    1/2     70s\n",
        40,
        &VolatileFacts::default(),
    );
    let [found] = outcome.findings.as_slice() else { panic!("{:?}", outcome.findings) };
    assert_eq!((found.class, found.line, found.path.as_str()), (FindingClass::Value, 41, "web.READY"));
    assert_eq!(found.message, "documented `2/2` under READY, the output says `1/2`");
    assert_eq!(outcome.matcher, "table");
}
