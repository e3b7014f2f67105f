//! Watches a run: which variables change on which line, and which rules fire.
//!
//! The script calls in here after each statement that binds names ([`SEEN`]) and at the beginning of what a rule does
//! ([`FIRED`]). The calls are put into its tree ([`crate::trace`]) under names that no script can write.

use crate::{
    contract::helpbell::rules::types::{Change, Created, Diagnostic, Rule, Variable},
    interpreter,
    place::Place,
    read::diagnostic,
    slices,
    trace::Site,
    values,
};
use rustpython_vm::{
    AsObject as _, PyObjectRef, PyResult, VirtualMachine,
    builtins::{PyDictRef, PyFunction, PyModule, PyType},
};
use std::{cell::RefCell, collections::BTreeMap};

/// The script's name for what it calls when it has bound names.
pub(crate) const SEEN: &str = "<seen>";
/// The script's name for what it calls when a rule does something.
pub(crate) const FIRED: &str = "<fired>";

/// Changes that are kept: a loop that counts in a variable makes one each time.
const CHANGES: usize = 500;
/// Bytes of all texts in them: a loop that grows a variable leaves ever longer ones.
const CHANGES_BYTES: usize = 1 << 20;

thread_local! {
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

struct Watched {
    name: String,
    aliases: Vec<String>,
    writable: bool,
    /// What it is, as far as was seen; none if it was deleted.
    now: Option<PyObjectRef>,
}

/// One run under watch.
pub(crate) struct Watch {
    globals: PyDictRef,
    variables: Vec<Watched>,
    sites: Vec<Site>,
    changes: Vec<Change>,
    changes_bytes: usize,
    /// Names that the script made, and the line that did so first.
    created: BTreeMap<String, u32>,
    fired: Vec<bool>,
    diagnostics: Vec<Diagnostic>,
}

/// What was seen.
pub(crate) struct Seen {
    pub(crate) changes: Vec<Change>,
    pub(crate) created: Vec<Created>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Puts what scripts call among the built-in functions.
pub(crate) fn install(vm: &VirtualMachine) -> PyResult<()> {
    let seen = |site: usize, vm: &VirtualMachine| with(|watch| watch.seen(site, vm));
    let fired = |rule: usize, _vm: &VirtualMachine| {
        with(|watch| {
            if let Some(fired) = watch.fired.get_mut(rule) {
                *fired = true;
            }
        });
    };
    vm.builtins
        .set_attr(vm.ctx.intern_str(SEEN), vm.new_function(SEEN, seen), vm)?;
    let picked = vm.new_function("_picked", slices::picked);
    interpreter::set_prelude(vm, "_picked", picked.into())?;
    let sliced = interpreter::prelude(vm, "_sliced")?;
    vm.builtins
        .set_attr(vm.ctx.intern_str(slices::SLICED), sliced, vm)?;
    vm.builtins
        .set_attr(vm.ctx.intern_str(FIRED), vm.new_function(FIRED, fired), vm)
}

/// A value that is compared or shown may be the script's own, and bind names as it is: what happens meanwhile is seen
/// with the next statement, or in the end.
fn with(work: impl FnOnce(&mut Watch)) {
    WATCH.with(|watch| {
        if let Ok(mut watch) = watch.try_borrow_mut()
            && let Some(watch) = watch.as_mut()
        {
            work(watch);
        }
    });
}

/// Begins to watch: the variables are in place from here on.
pub(crate) fn begin(
    vm: &VirtualMachine,
    globals: &PyDictRef,
    variables: &[Variable],
    sites: Vec<Site>,
    rules: usize,
) -> PyResult<()> {
    let mut watched = vec![];
    for variable in variables {
        let value = values::to_python(vm, &variable.value);
        for name in std::iter::once(&variable.name).chain(&variable.aliases) {
            globals.set_item(name.as_str(), value.clone(), vm)?;
        }
        watched.push(Watched {
            name: variable.name.clone(),
            aliases: variable.aliases.clone(),
            writable: variable.writable,
            now: Some(value),
        });
    }
    WATCH.set(Some(Watch {
        globals: globals.clone(),
        variables: watched,
        sites,
        changes: vec![],
        changes_bytes: 0,
        created: BTreeMap::new(),
        fired: vec![false; rules],
        diagnostics: vec![],
    }));
    Ok(())
}

/// Ends the watch, once more looking at every variable: a script can change them without an assignment.
pub(crate) fn end(vm: &VirtualMachine, last_line: u32, rules: &mut [Rule]) -> Seen {
    let Some(mut watch) = WATCH.take() else {
        return Seen {
            changes: vec![],
            created: vec![],
            diagnostics: vec![],
        };
    };
    for index in 0..watch.variables.len() {
        watch.look(index, last_line, vm);
    }
    for (rule, fired) in rules.iter_mut().zip(&watch.fired) {
        rule.fired = *fired;
    }
    Seen {
        created: watch.created(vm),
        changes: watch.changes,
        diagnostics: watch.diagnostics,
    }
}

impl Watch {
    fn seen(&mut self, site: usize, vm: &VirtualMachine) {
        let Some(site) = self.sites.get(site).cloned() else {
            return;
        };
        for name in &site.names {
            let of = |watched: &Watched| watched.name == *name || watched.aliases.contains(name);
            match self.variables.iter().position(of) {
                Some(index) => self.look(index, site.line, vm),
                None => {
                    self.created.entry(name.clone()).or_insert(site.line);
                }
            }
        }
    }

    /// Compares a variable with what it was, under all of its names.
    fn look(&mut self, index: usize, line: u32, vm: &VirtualMachine) {
        let Some(watched) = self.variables.get_mut(index) else {
            return;
        };
        let names: Vec<&str> = std::iter::once(&watched.name)
            .chain(&watched.aliases)
            .map(String::as_str)
            .collect();
        let is = |name: &&str| self.globals.get_item_opt(*name, vm).ok().flatten();
        let same = |one: &Option<PyObjectRef>, other: &Option<PyObjectRef>| match (one, other) {
            (None, None) => true,
            (Some(one), Some(other)) => one.is(other),
            _ => false,
        };
        let Some(new) = names.iter().map(is).find(|value| !same(value, &watched.now)) else {
            return;
        };
        let keeps = if watched.writable {
            new.clone()
        } else {
            watched.now.clone()
        };
        for name in &names {
            // A name can only fail to be set if there is no memory left, and then nothing helps.
            let _ = match &keeps {
                Some(value) => self.globals.set_item(*name, value.clone(), vm),
                None => self.globals.del_item(*name, vm).or(Ok(())),
            };
        }
        if !watched.writable {
            let message = format!(
                "rules cannot change {}: this assignment has no effect",
                watched.name
            );
            let known = self
                .diagnostics
                .iter()
                .any(|known| known.line == line && known.message == message);
            if !known {
                let at = Place { line, column: 1 };
                self.diagnostics
                    .push(diagnostic("warning", "read-only", at, message));
            }
            return;
        }
        let equal = match (&new, &watched.now) {
            (Some(new), Some(old)) => new.class().is(old.class()) && vm.bool_eq(new, old).unwrap_or(false),
            _ => false,
        };
        watched.now = new;
        if !equal {
            self.note(index, line, vm);
        }
    }

    fn note(&mut self, index: usize, line: u32, vm: &VirtualMachine) {
        let Some(watched) = self.variables.get(index) else {
            return;
        };
        let none = vm.ctx.none();
        let value = watched.now.as_ref().unwrap_or(&none);
        let change = Change {
            name: watched.name.clone(),
            value: values::from_python(vm, value),
            shown: values::shown(vm, value),
            line,
        };
        self.changes_bytes += 2 * change.shown.len();
        // Of too many the latest stay: they tell what the variables are in the end.
        while !self.changes.is_empty()
            && (self.changes.len() >= CHANGES || self.changes_bytes > CHANGES_BYTES)
        {
            let oldest = self.oldest_of_several();
            let dropped = self.changes.remove(oldest);
            self.changes_bytes = self.changes_bytes.saturating_sub(2 * dropped.shown.len());
        }
        self.changes.push(change);
    }

    /// The oldest change of a variable that has a later one; the oldest of all if none has.
    fn oldest_of_several(&self) -> usize {
        let later = |index: usize, name: &str| {
            let rest = self.changes.get(index + 1..).unwrap_or_default();
            rest.iter().any(|change| change.name == name)
        };
        let mut indices = self.changes.iter().enumerate();
        indices
            .find(|(index, change)| later(*index, &change.name))
            .map_or(0, |(index, _)| index)
    }

    fn created(&self, vm: &VirtualMachine) -> Vec<Created> {
        let created = self.created.iter().filter_map(|(name, line)| {
            let value = self.globals.get_item_opt(name.as_str(), vm).ok().flatten()?;
            // What a script is made of is no variable.
            let is_part = value.downcastable::<PyFunction>()
                || value.downcastable::<PyModule>()
                || value.downcastable::<PyType>();
            (!is_part && !name.starts_with("__")).then(|| Created {
                name: name.clone(),
                shown: values::represented(vm, &value),
                line: *line,
            })
        });
        created.collect()
    }
}
