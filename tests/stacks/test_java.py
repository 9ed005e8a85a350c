"""The Java tree under the real Maven and javac: no lint, its own tests, alone and in repositories that others made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from groundplan.rendering.naming import pascal
from groundplan.rendering.reserved import RESERVED, reserved_problem
from plumbum import local
from support.planting import LONGEST, SHORTEST, Feature, cache, matrix, plant, workspace
from support.rendering import contents_of, copy_project, repository

pytestmark = pytest.mark.stack("java")

# Words with a meaning in some places only (Java Language Specification, 3.9).
CONTEXTUAL = (
    "exports module nonsealed open opens permits provides record requires sealed to transitive uses var when with yield"
).split()
# For hundreds of tiny classes the quick compiler and the collector without threads of its own pay off.
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
EXTREME = {SHORTEST, LONGEST, "in-a-short-group", "optional", "map"}
GROUPS = [
    Feature("in-a-short-group", answers={"java_group": "io"}),
    Feature("in-a-long-group", answers={"java_group": "org.some_department.of_a.quite_large.institution"}),
]
PLAIN_POM = """\
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
PLAIN = {
    "pom.xml": PLAIN_POM,
    "src/main/java/org/harbour/cranes/Crane.java": "package org.harbour.cranes;\n\npublic record Crane(int reach) {}\n",
    "src/test/java/org/harbour/cranes/CraneTest.java": "package org.harbour.cranes;\n\n"
    "class CraneTest {\n  @org.junit.jupiter.api.Test\n  void reaches() {\n"
    "    org.junit.jupiter.api.Assertions.assertEquals(40, new Crane(40).reach());\n  }\n}\n",
}
BUILD_HELPER = """
      <plugin>
        <groupId>org.codehaus.mojo</groupId>
        <artifactId>build-helper-maven-plugin</artifactId>
        <version>3.6.1</version>
        <executions>
          <execution>
            <phase>generate-test-sources</phase>
            <goals><goal>add-test-source</goal></goals>
            <configuration><sources><source>src/junit/java</source></sources></configuration>
          </execution>
        </executions>
      </plugin>"""

# A host with Spring Boot of its own version, an address of its own, and classes that are called like the feature's.
SPRING_POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-parent</artifactId>
    <version>3.5.7</version>
    <relativePath/>
  </parent>
  <groupId>org.harbour</groupId>
  <artifactId>ships</artifactId>
  <version>7.2</version>
  <properties><java.version>17</java.version></properties>
  <dependencies>
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-web</artifactId>
    </dependency>
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-test</artifactId>
      <scope>test</scope>
    </dependency>
  </dependencies>
</project>
"""
SPRING_GRADLE = """\
plugins {
    id 'java'
    id 'org.springframework.boot' version '3.5.7'
    id 'io.spring.dependency-management' version '1.1.7'
}

group = 'org.harbour'

dependencies {
    implementation 'org.springframework.boot:spring-boot-starter-web'
    testImplementation 'org.springframework.boot:spring-boot-starter-test'
}
"""
SPRING = {
    "pom.xml": SPRING_POM,
    "src/main/resources/application.properties": "server.servlet.context-path=/harbour\n",
    "src/main/java/org/harbour/fleet/FleetApplication.java": """\
package org.harbour.fleet;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class FleetApplication {
  public static void main(String[] arguments) {
    SpringApplication.run(FleetApplication.class, arguments);
  }
}
""",
    "src/main/java/org/harbour/fleet/web/OrdersController.java": """\
package org.harbour.fleet.web;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.*;

@RestController
public class OrdersController {
  private final OrdersService ordersService;

  OrdersController(OrdersService ordersService) {
    this.ordersService = ordersService;
  }

  @GetMapping("/ships")
  String ships() {
    return ordersService.ships();
  }
}
""",
    "src/main/java/org/harbour/fleet/web/OrdersService.java": """\
package org.harbour.fleet.web;

@org.springframework.stereotype.Service
class OrdersService {
  String ships() {
    return "three ships";
  }
}
""",
    "src/main/java/org/harbour/fleet/web/Errors.java": """\
package org.harbour.fleet.web;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.*;

