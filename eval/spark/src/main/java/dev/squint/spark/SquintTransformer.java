package dev.squint.spark;

import dev.squint.eval.calibrate.Calibration;
import dev.squint.pruner.plan.PruningPlan;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Answers the question of each row about its pictures or its video, and appends the answer as a
 * struct: text, finish reason, tokens, cache bytes, milliseconds by phase, model hash, error.
 *
 * <p>Each executor loads the model once. A row that cannot be answered gets an {@code error} and no
 * text, unless {@code onError} is {@code fail}.
 */
public final class SquintTransformer extends Transformer implements DefaultParamsWritable {

  private static final long serialVersionUID = 1;
  private static final String ROW = "row";
  private static final String FAIL = "fail";
  private static final String PLAN = "plan";
  private static final long MAX_FILE_BYTES = 1L << 30;

  private final String uid;
  private final Param<String> model;
  private final Param<String> variant;
  private final Param<String> plan;
  private final StringArrayParam plans;
  private final Param<String> planCol;
  private final Param<String> questionCol;
  private final Param<String> pictureCol;
  private final Param<String> clipCol;
  private final Param<String> outputCol;
  private final Param<String> onError;
  private final IntParam maxTokens;
  private final IntParam threads;
  private final BooleanParam frames;
  private final BooleanParam groupByPicture;

  /** Makes a transformer with a random identifier. */
  public SquintTransformer() {
    this(Identifiable$.MODULE$.randomUID("squint"));
  }

  /** Makes a transformer with a given identifier. */
  @SuppressWarnings("this-escape") // Spark's parameters belong to the object that declares them.
  public SquintTransformer(String uid) {
    this.uid = uid;
    model =
        new Param<>(
            uid,
            "model",
            "folder on each node, OWNER/NAME, arch:NAME, or the URI of a zip archive");
    variant = new Param<>(uid, "variant", "precision variant of the graphs, such as q8");
    plan = new Param<>(uid, "plan", "pruning plan of all rows");
    plans =
        new StringArrayParam(
            this,
            "plans",
            "pruning plans of which each row is asked with every one; planCol is added then");
    planCol = new Param<>(uid, "planCol", "column with a pruning plan for each row");
    questionCol = new Param<>(uid, "questionCol", "column with the question");
    pictureCol =
        new Param<>(
            uid,
            "pictureCol",
            "column with a picture: path, bytes, struct with bytes or content, or an array of them");
    clipCol = new Param<>(uid, "clipCol", "column with a video: path or bytes");
    outputCol = new Param<>(uid, "outputCol", "column of the answer");
    onError =
        new Param<>(uid, "onError", "row: a failed row gets an error; fail: it fails the job");
    maxTokens = new IntParam(uid, "maxTokens", "longest answer in tokens");
    threads =
        new IntParam(uid, "threads", "threads of ONNX Runtime for a question; 0: spark.task.cpus");
    frames =
        new BooleanParam(
            uid, "frames", "whether several pictures are the frames of a video, one a second");
    groupByPicture =
        new BooleanParam(
            uid,
            "groupByPicture",
            "whether rows are shuffled so that rows about one picture follow each other");
    setDefault(variant, "");
    setDefault(plan, "none");
    setDefault(planCol, "");
    setDefault(questionCol, "question");
    setDefault(pictureCol, "picture");
    setDefault(clipCol, "");
    setDefault(outputCol, "answer");
    setDefault(onError, ROW);
    setDefault(maxTokens, 64);
    setDefault(threads, 0);
    setDefault(frames, false);
    setDefault(groupByPicture, false);
  }

  @Override
  public String uid() {
    return uid;
  }

  /** Folder on each node, {@code OWNER/NAME}, {@code arch:NAME}, or the URI of a zip archive. */
  public Param<String> model() {
    return model;
  }

  /** Precision variant of the graphs. */
  public Param<String> variant() {
    return variant;
  }

  /** Pruning plan of all rows. */
  public Param<String> plan() {
    return plan;
  }

  /** Pruning plans, with every one of which each row is asked. */
  public StringArrayParam plans() {
    return plans;
  }

  /** Column with a pruning plan for each row. */
  public Param<String> planCol() {
    return planCol;
  }

  /** Column with the question. */
  public Param<String> questionCol() {
    return questionCol;
  }

  /** Column with the pictures. */
  public Param<String> pictureCol() {
    return pictureCol;
  }

  /** Column with a video. */
  public Param<String> clipCol() {
    return clipCol;
  }

  /** Column of the answer. */
  public Param<String> outputCol() {
    return outputCol;
  }

  /** What happens with a row that cannot be answered: {@code row} or {@code fail}. */
  public Param<String> onError() {
    return onError;
  }

  /** Longest answer in tokens. */
  public IntParam maxTokens() {
    return maxTokens;
  }

  /** Threads of ONNX Runtime for a question. */
  public IntParam threads() {
    return threads;
  }

  /** Whether several pictures are the frames of a video. */
  public BooleanParam frames() {
    return frames;
  }

  /** Whether rows about one picture are brought together. */
  public BooleanParam groupByPicture() {
    return groupByPicture;
  }

  /** Sets the model. */
  public SquintTransformer setModel(String value) {
    set(model, value);
    return this;
  }

  /** Sets the precision variant. */
  public SquintTransformer setVariant(String value) {
    set(variant, value);
    return this;
  }

  /** Sets the plan of all rows. */
  public SquintTransformer setPlan(String value) {
    set(plan, value);
    return this;
  }

  /** Sets plans, with every one of which each row is asked; the column of plans is added. */
  public SquintTransformer setPlans(String... value) {
    set(plans, value.clone());
    return this;
  }

  /** Sets the column of plans. */
  public SquintTransformer setPlanCol(String value) {
    set(planCol, value);
    return this;
  }

