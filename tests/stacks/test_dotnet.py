"""The .NET tree: its projects and its code as they can be judged anywhere, and the real SDK where it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from xml.etree import ElementTree

import pytest
import tree_sitter_c_sharp
from groundplan.rendering.naming import RESERVED, pascal
from plumbum import local
from support.planting import Feature, matrix, plant, stack_template, workspace
from support.rendering import files_of, repository
from tree_sitter import Language, Node, Parser

NAMESPACE = "AcmeShop"
DOMAIN_TESTS, API_TESTS = 4, 7
C_SHARP = Parser(Language(tree_sitter_c_sharp.language()))
DECLARATIONS = {
    "class_declaration",
    "constructor_declaration",
    "interface_declaration",
    "method_declaration",
    "parameter",
    "property_declaration",
    "record_declaration",
    "variable_declarator",
}
# Where a name is looked up in what stands before it, not in the namespaces around it. Nor can a namespace hide a
# generic type: C# specification, 7.8.1.
QUALIFIED = {"member_access_expression", "member_binding_expression", "qualified_name", "generic_name"}

HOST = {
    "Directory.Build.props": """\
<Project>
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
    <EnforceCodeStyleInBuild>true</EnforceCodeStyleInBuild>
    <Nullable>disable</Nullable>
  </PropertyGroup>
</Project>
""",
    "Directory.Packages.props": """\
<Project>
  <PropertyGroup>
    <ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally>
  </PropertyGroup>
  <ItemGroup>
    <PackageVersion Include="xunit" Version="2.9.2" />
  </ItemGroup>
</Project>
""",
    "src/Web/Web.csproj": """\
<Project Sdk="Microsoft.NET.Sdk.Web">
  <PropertyGroup>
    <RootNamespace>Acme.Shop.Web</RootNamespace>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <ProjectReference Include="../Orders.Api/Orders.Api.csproj" />
    <ProjectReference Include="../Profiles.Ui/Profiles.Ui.csproj" />
  </ItemGroup>
</Project>
""",
    "src/Web/Program.cs": """\
using Acme.Shop.Orders.Api;
using Acme.Shop.Profiles.Ui;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddOrdersFeature();

var app = builder.Build();
app.MapOrdersFeature(app.Configuration);
app.MapGet("/profiles", () => Results.Content(ProfilesPage.Render([]), "text/html"));
app.Run();
""",
}
DOTTED = {"dotnet_namespace": "Acme.Shop"}
HOSTED = [Feature("orders", answers=DOTTED), Feature("profiles", ("domain", "ui"), DOTTED)]


@dataclass(frozen=True)
class Project:
    """A project file: its path without the repository's, and its XML."""

    root: Path
    path: Path
    xml: ElementTree.Element

    @property
    def name(self) -> str:
        return self.path.stem

    def value(self, tag: str) -> str | None:
        return self.xml.findtext(f"PropertyGroup/{tag}")

    def references(self) -> Iterator[Path]:
        for reference in self.xml.iterfind("ItemGroup/ProjectReference"):
            yield (self.root / self.path.parent / reference.attrib["Include"]).resolve().relative_to(self.root)

    def sources(self) -> list[Path]:
        return sorted((self.root / self.path.parent).rglob("*.cs"))


def projects(root: Path) -> list[Project]:
    """Read a repository's project files; a malformed one is an error."""
    paths = sorted(root.glob("*/*/*.csproj"))
    return [Project(root.resolve(), path.relative_to(root), ElementTree.parse(path).getroot()) for path in paths]


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


def text(node: Node | None) -> str:
    return node.text.decode() if node is not None and node.text is not None else ""


def parsed(source: Path) -> Node:
    root = C_SHARP.parse(source.read_bytes()).root_node
    broken = [f"{source}:{node.start_point.row + 1}" for node in nodes(root) if node.is_error or node.is_missing]
    assert not broken
    return root


def namespaces(root: Node) -> list[str]:
    return [text(node.child_by_field_name("name")) for node in nodes(root) if "namespace_declaration" in node.type]


def declared(root: Node) -> set[str]:
    return {text(node.child_by_field_name("name")) for node in nodes(root) if node.type in DECLARATIONS}


def looked_up(root: Node) -> set[str]:
    """Collect the names in a file that C# looks up in the namespaces around it: those that a namespace can hide."""
    return {
        text(node)
        for node in nodes(root)
        if node.type == "identifier"
        and node.parent is not None
        and (node.parent.type not in QUALIFIED or _is_leftmost(node, node.parent))
        and not _is_set_by_initializer(node.parent)
        and text(node)[0].isupper()
    }


def _is_leftmost(node: Node, parent: Node) -> bool:
    return parent.type == "member_access_expression" and parent.child_by_field_name("expression") == node


def _is_set_by_initializer(parent: Node) -> bool:
    return (
        parent.type == "assignment_expression"
        and parent.parent is not None
        and parent.parent.type == "initializer_expression"
    )


def reserved() -> frozenset[str]:
    (row,) = RESERVED["dotnet"]
    assert row.form == "pascal"
    return row.names


def plant_here(features: Iterable[Feature], scratch: Path, host: dict[str, str] | None = None) -> Path:
    """Plant features into a new repository below a scratch folder, which may hold foreign code."""
    place = scratch / "place"
    for path, content in (host or {}).items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(content)
    plant(stack_template("dotnet", scratch / "template"), repository(place), "dotnet", features)
    return place


