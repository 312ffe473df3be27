package dev.squint.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.io.TempDir;

@EnabledForJreRange(maxVersion = 23, disabledReason = "Spark 4.1's Hadoop does not run on it")
class SquintTransformerTest {

  private static final StructType BY_PATH =
      new StructType()
          .add("picture", DataTypes.StringType)
          .add("question", DataTypes.StringType)
          .add("plan", DataTypes.StringType);

  @TempDir static Path temp;
  private static SparkSession spark;
  private static Path images;

  @BeforeAll
  static void open() throws IOException {
    spark = Sessions.open("local[2]", temp);
    images = SmallSet.draw(temp.resolve("set"), 6).resolve("images");
  }

  @AfterAll
  static void close() throws IOException {
    spark.close();
  }

  private static SquintTransformer transformer() {
    return new SquintTransformer().setModel(SmallSet.MODEL.toString()).setMaxTokens(8);
  }

  private static Dataset<Row> paths() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      rows.add(
          RowFactory.create(
              images.resolve(i + ".png").toString(),
              "What color is it?",
              i % 2 == 0 ? "none" : "encoder:random(keep=0.5)"));
    }
    return spark.createDataFrame(rows, BY_PATH);
  }

  @Test
  void answersEqualThoseOfTheLibrary_rowByRow() {
    List<Row> rows =
        transformer()
            .setPlanCol("plan")
            .setGroupByPicture(true)
            .transform(paths())
            .orderBy("picture")
            .collectAsList();
    assertThat(rows).hasSize(6);
    try (VisionLanguageModel model = VisionLanguageModel.load(SmallSet.MODEL)) {
      for (Row row : rows) {
        var expected =
            model.ask(
                List.of(new PictureReader().read(Path.of(row.<String>getAs("picture")))),
                "What color is it?",
                AskOptions.DEFAULT.withPlan(row.<String>getAs("plan")).withMaxTokens(8));
        Row answer = row.getAs("answer");
        assertThat(answer.<String>getAs("error")).isNull();
        assertThat(answer.<String>getAs("text")).isEqualTo(expected.text());
        assertThat(answer.<Row>getAs("visual_tokens").<Integer>getAs("kept"))
            .isEqualTo(expected.keptVisualTokens());
        assertThat(answer.<Long>getAs("kv_bytes")).isEqualTo(expected.kvBytes());
        assertThat(answer.<String>getAs("finish_reason"))
            .isEqualTo(expected.finishReason().toString());
        assertThat(answer.<String>getAs("model_sha256")).hasSize(64);
      }
    }
    assertThat(ExecutorModel.loaded()).as("models in this JVM").isEqualTo(1);
  }

  @Test
  void plans_askEachRowWithEveryOne() {
    Dataset<Row> questions = paths().drop("plan");
    List<Row> rows =
        transformer()
            .setPlans("none", "encoder:random(keep=0.5)")
            .transform(questions)
            .selectExpr(
                "picture", "plan", "answer.text", "answer.error", "answer.visual_tokens.kept")
            .orderBy("picture", "plan")
            .collectAsList();
    assertThat(rows).hasSize(12);
    for (int i = 0; i < rows.size(); i += 2) {
      assertThat(rows.get(i).getString(1)).isEqualTo("encoder:random(keep=0.5)");
      assertThat(rows.get(i + 1).getString(1)).isEqualTo("none");
      assertThat(rows.get(i).isNullAt(3)).isTrue();
      assertThat(rows.get(i).getInt(4)).isLessThan(rows.get(i + 1).getInt(4));
    }
    assertThatThrownBy(() -> transformer().setPlans("none").transform(paths()))
        .hasMessage("the dataset already has a column 'plan'; choose another planCol");
  }

  @Test
  void bytesAndStructs_giveTheAnswersOfPaths() {
    String question = "What color is it?";
    List<Row> byPath =
        transformer().transform(paths()).select("answer.text").orderBy("text").collectAsList();
    Dataset<Row> files =
        spark
            .read()
            .format("binaryFile")
            .load(images.toString())
            .selectExpr("content", "struct(content as bytes) as image", "'" + question + "' as q");
    for (String column : List.of("content", "image")) {
      assertThat(
              transformer()
                  .setPictureCol(column)
                  .setQuestionCol("q")
                  .transform(files)
                  .select("answer.text")
                  .orderBy("text")
                  .collectAsList())
          .as(column)
          .isEqualTo(byPath);
    }
  }

  @Test
  void poisonedRows_haveAnErrorAndTheOthersAnAnswer() throws IOException {
    Path broken = Files.writeString(temp.resolve("broken.png"), "no picture");
    List<Row> rows =
        List.of(
            RowFactory.create(broken.toString(), "What?", "none"),
            RowFactory.create(temp.resolve("missing.png").toString(), "What?", "none"),
            RowFactory.create(null, "What?", "none"),
            RowFactory.create(images.resolve("0.png").toString(), null, "none"),
            RowFactory.create(images.resolve("0.png").toString(), "What?", "encoder:no-such"),
            RowFactory.create(images.resolve("0.png").toString(), "What?", null),
            RowFactory.create(images.resolve("0.png").toString(), "What?", "none"));
    Dataset<Row> dataset = spark.createDataFrame(rows, BY_PATH).coalesce(1);
    List<Row> answers =
        transformer().setPlanCol("plan").transform(dataset).select("answer.*").collectAsList();
    assertThat(answers.stream().map(row -> row.<String>getAs("error")).toList())
        .satisfiesExactly(
            error -> assertThat(error).contains("broken.png"),
            error -> assertThat(error).contains("there is no file").contains("missing.png"),
            error -> assertThat(error).contains("no picture in column 'picture'"),
            error -> assertThat(error).contains("no text in column 'question'"),
            error -> assertThat(error).contains("no-such"),
            error -> assertThat(error).contains("no text in column 'plan'"),
            error -> assertThat(error).isNull());
    assertThatThrownBy(
            () ->
                transformer()
                    .setOnError("fail")
                    .transform(dataset)
                    .select("answer.text")
                    .collectAsList())
        .hasStackTraceContaining("broken.png");
  }

  @Test
  void wrongParametersAndColumns_areRefusedBeforeAnythingRuns() {
    Dataset<Row> rows = paths();
    assertThatThrownBy(() -> new SquintTransformer().transform(rows))
        .hasMessageContaining("model is not set");
    assertThatThrownBy(() -> transformer().setPictureCol("photo").transform(rows))
        .hasMessageContaining("no column 'photo' but [picture, question, plan]");
    assertThatThrownBy(() -> transformer().setOutputCol("Plan").transform(rows))
        .hasMessageContaining("already has a column 'Plan'");
    assertThatThrownBy(() -> transformer().setPlan("encoder:no-such").transform(rows))
        .hasMessageContaining("no-such");
    assertThatThrownBy(() -> transformer().setOnError("ignore").transform(rows))
        .hasMessageContaining("row or fail");
    assertThatThrownBy(() -> transformer().transform(rows.selectExpr("1 as picture", "question")))
        .hasMessageContaining("of type int; allowed are [string, binary]");
  }

  @Test
  void aSavedPipeline_hasTheSameParameters() throws IOException {
    SquintTransformer saved = transformer().setPlan("encoder:random(keep=0.5)").setMaxTokens(3);
    Path folder = temp.resolve("pipeline");
    new Pipeline().setStages(new PipelineStage[] {saved}).save(folder.toString());
    SquintTransformer loaded = (SquintTransformer) Pipeline.load(folder.toString()).getStages()[0];
    assertThat(loaded.uid()).isEqualTo(saved.uid());
    assertThat(loaded.extractParamMap().toString()).isEqualTo(saved.extractParamMap().toString());
    assertThat(loaded.transform(paths()).select("answer.text").collectAsList())
        .isEqualTo(saved.transform(paths()).select("answer.text").collectAsList());
  }

  @Test
  void aModelInAnArchive_isUnpackedOnce() throws IOException {
    Path archive = temp.resolve("tiled.zip");
    try (var zip = new java.util.zip.ZipOutputStream(Files.newOutputStream(archive));
        var files = Files.walk(SmallSet.MODEL)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = "tiled/" + SmallSet.MODEL.relativize(file).toString().replace('\\', '/');
        zip.putNextEntry(new java.util.zip.ZipEntry(name));
        Files.copy(file, zip);
      }
    }
    List<Row> expected = transformer().transform(paths()).select("answer.text").collectAsList();
    System.setProperty("squint.cache", temp.resolve("cache").toString());
    try {
      SquintTransformer packed = transformer().setModel(archive.toUri().toString());
      assertThat(packed.transform(paths()).select("answer.text").collectAsList())
          .isEqualTo(expected);
      try (var unpacked = Files.list(temp.resolve("cache").resolve("spark-models"))) {
        assertThat(unpacked.filter(Files::isDirectory)).hasSize(1);
      }
    } finally {
      System.clearProperty("squint.cache");
    }
  }

  @Test
  void anArchiveWithAnEntryOutsideOfIt_isRefused() throws IOException {
    Path archive = temp.resolve("evil.zip");
    try (var zip = new java.util.zip.ZipOutputStream(Files.newOutputStream(archive))) {
      zip.putNextEntry(new java.util.zip.ZipEntry("../evil.txt"));
      zip.write("x".getBytes(StandardCharsets.UTF_8));
    }
    SquintTransformer packed = transformer().setModel(archive.toUri().toString());
    assertThatThrownBy(() -> packed.transform(paths()).select("answer.text").collectAsList())
        .hasStackTraceContaining("lies outside the archive");
  }
}
