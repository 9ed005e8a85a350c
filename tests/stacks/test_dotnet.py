"""The .NET tree: its projects and its code as they can be judged anywhere, and the real SDK where it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from xml.etree import ElementTree

import pytest
import tree_sitter_c_sharp
from groundplan.rendering.naming import pascal
from groundplan.rendering.reserved import RESERVED
from plumbum import local
from support.planting import Feature, matrix, plant, stack_template, workspace
from support.rendering import contents_of, files_of, repository
from tree_sitter import Language, Node, Parser

NAMESPACE = "AcmeShop"
# A feature that was compiled and run with the real SDK, in both test runners and beside well-known solutions.
MODEL = Path(__file__).parent / "data" / "price-alerts"
TESTS = {"domain": 4, "application": 3, "ui": 2, "api": 11}
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

STRICT = {
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
    <PackageVersion Include="xunit.v3" Version="3.0.0" />
  </ItemGroup>
</Project>
""",
}
WEB = {
    "src/Web/Web.csproj": """\
<Project Sdk="Microsoft.NET.Sdk.Web">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
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
using Acme.Shop.Profiles.Domain;
using Acme.Shop.Profiles.Ui;
using Microsoft.AspNetCore.Http.HttpResults;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddRazorComponents();
builder.Services.AddProblemDetails();
builder.Services.AddOrdersFeature();

var app = builder.Build();
app.UseStatusCodePages();
app.MapOrdersFeature(app.Configuration);
app.MapGet("/profiles", () => new RazorComponentResult<ProfilesList>(new { Items = Array.Empty<ProfilesItem>() }));
app.Run();
""",
}
OWN_TEST = {
    "global.json": '{ /* one for all */ "test": { "runner": "Microsoft.Testing.Platform" } }',
    "tests/Web.Tests/Web.Tests.csproj": """\
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <OutputType>Exe</OutputType>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="xunit.v3.mtp-v2" Version="4.0.2" />
  </ItemGroup>
</Project>
""",
    "tests/Web.Tests/OwnTests.cs": """\
using Xunit;

namespace Acme.Shop.Web.Tests;

public sealed class OwnTests
{
    [Fact]
    public void HostPasses() => Assert.Equal(4, 2 + 2);
}
""",
}
DOTTED = {"dotnet_namespace": "Acme.Shop"}
HOSTED = [Feature("orders", answers=DOTTED), Feature("profiles", ("domain", "ui"), DOTTED)]


@dataclass(frozen=True)
class Host:
    """Foreign code, what its projects are built for and what runs its tests, and how many of these it has."""

    files: Mapping[str, str]
    framework: str = "net10.0"
    runner: str = "vstest"
    tests: int = 0


HOSTS = {
    "strict settings and central packages": Host({**WEB, **STRICT, "Acme.Shop.slnx": "<Solution />\n"}),
    "Microsoft.Testing.Platform": Host({**WEB, **OWN_TEST}, runner="mtp", tests=1),
    "an older framework": Host({path: text.replace("net10.0", "net8.0") for path, text in WEB.items()}, "net8.0"),
}


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
        return sorted(path for path in (self.root / self.path.parent).rglob("*") if path.suffix in {".cs", ".razor"})


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
    text = source.read_text("utf-8")
    if source.suffix == ".razor":
        # A component's own code is the body of a class with the file's name.
        text = f"class {source.stem} {text.partition('@code ')[2]}"
    root = C_SHARP.parse(text.encode()).root_node
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
        # They stand outside of every namespace.
        and node.parent.type != "using_directive"
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


def plant_here(features: Iterable[Feature], scratch: Path, host: Mapping[str, str] | None = None) -> Path:
    """Plant features into a new repository below a scratch folder, which may hold foreign code."""
    place = scratch / "place"
    for path, content in (host or {}).items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(content)
    plant(stack_template("dotnet", scratch / "template"), repository(place), "dotnet", features)
    return place


def planted(place: Path, host: Mapping[str, str]) -> list[Project]:
    """Read the project files of the features in a host."""
    return [project for project in projects(place) if project.path.as_posix() not in host]


