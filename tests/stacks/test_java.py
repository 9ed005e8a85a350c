"""The Java tree under the real Maven and javac: no lint, and its own tests."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from groundplan.rendering.naming import RESERVED, pascal, reserved_problem
from plumbum import local
from support.planting import Feature, cache, matrix, plant, workspace
from support.rendering import files_of, repository

pytestmark = pytest.mark.stack("java")

# Words with a meaning in some places only (Java Language Specification, 3.9).
CONTEXTUAL = (
    "exports module nonsealed open opens permits provides record requires sealed to transitive uses var when with yield"
).split()
GROUPS = [
    Feature("in-a-short-group", answers={"java_group": "io"}),
    Feature("in-a-long-group", answers={"java_group": "org.some_department.of_a.quite_large.institution"}),
]
HOST_POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.harbour</groupId>
  <artifactId>cranes</artifactId>
  <version>7.2</version>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <maven.compiler.failOnWarning>true</maven.compiler.failOnWarning>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>org.junit.jupiter</groupId>
      <artifactId>junit-jupiter</artifactId>
      <version>5.14.4</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin><artifactId>maven-resources-plugin</artifactId><version>3.5.0</version></plugin>
      <plugin><artifactId>maven-surefire-plugin</artifactId><version>3.5.6</version></plugin>
      <plugin>
        <artifactId>maven-compiler-plugin</artifactId>
        <version>3.15.0</version>
        <configuration><compilerArgs><arg>-Xlint:all</arg></compilerArgs></configuration>
      </plugin>
    </plugins>
  </build>
</project>
"""
HOST = {
    "pom.xml": HOST_POM,
    "src/main/java/org/harbour/cranes/Crane.java": "package org.harbour.cranes;\n\npublic record Crane(int reach) {}\n",
    "src/test/java/org/harbour/cranes/CraneTest.java": "package org.harbour.cranes;\n\n"
    "class CraneTest {\n  @org.junit.jupiter.api.Test\n  void reaches() {\n"
    "    org.junit.jupiter.api.Assertions.assertEquals(40, new Crane(40).reach());\n  }\n}\n",
}


def mvn_test(folder: Path) -> dict[str, int]:
    """Run ``mvn test`` with warnings as errors on the shared repository of packages.

    Returns:
        How many tests passed, by test class. Any test that failed or was skipped fails the caller, as does Maven.
    """
    settings = [
        f"-Dmaven.repo.local={cache('java') / 'packages'}",
        "-Dmaven.compiler.failOnWarning=true",
        # For hundreds of tiny classes the quick compiler pays off.
        "-DargLine=-XX:TieredStopAtLevel=1",
    ]
    maven = local["mvn"].with_env(MAVEN_OPTS="-XX:TieredStopAtLevel=1")
    with local.cwd(folder):
        code, out, err = maven.run(["--batch-mode", "--quiet", *settings, "test"], retcode=None)
    assert code == 0, f"mvn test\n{out}\n{err}"
    reports = [ElementTree.parse(path).getroot() for path in folder.glob("target/surefire-reports/TEST-*.xml")]
    assert not any(int(report.get(kind, "0")) for report in reports for kind in ("failures", "errors", "skipped"))
    return {report.get("name", "").rpartition(".")[2]: int(report.get("tests", "0")) for report in reports}


def contents(folder: Path) -> dict[str, bytes]:
    return {path: (folder / path).read_bytes() for path in files_of(folder)}


def test_every_shape_and_name_builds_passes_and_is_clean(tmp_path: Path) -> None:
    features = [*matrix("java"), *GROUPS]

    passed = mvn_test(workspace("java", features, tmp_path))

    for feature in features:
        assert passed[f"{pascal(feature.slug)}ItemTest"] == 2
        assert passed.get(f"{pascal(feature.slug)}E2ETest", 0) == (4 if "api" in feature.layers else 0)


def test_host_builds_and_passes_beside_two_features(template: Path, tmp_path: Path) -> None:
    for path, text in HOST.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    before = contents(repository(tmp_path))

    plant(template, tmp_path, "java", [Feature("orders"), Feature("user-profile-2fa", ("domain", "ui"))])
    after = contents(tmp_path)
    passed = mvn_test(tmp_path)

    assert {"CraneTest", "OrdersE2ETest", "UserProfile2faPageTest"} <= passed.keys()
    assert before.items() <= after.items()
    assert "src/main/java/org/harbour/acmeshop/orders/domain/OrdersItem.java" in after


def test_reserved_keywords_are_those_that_javac_refuses_in_a_package(tmp_path: Path) -> None:
    keywords = RESERVED["java"][0].names
    sources = [tmp_path / f"{word}.java" for word in [*keywords, *CONTEXTUAL]]
    for source in sources:
        source.write_text(f"package com.example.{source.stem};\n")

    _, _, messages = local["javac"].run(["-d", str(tmp_path / "out"), *map(str, sources)], retcode=None)

    refused = {Path(path).stem for path in re.findall(r"^(.+\.java):\d+: error", messages, re.MULTILINE)}
    assert refused == keywords


@pytest.mark.parametrize("slug", ["target", "build", "bin", "out"])
def test_feature_that_the_usual_gitignore_would_hide_is_refused(slug: str) -> None:
    assert ".gitignore" in reserved_problem(slug, "java")
