//! `completions/` and `man/` are what the arguments yield.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use expacti::cli::args::Args;
use expacti::cli::generate;

const HOW: &str = "run `EXPACTI_REGENERATE=1 cargo test --test it generated` and commit the result";

#[test]
fn completions_are_current() {
    compare("completions", &generate::completions(), |_| true);
}

#[test]
fn man_pages_are_current() {
    compare("man", &pages(), |name| name.ends_with(".1"));
}

#[test]
fn the_pages_name_only_pages_that_exist() {
    let pages = pages();
    let by_hand = fs::read_to_string(repository().join("man/expacti-policy.5")).unwrap();
    let texts = pages.values().map(|page| String::from_utf8(page.clone()).unwrap()).chain([by_hand]);
    for text in texts {
        let text = text.replace("\\-", "-").replace("\\fR", "").replace("\\fB", "");
        for (at, _) in text.match_indices("expacti-") {
            let name: String = text[at..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
            let rest = &text[at + name.len()..];
            if let Some(section) = rest.strip_prefix('(').and_then(|rest| rest.chars().next()) {
                let file = format!("{name}.{section}");
                assert!(repository().join("man").join(&file).exists(), "no page {file}");
            }
        }
    }
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Fails on a file that is missing, differs, or is there without a reason.
fn compare(directory: &str, expected: &BTreeMap<String, Vec<u8>>, ours: fn(&str) -> bool) {
    let directory = repository().join(directory);
    let found = read(&directory, ours);
    if std::env::var_os("EXPACTI_REGENERATE").is_some() {
        fs::create_dir_all(&directory).unwrap();
        for stale in found.keys().filter(|name| !expected.contains_key(*name)) {
            fs::remove_file(directory.join(stale)).unwrap();
        }
        for (name, bytes) in expected {
            fs::write(directory.join(name), bytes).unwrap();
        }
        return;
    }
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(expected), "files of {}: {HOW}", directory.display());
    for (name, bytes) in expected {
        assert!(found[name] == *bytes, "{name} is stale: {HOW}");
    }
}

fn read(directory: &Path, ours: fn(&str) -> bool) -> BTreeMap<String, Vec<u8>> {
    let Ok(entries) = fs::read_dir(directory) else {
        return BTreeMap::new();
    };
    entries
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .filter(|(name, _)| ours(name))
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect()
}

/// One page a verb, and `expacti.1`.
fn pages() -> BTreeMap<String, Vec<u8>> {
    let mut root = Args::command();
    root.build();
    let mut pages = BTreeMap::new();
    add_pages(&root, None, &mut pages);
    pages
}

fn add_pages(command: &Command, parent: Option<&str>, pages: &mut BTreeMap<String, Vec<u8>>) {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    pages.insert(format!("{name}.1"), page(command, &name, parent));
    for verb in command.get_subcommands() {
        add_pages(verb, Some(&name), pages);
    }
}

/// No date and no version: a page changes when its words do.
fn page(command: &Command, name: &str, parent: Option<&str>) -> Vec<u8> {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let long = command.get_long_about().map(ToString::to_string).unwrap_or_default();
    let usage = command.clone().render_usage().to_string();
    let mut head = format!(".TH {} 1 \"\" expacti \"expacti manual\"\n", literal(&name.to_uppercase()));
    head += &format!(".SH NAME\n{} \\- {}\n", literal(name), literal(&about));
    head += &format!(".SH SYNOPSIS\n{}\n", literal(usage.strip_prefix("Usage: ").unwrap_or(&usage)));
    // The first paragraph is the line under NAME again.
    let paragraphs: Vec<String> = long.split("\n\n").skip(1).map(literal).collect();
    if !paragraphs.is_empty() {
        head += &format!(".SH DESCRIPTION\n{}\n", paragraphs.join("\n.PP\n"));
    }
    let mut page = head.into_bytes();
    Man::new(command.clone()).render_options_section(&mut page).unwrap();
    if command.has_subcommands() {
        page.extend(b".SH COMMANDS\n");
        for verb in command.get_subcommands() {
            let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
            let name = literal(verb.get_display_name().unwrap_or_else(|| verb.get_name()));
            page.extend(format!(".TP\n\\fB{name}\\fR(1)\n{}\n", literal(&about)).bytes());
        }
    }
    let after = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    page.extend(sections(&after).bytes());
    page.extend(see_also(parent).bytes());
    page
}

/// `src/cli/text.rs`: a line of capitals ending in a colon opens a section, the lines beneath stay as they are.
fn sections(text: &str) -> String {
    let mut roff = String::new();
    let mut open = false;
    for line in text.lines() {
        let title = line.strip_suffix(':').filter(|title| !title.is_empty() && !title.starts_with(' '));
        if let Some(title) = title {
            roff += if open { ".fi\n" } else { "" };
            roff += &format!(".SH \"{title}\"\n.nf\n");
            open = true;
        } else {
            assert!(line.is_empty() || line.starts_with("  "), "a line outside of any section: {line}");
            roff += &literal(line.strip_prefix("  ").unwrap_or(line));
            roff.push('\n');
        }
    }
    roff + if open { ".fi\n" } else { "" }
}

fn see_also(parent: Option<&str>) -> String {
    let mut others: Vec<String> = parent.iter().map(|parent| format!("{parent}(1)")).collect();
    others.push("expacti-policy(5)".to_owned());
    let others: Vec<String> = others
        .iter()
        .map(|page| {
            let (name, section) = page.split_at(page.len() - 3);
            format!("\\fB{}\\fR{section}", literal(name))
        })
        .collect();
    format!(".SH \"SEE ALSO\"\n{}\n", others.join(", "))
}

/// Text that roff prints as it is: `-` and `'` can be copied from the page, and no line is a request.
fn literal(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq").replace('`', "\\(ga");
    if escaped.starts_with('.') { format!("\\&{escaped}") } else { escaped }
}
