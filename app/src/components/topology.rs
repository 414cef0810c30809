//! How a deployment is connected: boxes are links, wires are stretched SVG. Box i of n sits at (i + ½)/n.

use super::icon::icon;
use domain::text::Tone;
use leptos::prelude::*;

/// A column of boxes with a title. One without boxes is left out.
pub struct Stage {
    pub title: &'static str,
    pub boxes: Vec<Node>,
}

/// A box: a link with an icon, a name and one line about it.
pub struct Node {
    pub to: String,
    pub icon: &'static str,
    pub tone: Tone,
    pub name: String,
    pub about: String,
    /// Drawn with a dashed wire: there, and not in use.
    pub off: bool,
}

/// Stages from left to right. Every box is wired to the one box of the stage beside it, or all to all in order.
pub fn topology(stages: Vec<Stage>) -> AnyView {
    let mut out: Vec<AnyView> = Vec::new();
    let mut before: Option<Vec<bool>> = None;
    for stage in stages.into_iter().filter(|s| !s.boxes.is_empty()) {
        let off: Vec<bool> = stage.boxes.iter().map(|b| b.off).collect();
        if let Some(left) = &before {
            out.push(wires(left, &off));
        }
        before = Some(off);
        out.push(draw(stage));
    }
    view! { <ol class="topology">{out}</ol> }.into_any()
}

fn draw(stage: Stage) -> AnyView {
    let boxes: Vec<_> = stage
        .boxes
        .into_iter()
        .map(|n| view! { <a href=n.to data-tone=n.tone.as_str()>{icon(n.icon)}<span><b>{n.name}</b><small>{n.about}</small></span></a> })
        .collect();
    view! { <li class="stage"><h3>{stage.title}</h3><div>{boxes}</div></li> }.into_any()
}

fn wires(left: &[bool], right: &[bool]) -> AnyView {
    let paths: Vec<_> = ends(left.len(), right.len())
        .into_iter()
        .map(|(i, j)| {
            let (from, to) = (middle(i, left.len()), middle(j, right.len()));
            let class = if left[i] || right[j] { "wire off" } else { "wire" };
            view! { <path class=class d=format!("M0 {from:.1}C50 {from:.1} 50 {to:.1} 100 {to:.1}")></path> }
        })
        .collect();
    view! { <li class="wires" aria-hidden="true"><svg viewBox="0 0 100 100" preserveAspectRatio="none">{paths}</svg>{icon("arrow-down")}</li> }.into_any()
}

/// Which box goes to which: one to all, all to one, else each to the one at the same height.
fn ends(left: usize, right: usize) -> Vec<(usize, usize)> {
    if left == 1 || right == 1 {
        return (0..left).flat_map(|i| (0..right).map(move |j| (i, j))).collect();
    }
    (0..left.max(right)).map(|k| (k.min(left - 1), k.min(right - 1))).collect()
}

fn middle(i: usize, n: usize) -> f64 {
    (i as f64 + 0.5) * 100.0 / n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wires_end_in_the_middle_of_their_boxes() {
        assert!((middle(0, 1) - 50.0).abs() < 1e-9 && (middle(2, 3) - 83.333).abs() < 0.01);
        assert_eq!(ends(2, 1), [(0, 0), (1, 0)]);
        assert_eq!(ends(1, 2), [(0, 0), (0, 1)]);
    }
}
