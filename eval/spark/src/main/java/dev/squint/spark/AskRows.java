package dev.squint.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.squint.eval.calibrate.Calibration;
import dev.squint.eval.data.Question;
import dev.squint.eval.data.Question.Turn;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.ModelAsker;
import dev.squint.eval.run.ObjectTokens;
import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.ClipOptions;
import dev.squint.vision.video.Video;
import dev.squint.vision.video.VideoReader;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

/**
 * Asks the question of each row and appends the answer, {@link AnswerColumns}. Rows about the same
 * pictures that follow each other are read once.
 *
 * @param settings the model
 * @param asked what is asked
 * @param pictures where the pictures are
 * @param failing whether a row that cannot be answered fails the task
 * @param hadoop for files
 */
record AskRows(
    ModelSettings settings,
    Asked asked,
    PictureSource pictures,
    boolean failing,
    SerializableConfiguration hadoop)
    implements MapPartitionsFunction<Row, Row> {

  private static final long serialVersionUID = 1;

  /**
   * What is asked.
   *
   * @param column column of the question
   * @param planColumn column of the plan, empty if {@code plan} is used
   * @param plan plan of all rows
   * @param maxTokens longest answer
   * @param frames whether several pictures are the frames of a video, one a second
   * @param jsonColumn column of an evaluation's question as JSON, for earlier turns and boxes;
   *     empty if there is none
   */
  record Asked(
      String column,
      String planColumn,
      String plan,
      int maxTokens,
      boolean frames,
      String jsonColumn)
      implements java.io.Serializable {}

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    if (!rows.hasNext()) {
      return rows;
    }
    Configuration files = hadoop.value();
    ExecutorModel.Lease lease = ExecutorModel.acquire(settings, ModelThreads.ofTask(), files);
    TaskContext context = TaskContext.get();
    context.addTaskCompletionListener((TaskCompletionListener) ended -> lease.close());
    return new Answering(rows, lease, files, context);
  }

  private final class Answering implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final ExecutorModel.Lease lease;
    private final Configuration files;
    private final TaskContext context;
    private @Nullable Object lastKey;
    private @Nullable RowMedia last;

    private Answering(
        Iterator<Row> rows, ExecutorModel.Lease lease, Configuration files, TaskContext context) {
      this.rows = rows;
      this.lease = lease;
      this.files = files;
      this.context = context;
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public Row next() {
      Row row = rows.next();
      @Nullable Object[] values = new @Nullable Object[row.size() + 1];
      for (int i = 0; i < row.size(); i++) {
        values[i] = row.get(i);
      }
      values[row.size()] = answer(row);
      return RowFactory.create(values);
    }

    private Row answer(Row row) {
      @Nullable String plan = null;
      try {
        plan = asked.planColumn().isEmpty() ? asked.plan() : text(row, asked.planColumn());
        PruningPlan pruning = PruningPlan.parse(Calibration.expand(plan));
        AskOptions options =
            AskOptions.DEFAULT
                .withMaxTokens(asked.maxTokens())
                .withPlan(pruning)
                .withPromptReuse(false)
                .cancelledBy(context::isInterrupted);
        @Nullable Question graded = graded(row);
        RowMedia shown = pictures(row);
        List<Turn> history = graded == null ? List.of() : graded.history();
        Answer answer = ask(shown, history, text(row, asked.column()), options);
        if (context.isInterrupted()) {
          throw new TaskKilledException();
        }
        return AnswerColumns.of(
            pruning.toString(),
            lease.sha256(),
            answer,
            graded == null
                ? null
                : ObjectTokens.of(
                    answer.tiles(), answer.reduction().kept(), shown.pictures(), graded.boxes()));
      } catch (RuntimeException e) {
        if (failing || e instanceof TaskKilledException) {
          throw e;
        }
        return AnswerColumns.failed(plan, lease.sha256(), e);
      } catch (OutOfMemoryError e) {
        // One large array, such as the pixels of a huge picture, did not fit. Other rows may still
        // fit.
        last = null;
        lastKey = null;
        IllegalStateException described =
            new IllegalStateException(
                "the row needs more than the %d MiB of the executor; raise spark.executor.memory"
                    .formatted(Runtime.getRuntime().maxMemory() >> 20),
                e);
        if (failing) {
          throw described;
        }
        return AnswerColumns.failed(plan, lease.sha256(), described);
      }
    }

    private @Nullable Question graded(Row row) {
      if (asked.jsonColumn().isEmpty()) {
        return null;
      }
      String json = row.getString(row.fieldIndex(asked.jsonColumn()));
      try {
        return JsonFiles.MAPPER.readValue(json, Question.class);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a question cannot be read: " + json, e);
      }
    }

    private Answer ask(RowMedia shown, List<Turn> history, String text, AskOptions options) {
      VisionLanguageModel model = lease.model();
      RowMedia.@Nullable VideoFile video = shown.video();
      if (video != null) {
        try (Video opened = new VideoReader().open(video.bytes(), video.name())) {
          return model.ask(
              Clip.read(opened, model.frameRule(), ClipOptions.DEFAULT), text, options);
        }
      }
      return new ModelAsker(model, asked.frames()).ask(shown.pictures(), history, text, options);
    }

    private RowMedia pictures(Row row) {
      @Nullable Object key = pictures.key(row);
      RowMedia known = last;
      if (known != null && key != null && key.equals(lastKey)) {
        return known;
      }
      RowMedia read = pictures.read(row, files);
      lastKey = key;
      last = read;
      return read;
    }

    private String text(Row row, String column) {
      int index = row.fieldIndex(column);
      if (row.isNullAt(index)) {
        throw new IllegalArgumentException("the row has no text in column '%s'".formatted(column));
      }
      return row.getString(index);
    }
  }
}
