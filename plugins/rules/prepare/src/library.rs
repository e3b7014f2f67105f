//! Python's library, as far as rules get it: the engine's own modules, and RustPython's copy of CPython's.

use anyhow::{Context as _, Result, ensure};
use std::{fs, path::Path};

/// What the offered modules need of CPython's library, `__init__` for packages.
const MODULES: [&str; 34] = [
    "_collections_abc",
    "_pydatetime",
    "_strptime",
    "_weakrefset",
    "abc",
    "bisect",
    "calendar",
    "collections.__init__",
    "collections._defaultdict",
    "contextlib",
    "copy",
    "copyreg",
    "datetime",
    "enum",
    "functools",
    "heapq",
    "json.__init__",
    "json.decoder",
    "json.encoder",
    "json.scanner",
    "keyword",
    "numbers",
    "operator",
    "random",
    "re.__init__",
    "re._casefix",
    "re._compiler",
    "re._constants",
    "re._parser",
    "reprlib",
    "string.__init__",
    "textwrap",
    "types",
    "weakref",
];

/// Pieces of these modules that ask for what no rule has, and what stands there instead.
const CHANGES: [(&str, &str, &str); 5] = [
    ("_strptime", "import os\n", ""),
    (
        "_strptime",
        "skip_file_prefixes=(os.path.dirname(__file__),)",
        "stacklevel=2",
    ),
    (
        "random",
        "from os import urandom as _urandom",
        "def _urandom(n): raise NotImplementedError('rules have no other chance than their seed')",
    ),
    ("random", "import os as _os", ""),
    ("random", "if hasattr(_os, \"fork\"):", "if False:"),
];

/// All modules: name and source.
pub(crate) fn modules(own: &Path) -> Result<Vec<(String, String)>> {
    let mut modules = vec![];
    for entry in fs::read_dir(own).with_context(|| format!("failed to list {}", own.display()))? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "py") {
            let name = file
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            modules.push((name, read(&file)?));
        }
    }
    for name in MODULES {
        if modules.iter().any(|(own, _)| own == name) {
            continue;
        }
        let file = Path::new(rustpython_pylib::LIB_PATH).join(format!("{}.py", name.replace('.', "/")));
        let mut source = read(&file)?;
        for (module, piece, instead) in CHANGES {
            if module == name {
                ensure!(
                    source.contains(piece),
                    "failed to change {name}: it has no {piece:?} any more"
                );
                source = source.replace(piece, instead);
            }
        }
        modules.push((name.to_owned(), source));
    }
    // The folder's order is the file system's, and a build should not depend on it.
    modules.sort();
    Ok(modules)
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("failed to read {}", file.display()))
}
