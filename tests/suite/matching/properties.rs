//! What holds for any text.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Comparison, holds};

const COMMANDS: &[&str] = &[
    "kubectl get pods",
    "kubectl get pods -w",
    "kubectl get pod x -o yaml",
    "kubectl get pod x -o json",
    "kubectl describe pod x",
    "kubectl logs x",
    "kubectl logs -l app=x",
    "kubectl rollout status deployment/x",
    "ps aux",
    "ls -l",
    "curl localhost",
];

/// Lines made of what the matchers look at.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("...".to_owned()),
        Just("  ".to_owned()),
        Just("\n".to_owned()),
        Just("\n  ".to_owned()),
        Just("- ".to_owned()),
        Just(": ".to_owned()),
        Just("|".to_owned()),
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just("\"".to_owned()),
        Just("'".to_owned()),
        Just(",".to_owned()),
        Just("#".to_owned()),
        Just("<none>".to_owned()),
        Just("<some name>".to_owned()),
        Just("NAME   READY   AGE\n".to_owned()),
        Just("USER  PID ... COMMAND\n".to_owned()),
        Just("Type  Reason  Age  From  Message\n----  ------  ---  ----  -------\n".to_owned()),
        Just("apiVersion: v1\n".to_owned()),
        Just("Error from server: ".to_owned()),
        Just("10.0.0.1:80".to_owned()),
        Just("[::1]:80".to_owned()),
        Just("10s (x3 over 20s)".to_owned()),
        Just("2026-01-02T03:04:05Z".to_owned()),
        Just("é共".to_owned()),
        "[a-z]{1,6}",
        "[0-9]{1,4}",
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

#[test]
fn what_only_looks_like_a_list_holds_against_itself_alone() {
    for text in ["[]\n$", "[]\n$ (x)\nend"] {
        let outcome = Comparison::of("cat file", text, text).outcome();
        assert!(holds(&outcome), "{outcome:?}");
    }
    let other = Comparison::of("cat file", "[]\n$ (x)\nend", "[]\n$ (y)\nend").outcome();
    assert!(!holds(&other), "{other:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(documented in pieces(), stdout in pieces(), stderr in pieces(), command in 0..COMMANDS.len(), exit in 0..2) {
        let mut comparison = Comparison::of(COMMANDS[command], &documented, &stdout);
        comparison.actual.stderr = stderr;
        comparison.actual.exit = Some(exit);
        comparison.outcome();
    }

    #[test]
    fn text_holds_against_itself(text in "[ -~\n]{0,300}") {
        let outcome = Comparison::of("cat file", &text, &text).outcome();
        prop_assert!(holds(&outcome), "{:?}", outcome);
    }

    #[test]
    fn tables_hold_against_themselves(rows in proptest::collection::vec(("[a-z][a-z0-9-]{0,20}", "[0-9]/[0-9]", "[0-9]{1,2}[smhd]"), 1..12)) {
        let mut table = format!("{:24}{:8}{}\n", "NAME", "READY", "AGE");
        for (name, ready, age) in &rows {
            table.push_str(&format!("{name:24}{ready:8}{age}\n"));
        }
        let outcome = Comparison::of("kubectl get pods", &table, &table).outcome();
        prop_assert!(holds(&outcome), "{:?}", outcome);
    }

    #[test]
    fn yaml_holds_against_itself(value in yaml(4)) {
        let text = serde_yaml::to_string(&value).unwrap();
        let outcome = Comparison::of("kubectl get pod x -o yaml", &text, &text).outcome();
        prop_assert!(holds(&outcome), "{text}\n{:?}", outcome);
    }

    #[test]
    fn json_holds_against_itself(value in yaml(4)) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        let outcome = Comparison::of("kubectl get pod x -o json", &text, &text).outcome();
        prop_assert!(holds(&outcome), "{text}\n{:?}", outcome);
    }
}

