package dev.squint.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import dev.squint.eval.calibrate.Calibration;
import dev.squint.eval.run.TaskData;
import dev.squint.pruner.plan.PruningPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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
 * Asks all rows under all plans. Each task adds a file with its answers to the output folder. A row
 * that the output has already (set, plan, id, model) is not asked again, so a job that was killed
 * is resumed by the same command.
 */
final class SparkJob {

  private static final long TASKS_A_CORE = 4;
  private static final int MAX_TASKS = 100_000;
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
  record Result(long rows, long asked, long errors, double seconds) {

    /** The sum of two. */
    Result plus(Result other) {
      return new Result(
          rows + other.rows, asked + other.asked, errors + other.errors, seconds + other.seconds);
    }
  }

  /**
   * Asks what the output lacks.
   *
   * @throws IllegalArgumentException if an input is wrong, or the output belongs to other
   *     questions, another model or a job that still runs
   */
  Result run() {
    JobFolder out = JobFolder.open(options.out, spark.sparkContext().hadoopConfiguration());
    JobInputs reader = new JobInputs(spark, options);
    List<JobInput> inputs = options.in.stream().map(reader::read).toList();
    checkNames(inputs);
    ModelFacts model = ModelFacts.of(spark, settings);
    try (JobLock lock = JobLock.take(out, JobLock.Pace.DEFAULT)) {
      JobFolder folder = lock.folder();
      folder.hasAnswers(options.outFormat);
      folder.record(model.runFile(options, plans, inputs), model.cost(), graded(inputs));
      Result total = new Result(0, 0, 0, 0);
      for (JobInput input : inputs) {
        lock.requireOwn();
        total = total.plus(run(input, folder, model.identity().modelSha256()));
      }
      return total;
    }
  }

  private static void checkNames(List<JobInput> inputs) {
    Set<String> names = new HashSet<>();
    for (JobInput input : inputs) {
      if (!names.add(input.set())) {
        throw new IllegalArgumentException(
            "two inputs have the name '%s', which identifies their rows; rename one of them"
                .formatted(input.set()));
      }
    }
  }

  private static List<TaskData> graded(List<JobInput> inputs) {
    return inputs.stream().map(JobInput::data).filter(Objects::nonNull).toList();
  }

  private Result run(JobInput input, JobFolder folder, String sha256) {
    Dataset<Row> wanted = input.rows().withColumn(PLAN, explode(lit(plans.toArray(String[]::new))));
    long rows = wanted.count();
    Dataset<Row> open =
        folder.hasAnswers(options.outFormat)
            ? withoutAnswered(wanted, folder.answers().toString(), sha256)
            : wanted;
    long count = open.count();
    if (count == 0) {
      return new Result(rows, 0, 0, 0);
    }
    long start = System.nanoTime();
    Tally tally = write(answers(input, open, tasks(count)), folder.answers().toString());
    return new Result(rows, tally.rows, tally.errors, (System.nanoTime() - start) / 1e9);
  }

  // As many as rows are committed in, and enough that no core waits long for the last ones. A given
  // number, since Spark would merge such short rows into one task.
  private int tasks(long rows) {
    int cores = Math.max(1, spark.sparkContext().defaultParallelism() / ModelThreads.ofTask());
    long committed = (rows + options.commitRows - 1) / options.commitRows;
    return (int) Math.min(MAX_TASKS, Math.max(committed, Math.min(rows, TASKS_A_CORE * cores)));
  }

  /** Rows and errors that were written. */
  private record Tally(long rows, long errors) {}

  private Tally write(Dataset<Row> answers, String folder) {
    var rows = spark.sparkContext().longAccumulator();
    var errors = spark.sparkContext().longAccumulator();
    StructType schema = answers.schema();
    int error = schema.fieldIndex(AnswerColumns.ERROR);
    MapPartitionsFunction<Row, Row> counting =
        part -> new Counted(part, error, rows::add, errors::add);
    var writer =
        answers
            .mapPartitions(counting, Encoders.row(schema))
            .write()
            // Each task moves its one file to the folder when it ends. A task that is run again
            // gives
            // the file the same name, so its rows are there once.
            .option("mapreduce.fileoutputcommitter.algorithm.version", "2")
            .mode(SaveMode.Append);
    if (options.outFormat == JobOptions.OutFormat.PARQUET) {
      writer.parquet(folder);
    } else {
      writer.json(folder);
    }
    return new Tally(rows.value(), errors.value());
  }

  private Dataset<Row> answers(JobInput input, Dataset<Row> open, int tasks) {
    Column[] group = input.group().stream().map(functions::col).toArray(Column[]::new);
    Dataset<Row> grouped = open.repartition(tasks, group).sortWithinPartitions(xxhash64(group));
    StructType schema = grouped.schema().add(ANSWER, AnswerColumns.TYPE);
    MapPartitionsFunction<Row, Row> ask =
        new AskRows(
            settings,
            new AskRows.Asked(
                JobInput.QUESTION,
                PLAN,
                "none",
                input.maxTokens(),
                options.clips,
                input.graded() ? JobInput.QUESTION_JSON : ""),
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

  private Dataset<Row> withoutAnswered(Dataset<Row> wanted, String folder, String sha256) {
    StructType key =
        new StructType()
            .add("set", DataTypes.StringType)
            .add("plan", DataTypes.StringType)
            .add("id", DataTypes.StringType)
            .add(AnswerColumns.MODEL_SHA256, DataTypes.StringType);
    // Spark lists the files here, once: what this job writes does not change what it asks.
    Dataset<Row> read =
        options.outFormat == JobOptions.OutFormat.PARQUET
            ? spark.read().schema(key).parquet(folder)
            : spark.read().schema(key).json(folder);
    Dataset<Row> there =
        read.where(col(AnswerColumns.MODEL_SHA256).equalTo(sha256))
            .select(col("set").as("s"), col("plan").as("p"), col("id").as("i"));
    return wanted.join(
        there,
        wanted
            .col(JobInput.SET)
            .equalTo(there.col("s"))
            .and(wanted.col(PLAN).equalTo(there.col("p")))
            .and(wanted.col(JobInput.ID).equalTo(there.col("i"))),
        "left_anti");
  }
}