@RestControllerAdvice
class Errors {
  @ExceptionHandler
  ResponseEntity<String> everything(RuntimeException exception) {
    return ResponseEntity.internalServerError().body("broken");
  }
}
""",
    "src/test/java/org/harbour/fleet/FleetApplicationTests.java": """\
package org.harbour.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.client.RestClient;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class FleetApplicationTests {
  @Test
  void ships(@LocalServerPort int port) {
    RestClient client = RestClient.create("http://127.0.0.1:" + port + "/harbour");
    assertEquals("three ships", client.get().uri("/ships").retrieve().body(String.class));
  }
}
""",
}
# A login before every address, and a database that no test can reach.
GUARDED = {
    **SPRING,
    "pom.xml": SPRING_POM.replace(
        "  </dependencies>",
        """\
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-security</artifactId>
    </dependency>
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-data-jpa</artifactId>
    </dependency>
    <dependency>
      <groupId>org.postgresql</groupId>
      <artifactId>postgresql</artifactId>
      <scope>runtime</scope>
    </dependency>
  </dependencies>""",
    ),
    "src/main/resources/application.properties": "spring.datasource.url=jdbc:postgresql://database.invalid/ships\n",
    "src/test/java/org/harbour/fleet/FleetApplicationTests.java": "package org.harbour.fleet;\n\n"
    "class FleetApplicationTests {\n  @org.junit.jupiter.api.Test\n  void needsNoDatabase() {}\n}\n",
}
# What the host's team would write to see two features in their own application: one is on, one is off.
MOUNTED = {
    "src/test/java/org/harbour/fleet/FeaturesTests.java": """\
package org.harbour.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.RestClient;

@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"features.orders.enabled=true", "features.user-profile-2fa.enabled=false"})
class FeaturesTests {
  @Test
  void answerSideBySide(@LocalServerPort int port) {
    RestClient client = RestClient.builder()
        .baseUrl("http://127.0.0.1:" + port + "/harbour")
        .defaultStatusHandler(HttpStatusCode::isError, (request, response) -> {})
        .build();

    ResponseEntity<Map> created =
        client.post().uri("/api/orders").body(Map.of("name", "Ada")).retrieve().toEntity(Map.class);
    ResponseEntity<Map> refused =
        client.post().uri("/api/orders").body(Map.of("name", " ")).retrieve().toEntity(Map.class);

    assertEquals(201, created.getStatusCode().value());
    Map<?, ?> found = client.get().uri(created.getHeaders().getLocation()).retrieve().body(Map.class);
    assertEquals(created.getBody(), found);
    assertEquals(400, refused.getStatusCode().value());
    assertEquals(404, status(client, "/api/user-profile-2fa"));
    assertEquals(200, status(client, "/ships"));
  }