  /** Sets the column of questions. */
  public SquintTransformer setQuestionCol(String value) {
    set(questionCol, value);
    return this;
  }

  /** Sets the column of pictures. */
  public SquintTransformer setPictureCol(String value) {
    set(pictureCol, value);
    return this;
  }

  /** Sets the column of videos. */
  public SquintTransformer setClipCol(String value) {
    set(clipCol, value);
    return this;
  }

  /** Sets the column of the answer. */
  public SquintTransformer setOutputCol(String value) {
    set(outputCol, value);
    return this;
  }

  /** Sets what happens with rows that cannot be answered. */
  public SquintTransformer setOnError(String value) {
    set(onError, value);
    return this;
  }

  /** Sets the longest answer in tokens. */
  public SquintTransformer setMaxTokens(int value) {
    set(maxTokens, value);
    return this;
  }

  /** Sets the threads of ONNX Runtime for a question. */
  public SquintTransformer setThreads(int value) {
    set(threads, value);
    return this;
  }

  /** Sets whether several pictures are the frames of a video. */
  public SquintTransformer setFrames(boolean value) {
    set(frames, value);
    return this;
  }

  /** Sets whether rows about one picture are brought together. */
  public SquintTransformer setGroupByPicture(boolean value) {
    set(groupByPicture, value);
    return this;
  }

  /**
   * Appends the answers.
   *
   * @throws IllegalArgumentException if a parameter or a column does not fit
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema());
    Dataset<Row> rows = dataset.toDF();
    if (isEachPlan()) {
      Column[] each = Arrays.stream(eachPlan()).map(functions::lit).toArray(Column[]::new);
      rows = rows.withColumn(planColumn(), functions.explode(functions.array(each)));
    }
    if (flag(groupByPicture)) {
      String picture = text(clipCol).isEmpty() ? text(pictureCol) : text(clipCol);
      // Quoted, since a name may have dots.
      Column group = functions.col("`%s`".formatted(picture.replace("`", "``")));
      rows = rows.repartition(group).sortWithinPartitions(functions.hash(group));
    }
    List<String> named = isEachPlan() ? List.of(eachPlan()) : List.of(text(plan));
    List<String> known = isEachPlan() || planColumn().isEmpty() ? named : List.of();
    // Typed, because mapPartitions also takes a Scala function.
    MapPartitionsFunction<Row, Row> ask =
        new AskRows(
            new ModelSettings(text(model), text(variant), number(threads), known),
            new AskRows.Asked(
                text(questionCol), planColumn(), text(plan), number(maxTokens), flag(frames), ""),
            new ColumnPictures(text(pictureCol), text(clipCol), MAX_FILE_BYTES),
            text(onError).equals(FAIL),
            new SerializableConfiguration(
                dataset.sparkSession().sparkContext().hadoopConfiguration()));
    return rows.mapPartitions(ask, Encoders.row(schema));
  }

  /**
   * The schema with the answer's column.
   *
   * @throws IllegalArgumentException if a parameter is wrong, a column is missing or of the wrong
   *     type, or the output column is there already
   */
  @Override
  public StructType transformSchema(StructType schema) {
    if (!isSet(model)) {
      throw new IllegalArgumentException(
          "the parameter model is not set; give a folder on each node, OWNER/NAME, arch:NAME or the URI of a zip archive");
    }
    if (!List.of(ROW, FAIL).contains(text(onError))) {
      throw new IllegalArgumentException(
          "onError must be row or fail but was '%s'".formatted(text(onError)));
    }
    if (number(maxTokens) < 1) {
      throw new IllegalArgumentException(
          "maxTokens must be at least 1 but was " + number(maxTokens));
    }
    if (text(pictureCol).isEmpty() && text(clipCol).isEmpty()) {
      throw new IllegalArgumentException("pictureCol and clipCol are both empty; set one of them");
    }
    PruningPlan.parse(Calibration.expand(text(plan)));
    Columns.check(schema, text(questionCol), List.of(DataTypes.StringType));
    for (String each : eachPlan()) {
      PruningPlan.parse(Calibration.expand(each));
    }
    if (!isEachPlan() && !planColumn().isEmpty()) {
      Columns.check(schema, planColumn(), List.of(DataTypes.StringType));
    }
    List<DataType> files = List.of(DataTypes.StringType, DataTypes.BinaryType);
    if (!text(pictureCol).isEmpty()) {
      Columns.check(schema, text(pictureCol), files);
    }
    if (!text(clipCol).isEmpty()) {
      Columns.check(schema, text(clipCol), files);
    }
    StructType asked =
        isEachPlan()
            ? Columns.added(schema, planColumn(), "planCol", DataTypes.StringType)
            : schema;
    return Columns.added(asked, text(outputCol), "outputCol", AnswerColumns.TYPE);
  }

  private String[] eachPlan() {
    return isSet(plans) ? getOrDefault(plans) : new String[0];
  }

  private boolean isEachPlan() {
    return eachPlan().length > 0;
  }

  private String planColumn() {
    return isEachPlan() && text(planCol).isEmpty() ? PLAN : text(planCol);
  }

  private String text(Param<String> param) {
    return getOrDefault(param);
  }

  private int number(IntParam param) {
    return (int) getOrDefault(param);
  }

  private boolean flag(BooleanParam param) {
    return (boolean) getOrDefault(param);
  }

  @Override
  public SquintTransformer copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /** Reads a transformer that was saved. */
  public static MLReader<SquintTransformer> read() {
    return new DefaultParamsReader<>();
  }

  /**
   * Reads a transformer that was saved.
   *
   * @throws IOException if the folder cannot be read
   */
  public static SquintTransformer load(String path) throws IOException {
    return read().load(path);
  }
}
