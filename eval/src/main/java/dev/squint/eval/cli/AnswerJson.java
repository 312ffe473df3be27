package dev.squint.eval.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.llm.Answer;
import dev.squint.llm.PointReport;
import dev.squint.llm.Timings;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.chat.Content;
import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.llm.model.Session;
import dev.squint.vision.video.VideoFrame;
import java.util.Iterator;
import java.util.List;

/** An answer as {@code ask --json} prints it; docs/answer.md lists the fields. */
final class AnswerJson {

  private AnswerJson() {}

  /**
   * Returns the JSON object of an answer.
   *
   * @param model the model that answered
   * @param asked content of the question: its pictures and videos, in order
   * @param reports what each point of the plan did, in order
   */
  static ObjectNode of(
      VisionLanguageModel model, List<Content> asked, List<PointReport> reports, Answer answer) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("text", answer.text());
    node.put("model", model.model().name());
    ObjectNode devices = node.putObject("devices");
    for (Session session : Session.values()) {
      devices.put(session.key(), model.devices().of(session).toString());
    }
    node.put("plan", answer.plan().toString());
    node.put("finish_reason", answer.finishReason().toString());
    node.put("prompt_tokens", answer.promptTokens());
    node.put("completion_tokens", answer.completionTokens());
    node.put("reused_tokens", answer.reusedTokens());
    node.putObject("drafts")
        .put("tried", answer.counts().drafts().tried())
        .put("accepted", answer.counts().drafts().accepted());
    node.putObject("tiles")
        .put("total", answer.encoding().tiles())
        .put("encoded", answer.encoding().encodedTiles());
    node.putObject("visual_tokens")
        .put("total", answer.visualTokens())
        .put("encoded", answer.encoding().encodedTokens())
        .put("kept", answer.keptVisualTokens());
    stages(node.putArray("stages"), reports, answer);
    clips(node, asked, answer);
    runs(node.putArray("prefill_runs"), answer);
    node.put("prune_operations", Math.round(answer.pruneOperations()));
    node.put("kv_bytes", answer.kvBytes());
    timings(node.putObject("timings_ms"), answer.timings());
    answer.notes().forEach(node.putArray("notes")::add);
    deprecated(node, answer);
    return node;
  }

  private static void stages(ArrayNode stages, List<PointReport> reports, Answer answer) {
    int before = answer.visualTokens();
    for (PointReport report : reports) {
      int after = report.reduction().after();
      stages
          .addObject()
          .put("point", report.point().toString())
          .put("before", before)
          .put("after", after);
      before = after;
    }
  }

  private static void clips(ObjectNode node, List<Content> asked, Answer answer) {
    if (answer.frameSeconds().isEmpty()) {
      return;
    }
    Iterator<List<Double>> kept = answer.frameSeconds().iterator();
    ArrayNode clips = node.putArray("clips");
    for (Content content : asked) {
      if (content instanceof Content.Video video) {
        ObjectNode clip = clips.addObject().put("seconds", video.clip().seconds());
        ArrayNode frames = clip.putArray("frames");
        video.clip().frames().stream().mapToDouble(VideoFrame::seconds).forEach(frames::add);
        kept.next().forEach(clip.putArray("kept_frames")::add);
      }
    }
  }

  private static void runs(ArrayNode runs, Answer answer) {
    for (StageRun run : answer.prefillRuns()) {
      runs.addObject()
          .put("first_layer", run.firstLayer())
          .put("end_layer", run.endLayer())
          .put("tokens", run.tokens())
          .put("visual_tokens", answer.visualTokens(run));
    }
  }

  private static void timings(ObjectNode node, Timings timings) {
    node.put("preprocess", rounded(timings.preprocessMillis()))
        .put("encode", rounded(timings.encodeMillis()))
        .put("cached_encode", rounded(timings.cachedEncodeMillis()))
        .put("prune", rounded(timings.pruneMillis()))
        .put("prefill", rounded(timings.prefillMillis()))
        .put("cached_prefill", rounded(timings.cachedPrefillMillis()))
        .put("decode", rounded(timings.decodeMillis()))
        .put("first_token", rounded(timings.firstTokenMillis()))
        .put("total", rounded(timings.totalMillis()));
  }

  // Deprecated names, kept for one version.
  private static void deprecated(ObjectNode node, Answer answer) {
    node.put("answer", answer.text());
    node.putObject("tokens")
        .put("prompt", answer.promptTokens())
        .put("completion", answer.completionTokens());
    if (!answer.frameSeconds().isEmpty()) {
      ArrayNode seconds = node.putArray("frame_seconds");
      answer.frameSeconds().forEach(clip -> clip.forEach(seconds::add));
    }
    ObjectNode timings = (ObjectNode) node.get("timings_ms");
    timings.put("ttft", rounded(answer.timings().firstTokenMillis()));
  }

  private static double rounded(double millis) {
    return Math.rint(millis * 1000) / 1000;
  }
}