  private static int status(RestClient client, String path) {
    return client.get().uri(path).retrieve().toBodilessEntity().getStatusCode().value();
  }
}
""",
}


def mvn_test(folder: Path, *options: str) -> dict[str, int]:
    """Run `mvn test` with warnings as errors on the shared repository of packages.

    Returns:
        How many tests passed, by test class. Any test that failed or was skipped fails the caller, as does Maven.
    """
    settings = [
        f"-Dmaven.repo.local={cache('java') / 'packages'}",
        "-Dmaven.compiler.failOnWarning=true",
        f"-DargLine={QUICK} -Dlogging.level.root=WARN -Dspring.main.banner-mode=off",
    ]
    maven = local["mvn"].with_env(MAVEN_OPTS=QUICK)
    with local.cwd(folder):
        code, out, err = maven.run(["--batch-mode", "--quiet", *settings, *options, "test"], retcode=None)
    assert code == 0, f"mvn test\n{out}\n{err}"
    reports = [ElementTree.parse(path).getroot() for path in folder.glob("target/surefire-reports/TEST-*.xml")]
    assert not any(int(report.get(kind, "0")) for report in reports for kind in ("failures", "errors", "skipped"))
    return {report.get("name", "").rpartition(".")[2]: int(report.get("tests", "0")) for report in reports}


def host(folder: Path, files: Mapping[str, str]) -> dict[str, bytes]:
    """Make a repository with foreign code; return its files."""
    write(folder, files)
    return contents_of(repository(folder))


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def test_every_shape_and_name_builds_passes_and_is_clean(tmp_path: Path) -> None:
    features = [*matrix("java"), *GROUPS]
    # Names enter nothing but identifiers and texts; each further application costs seconds to start.
    started = [feature for feature in features if feature.slug.startswith("shape-") or feature.slug in EXTREME]
    classes = ["*ItemTest", "*ServiceTest", "*PageTest", *(f"{pascal(feature.slug)}E2ETest" for feature in started)]

    passed = mvn_test(workspace("java", features, tmp_path), f"-Dtest={','.join(classes)}")

    for feature in features:
        assert passed[f"{pascal(feature.slug)}ItemTest"] == 2
    for feature in started:
        assert passed.get(f"{pascal(feature.slug)}E2ETest", 0) == (6 if "api" in feature.layers else 0)


def test_spring_host_has_two_features_beside_classes_of_the_same_names(template: Path, tmp_path: Path) -> None:
    before = host(tmp_path, SPRING)
    assert mvn_test(tmp_path) == {"FleetApplicationTests": 1}

    plant(template, tmp_path, "java", [Feature("orders"), Feature("user-profile-2fa")])
    after = contents_of(tmp_path)
    write(tmp_path, MOUNTED)
    passed = mvn_test(tmp_path)

    assert before.items() <= after.items()
    assert "src/main/java/org/harbour/fleet/orders/domain/OrdersItem.java" in after
    assert {"FleetApplicationTests", "FeaturesTests", "OrdersE2ETest", "UserProfile2faE2ETest"} <= passed.keys()


def test_spring_host_with_a_login_and_a_database_runs_a_features_tests_without_them(
    template: Path, tmp_path: Path
) -> None:
    before = host(tmp_path, GUARDED)

    plant(template, tmp_path, "java", [Feature("orders")])
    passed = mvn_test(tmp_path)

    assert before.items() <= contents_of(tmp_path).items()
    assert {"FleetApplicationTests", "OrdersE2ETest"} <= passed.keys()


def test_spring_host_on_gradle_gets_the_same_tree_and_no_second_build(template: Path, tmp_path: Path) -> None:
    trees = []
    for build, text in {"pom.xml": SPRING_POM, "build.gradle": SPRING_GRADLE}.items():
        repo = tmp_path / build
        before = host(repo, {**{path: source for path, source in SPRING.items() if path != "pom.xml"}, build: text})
        copy_project(template, repo, stack="java", feature_name="Orders", depth="lite", supporting_docs=[])
        after = contents_of(repo)
        assert before.items() <= after.items()
        trees.append({path: text for path, text in after.items() if path.startswith("src/")})
        assert {path for path in after if "/" not in path} == {build}
    assert trees[0] == trees[1]
    assert "src/main/java/org/harbour/fleet/orders/api/OrdersController.java" in trees[1]


def test_host_without_spring_has_features_without_an_api(template: Path, tmp_path: Path) -> None:
    before = host(tmp_path, PLAIN)

    copy_project(template, tmp_path, stack="java", feature_name="Orders", depth="lite", supporting_docs=[])
    plant(template, tmp_path, "java", [Feature("user-profile-2fa", ("domain", "ui"))])
    after = contents_of(tmp_path)
    passed = mvn_test(tmp_path)

    assert {"CraneTest", "OrdersServiceTest", "OrdersPageTest", "UserProfile2faPageTest"} <= passed.keys()
    assert "OrdersE2ETest" not in passed
    assert before.items() <= after.items()
    assert "src/main/java/org/harbour/acmeshop/orders/domain/OrdersItem.java" in after


def test_host_without_junit_builds_before_it_has_it_and_passes_the_tests_after(template: Path, tmp_path: Path) -> None:
    bare = re.sub(r"  <dependencies>.*</dependencies>\n", "", PLAIN_POM, flags=re.DOTALL)
    host(tmp_path, {**PLAIN, "pom.xml": bare, "src/test/java/org/harbour/cranes/CraneTest.java": ""})

    copy_project(template, tmp_path, stack="java", feature_name="Orders", depth="lite", supporting_docs=[])
    assert mvn_test(tmp_path) == {}

    write(tmp_path, {"pom.xml": PLAIN_POM.replace("<plugins>", "<plugins>" + BUILD_HELPER)})
    assert mvn_test(tmp_path) == {"OrdersItemTest": 2, "OrdersServiceTest": 3, "OrdersPageTest": 2}


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
