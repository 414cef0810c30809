//! Makes a part of the page equal to a newer one and touches only what differs: what the visitor has focused, opened,
//! scrolled or is about to press stays the same element.

use leptos::prelude::document;
use leptos::wasm_bindgen::JsCast;
use std::collections::VecDeque;
use web_sys::{Element, Node};

/// Set by the browser's half or by the visitor, so never taken from the server's drawing.
const OWN: [&str; 4] = ["open", "data-sent", "aria-disabled", "data-silent"];

/// Attributes and children of `old` become those of `new`. Both are the same kind of element.
pub fn morph(old: &Element, new: &Element) {
    attributes(old, new);
    let mut olds: VecDeque<Node> = children(old).into();
    for newer in children(new) {
        // What stands before its partner is gone in the new one.
        if let Some(at) = partner(&olds, &newer) {
            for gone in olds.drain(..at) {
                let _ = old.remove_child(&gone);
            }
        }
        match olds.pop_front_if(|older| is_like(older, &newer)) {
            Some(older) => one(&older, &newer),
            None => insert(old, &newer, olds.front()),
        }
    }
    for gone in olds {
        let _ = old.remove_child(&gone);
    }
}

fn children(of: &Element) -> Vec<Node> {
    let list = of.child_nodes();
    (0..list.length()).filter_map(|i| list.item(i)).collect()
}

/// Where the element is that becomes this one. Texts and comments say nothing of what they are, so they have none.
fn partner(olds: &VecDeque<Node>, new: &Node) -> Option<usize> {
    new.dyn_ref::<Element>()?;
    olds.iter().position(|old| is_like(old, new))
}

/// The same kind of node; of an element also the same id and classes.
fn is_like(old: &Node, new: &Node) -> bool {
    let what = |element: &Element| (element.id(), element.get_attribute("class"));
    old.node_name() == new.node_name()
        && match (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) {
            (Some(old), Some(new)) => what(old) == what(new),
            _ => true,
        }
}

fn one(old: &Node, new: &Node) {
    match (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) {
        // An island keeps what it has become.
        (Some(old), Some(_)) if old.local_name() == "leptos-island" => {}
        (Some(old), Some(new)) => morph(old, new),
        _ if old.node_value() != new.node_value() => old.set_node_value(new.node_value().as_deref()),
        _ => {}
    }
}

fn insert(parent: &Element, new: &Node, before: Option<&Node>) {
    if let Ok(new) = document().import_node_with_deep(new, true) {
        let _ = parent.insert_before(&new, before);
    }
}

fn attributes(old: &Element, new: &Element) {
    for name in old.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        if !OWN.contains(&name.as_str()) && !new.has_attribute(&name) {
            let _ = old.remove_attribute(&name);
        }
    }
    for name in new.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        let value = new.get_attribute(&name);
        if !OWN.contains(&name.as_str()) && old.get_attribute(&name) != value {
            let _ = old.set_attribute(&name, &value.unwrap_or_default());
        }
    }
}
