package dev.squint.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.eval.cli.Squint;
import dev.squint.eval.run.JsonFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  private static Path serial;

  /** The output of a job, and what it did; tests that write to an output take a copy. */
  private static Path whole;

  private static SparkJob.Result first;

  @BeforeAll
  static void open() throws IOException {
    spark = Sessions.open("local[2]", temp);
    set = SmallSet.draw(temp.resolve("set"), 8);
    Files.writeString(set.resolve("images/7.png"), "no picture");
    serial = temp.resolve("serial");
    squint(
        "eval",
        set.toString(),
        "--plan=" + PLAN,
        "--no-baselines",
        "--on-error=skip",
        "--model=" + SmallSet.MODEL,
        "--out=" + serial);
    whole = temp.resolve("whole");
    first = ask(set, whole, "--commit-rows=10");
  }

  private static Path copyOfWhole(String name) throws IOException {
    Path copy = temp.resolve(name);
    try (Stream<Path> files = Files.walk(whole)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(whole.relativize(file).toString()));
      }
    }
    return copy;
  }

  /** Runs a command of Squint. */
  private static String squint(String... words) {
    StringWriter said = new StringWriter();
    PrintWriter printer = new PrintWriter(said);
    assertThat(Squint.run(printer, printer, words)).as(said.toString()).isZero();
    return said.toString();
  }

  /** The report of a Spark job has the figures of the serial run. */
  private static void assertSameReport(Path out) {
    Path merged = temp.resolve(out.getFileName() + "-report");
    squint("report", out.toString(), "--out=" + merged);
    assertThat(merged.resolve("summary.json"))
        .hasSameBinaryContentAs(serial.resolve("summary.json"));
    assertThat(merged.resolve("report.html")).exists();
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
      String text = Objects.requireNonNullElse(row.getAs("text"), "");
      assertThat(answers.put(key, text)).as("a second row of " + key).isNull();
    }
    return answers;
  }

  private static Map<String, String> serial() throws IOException {
    Map<String, String> answers = new HashMap<>();
    for (String line : Files.readAllLines(serial.resolve("answers.jsonl"))) {
      JsonNode row = JsonFiles.MAPPER.readTree(line);
      answers.put(
          "set|%s|%s".formatted(row.get("plan").asText(), row.get("id").asText()),
          row.get("text").asText());
    }
    return answers;
  }

  @Test
  void answersEqualTheSerialRun_andASecondCallAsksNothing() throws IOException {
    assertThat(first.asked()).isEqualTo(32);
    assertThat(first.errors()).as("rows about the poisoned picture").isEqualTo(4);
    assertThat(answers(whole)).isEqualTo(serial());
    Path out = copyOfWhole("again");
    SparkJob.Result second = ask(set, out);
    assertThat(second.rows()).isEqualTo(32);
    assertThat(second.asked()).isZero();
    assertThat(answers(out)).hasSize(32);
    assertSameReport(out);
  }

  @Test
  void lostRows_areAskedAgainAndNoneTwice() throws IOException {
    Path out = copyOfWhole("lost");
    Path part;
    try (Stream<Path> files = Files.list(out.resolve("answers"))) {
      part =
          files
              .filter(file -> file.toString().endsWith(".json") && file.toFile().length() > 0)
              .sorted()
              .findFirst()
              .orElseThrow();
    }
    long lost = Files.readAllLines(part).size();
    // What a task of a killed driver had finished, but the driver had not committed.
    Path left = out.resolve("answers/_temporary/0/task_202601010000000_0001_m_000000");
    Files.createDirectories(left);
    Files.copy(part, left.resolve("part-00000-left.json"));
    Files.delete(part);
    Files.deleteIfExists(part.resolveSibling("." + part.getFileName() + ".crc"));
    assertThat(ask(set, out).asked()).isEqualTo(lost);
    assertThat(answers(out)).isEqualTo(serial());
    assertThat(out.resolve("answers/_temporary")).doesNotExist();
  }

  @Test
  void aNewPlan_isAskedAloneInAnExistingOutput() throws IOException {
    Path out = copyOfWhole("plans");
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
                .where("score is not null and text is not null and error is null")
                .count())
        .isEqualTo(28);
    assertSameReport(out);
    assertThatThrownBy(() -> ask(set, out)).hasMessageContaining("give --out-format parquet");
  }

  @Test
  void anOutputOfOtherQuestionsOrAnotherVariant_isRefused() {
    Path out = temp.resolve("other");
    String photos = set.resolve("images").toString();
    ask(Path.of(photos), out, "--limit=1", "--question=What?", "--max-tokens=2");
    assertThatThrownBy(() -> ask(Path.of(photos), out, "--question=Who?", "--max-tokens=2"))
        .hasMessageContaining("answers about 'images' with other questions");
    assertThatThrownBy(() -> ask(Path.of(photos), out, "--question=What?", "--variant=fp32"))
        .hasMessageContaining("has answers of tiled (the package's own choice")
        .hasMessageContaining("give another --out");
  }

  @Test
  void rowsWithoutAnIdOfTheirOwn_areRefused() {
    for (String id : List.of("1", "cast(null as string)")) {
      Path parquet = temp.resolve("ids" + id.length() + ".parquet");
      spark
          .range(2)
          .selectExpr(id + " as `my.id`", "'What?' as question", "'x.png' as image")
          .write()
          .parquet(parquet.toString());
      assertThatThrownBy(() -> ask(parquet, temp.resolve("ids-out"), "--id-column=my.id"))
          .hasMessageContaining("has 2 rows with")
          .hasMessageContaining("in column 'my.id'");
    }
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
