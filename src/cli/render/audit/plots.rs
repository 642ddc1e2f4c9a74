//! Plots as inline SVG: each has a title and a description, says with shapes and labels what it says with colour.

#![expect(clippy::cast_precision_loss, reason = "places on a plot")]

use maud::{Markup, html};

use crate::cli::render::audit::html::words::{grouped, span};
use crate::commands::audit::stats::{Endings, Flow, HASTY, Hours, Pace, Quorum, Reviewer};

/// A part of a bar: label, fill, and how many belong to it.
pub type Part = (&'static str, &'static str, fn(&Endings) -> u64);

/// Endings as they are stacked.
pub const STACK: [Part; 5] = [
    ("executed", "var(--c0)", |ended| ended.executed),
    ("claimed, not run or unknown", "url(#cross)", |ended| ended.claimed + ended.not_run + ended.unknown),
    ("denied", "url(#hatch)", |ended| ended.denied),
    ("expired", "url(#dots)", |ended| ended.expired),
    ("withdrawn or refused", "url(#lines)", |ended| ended.withdrawn + ended.refused),
];

/// Patterns, for whoever sees no colours; once a page.
pub fn patterns() -> Markup {
    html! {
        svg width="0" height="0" style="position:absolute" aria-hidden="true" {
            defs {
                pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect width="6" height="6" fill="var(--c1)" {}
                    rect width="2" height="6" fill="var(--page)" {}
                }
                pattern id="cross" width="6" height="6" patternUnits="userSpaceOnUse" {
                    rect width="6" height="6" fill="var(--c3)" {}
                    path d="M0 0L6 6M6 0L0 6" stroke="var(--page)" stroke-width="1.2" {}
                }
                pattern id="dots" width="5" height="5" patternUnits="userSpaceOnUse" {
                    rect width="5" height="5" fill="var(--page)" {}
                    circle cx="2.5" cy="2.5" r="1.7" fill="var(--c4)" {}
                }
                pattern id="lines" width="5" height="5" patternUnits="userSpaceOnUse" {
                    rect width="5" height="5" fill="var(--c2)" {}
                    rect width="5" height="2" fill="var(--page)" {}
                }
            }
        }
    }
}

/// A square of a fill, for legends.
pub fn swatch(fill: &str) -> Markup {
    html! { svg viewBox="0 0 14 14" aria-hidden="true" { rect width="14" height="14" fill=(fill) stroke="var(--soft)" {} } }
}

/// One, two, four, six or eight times a power of ten, not below `most`.
fn ceiling(most: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        for step in [1, 2, 4, 6, 8] {
            let top = power.saturating_mul(step);
            if top >= most {
                return top;
            }
        }
        power = power.saturating_mul(10);
    }
}

const WIDTH: f64 = 560.0;

/// Requests that ended, by bucket, stacked.
pub fn flow(flow: &Flow) -> Markup {
    let (left, top, width, height) = (38.0, 14.0, WIDTH - 48.0, 160.0);
    let most = flow.buckets.iter().map(|bucket| bucket.ended.total()).max().unwrap_or(0);
    let ceiling = ceiling(most.max(2));
    let each = width / (flow.buckets.len().max(1) as f64);
    let bar = (each * 0.8).min(60.0);
    let y = |count: u64| top + height - height * (count as f64) / (ceiling as f64);
    let every = flow.buckets.len().div_ceil(9).max(1);
    html! {
        svg viewBox="0 0 560 206" role="img" aria-labelledby="flow-t flow-d" {
            title id="flow-t" { "Requests that ended, over time" }
            desc id="flow-d" { "Stacked bars by ending; the numbers are in the table below." }
            @for tick in [0, ceiling / 2, ceiling] {
                path class="axis" d=(format!("M{left} {0:.1}H{1}", y(tick), left + width)) {}
                text x=(left - 5.0) y=(format!("{:.1}", y(tick) + 4.0)) text-anchor="end" { (grouped(tick)) }
            }
            @for (nth, bucket) in flow.buckets.iter().enumerate() {
                @let x = left + each * (nth as f64) + (each - bar) / 2.0;
                g {
                    title { (bucket.from) ": " (bucket.ended.total()) " ended" }
                    @for (fill, from, to) in stacked(&bucket.ended) {
                        rect class="frame" x=(format!("{x:.1}")) width=(format!("{bar:.1}")) y=(format!("{:.1}", y(to)))
                            height=(format!("{:.1}", y(from) - y(to))) fill=(fill) {}
                    }
                }
                @if nth % every == 0 {
                    text x=(format!("{:.1}", x + bar / 2.0)) y=(top + height + 16.0) text-anchor="middle" { (short(&bucket.from, flow.days)) }
                }
            }
        }
    }
}

