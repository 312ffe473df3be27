package dev.squint.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.xxhash64;

import dev.squint.eval.calibrate.Calibration;
import dev.squint.pruner.plan.PruningPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Asks all rows under all plans and appends the answers to the output folder, in commits of some
 * thousand rows. A row that the output has already (set, plan, id, model) is not asked again, so a
 * job that was killed is resumed by the same command.
 */
final class SparkJob {

  private static final String ANSWERS = "answers";
  private static final String ANSWER = "squint_answer";
  private static final String PLAN = "squint_plan";

  private final SparkSession spark;
  private final JobOptions options;
  private final ModelSettings settings;
  private final List<String> plans;

  /**
   * Checks the plans.
   *
   * @throws IllegalArgumentException if a plan or an option is wrong
   */
  SparkJob(SparkSession spark, JobOptions options) {
    this.spark = spark;
    this.options = options;
    this.plans =
        options.plans.stream()
            .map(Calibration::expand)
            .map(plan -> PruningPlan.parse(plan).toString())
            .distinct()
            .toList();
    this.settings = new ModelSettings(options.model, options.variant, options.threads, plans);
    checkPositive("--commit-rows", options.commitRows);
    checkPositive("--max-tokens", options.maxTokens);
    checkPositive("--limit", options.limit);
    if (!List.of("row", "fail").contains(options.onError)) {
      throw new IllegalArgumentException(
          "--on-error must be row or fail but was '%s'".formatted(options.onError));
    }
  }

