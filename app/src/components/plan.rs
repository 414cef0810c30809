//! A plan as a table: what, now, after. In groups, as they stand in the container.

use domain::change::{Difference, Plan};
use domain::text::{duration, memory_size};
use leptos::prelude::*;

/// One row: name and both sides; an empty side is "not set".
struct Row {
    group: &'static str,
    name: String,
    before: Option<String>,
    after: Option<String>,
}

/// Unchanged parts are not in it.
pub fn plan_table(plan: &Plan) -> AnyView {
    let mut rows: Vec<Row> = plan.differences.iter().map(row).collect();
    rows.extend(plan.brings_back.map(|job| Row {
        group: "Data",
        name: "Databases".into(),
        before: Some("as they are".into()),
        after: Some(format!("from before the upgrade (job {job})")),
    }));
    let mut drawn = vec![];
    let mut group = "";
    for row in rows {
        if row.group != group {
            group = row.group;
            drawn.push(view! { <tr class="group"><th scope="colgroup" colspan="3">{group}</th></tr> }.into_any());
        }
        drawn.push(
            view! {
                <tr>
                    <th scope="row">{row.name}</th>
                    <td data-label="Now">{side(row.before, false)}</td>
                    <td data-label="After">{side(row.after, true)}</td>
                </tr>
            }
            .into_any(),
        );
    }
    view! {
        <div class="table diff"><table class="folds">
            <thead><tr><th scope="col">"What"</th><th scope="col">"Now"</th><th scope="col">"After"</th></tr></thead>
            <tbody>{drawn}</tbody>
        </table></div>
    }
    .into_any()
}

fn side(value: Option<String>, after: bool) -> AnyView {
    match (value, after) {
        (Some(value), true) => view! { <ins>{value}</ins> }.into_any(),
        (Some(value), false) => view! { <del>{value}</del> }.into_any(),
        (None, _) => view! { <span class="quiet-text">"not set"</span> }.into_any(),
    }
}

fn row(difference: &Difference) -> Row {
    let (group, name, before, after) = match difference.clone() {
        Difference::Image { before, after } => ("Image", "Image".into(), Some(before.reference), Some(after.reference)),
        Difference::Variable { name, before, after } => ("Environment", name, before, after),
        Difference::MemoryLimit { before, after } => {
            ("Container", "Memory limit".into(), before.map(memory_size), after.map(memory_size))
        }
        Difference::StopTimeout { before, after } => {
            ("Container", "Stop timeout".into(), before.map(duration), after.map(duration))
        }
    };
    Row { group, name, before, after }
}
