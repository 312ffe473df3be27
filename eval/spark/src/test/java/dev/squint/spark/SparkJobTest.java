package dev.squint.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.eval.run.DataFinder;
import dev.squint.eval.run.TaskData;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@EnabledForJreRange(maxVersion = 23, disabledReason = "Spark 4.1's Hadoop does not run on it")
class SparkJobTest {

  private static final String PLAN = "encoder:random(keep=0.5)";

  @TempDir static Path temp;
  private static SparkSession spark;
  private static Path set;

  @BeforeAll
  static void open() throws IOException {
    spark = Sessions.open("local[2]", temp);
    set = SmallSet.draw(temp.resolve("set"), 8);
  }

  @AfterAll
  static void close() throws IOException {
    spark.close();
  }

  private static SparkJob.Result run(String... args) {
    JobOptions options = new JobOptions();
    new CommandLine(options).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(args);
    return new SparkJob(spark, options).run();
  }

  private static SparkJob.Result ask(Path in, Path out, String... more) {
    return run(
        Stream.concat(
                Stream.of(
                    "--in=" + in,
                    "--out=" + out,
                    "--model=" + SmallSet.MODEL,
                    "--plan=none",
                    "--plan=" + PLAN),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private static Map<String, String> answers(Path out) {
    Map<String, String> answers = new HashMap<>();
    for (Row row : spark.read().json(out + "/answers").collectAsList()) {
      String key = row.getAs("set") + "|" + row.getAs("plan") + "|" + row.getAs("id");
      assertThat(answers.put(key, row.getAs("text"))).as("a second row of " + key).isNull();
    }
    return answers;
  }

  private static Map<String, String> serial() {
    Map<String, String> answers = new HashMap<>();
    try (DataFinder finder = new DataFinder(null, "");
        VisionLanguageModel model = VisionLanguageModel.load(SmallSet.MODEL)) {
      TaskData found = finder.find(set.toString());
      for (var question : found.set().questions()) {
        var pictures = question.pictures().stream().map(found.set().pictures()::read).toList();
        for (String plan : List.of("none", PLAN)) {
          var options = AskOptions.DEFAULT.withPlan(plan).withMaxTokens(found.task().maxTokens());
          answers.put(
              "set|%s|%s".formatted(options.plan(), question.id()),
              model.ask(pictures, found.prompt(question), options).text());
        }
      }
    }
    return answers;
  }

  @Test
  void answersEqualTheSerialRun_andASecondCallAsksNothing() {
    Path out = temp.resolve("whole");
    SparkJob.Result first = ask(set, out, "--commit-rows=10");
    assertThat(first.asked()).isEqualTo(32);
    assertThat(first.errors()).isZero();
    assertThat(answers(out)).isEqualTo(serial());
    SparkJob.Result second = ask(set, out);
    assertThat(second.rows()).isEqualTo(32);
    assertThat(second.asked()).isZero();
    assertThat(answers(out)).hasSize(32);
  }

  @Test
  void lostRows_areAskedAgainAndNoneTwice() throws IOException {
    Path out = temp.resolve("lost");
    ask(set, out, "--commit-rows=8");
    Path part;
    try (Stream<Path> files = Files.list(out.resolve("answers"))) {
      part =
          files
              .filter(file -> file.toString().endsWith(".json"))
              .sorted()
              .findFirst()
              .orElseThrow();
    }
    long lost = Files.readAllLines(part).size();
    Files.delete(part);
    Files.deleteIfExists(part.resolveSibling("." + part.getFileName() + ".crc"));
    assertThat(ask(set, out).asked()).isEqualTo(lost);
    assertThat(answers(out)).isEqualTo(serial());
  }

  @Test
  void aNewPlan_isAskedAloneInAnExistingOutput() {
    Path out = temp.resolve("plans");
    ask(set, out);
    SparkJob.Result more = ask(set, out, "--plan=encoder:uniform-grid(keep=0.25)");
    assertThat(more.rows()).isEqualTo(48);
    assertThat(more.asked()).isEqualTo(16);
  }

  @Test
  void parquetOut_hasTheSameRows() {
    Path out = temp.resolve("parquet");
    ask(set, out, "--out-format=parquet");
    assertThat(ask(set, out, "--out-format=parquet").asked()).isZero();
    assertThat(spark.read().parquet(out + "/answers").count()).isEqualTo(32);
    assertThat(
            spark
                .read()
                .parquet(out + "/answers")
                .where("score is not null and text is not null")
                .count())
        .isEqualTo(32);
  }

  @Test
  void picturesAndParquetFiles_areInputsToo() throws IOException {
    Path folder = temp.resolve("pictures");
    Files.createDirectories(folder);
    for (int i = 0; i < 3; i++) {
      Files.copy(set.resolve("images/%d.png".formatted(i)), folder.resolve(i + ".png"));
    }
    Files.writeString(folder.resolve("poison.png"), "no picture");
    Path out = temp.resolve("pictures-out");
    SparkJob.Result labelled = ask(folder, out, "--question=What color is it?");
    assertThat(labelled.asked()).isEqualTo(8);
    assertThat(labelled.errors()).isEqualTo(2);
    assertThat(ask(folder, out, "--question=What color is it?").asked()).isZero();

    Path parquet = temp.resolve("photos.parquet");
    spark
        .read()
        .format("binaryFile")
        .load(folder.toString())
        .selectExpr("path as id", "struct(content as bytes, path) as image", "'What?' as question")
        .write()
        .parquet(parquet.toString());
    SparkJob.Result rows = ask(parquet, temp.resolve("parquet-in"));
    assertThat(rows.asked()).isEqualTo(8);
    assertThat(rows.errors()).isEqualTo(2);
  }

  @Test
  void wrongInputs_areRefusedWithWhatIsAllowed() {
    Path out = temp.resolve("refused");
    assertThatThrownBy(() -> ask(temp.resolve("nowhere"), out))
        .hasMessageContaining("there is no input");
    assertThatThrownBy(() -> ask(set.resolve("images"), out))
        .hasMessageContaining("needs --question");
    assertThatThrownBy(() -> ask(set, out, "--commit-rows=0"))
        .hasMessageContaining("--commit-rows must be at least 1 but was 0");
    assertThatThrownBy(() -> ask(set, out, "--max-tokens=0"))
        .hasMessageContaining("--max-tokens must be at least 1 but was 0");
    assertThatThrownBy(() -> ask(set, out, "--limit=-1"))
        .hasMessageContaining("--limit must be at least 1 but was -1");
    assertThatThrownBy(() -> ask(set, out, "stray")).hasMessageContaining("'stray'");
    assertThatThrownBy(() -> ask(set, out, "--plan=encoder:no-such"))
        .hasMessageContaining("no-such");
  }
}
