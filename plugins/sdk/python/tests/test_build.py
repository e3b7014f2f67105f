"""The build script: what it says of projects that cannot be built, and, where componentize-py is installed
(requirements.txt), that it builds the template."""

import importlib.util
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

KIT = Path(__file__).resolve().parents[1]
WIT = KIT.parents[2] / "wit" / "psa"
TITLE, NAME, MODULE = "My Desk", "my-desk", "my_desk"
# The first bytes of every WebAssembly component.
COMPONENT = b"\0asm\x0d\0\x01\0"


def from_template(folder):
    """The template with its placeholders filled in, as `helpbell connector new` does."""
    for file in (KIT / "template").rglob("*"):
        if file.is_file():
            fill = lambda text: (
                text.replace("{{name}}", NAME)
                .replace("{{title}}", TITLE)
                .replace("{{module}}", MODULE)
                .replace("{{type}}", "MyDeskConnector")
            )
            to = folder / fill(str(file.relative_to(KIT / "template")))
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_text(fill(file.read_text("utf-8")), "utf-8")


class Build(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.output = self.folder / "out.wasm"
        from_template(self.folder)

    def build(self, *arguments):
        command = [sys.executable, str(KIT / "build.py"), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True)

    def refused(self, *words):
        built = self.build("--project", self.folder, "--wit", WIT, "--output", self.output)
        self.assertEqual((built.returncode, built.stdout), (1, ""), built.stderr)
        self.assertFalse(self.output.exists())
        for word in words:
            self.assertIn(word, built.stderr)
        self.assertNotIn("Traceback", built.stderr)

    def module(self, source):
        (self.folder / f"{MODULE}.py").write_text(textwrap.dedent(source), "utf-8")

    def test_wrong_usage_is_two(self):
        self.assertEqual(self.build("--project", self.folder).returncode, 2)

    def test_a_folder_without_a_project_is_told(self):
        (self.folder / "pyproject.toml").unlink()
        self.refused("pyproject.toml does not exist")

    def test_a_project_that_names_no_module_or_one_that_is_not_there_is_told(self):
        (self.folder / "pyproject.toml").write_text('[project]\nname = "a"\nversion = "1"\n')
        self.refused("[tool.helpbell] module")
        (self.folder / "pyproject.toml").write_text(
            '[project]\nname = "a"\nversion = "1"\n[tool.helpbell]\nmodule = "gone"\n'
        )
        self.refused("gone.py does not exist")

    def test_a_syntax_error_is_told_with_file_and_line(self):
        self.module("import json\n\ndef broken(:\n")
        self.refused(f"{MODULE}.py:3: ")

    def test_a_mistake_on_import_is_told_with_its_line(self):
        self.module("import json\nimport no_such_module\n")
        self.refused(f"{MODULE}.py:2: ModuleNotFoundError", "no_such_module")

    def test_a_module_that_exports_nothing_is_told(self):
        self.module("from helpbell_connector import Connector\nclass A(Connector): pass\n")
        self.refused("exports no connector", "export(")

    def test_a_connector_that_lacks_what_all_have_is_told(self):
        self.module("from helpbell_connector import Connector, export\n@export\nclass A(Connector): pass\n")
        self.refused("A lacks describe, authenticate, create")

    def test_the_templates_own_test_passes(self):
        command = [sys.executable, "-m", "unittest", "-q"]
        environment = {"PYTHONPATH": str(KIT), "PYTHONDONTWRITEBYTECODE": "1"}
        ran = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertRegex(ran.stderr, r"Ran [1-9]")

    @unittest.skipUnless(importlib.util.find_spec("componentize_py"), "componentize-py is not installed")
    def test_the_template_becomes_a_component_and_nothing_is_said(self):
        built = self.build("--project", self.folder, "--wit", WIT, "--output", self.output)
        self.assertEqual((built.returncode, built.stdout, built.stderr), (0, "", ""))
        content = self.output.read_bytes()
        self.assertTrue(content.startswith(COMPONENT))
        self.assertIn(b"helpbell:psa/tickets@", content)
        self.assertNotIn(b"helpbell:psa/doctor@", content)
        self.assertEqual(list(self.folder.glob(".building-*")), [])
