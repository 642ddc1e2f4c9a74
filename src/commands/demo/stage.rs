//! The stage: people type command lines, the audience sees what comes back.

use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use anstyle::{AnsiColor, Style};

use crate::commands::demo::Face;
use crate::commands::demo::cast::Person;
use crate::commands::error::CommandError;
use crate::commands::report::DemoStep;
use crate::domain::shown;
use crate::world::console::Console;

const PLAIN: Style = Style::new();
const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const TYPED: Style = AnsiColor::Cyan.on_default().bold();

/// How much of what comes back is shown; everything is recorded.
#[derive(Debug, Clone, Copy)]
pub(super) enum Show {
    /// All of it.
    All,
    /// The lines from the first on that begins with this label.
    From(&'static str),
    /// Nothing, nor what was typed.
    Nothing,
}

/// What one command line came to.
#[derive(Debug)]
pub(super) struct Played {
    /// The exit status.
    pub exit: u8,
    /// Standard output.
    pub out: String,
}

/// Where everything is shown and recorded.
pub(super) struct Stage<'a> {
    face: Face<'a>,
    scene: u32,
    /// Everything that was typed.
    pub steps: Vec<DemoStep>,
}

impl<'a> Stage<'a> {
    pub(super) fn new(face: Face<'a>) -> Self {
        Self { face, scene: 0, steps: Vec::new() }
    }

    /// Whether nothing is shown on the way.
    pub(super) fn is_silent(&self) -> bool {
        self.face.silent
    }

    fn put(&mut self, style: Style, text: &str) -> io::Result<()> {
        if self.face.silent {
            return Ok(());
        }
        let (on, off) = if self.face.color {
            (style.render().to_string(), style.render_reset().to_string())
        } else {
            Default::default()
        };
        writeln!(self.face.out, "{on}{text}{off}")
    }

    /// Begins a scene.
    pub(super) fn scene(&mut self, title: &str) -> io::Result<()> {
        self.scene += 1;
        let head = format!("── {} · {title} ", self.scene);
        let rule = "─".repeat(self.face.width.saturating_sub(head.chars().count()));
        self.put(BOLD, &format!("{head}{rule}"))?;
        self.put(PLAIN, "")
    }

    /// A blank line, after the audience has typed.
    pub(super) fn gap(&mut self) -> io::Result<()> {
        self.put(PLAIN, "")
    }

    /// A heading that counts as no scene.
    pub(super) fn title(&mut self, title: &str) -> io::Result<()> {
        self.put(BOLD, title)?;
        self.put(PLAIN, "")
    }

    /// Prose, wrapped.
    pub(super) fn tell(&mut self, text: &str) -> io::Result<()> {
        for line in wrap(text, self.face.width, "") {
            self.put(PLAIN, &line)?;
        }
        self.put(PLAIN, "")
    }

    /// Something to look at, as it is.
    pub(super) fn exhibit(&mut self, text: &str) -> io::Result<()> {
        for line in text.lines() {
            self.put(FAINT, &format!("  {line}"))?;
        }
        self.put(PLAIN, "")
    }

    /// A person types a command line, and sees what comes back.
    ///
    /// # Errors
    /// It ended otherwise than with `expected`.
    pub(super) fn play(
        &mut self,
        person: &Person,
        words: &[&str],
        expected: u8,
        show: Show,
    ) -> Result<Played, CommandError> {
        let played = self.play_any(person, words, show)?;
        if played.exit == expected {
            return Ok(played);
        }
        let what = shown::line(&format!("{} typed `{}`", person.name, typed(words).join(" ")));
        let error = CommandError::no(format!(
            "the demo did not come out as told: {what}, which ended with {}, not {expected}",
            played.exit
        ));
        // What nobody has seen yet.
        let unseen = self.steps.last().filter(|_| self.face.silent || matches!(show, Show::Nothing));
        Err(match unseen {
            Some(step) => error.hint(format!("it said:\n{}", step.output.trim_end())),
            None => error,
        })
    }

    /// [`Stage::play`], however it ends.
    ///
    /// # Errors
    /// Nothing can be shown.
    pub(super) fn play_any(&mut self, person: &Person, words: &[&str], show: Show) -> Result<Played, CommandError> {
        let shown = !matches!(show, Show::Nothing);
        if shown {
            let lines = fold(&format!("{}$ ", person.name), &typed(words), self.face.width);
            for line in lines {
                self.put(TYPED, &line)?;
            }
            // What the command itself prints goes past us.
            self.face.out.flush()?;
        }
        let mut line: Vec<OsString> = ["expacti", "--color=never", "--repo=", "--key"].map(OsString::from).to_vec();
        // Said aloud, so that no EXPACTI_* variable of the caller's speaks for the demo's people.
        line.push(person.key().into());
        line.extend(words.iter().map(OsString::from));
        let mut out = Out { screen: person.screen.clone(), own: Vec::new() };
        let exit = (self.face.play)(&person.world, line, &mut out);
        let output = person.screen.take();
        if shown {
            self.show(&output, show)?;
            if exit != 0 {
                self.put(FAINT, &format!("[exit {exit}]"))?;
            }
            self.put(PLAIN, "")?;
        }
        self.steps.push(DemoStep {
            who: person.name.to_owned(),
            command: format!("expacti {}", typed(words).join(" ")),
            exit,
            output,
        });
        Ok(Played { exit, out: String::from_utf8_lossy(&out.own).into_owned() })
    }