/// A mapping of scalars, mappings and lists.
fn yaml(depth: u32) -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-zA-Z0-9 :#'\"{}\\-./]{0,30}".prop_map(Value::from),
        "[a-z ]{1,10}\n[a-z]{1,10}\n".prop_map(Value::from),
    ];
    let node = scalar.prop_recursive(depth, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map("[a-z][a-zA-Z./-]{0,10}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    proptest::collection::btree_map("[a-z][a-zA-Z]{0,10}", node, 1..6)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

/// A megabyte on either side ends, and what cannot be aligned is said, not passed.
#[test]
fn large_outputs_end() {
    let line = |n: usize| format!("line {n} of a long output that goes on\n");
    let long: String = (0..25_000).map(line).collect();
    let other: String = (0..25_000).map(|n| line(n + 7).replace("long", "lengthy")).collect();
    let yaml: String = std::iter::once("apiVersion: v1\nitems:\n".to_owned())
        .chain((0..12_000).map(|n| format!("- kind: Pod\n  metadata:\n    name: x{n}\n    uid: u{n}\n")))
        .collect();
    let brackets = "[".repeat(500_000);
    let dashes = "- ".repeat(300_000);
    let stars = "a... ".repeat(200);
    for (command, documented, actual, same) in [
        ("cat x", long.as_str(), long.as_str(), true),
        ("cat x", long.as_str(), other.as_str(), false),
        ("cat x", "line 3 of a long output that goes on\n...\n", other.as_str(), false),
        ("kubectl get pod -o yaml", yaml.as_str(), yaml.as_str(), true),
        ("kubectl get pod -o yaml", "...\nkind: Pod\nmetadata:\n  name: x11999\n", yaml.as_str(), false),
        ("kubectl get pod -o json", brackets.as_str(), brackets.as_str(), false),
        ("kubectl get pod -o yaml", dashes.as_str(), dashes.as_str(), false),
        ("cat x", stars.as_str(), long.as_str(), false),
    ] {
        let start = Instant::now();
        let outcome = Comparison::of(command, documented, actual).outcome();
        let took = start.elapsed();
        assert!(took < Duration::from_secs(60), "{command}: {took:?}");
        if same {
            assert!(holds(&outcome), "{command}: {:?}", outcome.findings.first());
        } else if documented != actual {
            assert!(!outcome.findings.is_empty(), "{command}: {:.60}", documented);
        }
    }
}

/// So many lines that they come to four megabytes.
fn long(line: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    (0..)
        .map(line)
        .take_while(|line| {
            text.push_str(line);
            text.len() < 4 << 20
        })
        .for_each(drop);
    text
}

/// Four megabytes against a page's few lines, in every shape: each ends in seconds, and says what differs.
#[test]
fn long_outputs_against_short_excerpts_end() {
    let request = |n: usize| format!("2026-11-22T10:00:00Z request {n} from 10.0.{}.7 took {}ms\n", n % 200, n % 97);
    let excerpt = |step: usize| (0..30).map(|n| request(n * step)).collect::<String>();
    let pod = |n: usize| format!("pod-{n:<12}  1/1     Running   0          {}s\n", n % 60);
    let table = |rows: &str| format!("NAME              READY   STATUS    RESTARTS   AGE\n{rows}");
    let event = |n: usize| format!("  Normal  Pulled  {}s   kubelet  message number {n}\n", n % 60);
    let described = |events: &str| {
        format!("Name:  p\nEvents:\n  Type  Reason  Age  From  Message\n  ----  ------  ---  ----  -------\n{events}")
    };
    let item = |n: usize| format!("- kind: Pod\n  metadata:\n    name: pod-{n}\n  status:\n    phase: Running\n");
    let file = |n: usize| format!("-rw-r--r-- 1 root root 5 Jan  1 10:00 file{n}\n");
    let log = long(request);
    let yaml = format!("apiVersion: v1\nitems:\n{}", long(item));
    let words = "word ".repeat(800_000);
    for (command, documented, actual) in [
        ("cat x", format!("{}...\nend\n", excerpt(1)), log.clone()),
        ("kubectl logs -l app=x", excerpt(7), log),
        ("kubectl get pods", table(&(pod(7) + &pod(99_999_999))), table(&long(pod))),
        ("kubectl get pods -w", table(&pod(99_999_999)), table(&long(pod))),
        ("kubectl get pods -o yaml", "  status:\n    phase: Pending\n    podIP: 10.0.0.1\n".to_owned(), yaml),
        ("kubectl describe pod p", described(&event(99_999_999)), described(&long(event))),
        (
            "kubectl get x",
            "Error from server (NotFound): word word\n".to_owned(),
            format!("Error from server: {words}"),
        ),
        ("cat x", "word ... nowhere ... word\n".to_owned(), words),
        ("ls -l", "total 4\n".to_owned() + &file(99_999_999), long(file)),
    ] {
        let start = Instant::now();
        let outcome = Comparison::of(command, &documented, &actual).outcome();
        assert!(start.elapsed() < Duration::from_secs(60), "{command}: {:?}", start.elapsed());
        assert!(!holds(&outcome), "{command}: {:.60}", documented);
        assert!(outcome.findings.len() < 1_000, "{command}: {} findings", outcome.findings.len());
    }
}