def test_every_shape_and_name_has_sound_projects_and_code(tmp_path: Path) -> None:
    features = matrix("dotnet")
    found = projects(workspace("dotnet", features, tmp_path))

    assert {project.name for project in found} == {name for feature in features for name in project_names(feature)}
    known = {project.path: set(project.references()) for project in found}
    assert set().union(*known.values()) <= known.keys()
    TopologicalSorter(known).prepare()  # raises where references form a cycle
    for project in found:
        assert project.name == project.path.parent.name
        assert project.value("RootNamespace") == f"{NAMESPACE}.{project.name}"
        assert project.sources()
        for source in project.sources():
            assert namespaces(parsed(source)) == [project.value("RootNamespace")]


def project_names(feature: Feature) -> list[str]:
    layers = [layer.capitalize() for layer in feature.layers]
    tests = ["Domain.Tests", *(["E2E"] if "api" in feature.layers else [])]
    return [f"{pascal(feature.slug)}.{part}" for part in [*layers, *tests]]


def test_projects_inherit_nothing_that_a_host_may_lack_or_set_otherwise(tmp_path: Path) -> None:
    for project in projects(plant_here([Feature("orders")], tmp_path)):
        assert project.xml.attrib == {"Sdk": "Microsoft.NET.Sdk"}
        settings = {tag: project.value(tag) for tag in ("TargetFramework", "ImplicitUsings", "Nullable")}
        assert settings == {"TargetFramework": "net10.0", "ImplicitUsings": "enable", "Nullable": "enable"}
        packages = project.xml.findall("ItemGroup/PackageReference")
        assert bool(packages) == project.path.parts[0].startswith("tests")
        assert all(package.get("Version") for package in packages)
        assert (project.value("ManagePackageVersionsCentrally") == "false") == bool(packages)


def test_no_feature_can_hide_a_type_that_its_code_uses(tmp_path: Path) -> None:
    place = plant_here([Feature("zz")], tmp_path)
    trees = [parsed(source) for project in projects(place) for source in project.sources()]

    used = set().union(*map(looked_up, trees)) - set().union(*map(declared, trees))

    assert {"Guid", "Task", "Exception", "HttpClient", "Uri", "TypedResults"} <= used, "the search finds something"
    assert used <= reserved()


def test_the_layers_own_namespaces_hide_nothing() -> None:
    assert not reserved() & {"Domain", "Application", "Api", "Ui", "Tests", "E2E"}


def test_host_files_stay_as_they_were(tmp_path: Path) -> None:
    place = plant_here(HOSTED, tmp_path, HOST)

    assert {path: (place / path).read_text() for path in HOST} == HOST
    assert not [path for path in files_of(place) if "/" not in path and path not in HOST]


def dotnet(folder: Path, *arguments: str | Path) -> None:
    """Run the .NET command line tool; fail with what it printed if it fails."""
    quiet = local["dotnet"].with_env(DOTNET_CLI_TELEMETRY_OPTOUT="1", DOTNET_NOLOGO="1", MSBUILDTERMINALLOGGER="off")
    with local.cwd(folder):
        code, out, err = quiet.run(arguments, retcode=None)
    assert code == 0, f"dotnet {' '.join(map(str, arguments))}\n{out}\n{err}"


def solution(place: Path) -> str:
    """Write a solution of all projects into a repository, as ``dotnet sln add`` would; return its name."""
    entries = "".join(f'  <Project Path="{path}" />\n' for path in files_of(place) if path.endswith(".csproj"))
    (place / "Everything.slnx").write_text(f"<Solution>\n{entries}</Solution>\n")
    return "Everything.slnx"


def passed(place: Path, results: Path) -> int:
    """Run the tests that were built and count those that passed."""
    built = [project.path for project in projects(place) if project.path.parts[0] == "tests"]
    libraries = [path.parent / "bin" / "Debug" / "net10.0" / f"{path.stem}.dll" for path in built]
    dotnet(place, "test", *libraries, "--logger", "trx;LogFileName=all.trx", "--results-directory", results)
    namespace = {"t": "http://microsoft.com/schemas/VisualStudio/TeamTest/2010"}
    counters = ElementTree.parse(results / "all.trx").getroot().find("t:ResultSummary/t:Counters", namespace)
    assert counters is not None
    assert counters.attrib["total"] == counters.attrib["passed"]
    return int(counters.attrib["passed"])


def expected(features: Iterable[Feature]) -> int:
    return sum(DOMAIN_TESTS + API_TESTS * ("api" in feature.layers) for feature in features)


@pytest.mark.slow
@pytest.mark.stack("dotnet")
def test_every_shape_and_name_builds_and_passes(tmp_path: Path) -> None:
    features = matrix("dotnet")
    place = plant_here(features, tmp_path)

    dotnet(place, "build", solution(place), "-warnaserror")

    assert passed(place, tmp_path / "results") == expected(features)


@pytest.mark.stack("dotnet")
def test_features_build_within_a_host_of_strict_settings_and_central_packages(tmp_path: Path) -> None:
    place = plant_here(HOSTED, tmp_path, HOST)

    dotnet(place, "build", solution(place))

    assert passed(place, tmp_path / "results") == expected(HOSTED)
    dotnet(place, "format", solution(place), "--verify-no-changes", "--no-restore")
