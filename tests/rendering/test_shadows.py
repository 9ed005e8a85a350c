"""What of a host's own code a feature's name would hide, and the name that is proposed instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from copier.errors import UserMessageError
from groundplan.rendering.naming import flat, pascal, slug_problem, snake
from groundplan.rendering.shadows import FORMS, host_names, shadow_problem
from hypothesis import given
from support.commands import SMALL, brief, contents, groundplan, host
from support.planting import SLUGS
from support.rendering import copy_project

DOTNET = {"dotnet_namespace": "Acme.Shop"}
BILLING = "namespace Acme.Shop.Billing;\n\npublic sealed class Invoice;\n"


def problem(root: Path, stack: str, slug: str = "billing", **answers: str) -> str:
    return shadow_problem(slug, stack, host_names(root, stack, answers))


@pytest.mark.parametrize(
    "text",
    [
        BILLING,
        "namespace Acme.Shop.Billing.Invoices\n{\n}\n",
        "namespace Acme.Shop\n{\n    namespace Other {}\n    public class Billing {}\n}\n",
        "namespace Other;\n\n[Serializable] internal static partial class Billing\n{\n}\n",
        "public readonly record struct Billing(int Id);\n",
        "\ufeffenum Billing { Monthly }\r\n",
        "public interface Billing;\n",
    ],
)
def test_a_namespace_or_a_type_of_a_dotnet_host_is_found(tmp_path: Path, text: str) -> None:
    root = host(tmp_path, {"src/Shop/Own.cs": text})
    found = problem(root, "dotnet", **DOTNET)
    assert found.startswith("Try the name “billing-feature”: “billing” is that of the ")
    assert "Billing" in found
    assert "in src/Shop/Own.cs" in found


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/Shop/Own.cs", "namespace Acme.Shop.BillingHistory;\n\nclass MyBilling { Billing Get() => new(); }\n"),
        ("src/Shop/Own.cs", "namespace Acme.Billing;\n"),
        ("src/Shop/Own.cs", "// class Billing\n/// the class Billing does it\n"),
        ("src/Shop/obj/Own.cs", BILLING),
        ("src/Shop/bin/Debug/Own.cs", BILLING),
        (".git/Own.cs", BILLING),
        ("src/Shop/Own.txt", BILLING),
    ],
)
def test_what_no_feature_hides_is_left_alone(tmp_path: Path, path: str, text: str) -> None:
    root = host(tmp_path, {})
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, "utf-8")
    assert problem(root, "dotnet", **DOTNET) == ""


def test_features_beside_each_other_hide_nothing(tmp_path: Path) -> None:
    copy_of_feature = {
        "docs/plan_docs/billing/feature-plan.md": "",
        "src/Billing.Domain/BillingItem.cs": "namespace Acme.Shop.Billing.Domain;\n\npublic class BillingItem;\n",
    }
    assert problem(host(tmp_path, copy_of_feature), "dotnet", "billing-item", **DOTNET) == ""


def test_a_package_of_a_go_host_is_found(tmp_path: Path) -> None:
    root = host(tmp_path, {"internal/billing/billing.go": "package billing\n", "internal/README.md": ""})
    assert problem(root, "go").startswith("Try the name “billing-feature”: “billing” is that of the package internal/b")
    assert problem(root, "go", "bil-ling").startswith("Try the name “bil-ling-feature”")
    assert problem(root, "go", "billings") == problem(root, "none") == ""


@pytest.mark.parametrize(
    "path",
    [
        "src/main/java/org/harbour/fleet/billing/Invoice.java",
        "src/main/java/org/harbour/fleet/billing/web/Invoices.java",
        "src/main/kotlin/org/harbour/fleet/billing/Invoice.kt",
        "src/test/java/org/harbour/fleet/billing/InvoiceTest.java",
        "src/main/java/org/harbour/fleet/billing.java",
    ],
)
def test_a_package_of_a_java_host_is_found(tmp_path: Path, path: str) -> None:
    root = host(tmp_path, {path: ""})
    found = problem(root, "java", "bil-ling", java_package="org.harbour.fleet")
    assert found.startswith("Try the name “bil-ling-feature”: “bil-ling” is that of the ")
    assert problem(root, "java", "invoices", java_package="org.harbour.fleet") == ""
    assert problem(root, "java", java_package="org.harbour") == ""


@pytest.mark.parametrize("crate", ["billing-domain", "billing-api", "billing_application", "billing-e2e"])
def test_a_crate_of_a_rust_host_is_found(tmp_path: Path, crate: str) -> None:
    root = host(tmp_path, {"libs/money/Cargo.toml": f'[package]\nname = "{crate}"\n', "Cargo.toml": "[workspace]\n"})
    found = problem(root, "rust")
    assert found.startswith("Try the name “billing-feature”: “billing” is that of the crate billing-")
    assert "in libs/money" in found


@pytest.mark.parametrize("manifest", ['[package]\nname = "billing"', "[package]", "[", "package = 3", ""])
def test_a_crate_of_another_name_is_left_alone(tmp_path: Path, manifest: str) -> None:
    root = host(tmp_path, {"Cargo.toml": manifest, "target/package/x/Cargo.toml": '[package]\nname = "billing-api"'})
    assert problem(root, "rust") == ""


@pytest.mark.parametrize(
    ("layout", "path"),
    [
        ("src", "src/shop/billing.py"),
        ("src", "src/shop/billing.pyi"),
        ("src", "src/shop/billing.cpython-311-x86_64-linux-gnu.so"),
        ("src", "src/shop/billing/views.py"),
        ("flat", "shop/billing.py"),
    ],
)
def test_a_module_or_package_of_a_python_host_is_found(tmp_path: Path, layout: str, path: str) -> None:
    root = host(tmp_path, {path: "", "src/shop/billings.py": "", "billing.py": "", "tests/billing.py": ""})
    answers = {"python_package": "shop", "python_layout": layout}
    assert problem(root, "python", **answers).startswith("Try the name “billing-feature”: “billing” is that of the ")
    assert problem(root, "python", "bill", **answers) == ""


def test_what_compiled_python_code_leaves_behind_hides_nothing(tmp_path: Path) -> None:
    root = host(tmp_path, {"src/shop/billing/__pycache__/views.cpython-311.pyc": "", "src/shop/billing/LICENSE": ""})
    assert problem(root, "python", python_package="shop", python_layout="src") == ""


@pytest.mark.parametrize("path", ["src/features/billing.ts", "src/features/billing/List.tsx"])
def test_a_module_of_a_typescript_host_is_found(tmp_path: Path, path: str) -> None:
    root = host(tmp_path, {path: "", "src/billing.ts": ""})
    assert problem(root, "typescript").startswith("Try the name “billing-feature”: “billing” is that of the ")


@given(SLUGS)
def test_the_proposed_name_is_a_slug_that_is_free(slug: str) -> None:
    names = {flat(slug): "it", flat(f"{slug}-feature"): "it", flat(f"{slug[:32].rstrip('-')}-feature"): "it"}
    found = re.match("Try the name “([^”]+)”", shadow_problem(slug, "go", names))
    assert found
    assert slug_problem(found[1]) == ""
    assert flat(found[1]) not in names


@given(SLUGS)
def test_the_forms_are_those_of_the_naming(slug: str) -> None:
    assert (FORMS["dotnet"](slug), FORMS["go"](slug)) == (pascal(slug), flat(slug))
    assert (FORMS["python"](slug), FORMS["typescript"](slug)) == (snake(slug), slug)


HOSTS: Mapping[str, Mapping[str, str]] = {
    "go": {"go.mod": "module example.com/shop\n", "internal/billing/billing.go": "package billing\n"},
    "dotnet": {"Acme.Shop.slnx": "", "src/Shop/Billing/Invoice.cs": BILLING},
    "python": {"requirements.txt": "", "shop/__init__.py": "", "shop/billing.py": ""},
    "typescript": {"tsconfig.json": "{}", "src/features/billing/List.tsx": ""},
    "java": {
        "pom.xml": "",
        "src/main/java/org/harbour/fleet/FleetApplication.java": "package org.harbour.fleet;\n@SpringBootApplication\n",
        "src/main/java/org/harbour/fleet/billing/Invoice.java": "package org.harbour.fleet.billing;\n",
    },
    "rust": {"Cargo.toml": "[workspace]\n", "libs/money/Cargo.toml": '[package]\nname = "billing-domain"\n'},
}


@pytest.mark.parametrize("stack", HOSTS)
def test_copying_refuses_a_hidden_name_and_takes_the_proposed_one(template: Path, tmp_path: Path, stack: str) -> None:
    root = host(tmp_path / "shop", HOSTS[stack])
    before = contents(root)
    answers: dict[str, Any] = {**SMALL, "stack": stack}

    with pytest.raises(UserMessageError, match="Try the name “billing-feature”"):
        copy_project(template, root, **{**answers, "feature_name": "Billing"})
    assert contents(root) == before
    copy_project(template, root, **{**answers, "feature_name": "Billing", "scaffold": False})
    copy_project(template, root, **{**answers, "feature_name": "Billing feature"})


@pytest.mark.parametrize("stack", HOSTS)
def test_the_command_refuses_a_hidden_name_too(template: Path, tmp_path: Path, stack: str) -> None:
    root = host(tmp_path / "shop", HOSTS[stack])
    before = contents(root)
    asked = brief(tmp_path / "billing.yml", feature_name="Billing", stack=stack)

    ended = groundplan(root, "new", "-b", asked, "--template", template, "--json")

    assert ended.status == 1
    assert ended.document["features"][0]["reason"].startswith("Try the name “billing-feature”")
    assert contents(root) == before


def test_a_tree_that_comes_later_is_refused_as_well(template: Path, tmp_path: Path) -> None:
    root = host(tmp_path / "shop", HOSTS["go"])
    answers: dict[str, Any] = {**SMALL, "stack": "go", "feature_name": "Billing", "scaffold": False}
    copy_project(template, root, **answers)
    host(root)
    before = contents(root)

    ended = groundplan(root, "scaffold", "billing", "--json")

    assert ended.status == 1
    assert ended.document["features"][0]["reason"].startswith("Try the name “billing-feature”")
    assert contents(root) == before