  private static void checkPositive(String option, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "%s must be at least 1 but was %d".formatted(option, value));
    }
  }

  /**
   * What a job did.
   *
   * @param rows rows times plans of the input
   * @param asked how many of them were asked now
   * @param errors how many of these have an error instead of an answer
   * @param seconds how long asking took
   */
  record Result(long rows, long asked, long errors, double seconds) {}

  /** Asks what the output lacks. */
  Result run() {
    String sha256 = sha256();
    Result total = new Result(0, 0, 0, 0);
    for (String in : options.in) {
      Result one = run(new JobInputs(spark, options).read(in), sha256);
      total =
          new Result(
              total.rows() + one.rows(),
              total.asked() + one.asked(),
              total.errors() + one.errors(),
              total.seconds() + one.seconds());
    }
    return total;
  }

  private Result run(JobInput input, String sha256) {
    Dataset<Row> wanted = input.rows().withColumn(PLAN, explode(lit(plans.toArray(String[]::new))));
    long rows = wanted.count();
    Dataset<Row> open = withoutAnswered(wanted, sha256);
    long count = open.count();
    long waves = (count + options.commitRows - 1) / options.commitRows;
    Column[] group = input.group().stream().map(functions::col).toArray(Column[]::new);
    long start = System.nanoTime();
    long asked = 0;
    long errors = 0;
    for (long wave = 0; wave < waves; wave++) {
      Dataset<Row> part = open.where(pmod(xxhash64(group), lit(waves)).equalTo(wave));
      Dataset<Row> answers = answers(input, part, group);
      Tally tally = write(answers);
      asked += tally.rows;
      errors += tally.errors;
    }
    return new Result(rows, asked, errors, (System.nanoTime() - start) / 1e9);
  }

  /** Rows and errors of one commit. */
  private record Tally(long rows, long errors) {}

  private Tally write(Dataset<Row> answers) {
    var rows = spark.sparkContext().longAccumulator();
    var errors = spark.sparkContext().longAccumulator();
    StructType schema = answers.schema();
    int error = schema.fieldIndex(AnswerColumns.ERROR);
    MapPartitionsFunction<Row, Row> counting =
        part -> new Counted(part, error, rows::add, errors::add);
    var writer =
        answers.mapPartitions(counting, Encoders.row(schema)).write().mode(SaveMode.Append);
    if (options.outFormat == JobOptions.OutFormat.PARQUET) {
      writer.parquet(folder());
    } else {
      writer.json(folder());
    }
    return new Tally(rows.value(), errors.value());
  }

  private Dataset<Row> answers(JobInput input, Dataset<Row> part, Column[] group) {
    Dataset<Row> grouped = part.repartition(group).sortWithinPartitions(xxhash64(group));
    StructType schema = grouped.schema().add(ANSWER, AnswerColumns.TYPE);
    MapPartitionsFunction<Row, Row> ask =
        new AskRows(
            settings,
            new AskRows.Question(JobInput.QUESTION, PLAN, "none", input.maxTokens(), options.clips),
            input.pictures(),
            options.onError.equals("fail"),
            new SerializableConfiguration(spark.sparkContext().hadoopConfiguration()));
    Dataset<Row> answered = grouped.mapPartitions(ask, Encoders.row(schema));
    List<Column> columns = new ArrayList<>();
    columns.add(col(JobInput.SET));
    columns.add(col(PLAN).as("plan"));
    columns.add(col(JobInput.ID));
    columns.add(
        input.graded()
            ? col(JobInput.EXPECTED)
            : functions.array().cast("array<string>").as(JobInput.EXPECTED));
    columns.add(score(input).as("score"));
    Arrays.stream(AnswerColumns.TYPE.fieldNames())
        .filter(field -> !field.equals("plan"))
        .forEach(field -> columns.add(col(ANSWER + "." + field).as(field)));
    return answered.select(columns.toArray(Column[]::new));
  }

  private static Column score(JobInput input) {
    return input.graded()
        ? functions
            .udf(new ScoreAnswer(), DataTypes.DoubleType)
            .apply(col(JobInput.TASK), col(JobInput.QUESTION_JSON), col(ANSWER + ".text"))
        : lit(null).cast(DataTypes.DoubleType);
  }

  private Dataset<Row> withoutAnswered(Dataset<Row> wanted, String sha256) {
    if (!exists(folder())) {
      return wanted;
    }
    StructType key =
        new StructType()
            .add("set", DataTypes.StringType)
            .add("plan", DataTypes.StringType)
            .add("id", DataTypes.StringType)
            .add(AnswerColumns.MODEL_SHA256, DataTypes.StringType);
    Dataset<Row> read =
        options.outFormat == JobOptions.OutFormat.PARQUET
            ? spark.read().schema(key).parquet(folder())
            : spark.read().schema(key).json(folder());
    Dataset<Row> there =
        read.where(col(AnswerColumns.MODEL_SHA256).equalTo(sha256))
            .select(col("set").as("s"), col("plan").as("p"), col("id").as("i"))
            .distinct()
            // What a commit adds must not change which rows later commits ask.
            .localCheckpoint();
    return wanted.join(
        there,
        wanted
            .col(JobInput.SET)
            .equalTo(there.col("s"))
            .and(wanted.col(PLAN).equalTo(there.col("p")))
            .and(wanted.col(JobInput.ID).equalTo(there.col("i"))),
        "left_anti");
  }

  private String folder() {
    return options.out + "/" + ANSWERS;
  }

  private boolean exists(String folder) {
    Path path = new Path(folder);
    try {
      FileSystem files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
      if (!files.exists(path)) {
        return false;
      }
      for (var status : files.listStatus(path)) {
        String name = status.getPath().getName();
        if (!name.startsWith("_") && !name.startsWith(".")) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be read".formatted(folder), e);
    }
  }

  // An executor computes it, since the driver need not have the model.
  private String sha256() {
    ModelSettings wanted = settings;
    SerializableConfiguration hadoop =
        new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
    MapPartitionsFunction<Long, String> hash =
        part -> {
          try (ExecutorModel.Lease lease =
              ExecutorModel.acquire(wanted, ModelThreads.ofTask(), hadoop.value())) {
            return List.of(lease.sha256()).iterator();
          }
        };
    return spark.range(0, 1, 1, 1).mapPartitions(hash, Encoders.STRING()).first();
  }
}
