package dev.squint.eval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests when the launcher builds, with empty sources and fake Maven and Java commands. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a script for bash")
class LauncherTest {

  private static final List<String> LIBRARIES =
      List.of("token-pruner", "vision-encoder", "llm-decoder");

  private static final String OPTION = "-XX:SharedArchiveFile=";

  @TempDir private Path tree;
  private long seconds = 1_700_000_000;

  @BeforeEach
  void emptyTree() throws IOException {
    Files.copy(Path.of("../squint"), tree.resolve("squint"));
    write("pom.xml");
    for (String module : modules()) {
      write(module + "/pom.xml");
      write(module + "/src/main/A.java");
      Files.setLastModifiedTime(tree.resolve(module + "/src/main"), time());
    }
    script(
        "java",
        "[ \"$1\" = -version ] && { echo 'version \"17.0.1\"' >&2; exit; }; echo \"ran $*\"");
    script("javac", ":");
    script(
        "mvn",
        "echo built >> built; for m in eval eval/spark webapp; do mkdir -p $m/target; touch $m/target/squint.jar; done");
  }

  private static List<String> modules() {
    List<String> modules = new ArrayList<>(LIBRARIES);
    modules.addAll(List.of("eval", "eval/spark", "webapp"));
    return modules;
  }

  private FileTime time() {
    return FileTime.fromMillis(1000 * seconds);
  }

