//! SQL by its words: statements without comments and literals. A signal, never a verdict.

use crate::risk::look::{Looked, Words};

/// Programs that take SQL in their arguments or on standard input.
const CLIENTS: &str = "psql mysql mariadb sqlite3 sqlite sqlcmd mssql-cli clickhouse-client cockroach duckdb bq snowsql usql pgcli mycli sqlplus isql trino presto";

/// The first SQL text for which `holds` is true of one of its statements.
pub(super) fn find(looked: &Looked<'_>, holds: fn(&[String]) -> bool) -> Option<String> {
    let client = |words: &&Words| words.is(CLIENTS);
    let given = looked.commands.iter().filter(client).find(|words| words.args.iter().any(|arg| any(arg, holds)));
    given.map(|words| words.text.clone()).or_else(|| {
        // A text that travels along counts where a client might read it: by its name, or as standard input.
        looked.texts.iter().any(|text| any(text, holds)).then(|| "a text that travels along".to_owned())
    })
}

fn any(text: &str, holds: fn(&[String]) -> bool) -> bool {
    statements(text).iter().any(|statement| holds(statement))
}

/// The words of each statement, in upper case; comments are blanks, literals are `''`.
fn statements(text: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let mut word = String::new();
    let mut rest = text.chars().peekable();
    let end = |word: &mut String, all: &mut Vec<Vec<String>>| {
        if !word.is_empty()
            && let Some(statement) = all.last_mut()
        {
            statement.push(std::mem::take(word).to_uppercase());
        }
    };
    while let Some(c) = rest.next() {
        match c {
            '-' if rest.peek() == Some(&'-') => {
                end(&mut word, &mut all);
                rest.by_ref().find(|c| *c == '\n');
            }
            '/' if rest.peek() == Some(&'*') => {
                end(&mut word, &mut all);
                let mut last = ' ';
                rest.by_ref().skip(1).find(|c| std::mem::replace(&mut last, *c) == '*' && *c == '/');
            }
            '\'' => {
                end(&mut word, &mut all);
                rest.by_ref().find(|c| *c == '\'');
                word.push_str("''");
                end(&mut word, &mut all);
            }
            ';' => {
                end(&mut word, &mut all);
                all.push(Vec::new());
            }
            '\\' => {
                end(&mut word, &mut all);
                word.push('\\');
            }
            c if c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '"' | '!') => word.push(c),
            _ => end(&mut word, &mut all),
        }
    }
    end(&mut word, &mut all);
    all.retain(|statement| !statement.is_empty());
    all
}

fn has(statement: &[String], words: &[&str]) -> bool {
    statement.iter().any(|word| words.contains(&word.as_str()))
}

fn follows(statement: &[String], first: &str, second: &[&str]) -> bool {
    statement.windows(2).any(|pair| matches!(pair, [a, b] if a == first && second.contains(&b.as_str())))
}

pub(super) fn is_ddl(statement: &[String]) -> bool {
    follows(
        statement,
        "ALTER",
        &[
            "TABLE", "DATABASE", "SCHEMA", "ROLE", "USER", "SYSTEM", "INDEX", "TYPE", "VIEW", "SEQUENCE", "FUNCTION",
            "POLICY",
        ],
    ) || follows(
        statement,
        "CREATE",
        &[
            "TABLE",
            "DATABASE",
            "SCHEMA",
            "ROLE",
            "USER",
            "INDEX",
            "UNIQUE",
            "TYPE",
            "VIEW",
            "FUNCTION",
            "TRIGGER",
            "EXTENSION",
            "POLICY",
            "OR",
            "MATERIALIZED",
        ],
    ) || matches!(statement.first().map(String::as_str), Some("GRANT" | "REVOKE" | "REINDEX" | "DO" | "CALL"))
}

pub(super) fn is_drop(statement: &[String]) -> bool {
    follows(
        statement,
        "DROP",
        &[
            "TABLE",
            "DATABASE",
            "SCHEMA",
            "INDEX",
            "COLUMN",
            "VIEW",
            "ROLE",
            "USER",
            "TYPE",
            "CONSTRAINT",
            "FUNCTION",
            "EXTENSION",
            "OWNED",
            "MATERIALIZED",
        ],
    ) || statement.first().is_some_and(|word| word == "TRUNCATE")
}

pub(super) fn is_unbounded(statement: &[String]) -> bool {
    let changes = follows(statement, "DELETE", &["FROM"]) || (has(statement, &["UPDATE"]) && has(statement, &["SET"]));
    changes && !has(statement, &["WHERE", "CONFLICT", "DUPLICATE"])
}

pub(super) fn is_exec(statement: &[String]) -> bool {
    (has(statement, &["COPY"]) && has(statement, &["PROGRAM"]))
        || statement.iter().any(|word| word.starts_with("\\!") || word.contains("XP_CMDSHELL") || word == "\\COPY")
        || follows(statement, "LOAD", &["DATA"])
        || follows(statement, "INTO", &["OUTFILE", "DUMPFILE"])
}

pub(super) fn is_locking(statement: &[String]) -> bool {
    let index = has(statement, &["INDEX"]) && has(statement, &["CREATE"]) && !has(statement, &["CONCURRENTLY"]);
    let constraint = follows(statement, "ADD", &["CONSTRAINT"]) && !follows(statement, "NOT", &["VALID"]);
    let table = follows(statement, "ALTER", &["TABLE"])
        && !has(statement, &["LOCK_TIMEOUT"])
        && !follows(statement, "LOCK", &["NONE"]);
    index || constraint || table || follows(statement, "LOCK", &["TABLE"]) || follows(statement, "VACUUM", &["FULL"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_told_by_their_words() {
        for (text, ddl, drop, unbounded, exec, locking) in [
            ("SELECT * FROM t", false, false, false, false, false),
            ("alter table t add c int", true, false, false, false, true),
            ("SELECT 'drop table t'", false, false, false, false, false),
            ("-- drop table t\nselect 1", false, false, false, false, false),
            ("/* delete from t */ select 1", false, false, false, false, false),
            ("DROP/**/TABLE t", false, true, false, false, false),
            ("select 1; truncate t", false, true, false, false, false),
            ("delete from t", false, false, true, false, false),
            ("delete from t where id = 1", false, false, false, false, false),
            ("update t set a = 1", false, false, true, false, false),
            ("with x as (delete from t returning 1) select * from x", false, false, true, false, false),
            ("explain analyze delete from t", false, false, true, false, false),
            ("create index i on t (c)", true, false, false, false, true),
            ("create index concurrently i on t (c)", true, false, false, false, false),
            ("copy t to program 'sh'", false, false, false, true, false),
            ("\\! rm -rf x", false, false, false, true, false),
            ("insert into t values (1) on conflict do update set a = 2", false, false, false, false, false),
        ] {
            let found = [is_ddl, is_drop, is_unbounded, is_exec, is_locking].map(|holds| any(text, holds));
            assert_eq!(found, [ddl, drop, unbounded, exec, locking], "{text}");
        }
    }
}
