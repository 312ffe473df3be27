package dev.squint.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkLauncherTest {

  @TempDir Path temp;

  private Path home() throws IOException {
    Files.createDirectories(temp.resolve("jars"));
    Files.createDirectories(temp.resolve("bin"));
    return temp;
  }

  private List<Path> jars() {
    return List.of(
        temp.resolve("squint.jar"), temp.resolve("lib/a.jar"), temp.resolve("lib/b.jar"));
  }

  @Test
  void optionsOfSpark_comeBeforeTheJarAndTheOthersAfterIt() throws IOException {
    List<String> command =
        SparkLauncher.command(
            List.of("--master=spark://h:7077", "--in", "x", "--conf", "a=b", "--out", "y"),
            home().toString(),
            jars());
    String jar = temp.resolve("squint.jar").toString();
    assertThat(command.subList(1, command.indexOf(jar)))
        .containsSubsequence("--master", "spark://h:7077", "--conf", "a=b", "--jars")
        .endsWith(temp.resolve("lib/a.jar") + "," + temp.resolve("lib/b.jar"));
    assertThat(command.subList(command.indexOf(jar) + 1, command.size()))
        .containsExactly("--in", "x", "--out", "y");
  }

  @Test
  void installedJars_areNotCopied() throws IOException {
    assertThat(
            SparkLauncher.command(
                List.of("--master", "yarn", "--installed", "/opt/squint"),
                home().toString(),
                jars()))
        .contains("local:/opt/squint/a.jar,local:/opt/squint/b.jar");
    assertThat(SparkLauncher.command(List.of("--in", "x"), home().toString(), jars()))
        .contains("local:%s,local:%s".formatted(jars().get(1), jars().get(2)));
  }

  @Test
  void aMissingOrIncompleteSpark_isRefused() {
    assertThatThrownBy(() -> SparkLauncher.command(List.of(), null, jars()))
        .hasMessageContaining("SPARK_HOME is not set; download Spark 4");
    assertThatThrownBy(() -> SparkLauncher.command(List.of(), temp.toString(), jars()))
        .hasMessageContaining("lacks the folder bin or jars");
    assertThatThrownBy(() -> SparkLauncher.command(List.of("--master"), home().toString(), jars()))
        .hasMessageContaining("--master has no value");
  }

  @Test
  void usage_hasTheOptionsOfSparkAndOfTheJob() {
    assertThat(SparkLauncher.usage()).contains("--master M", "--commit-rows", "--in=IN");
  }
}