    fn show(&mut self, output: &str, show: Show) -> io::Result<()> {
        let mut lines: Vec<&str> = output.lines().collect();
        if let Show::From(label) = show {
            let from = lines.iter().position(|line| line.trim_start().starts_with(label)).unwrap_or(0);
            lines.drain(..from);
            // What follows the card was shown before.
            let end = lines.iter().position(|line| line.starts_with("=== ")).unwrap_or(lines.len());
            lines.truncate(end);
            if from > 0 {
                self.put(FAINT, "        ...")?;
            }
        }
        for line in lines {
            let indent: String = line.chars().take_while(|c| *c == ' ').chain("  ".chars()).collect();
            for line in wrap(line, self.face.width.max(80), &indent) {
                self.put(PLAIN, &line)?;
            }
        }
        Ok(())
    }
}

/// What a person sees: their standard output and error, in one stream.
#[derive(Debug, Clone, Default)]
pub(super) struct Screen(Arc<Mutex<Vec<u8>>>);

impl Screen {
    fn put(&self, bytes: &[u8]) {
        if let Ok(mut seen) = self.0.lock() {
            seen.extend_from_slice(bytes);
        }
    }

    fn take(&self) -> String {
        let seen = self.0.lock().map(|mut seen| std::mem::take(&mut *seen)).unwrap_or_default();
        String::from_utf8_lossy(&seen).into_owned()
    }
}

impl Console for Screen {
    fn say(&self, line: &str) {
        self.put(line.as_bytes());
        self.put(b"\n");
    }

    fn progress(&self, _line: &str) {}

    fn ask(&self, _question: &str) -> io::Result<Option<String>> {
        Ok(None)
    }
}

/// Standard output: on the screen, and kept apart.
struct Out {
    screen: Screen,
    own: Vec<u8>,
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.screen.put(bytes);
        self.own.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Words as they would be typed: quoted where a shell needs it.
fn typed(words: &[&str]) -> Vec<String> {
    let plain = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=' | '+' | '@' | ','))
    };
    let quoted = |text: &str| match text.contains(['"', '$', '`', '\\', '!']) {
        true => format!("'{}'", text.replace('\'', "'\\''")),
        false => format!("\"{text}\""),
    };
    let word = |word: &str| match word.split_once('=') {
        _ if plain(word) => word.to_owned(),
        Some((name, value)) if plain(name) => format!("{name}={}", quoted(value)),
        _ => quoted(word),
    };
    words.iter().map(|typed| shown::line(&word(typed))).collect()
}

/// A prompt and a command line, continued with backslashes; options begin lines.
fn fold(prompt: &str, words: &[String], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = format!("{prompt}expacti");
    for word in words {
        if line.chars().count() + word.chars().count() + 3 > width && !line.trim_start().is_empty() {
            line.push_str(" \\");
            lines.push(std::mem::replace(&mut line, format!("    {word}")));
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.push(line);
    lines
}

/// Lines of at most `width` characters, broken at blanks; the later ones indented.
fn wrap(text: &str, width: usize, indent: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut fresh = true;
        for word in paragraph.split(' ') {
            if !fresh && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::replace(&mut line, indent.to_owned()));
                line.push_str(word);
            } else {
                if !fresh {
                    line.push(' ');
                }
                line.push_str(word);
            }
            fresh = false;
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_can_be_typed_again() {
        let words = ["run", "--reason", "a tier", "--answer", "dba=No, it won't", "--", "sh", "-c", "echo $x"];
        let typed = typed(&words);
        assert_eq!(typed.join(" "), r#"run --reason "a tier" --answer dba="No, it won't" -- sh -c 'echo $x'"#);
        let lines = fold("bot$ ", &typed, 30);
        assert!(lines.iter().all(|line| line.chars().count() <= 32), "{lines:#?}");
        assert!(lines.iter().rev().skip(1).all(|line| line.ends_with(" \\")));
    }

    #[test]
    fn what_the_audience_types_steers_no_terminal() {
        assert_eq!(typed(&["--comment", "\x1b[2J"]).concat(), "--comment\"\\u{1b}[2J\"");
    }

    #[test]
    fn long_lines_are_wrapped_under_themselves() {
        assert_eq!(wrap("  aaa bbb ccc", 9, "    "), ["  aaa bbb", "    ccc"]);
        assert_eq!(wrap("a\n\nb", 9, ""), ["a", "", "b"]);
    }
}