/// Fill, from and to, of the parts of a bar that are there.
fn stacked(ended: &Endings) -> Vec<(&'static str, u64, u64)> {
    let mut below = 0;
    let mut parts = Vec::new();
    for (_, fill, of) in STACK {
        let count = of(ended);
        if count > 0 {
            parts.push((fill, below, below + count));
            below += count;
        }
    }
    parts
}

/// `11-22`, or `2026-11` where buckets are long.
fn short(day: &str, days: u32) -> String {
    if days > 7 { day.chars().take(7).collect() } else { day.chars().skip(5).collect() }
}

/// How long requests waited for their quorum.
pub fn quorum(quorum: &Quorum) -> Markup {
    let (left, top, width, height) = (12.0, 20.0, WIDTH - 24.0, 146.0);
    let most = quorum.bins.iter().map(|bin| bin.count).max().unwrap_or(0).max(1);
    let each = width / (quorum.bins.len().max(1) as f64);
    let base = top + height;
    html! {
        svg viewBox="0 0 560 206" role="img" aria-labelledby="quorum-t quorum-d" {
            title id="quorum-t" { "From the request to the last approval that counted" }
            desc id="quorum-d" { "Bars on a scale on which each step is roughly a factor of three; each has its number." }
            path class="axis" d=(format!("M{left} {base}H{}", left + width)) {}
            @for (nth, bin) in quorum.bins.iter().enumerate() {
                @let x = left + each * (nth as f64);
                @let tall = height * (bin.count as f64) / (most as f64);
                @if bin.count > 0 {
                    rect x=(format!("{:.1}", x + 1.5)) width=(format!("{:.1}", each - 3.0)) y=(format!("{:.1}", base - tall))
                        height=(format!("{tall:.1}")) fill="var(--c5)" {}
                    text.ink x=(format!("{:.1}", x + each / 2.0)) y=(format!("{:.1}", base - tall - 4.0)) text-anchor="middle" {
                        (grouped(bin.count))
                    }
                }
                @if let Some(below) = bin.below {
                    path class="axis" d=(format!("M{0:.1} {base}v5", x + each)) {}
                    text x=(format!("{:.1}", x + each)) y=(base + 17.0) text-anchor="middle" { (span(below)) }
                }
            }
            text x=(left) y=(base + 34.0) { "waited less than" }
        }
    }
}

/// The most rows of a plot by reviewer.
pub const ROWS: usize = 12;

