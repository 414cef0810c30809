#!/usr/bin/env python3
"""Circles of files inside a crate, by their imports: each is printed as one line. Usage: circles.py CRATE/src…

A module may use and re-export its own submodules, which may use it: they are one unit. Tests are not read.
"""
import os
import re
import sys


def leaves(prefix, tree):
    """The paths of a `use` tree: `a::{b, c::{self, d}}` gives a::b, a::c, a::c::d."""
    depth, part = 0, ""
    for char in tree + ",":
        depth += (char == "{") - (char == "}")
        if char != "," or depth:
            part += char
            continue
        part = part.strip()
        if "{" in part:
            begin = part.index("{")
            yield from leaves(prefix + part[:begin], part[begin + 1 : part.rindex("}")])
        elif part:
            yield prefix + part.split(" as ")[0].removesuffix("::self")
        part = ""


def modules(root):
    """Name of each module (a tuple) and its text without comments and tests."""
    found = {}
    for folder, _, files in os.walk(root):
        for file in files:
            path = os.path.relpath(os.path.join(folder, file), root)
            if not file.endswith(".rs") or re.search(r"test|/stage|bad_days|/year", path):
                continue
            name = tuple(part for part in path[:-3].split("/") if part not in ("mod", "lib"))
            text = re.split(r"#\[cfg\(test\)\]\s*(?:pub(?:\(crate\))? )?mod \w+ \{", open(os.path.join(folder, file)).read())[0]
            found[name] = re.sub(r"//.*", "", text)
    return found


def imports(name, text, known):
    """The modules that a file imports from, or names with a path from the crate's root."""
    trees = re.findall(r"^\s*(?:pub(?:\([^)]*\))? )?use\s+([^;]*);", text, re.MULTILINE)
    paths = [path for tree in trees for path in leaves("", re.sub(r"\s+", " ", tree))]
    for path in paths + re.findall(r"\b(?:crate|super)(?:::\w+)+", re.sub(r"\buse\s[^;]*;", "", text)):
        parts = tuple(path.split("::"))
        if parts[0] == "crate":
            parts = parts[1:]
        elif parts[0] == "super":
            ups = next(i for i, part in enumerate(parts) if part != "super")
            parts = name[: len(name) - ups] + parts[ups:]
        else:
            parts = name + (parts[1:] if parts[0] == "self" else parts)
        while parts and parts not in known:
            parts = parts[:-1]
        if parts and parts[: len(name)] != name:
            yield parts


def circles(edges):
    """Sets of modules that reach each other."""
    reached = {}
    for start in edges:
        seen, todo = set(), [start]
        while todo:
            for after in edges[todo.pop()] - seen:
                seen.add(after)
                todo.append(after)
        reached[start] = seen
    return {frozenset([a] + [b for b in reached[a] if a in reached[b]]) for a in edges if a in reached[a]}


for root in sys.argv[1:]:
    known = modules(root)
    edges = {name: set(imports(name, text, known)) for name, text in known.items()}
    for circle in circles(edges):
        print(f"{root}: {', '.join(sorted('::'.join(name) for name in circle))} import each other in a circle")
