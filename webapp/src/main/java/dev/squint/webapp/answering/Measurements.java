package dev.squint.webapp.answering;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squint.llm.Answer;
import dev.squint.llm.PointReport;
import dev.squint.llm.Timings;
import dev.squint.llm.decoder.session.Drafts;
import dev.squint.pruner.plan.PruningPlan;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Tokens, operations, times and memory of an answer.
 *
 * @param plan the plan that was applied, as text
 * @param tiles tiles of all pictures and frames
 * @param visualTokens visual tokens of all pictures and frames
 * @param stages visual tokens before and after each point where the plan acts
 * @param clips frames of each clip; absent without clips
 * @param reusedTokens the first tokens of the prompt whose keys and values an earlier prompt left
 * @param drafts tokens of the answer that were guessed
 * @param prefillRuns the runs of decoder layers on the prompt, in order
 * @param pruneOperations operations for choosing and merging tokens until the first token
 * @param kvBytes bytes of the KV cache at the end of the answer
 * @param timingsMs times in milliseconds
 * @param notes remarks that a reader of the figures needs
 * @param map the reduction of each visual token, if requested
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Measurements(
    String plan,
    Tiles tiles,
    VisualTokens visualTokens,
    List<Stage> stages,
    @Nullable List<ClipFrames> clips,
    int reusedTokens,
    Drafts drafts,
    List<PrefillRun> prefillRuns,
    long pruneOperations,
    long kvBytes,
    TimingsMs timingsMs,
    List<String> notes,
    @Nullable TokenOverlay map) {

  /** Tiles that the pictures have, and those that were encoded. */
  public record Tiles(int total, int encoded) {}

  /**
   * A run of decoder layers [firstLayer, endLayer) on the prompt.
   *
   * @param tokens tokens that they ran on
   * @param visualTokens visual ones among them
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record PrefillRun(int firstLayer, int endLayer, int tokens, int visualTokens) {}

  /**
   * Visual tokens if all is encoded, those that were encoded, and those that the language model
   * got.
   */
  public record VisualTokens(int total, int encoded, int kept) {}

  /** Visual tokens before and after one point of the plan. */
  public record Stage(String point, int before, int after) {}

  /**
   * Times in milliseconds.
   *
   * @param read decoding of pictures and clips; not part of {@code total}
   * @param cachedEncode encoding for an earlier question whose visual tokens were reused; not part
   *     of {@code total}
   * @param cachedPrefill prefill of the reused tokens for an earlier question; not part of {@code
   *     total}
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record TimingsMs(
      double queue,
      double read,
      double preprocess,
      double encode,
      double cachedEncode,
      double prune,
      double prefill,
      double cachedPrefill,
      double decode,
      double firstToken,
      double total) {}

  static Measurements of(
      Answer answer,
      PruningPlan plan,
      List<PointReport> reports,
      List<ClipFrames> clips,
      double queueMillis,
      double readMillis,
      @Nullable TokenOverlay map) {
    Timings timings = answer.timings();
    return new Measurements(
        plan.toString(),
        new Tiles(answer.encoding().tiles(), answer.encoding().encodedTiles()),
        new VisualTokens(
            answer.visualTokens(), answer.encoding().encodedTokens(), answer.keptVisualTokens()),
        stages(answer, reports),
        clips.isEmpty() ? null : clips,
        answer.reusedTokens(),
        answer.counts().drafts(),
        runs(answer),
        Math.round(answer.pruneOperations()),
        answer.kvBytes(),
        new TimingsMs(
            rounded(queueMillis),
            rounded(readMillis),
            rounded(timings.preprocessMillis()),
            rounded(timings.encodeMillis()),
            rounded(timings.cachedEncodeMillis()),
            rounded(timings.pruneMillis()),
            rounded(timings.prefillMillis()),
            rounded(timings.cachedPrefillMillis()),
            rounded(timings.decodeMillis()),
            rounded(timings.firstTokenMillis()),
            rounded(timings.totalMillis())),
        answer.notes(),
        map);
  }

  private static List<PrefillRun> runs(Answer answer) {
    return answer.prefillRuns().stream()
        .map(
            run ->
                new PrefillRun(
                    run.firstLayer(), run.endLayer(), run.tokens(), answer.visualTokens(run)))
        .toList();
  }

  private static List<Stage> stages(Answer answer, List<PointReport> reports) {
    List<Stage> stages = new ArrayList<>();
    int before = answer.visualTokens();
    for (PointReport report : reports) {
      int after = report.reduction().after();
      stages.add(new Stage(report.point().toString(), before, after));
      before = after;
    }
    return stages;
  }

  private static double rounded(double millis) {
    return Math.round(millis * 100) / 100.0;
  }
}
