//! Floor 3: which policies govern. TEMP
use crate::domain::pattern::Pattern;
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applies { Yes, No, Maybe }
#[derive(Debug)]
pub struct Rule<'a> { pub name: &'a str, pub patterns: &'a [Pattern], pub applies: Applies }
#[derive(Debug)]
pub enum OnOpaque { All, Deny, Policy(String) }
#[derive(Debug)]
pub struct Settings { pub opaque: OnOpaque, pub inert: Vec<String>, pub carriers: Vec<String> }
#[derive(Debug)]
pub struct Script<'a> { pub operand: &'a [u8], pub text: &'a [u8] }
#[derive(Debug)]
pub struct Invocation<'a> { pub argv: &'a [Vec<u8>], pub env: &'a [(Vec<u8>, Vec<u8>)],
   pub hops: &'a [Vec<u8>], pub scripts: &'a [Script<'a>], pub program_script: Option<&'a [u8]>, pub stdin: Option<&'a [u8]> }
#[derive(Debug, Clone)]
pub struct Found { pub text: String, pub via: Vec<String>, pub certain: bool, pub views: Vec<(String, String)>, pub policies: Vec<String>, pub flags: Vec<String> }
#[derive(Debug, Clone)]
pub struct Governed { pub policies: Vec<String>, pub unmatched: Vec<String>, pub opaque: Vec<String>, pub opaque_denied: bool, pub commands: Vec<Found>, pub flags: Vec<String> }
pub fn canonical_text(argv: &[Vec<u8>]) -> Vec<u8> { argv.join(&b' ') }
pub fn govern(rules: &[Rule<'_>], _s: &Settings, i: &Invocation<'_>) -> Governed {
    let text = canonical_text(i.argv);
    let mut policies = Vec::new();
    for rule in rules { if rule.applies != Applies::No && rule.patterns.iter().any(|p| p.matches(&text)) { policies.push(rule.name.to_owned()); if rule.applies == Applies::Yes { break; } } }
    let text = String::from_utf8_lossy(&text).into_owned();
    let unmatched = if policies.is_empty() { vec![text] } else { vec![] };
    Governed { policies, unmatched, opaque: vec![], opaque_denied: false, commands: vec![], flags: vec![] }
}
