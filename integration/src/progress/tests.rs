//! Tests of reading what BuildKit tells about a build.

use super::*;

#[test]
fn a_vertex_without_inputs_starts_once_for_its_cache_key() {
    let read = |lines: &str| Progress::read(lines).ran().into_iter().collect::<Vec<_>>();
    let key = r#"{"vertexes":[{"digest":"a","name":"[x] one","started":"1"}]}"#;
    assert_eq!(read(key), [""; 0]);
    let again = key.replace("\"1\"", "\"2\"");
    assert_eq!(read(&format!("{key}\n{again}")), ["[x] one"]);
    let with_inputs = key.replace("\"started\"", "\"inputs\":[\"b\"],\"started\"");
    assert_eq!(read(&with_inputs), ["[x] one"]);
    let cached = with_inputs.replace("\"started\"", "\"cached\":true,\"started\"");
    assert_eq!(read(&cached), [""; 0]);
}

#[test]
fn a_vertex_whose_layers_are_fetched_does_not_run() {
    let vertex = |times: &str| {
        format!(
            "{{\"vertexes\":[{{\"digest\":\"a\",\"name\":\"[x] one\",\"inputs\":[\"b\"],{times}}}]}}\n"
        )
    };
    let found = vertex(
        r#""cached":true,"started":"2026-01-31T10:00:00Z","completed":"2026-01-31T10:00:00.1Z""#,
    );
    let fetched =
        vertex(r#""started":"2026-01-31T10:00:01Z","completed":"2026-01-31T10:00:02.5Z""#);
    let pull = |id: &str, time: &str| {
        format!(
            "{{\"statuses\":[{{\"id\":\"{id}\",\"vertex\":\"a\",\"started\":\"2026-01-31T10:00:{time}Z\"}}]}}\n"
        )
    };
    let ran = |text: &str| !Progress::read(text).ran().is_empty();
    let known = found + &fetched;
    assert!(ran(&known));
    for id in ["sha256:12", "extracting sha256:12"] {
        assert!(!ran(&(known.clone() + &pull(id, "01.25"))));
        assert!(ran(&(known.clone() + &pull(id, "03"))));
    }
    assert!(ran(&(known.clone() + &pull("merging", "01.25"))));
    let later = vertex(r#""started":"2026-01-31T10:00:03Z","completed":"2026-01-31T10:00:04Z""#);
    assert!(ran(&(known + &pull("sha256:12", "01.25") + &later)));
}

#[test]
fn a_vertex_that_is_cancelled_at_once_does_not_run() {
    let ran = |completed: &str, error: &str| {
        let line = format!(
            "{{\"vertexes\":[{{\"digest\":\"a\",\"name\":\"[x] one\",\"inputs\":[\"b\"],\
             \"started\":\"2026-01-31T10:00:00.1Z\",\"completed\":\"{completed}\",\"error\":\"{error}\"}}]}}\n"
        );
        !Progress::read(&line).ran().is_empty()
    };
    let cancelled = "context canceled: context canceled";
    assert!(!ran("2026-01-31T10:00:00.100003Z", cancelled));
    assert!(ran("2026-01-31T10:00:00.100003Z", "exit code: 1"));
    assert!(ran("2026-01-31T10:00:01Z", cancelled));
    assert!(ran("", cancelled));
}

#[test]
fn the_last_report_says_how_much_was_sent() {
    let lines = r#"{"vertexes":[{"digest":"a","name":"[x] load"}]}
{"statuses":[{"id":"transferring context:","vertex":"a","current":3}]}
{"statuses":[{"id":"transferring context:","vertex":"a","current":7},{"id":"other","vertex":"a","current":9}]}"#;
    let progress = Progress::read(lines);
    assert_eq!(progress.transferred_bytes("[x]"), 7);
    assert_eq!(progress.transferred_bytes("[y]"), 0);
}

#[test]
fn a_vertex_takes_the_time_from_its_last_start_to_its_end() {
    let line = |name: &str, times: &str| {
        format!(
            "{{\"vertexes\":[{{\"digest\":\"{name}\",\"name\":\"{name}\",\"inputs\":[\"x\"],{times}}}]}}\n"
        )
    };
    let text = line("a", r#""started":"2026-01-31T23:59:59.5Z""#)
        + &line(
            "a",
            r#""started":"2026-01-31T23:59:59.5Z","completed":"2026-02-01T00:00:01.25Z""#,
        )
        + &line(
            "b",
            r#""cached":true,"started":"2026-01-31T23:59:59Z","completed":"2026-01-31T23:59:59Z""#,
        );
    let durations: Vec<_> = Progress::read(&text).durations().into_iter().collect();
    assert_eq!(durations, [("a".to_owned(), Duration::from_millis(1750))]);
}

#[test]
fn the_clients_messages_are_kept_apart() {
    let progress =
        Progress::read("{\"logs\":[{\"vertex\":\"a\",\"data\":\"aGVsbG8K\"}]}\nERROR: no\n");
    assert_eq!(progress.text(), "ERROR: no\n");
    assert_eq!(progress.logs(), "hello\n");
}

#[test]
fn base64_of_every_length() {
    for (encoded, plain) in [("", ""), ("YQ==", "a"), ("YWI=", "ab"), ("YWJj", "abc")] {
        assert_eq!(decode_base64(encoded), plain);
    }
    assert_eq!(decode_base64("?"), "");
}
