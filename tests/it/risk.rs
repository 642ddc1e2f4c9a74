//! `docs/risk.md` lists every signal and anomaly as the program has it.

use expacti::risk::anomaly::ANOMALIES;
use expacti::risk::score::OTHERS;
use expacti::risk::signals::SIGNALS;

#[test]
fn the_document_lists_every_signal_with_its_weight_and_source() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/risk.md")).unwrap();
    let rows = |heading: &str| -> Vec<String> {
        let section = text.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
        let table = section.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
        table.take_while(|line| line.starts_with('|')).map(str::to_owned).collect()
    };
    let signals: Vec<String> = SIGNALS
        .iter()
        .map(|signal| format!("| `{}` | {} | {} | {} |", signal.id, signal.weight, signal.reason, signal.source))
        .collect();
    assert_eq!(rows("Signals of the command"), signals, "\n{}\n", signals.join("\n"));
    let others: Vec<String> =
        OTHERS.iter().map(|(id, weight, reason)| format!("| `{id}` | {weight} | {reason} |")).collect();
    assert_eq!(rows("Signals of environment"), others, "\n{}\n", others.join("\n"));
    let anomalies: Vec<String> = ANOMALIES.iter().map(|(id, text)| format!("| `{id}` | {text} |")).collect();
    assert_eq!(rows("Anomalies"), anomalies, "\n{}\n", anomalies.join("\n"));
}