def test_the_feature_that_was_compiled_for_real_is_rendered_exactly(tmp_path: Path) -> None:
    place = plant_here([Feature("price-alerts")], tmp_path)

    rendered = {path: content for path, content in contents_of(place).items() if not path.startswith("docs/")}

    assert rendered == contents_of(MODEL)


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
        visible = {f"{NAMESPACE}.{path.stem}" for path in reachable(project.path, known)}
        for source in project.sources():
            if source.suffix == ".cs":
                assert namespaces(parsed(source)) == [project.value("RootNamespace")]
            assert own_usings(source) <= visible


def project_names(feature: Feature) -> list[str]:
    tests = {"domain": "Domain.Tests", "application": "Application.Tests", "api": "E2E", "ui": "Ui.Tests"}
    return [f"{pascal(feature.slug)}.{part}" for layer in feature.layers for part in (layer.capitalize(), tests[layer])]


def reachable(path: Path, references: Mapping[Path, set[Path]]) -> set[Path]:
    """List the projects that a project sees: references go through others."""
    return {path}.union(*(reachable(reference, references) for reference in references[path]))


def own_usings(source: Path) -> set[str]:
    """List the namespaces of the project that a file uses."""
    return {name for name in usings(source) if name.startswith(f"{NAMESPACE}.")}


