"""Builds a connector written in Python into one WebAssembly component.

    PYTHON build.py --project DIR --wit DIR --output FILE.wasm

PYTHON is the interpreter of a virtual environment in which requirements.txt is installed. The project holds
pyproject.toml, with `name` and `version` under [project] and `module` under [tool.helpbell], and that module.
Quiet on success; 1 when the project cannot be built, 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

KIT = Path(__file__).resolve().parent

# The module that componentize-py is told to wrap: classes named after the exported interfaces.
APP = "helpbell_component"
APP_SOURCE = """\
import {module}
from helpbell_connector import _component, connector

globals().update(_component.exports(connector.exported()))
"""

# One world of the contract's, made for this connector: componentize-py 0.25.1 panics where it merges several itself.
WORLD = "built-connector"

# Run apart from this process: what the project's module does on import does not concern the build. It says
# which worlds the connector exports; a mistake of the module's is told with its place and nothing else.
LOOK = """\
import importlib, sys, traceback
module, project = sys.argv[1], sys.argv[2]
try:
    importlib.import_module(module)
except SyntaxError as error:
    sys.exit(f"{error.filename}:{error.lineno}: {error.msg}")
except BaseException as error:
    inside = [at for at in traceback.extract_tb(error.__traceback__) if at.filename.startswith(project)]
    place = f"{inside[-1].filename}:{inside[-1].lineno}: " if inside else ""
    sys.exit(f"{place}{type(error).__name__}: {error}")
from helpbell_connector import connector
found = connector.exported()
if found is None:
    sys.exit(f"{module} exports no connector; end it with: export(YourConnector)")
missing = [name for name in ("describe", "authenticate", "create")
           if getattr(found, name) is getattr(connector.Connector, name)]
if missing:
    sys.exit(f"{found.__name__} lacks {', '.join(missing)}; every connector has them")
print(*connector.worlds(found))
"""


class Mistake(Exception):
    """Why the project cannot be built, and what to do."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Build a connector written in Python into one component.")
    parser.add_argument("--project", type=Path, required=True, metavar="DIR", help="holds pyproject.toml")
    parser.add_argument("--wit", type=Path, required=True, metavar="DIR", help="the contract: wit/psa")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE.wasm")
    arguments = parser.parse_args()
    try:
        build(arguments.project.resolve(), arguments.wit.resolve(), arguments.output.resolve())
    except Mistake as mistake:
        print(f"error: {mistake}", file=sys.stderr)
        return 1
    return 0


def build(project: Path, wit: Path, output: Path) -> None:
    """Builds it, or raises `Mistake`."""
    module = module_of(project)
    if not (wit / "world.wit").is_file():
        raise Mistake(f"{wit} holds no contract: world.wit is missing; give the folder wit/psa")
    worlds = look(project, module)
    if not output.parent.is_dir():
        raise Mistake(f"the folder of {output} does not exist")
    with tempfile.TemporaryDirectory(prefix="helpbell-build-") as scratch, tempfile.TemporaryDirectory(
        prefix=".building-", dir=output.parent
    ) as beside:
        app, contract = Path(scratch) / "app", Path(scratch) / "wit"
        app.mkdir()
        (app / f"{APP}.py").write_text(APP_SOURCE.format(module=module), "utf-8")
        shutil.copytree(wit, contract)
        package = re.search(r"^package .*;$", "\n".join(read_all(wit)), re.MULTILINE)
        if package is None:
            raise Mistake(f"{wit} holds no contract: no file says which package it is")
        includes = "".join(f"    include {world};\n" for world in worlds)
        (contract / f"{WORLD}.wit").write_text(f"{package[0]}\n\nworld {WORLD} {{\n{includes}}}\n", "utf-8")
        # Beside the output first, then renamed: another process may be reading its predecessor.
        made = Path(beside) / "component.wasm"
        componentize(contract, [app, project, KIT], made)
        made.replace(output)


def read_all(wit: Path) -> list[str]:
    """The texts of the contract."""
    return [file.read_text("utf-8") for file in sorted(wit.glob("*.wit"))]


def module_of(project: Path) -> str:
    """The name of the module, out of pyproject.toml."""
    file = project / "pyproject.toml"
    try:
        settings = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise Mistake(f"{file} does not exist; --project is the folder that holds it") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Mistake(f"{file} cannot be read: {error}") from None
    about, ours = settings.get("project", {}), settings.get("tool", {}).get("helpbell", {})
    for name, value in (("[project] name", about.get("name")), ("[project] version", about.get("version"))):
        if not isinstance(value, str) or not value:
            raise Mistake(f"{file} lacks {name}")
    module = ours.get("module")
    if not isinstance(module, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", module):
        raise Mistake(f'{file} lacks [tool.helpbell] module, such as: module = "my_desk"')
    if module == APP or module.startswith(("wit_world", "componentize_py")):
        raise Mistake(f"{file}: a module cannot be named {module}; the build needs that name")
    if not (project / f"{module}.py").is_file() and not (project / module / "__init__.py").is_file():
        raise Mistake(f"{file} names the module {module}, but {project / module}.py does not exist")
    return module


def look(project: Path, module: str) -> list[str]:
    """The worlds that the connector exports."""
    found = run([sys.executable, "-B", "-c", LOOK, module, str(project)], [project, KIT])
    if found.returncode != 0:
        said = found.stderr.strip().splitlines()
        raise Mistake(said[-1] if said else f"{module} cannot be imported")
    return found.stdout.split()


def componentize(wit: Path, path: list[Path], output: Path) -> None:
    """Calls componentize-py; its own report is told when it fails."""
    script = "import sys, componentize_py; sys.argv[0] = 'componentize-py'; sys.exit(componentize_py.script())"
    command = [sys.executable, "-c", script, "--quiet", "--wit-path", str(wit), "--world", WORLD]
    command += ["componentize", APP, "--output", str(output)]
    for folder in path:
        command += ["--python-path", str(folder)]
    made = run(command, [])
    if made.returncode != 0 or not output.is_file():
        said = (made.stderr.strip() or made.stdout.strip()).replace("\n", "\n  ")
        if "No module named 'componentize_py'" in said:
            requirements = KIT / "requirements.txt"
            raise Mistake(f"componentize-py is not installed: {sys.executable} -m pip install -r {requirements}")
        raise Mistake(f"componentize-py cannot build it:\n  {said}")


def run(command: list[str], path: list[Path]) -> subprocess.CompletedProcess[str]:
    """Runs a program with nothing of the caller's Python settings, so that the same project builds alike."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment.pop("VIRTUAL_ENV", None)
    environment["PYTHONPATH"] = os.pathsep.join(map(str, path))
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    environment["PYTHONHASHSEED"] = "0"
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