  /** Writes a file that is one minute newer than the previous one. */
  private void write(String file) throws IOException {
    seconds += 60;
    Path path = tree.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, "");
    Files.setLastModifiedTime(path, time());
  }

  private void script(String name, String body) throws IOException {
    Path file = tree.resolve("bin").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private void builtByMaven() throws IOException {
    for (String library : LIBRARIES) {
      write(library + "/target/squint-" + library + ".jar");
    }
    write("eval/target/squint.jar");
    write("eval/spark/target/squint.jar");
    write("webapp/target/squint.jar");
  }

  private record Ran(String out, String err, boolean built) {}

  private Ran squint(String... arguments) throws IOException, InterruptedException {
    Files.deleteIfExists(tree.resolve("built"));
    List<String> command = new ArrayList<>(List.of("bash", "squint"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(tree.toFile())
            .redirectError(tree.resolve("err").toFile());
    builder.environment().remove("JAVA_HOME");
    builder.environment().put("TREE", tree.toString());
    builder.environment().put("SQUINT_MODEL", "OWNER/NAME");
    builder.environment().put("PATH", tree.resolve("bin") + ":" + System.getenv("PATH"));
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(tree.resolve("err"))).isZero();
    return new Ran(out, Files.readString(tree.resolve("err")), Files.exists(tree.resolve("built")));
  }

  @Test
  void nothingIsBuilt_afterMavenHasBuilt() throws Exception {
    builtByMaven();
    Ran ask = squint("ask", "x.png", "What?");
    assertThat(ask.built).isFalse();
    assertThat(ask.out).endsWith("eval/target/squint.jar ask x.png What?\n");
    Ran serve = squint("serve", "--port=8081");
    assertThat(serve.built).isFalse();
    assertThat(serve.out).endsWith("webapp/target/squint.jar --port=8081\n");
    assertThat(squint("help", "serve").out).endsWith("webapp/target/squint.jar --help\n");
  }

  @Test
  void spark_startsItsOwnJar() throws Exception {
    builtByMaven();
    Ran spark = squint("spark", "--in", "x");
    assertThat(spark.built).isFalse();
    assertThat(spark.out).endsWith("eval/spark/target/squint.jar --in x\n");
    write("eval/src/main/A.java");
    assertThat(squint("spark", "--in", "x").built).isTrue();
  }

  @Test
  void changedSources_areBuilt() throws Exception {
    builtByMaven();
    write("llm-decoder/src/main/A.java");
    Ran ran = squint("serve");
    assertThat(ran.built).isTrue();
    assertThat(ran.err).contains("Building Squint");
    assertThat(ran.out).startsWith("ran ").doesNotContain("Building");
    assertThat(squint("serve").built).as("once").isFalse();
  }

  @Test
  void libraryThatWasBuiltAlone_triggersABuild() throws Exception {
    builtByMaven();
    write("token-pruner/src/main/A.java");
    write("token-pruner/target/squint-token-pruner.jar");
    assertThat(squint("ask", "x.png", "What?").built).isTrue();
  }

  /** A Java that writes an archive, and fails then if the file {@code fails} says so. */
  private void fakeArchive() throws IOException {
    script(
        "java",
        "[ \"$1\" = -version ] && { echo 'version \"17.0.1\"' >&2; exit; };"
            + " case $1 in -XX:ArchiveClassesAtExit=*)"
            + " echo classes >\"${1#*=}\"; echo noise; echo \"$PWD $SQUINT_MODEL $*\" >>\"$TREE/archived\";"
            + " exit \"$(cat \"$TREE/fails\" || echo 0)\";; esac;"
            + " echo \"ran $*\"");
  }

  private List<String> archiveRuns() throws IOException {
    Path runs = tree.resolve("archived");
    return Files.exists(runs) ? Files.readAllLines(runs) : List.of();
  }

  @ParameterizedTest
  @CsvSource({"eval, ask x.png What?", "webapp, serve"})
  void aBuild_archivesTheClasses_forLaterStarts(String module, String command) throws Exception {
    fakeArchive();
    Ran built = squint(command.split(" "));
    assertThat(built.built).isTrue();
    assertThat(built.out).contains(OPTION, module + "/target/squint.jsa").doesNotContain("noise");
    assertThat(squint(command.split(" ")).out).contains(OPTION);
    assertThat(archiveRuns()).hasSize(1);

    write("llm-decoder/src/main/A.java");
    Files.setLastModifiedTime(
        tree.resolve("llm-decoder/src/main/A.java"),
        FileTime.fromMillis(System.currentTimeMillis() + 60_000));
    squint(command.split(" "));
    assertThat(archiveRuns()).as("another build").hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"eval, ask x.png What?", "webapp, serve"})
  void theClassesOfAJarOfMaven_areArchivedOnce(String module, String command) throws Exception {
    fakeArchive();
    builtByMaven();
    assertThat(squint(command.split(" ")).out).contains(OPTION);
    assertThat(squint(command.split(" ")).built).isFalse();
    assertThat(archiveRuns()).hasSize(1);

    Path jar = tree.resolve(module + "/target/squint.jar");
    for (int newer = 1; newer <= 2; newer++) {
      Files.setLastModifiedTime(jar, FileTime.fromMillis(System.currentTimeMillis() + 60_000));
      assertThat(squint(command.split(" ")).out).as("a jar of a fast clock").contains(OPTION);
      assertThat(squint(command.split(" ")).out).contains(OPTION);
      assertThat(archiveRuns()).as("a newer jar").hasSize(1 + newer);
    }
  }

  @Test
  void anotherJava_getsAnArchiveOfItsOwn() throws Exception {
    fakeArchive();
    builtByMaven();
    squint("serve");
    Files.writeString(tree.resolve("webapp/target/squint.java"), "/another/java\n17\n");
    assertThat(squint("serve").out).contains(OPTION);
    assertThat(archiveRuns()).hasSize(2);
  }

  @Test
  void theArchive_isOfAQuestionThatIsAnswered() throws Exception {
    fakeArchive();
    squint("ask", "x.png", "What?");
    squint("serve");
    assertThat(archiveRuns()).hasSize(2);
    for (String run : archiveRuns()) {
      String picture =
          Stream.of(run.split(" ")).filter(word -> word.endsWith(".png")).findFirst().orElseThrow();
      assertThat(Path.of("..").resolve(tree.toRealPath().relativize(Path.of(picture))))
          .as("a picture of this repository")
          .isRegularFile();
    }
  }

  @Test
  void theArchiveOfTheServer_isMadeWithoutTheUsersSettings() throws Exception {
    fakeArchive();
    squint("serve", "--model=OWNER/NAME");
    assertThat(archiveRuns().get(0))
        .as("neither a model of a hub nor a file of settings in the working folder")
        .startsWith(tree.toRealPath() + "/webapp/target  -XX")
        .endsWith("--squint.model= --squint.variant= --squint.device=cpu")
        .doesNotContain("OWNER");
  }

  @ParameterizedTest
  @CsvSource({"ask x.png What?", "serve"})
  void theArchiveOfAFailedRun_isNotKept(String command) throws Exception {
    fakeArchive();
    Files.writeString(tree.resolve("fails"), "1");
    for (int start = 0; start < 2; start++) {
      assertThat(squint(command.split(" ")).out)
          .as("a start that failed loads few classes")
          .startsWith("ran ")
          .doesNotContain(OPTION);
    }
    assertThat(archiveRuns()).as("not tried at each start").hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"ask x.png What?", "serve", "spark --in x"})
  void theSlowCompiler_startsLater(String command) throws Exception {
    builtByMaven();
    assertThat(squint(command.split(" ")).out)
        .contains("-XX:Tier4InvocationThreshold=", "-XX:Tier4BackEdgeThreshold=");
  }

  @Test
  void quiet_printsNothingAboutTheBuild() throws Exception {
    Ran ran = squint("ask", "-q", "x.png", "What?");
    assertThat(ran.built).isTrue();
    assertThat(ran.err).isEmpty();
  }
}