def usings(source: Path) -> list[str]:
    return re.findall(r"^@?using (?:global::)?([\w.]+);?$", source.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("namespace", ["Acme.Shop", "Nuts", "Zebra"])
def test_usings_are_sorted_whatever_the_root_namespace_is(tmp_path: Path, namespace: str) -> None:
    place = plant_here([Feature("orders", answers={"dotnet_namespace": namespace})], tmp_path)
    for source in place.rglob("*.cs"):
        names = usings(source)
        assert names == sorted(names, key=lambda name: (not name.startswith("System."), name.casefold()))


@pytest.mark.parametrize("namespace", ["Orders", "Orders.Shop", "Domain", "Ui.Shop"])
def test_a_components_using_begins_at_the_global_namespace_where_a_nearer_one_has_that_name(
    tmp_path: Path, namespace: str
) -> None:
    place = plant_here([Feature("orders", ("domain", "ui"), {"dotnet_namespace": namespace})], tmp_path)
    (component,) = place.rglob("*.razor")
    assert f"@using global::{namespace}.Orders.Domain\n" in component.read_text("utf-8")


def test_projects_inherit_nothing_that_a_host_may_lack_or_set_otherwise(tmp_path: Path) -> None:
    for project in projects(plant_here([Feature("orders")], tmp_path)):
        is_test = project.path.parts[0] == "tests"
        kind = "Microsoft.NET.Sdk.Razor" if project.name == "Orders.Ui" else "Microsoft.NET.Sdk"
        assert project.xml.attrib == {"Sdk": kind}
        settings = {tag: project.value(tag) for tag in ("TargetFramework", "ImplicitUsings", "Nullable")}
        assert settings == {"TargetFramework": "net10.0", "ImplicitUsings": "enable", "Nullable": "enable"}
        packages = project.xml.findall("ItemGroup/PackageReference")
        assert bool(packages) == is_test
        assert all(package.get("Version") for package in packages)
        assert (project.value("ManagePackageVersionsCentrally") == "false") == is_test
        assert (project.value("OutputType") == "Exe") == is_test, "xunit.v3 tests are programs"


def test_no_feature_can_hide_a_type_that_its_code_uses(tmp_path: Path) -> None:
    place = plant_here([Feature("zz")], tmp_path)
    trees = [parsed(source) for project in projects(place) for source in project.sources()]

    used = set().union(*map(looked_up, trees)) - set().union(*map(declared, trees))

    assert {"Guid", "Task", "Exception", "HttpClient", "Uri", "TypedResults", "Parameter"} <= used, "it finds something"
    assert used <= reserved()


def test_the_layers_own_namespaces_hide_nothing() -> None:
    assert not reserved() & {"Domain", "Application", "Api", "Ui", "Tests", "E2E"}


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
def test_the_tree_takes_the_hosts_framework_and_test_runner(tmp_path: Path, host: Host) -> None:
    place = plant_here(HOSTED, tmp_path, host.files)

    found = planted(place, host.files)

    assert {project.value("TargetFramework") for project in found} == {host.framework}
    packages = {package.get("Include") for project in found for package in project.xml.iter("PackageReference")}
    assert ("xunit.v3.mtp-v2" in packages) == (host.runner == "mtp")
    assert ("Microsoft.NET.Test.Sdk" in packages) == (host.runner == "vstest")
    code = "".join(source.read_text("utf-8") for project in found for source in project.sources())
    assert ("Guid.CreateVersion7()" in code) == (host.framework != "net8.0"), "it is new in .NET 9"
    assert contents_of(place).items() >= {path: text.encode() for path, text in host.files.items()}.items()
    assert not [path for path in files_of(place) if "/" not in path and path not in host.files]


def dotnet(folder: Path, *arguments: str | Path) -> str:
    """Run the .NET command line tool; return what it printed, or fail with it."""
    # Where the framework of a host has no runtime, a newer one runs its tests.
    settings = {"DOTNET_CLI_TELEMETRY_OPTOUT": "1", "DOTNET_NOLOGO": "1", "DOTNET_ROLL_FORWARD": "Major"}
    quiet = local["dotnet"].with_env(**settings, MSBUILDTERMINALLOGGER="off")
    with local.cwd(folder):
        code, out, err = quiet.run(arguments, retcode=None)
    assert code == 0, f"dotnet {' '.join(map(str, arguments))}\n{out}\n{err}"
    return str(out)


def solution(place: Path) -> str:
    """Write a solution of all projects into a repository, as `dotnet sln add` would; return its name."""
    entries = "".join(f'  <Project Path="{path}" />\n' for path in files_of(place) if path.endswith(".csproj"))
    (place / "Everything.slnx").write_text(f"<Solution>\n{entries}</Solution>\n")
    return "Everything.slnx"


def passed(place: Path, results: Path, host: Host) -> int:
    """Run the tests that were built, as the host does; count those that passed."""
    if host.runner == "mtp":
        summary = dotnet(place, "test", "--solution", solution(place), "--no-build")
        return int(re.findall(r"succeeded: (\d+)", summary)[-1])
    built = [project.path for project in projects(place) if project.path.parts[0] == "tests"]
    libraries = [path.parent / "bin" / "Debug" / host.framework / f"{path.stem}.dll" for path in built]
    dotnet(place, "test", *libraries, "--logger", "trx;LogFileName=all.trx", "--results-directory", results)
    namespace = {"t": "http://microsoft.com/schemas/VisualStudio/TeamTest/2010"}
    counters = ElementTree.parse(results / "all.trx").getroot().find("t:ResultSummary/t:Counters", namespace)
    assert counters is not None
    assert counters.attrib["total"] == counters.attrib["passed"]
    return int(counters.attrib["passed"])


def expected(features: Iterable[Feature]) -> int:
    return sum(TESTS[layer] for feature in features for layer in feature.layers)


@pytest.mark.slow
@pytest.mark.stack("dotnet")
def test_every_shape_and_name_builds_and_passes(tmp_path: Path) -> None:
    features = matrix("dotnet")
    place = plant_here(features, tmp_path)

    dotnet(place, "build", solution(place), "-warnaserror")

    assert passed(place, tmp_path / "results", Host({})) == expected(features)


@pytest.mark.stack("dotnet")
@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
def test_features_build_and_pass_within_a_host(tmp_path: Path, host: Host) -> None:
    place = plant_here(HOSTED, tmp_path, host.files)

    dotnet(place, "build", solution(place))

    assert passed(place, tmp_path / "results", host) == expected(HOSTED) + host.tests
    dotnet(place, "format", solution(place), "--verify-no-changes", "--no-restore")