/// Review times, a row a reviewer.
pub fn paces(paces: &[Pace], reviewers: &[Reviewer]) -> Markup {
    let rows = paces.len().min(ROWS);
    let (left, top, width, row) = (112.0, 18.0, WIDTH - 126.0, 26.0);
    let most = paces.iter().take(ROWS).flat_map(|pace| &pace.bins).map(|bin| bin.seconds).max().unwrap_or(0).max(119);
    let place = |seconds: u64| (seconds as f64 + 1.0).log10();
    let x = |seconds: u64| left + width * place(seconds) / place(most + most / 4);
    let height = row * (rows as f64);
    let marks = [0, 3, 10, 30, 60, 180, 600, 1_800, 3_600, 10_800, 36_000, 86_400, 864_000];
    let radius = |count: u64| (2.0 + (count as f64).sqrt()).min(10.0);
    html! {
        svg viewBox=(format!("0 0 560 {:.0}", top + height + 30.0)) role="img" aria-labelledby="paces-t paces-d" {
            title id="paces-t" { "Seconds of review, by reviewer" }
            desc id="paces-d" {
                "A dot is larger the more decisions took that long; a bar marks the median; diamonds are approvals in a rubber-stamp run. \
                 The scale is logarithmic."
            }
            rect x=(format!("{:.1}", x(0) - 8.0)) y=(top - 4.0) width=(format!("{:.1}", x(HASTY) - x(0) + 4.0)) height=(height + 4.0)
                fill="var(--odd-back)" {}
            text x=(format!("{:.1}", x(0) - 6.0)) y=(top - 7.0) { "under " (HASTY) " s" }
            @for mark in marks.into_iter().filter(|mark| *mark <= most) {
                path class="axis" d=(format!("M{0:.1} {top}v{height}", x(mark))) {}
                text x=(format!("{:.1}", x(mark))) y=(top + height + 15.0) text-anchor="middle" { (span(mark)) }
            }
            @for (nth, pace) in paces.iter().take(ROWS).enumerate() {
                @let y = top + row * (nth as f64) + row / 2.0;
                path class="axis" d=(format!("M{left} {y}H{}", left + width)) {}
                text.ink x=(left - 14.0) y=(y + 4.0) text-anchor="end" { (clipped(&pace.reviewer)) }
                @for bin in &pace.bins {
                    @if bin.count > bin.in_runs {
                        circle cx=(format!("{:.1}", x(bin.seconds))) cy=(y) r=(format!("{:.1}", radius(bin.count - bin.in_runs)))
                            fill="var(--c0)" fill-opacity=".65" stroke="var(--page)" {
                            title { (pace.reviewer) ": " (bin.count - bin.in_runs) " after about " (span(bin.seconds)) }
                        }
                    }
                }
                @for bin in pace.bins.iter().filter(|bin| bin.in_runs > 0) {
                    @let r = radius(bin.in_runs) + 1.0;
                    path d=(format!("M{:.1} {:.1}l{r:.1} {r:.1}l-{r:.1} {r:.1}l-{r:.1} -{r:.1}z", x(bin.seconds), y - r))
                        fill="none" stroke="var(--c3)" stroke-width="2" {
                        title { (pace.reviewer) ": " (bin.in_runs) " in a rubber-stamp run, after about " (span(bin.seconds)) }
                    }
                }
                @if let Some(spread) = reviewers.iter().find(|one| one.reviewer == pace.reviewer).and_then(|one| one.review_seconds) {
                    rect x=(format!("{:.1}", x(spread.median) - 1.5)) y=(y - 10.0) width="3" height="20" fill="var(--ink)" {}
                }
            }
        }
    }
}

fn clipped(name: &str) -> String {
    if name.chars().count() <= 15 { name.to_owned() } else { name.chars().take(14).chain(['…']).collect() }
}

/// The days of the week, as rows.
pub const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Executions by day and hour.
pub fn hours(hours: &Hours) -> Markup {
    let (left, top, cell, row) = (36.0, 8.0, 21.5, 22.0);
    let most = hours.counts.iter().flatten().max().copied().unwrap_or(0).max(1);
    html! {
        svg viewBox="0 0 560 184" role="img" aria-labelledby="hours-t hours-d" {
            title id="hours-t" { "Executions by day of the week and hour of the day" }
            desc id="hours-d" { "A grid of seven days and twenty-four hours, each cell with its number; stronger is more." }
            @for (day, (name, counts)) in DAYS.iter().zip(&hours.counts).enumerate() {
                @let y = top + row * (day as f64);
                text.ink x=(left - 6.0) y=(y + 15.0) text-anchor="end" { (name) }
                @for (hour, count) in counts.iter().enumerate() {
                    @let x = left + cell * (hour as f64);
                    @let strength = if *count == 0 { 0.05 } else { 0.12 + 0.45 * (*count as f64) / (most as f64) };
                    rect class="frame" x=(format!("{x:.1}")) y=(y) width=(cell) height=(row)
                        style=(format!("fill: rgba(var(--heat), {strength:.2})")) {}
                    @if *count > 0 {
                        text.ink x=(format!("{:.1}", x + cell / 2.0)) y=(y + 15.0) text-anchor="middle" { (brief(*count)) }
                    }
                }
            }
            @for hour in (0_u32..24).step_by(3) {
                text x=(format!("{:.1}", left + cell * (f64::from(hour) + 0.5))) y=(top + row * 7.0 + 16.0) text-anchor="middle" {
                    (format!("{hour:02}"))
                }
            }
        }
    }
}

/// At most three characters.
fn brief(count: u64) -> String {
    match count {
        0..=999 => count.to_string(),
        1_000..=99_999 => format!("{}k", count / 1_000),
        _ => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_round_number() {
        for (most, top) in [
            (0, 1),
            (1, 1),
            (2, 2),
            (3, 4),
            (6, 6),
            (9, 10),
            (11, 20),
            (64, 80),
            (84_211, 100_000),
            (u64::MAX, u64::MAX),
        ] {
            assert_eq!(ceiling(most), top);
        }
    }
}
