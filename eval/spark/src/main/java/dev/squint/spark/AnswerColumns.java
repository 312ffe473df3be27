package dev.squint.spark;

import dev.squint.eval.run.AnswerLine;
import dev.squint.eval.run.Milliseconds;
import dev.squint.eval.run.ObjectTokens;
import dev.squint.llm.Answer;
import dev.squint.llm.EncoderWork;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The struct that a question is answered with. Its fields have the names of {@code answers.jsonl},
 * see docs/answer.md.
 */
final class AnswerColumns {

  /** Name of the field that says why a row has no answer. */
  static final String ERROR = "error";

  /** Name of the field with the SHA-256 of the model's files. */
  static final String MODEL_SHA256 = "model_sha256";

  private static final StructType TOKENS =
      new StructType()
          .add("total", DataTypes.IntegerType)
          .add("encoded", DataTypes.IntegerType)
          .add("kept", DataTypes.IntegerType);

  private static final StructType TILES = new StructType().add("encoded", DataTypes.IntegerType);

  private static final StructType WORK =
      new StructType()
          .add("tiles", DataTypes.IntegerType)
          .add("tokens", DataTypes.createArrayType(DataTypes.DoubleType))
          .add("pairs", DataTypes.createArrayType(DataTypes.DoubleType));

  private static final StructType OBJECTS =
      new StructType().add("all", DataTypes.IntegerType).add("kept", DataTypes.IntegerType);

  private static final StructType TIMINGS =
      new StructType()
          .add("preprocess", DataTypes.DoubleType)
          .add("encode", DataTypes.DoubleType)
          .add("prune", DataTypes.DoubleType)
          .add("prefill", DataTypes.DoubleType)
          .add("decode", DataTypes.DoubleType)
          .add("first_token", DataTypes.DoubleType)
          .add("encode_cached", DataTypes.BooleanType);

  /** The struct's fields. */
  static final StructType TYPE =
      new StructType()
          .add("plan", DataTypes.StringType)
          .add(MODEL_SHA256, DataTypes.StringType)
          .add("text", DataTypes.StringType)
          .add("finish_reason", DataTypes.StringType)
          .add("tiles", TILES)
          .add("visual_tokens", TOKENS)
          .add("encoder_work", WORK)
          .add("prompt_tokens", DataTypes.IntegerType)
          .add("completion_tokens", DataTypes.IntegerType)
          .add("layer_tokens", DataTypes.createArrayType(DataTypes.IntegerType))
          .add("prune_operations", DataTypes.LongType)
          .add("kv_bytes", DataTypes.LongType)
          .add("objects", OBJECTS)
          .add("timings_ms", TIMINGS)
          .add("notes", DataTypes.createArrayType(DataTypes.StringType))
          .add(ERROR, DataTypes.StringType);

  private AnswerColumns() {}

  /**
   * The struct of an answer.
   *
   * @param objects tokens on the objects of the question, null if it has no boxes
   */
  static Row of(String plan, String sha256, Answer answer, @Nullable ObjectTokens objects) {
    Milliseconds ms = Milliseconds.of(answer.timings());
    return RowFactory.create(
        plan,
        sha256,
        answer.text(),
        answer.finishReason().toString(),
        RowFactory.create(answer.encoding().encodedTiles()),
        RowFactory.create(
            answer.visualTokens(), answer.encoding().encodedTokens(), answer.keptVisualTokens()),
        work(AnswerLine.Encoded.of(answer).work()),
        answer.promptTokens(),
        answer.completionTokens(),
        AnswerLine.layerTokens(answer).toArray(),
        Math.round(answer.pruneOperations()),
        answer.kvBytes(),
        objects == null ? null : RowFactory.create(objects.all(), objects.kept()),
        RowFactory.create(
            ms.preprocess(),
            ms.encode(),
            ms.prune(),
            ms.prefill(),
            ms.decode(),
            ms.ttft(),
            ms.encodeCached()),
        answer.notes().toArray(),
        null);
  }

  private static @Nullable Row work(@Nullable EncoderWork work) {
    return work == null
        ? null
        : RowFactory.create(work.tiles(), work.tokens().toArray(), work.pairs().toArray());
  }

  /** The struct of a row that could not be answered. */
  static Row failed(@Nullable String plan, String sha256, RuntimeException failure) {
    @Nullable Object[] values = new @Nullable Object[TYPE.size()];
    values[TYPE.fieldIndex("plan")] = plan;
    values[TYPE.fieldIndex(MODEL_SHA256)] = sha256;
    values[TYPE.fieldIndex(ERROR)] = describe(failure);
    return RowFactory.create(values);
  }

  private static String describe(RuntimeException failure) {
    @Nullable String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
  }
}
