package dev.squint.webapp.ask;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.video.ClipOptions;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.answering.ClipSampling;
import dev.squint.webapp.answering.Plans;
import dev.squint.webapp.answering.QuestionRequest;
import dev.squint.webapp.answering.Sampling;
import dev.squint.webapp.answering.Turn;
import dev.squint.webapp.answering.Turn.Part;
import dev.squint.webapp.ask.Form.SentFile;
import dev.squint.webapp.http.Refusal;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Makes a question of a form; {@link AskForm} lists its fields. */
@Component
final class AskReader {

  private static final int DEFAULT_TOKENS = 256;

  /** The fields of the form, as it names them. */
  private static final Set<String> FIELDS =
      Arrays.stream(AskForm.class.getRecordComponents())
          .map(RecordComponent::getName)
          .collect(Collectors.toCollection(LinkedHashSet::new));

  private final JsonMapper json;
  private final ServerSettings.Limits limits;

  AskReader(JsonMapper json, ServerSettings settings) {
    this.json = json;
    this.limits = settings.limits();
  }

  /** The question. Gives a {@link Refusal} if it makes no sense. */
  Mono<QuestionRequest> read(Form form) {
    return Mono.defer(
        () -> {
          form.refuseOthersThan(FIELDS);
          String text = form.text("question");
          if (text == null) {
            throw Refusal.invalid("question", "the form needs a field 'question'");
          }
          Integer tokens = form.number("max_tokens");
          String plan = form.text("plan");
          QuestionRequest question =
              new QuestionRequest(
                  List.of(),
                  plan == null ? PruningPlan.none() : Plans.parse(plan, "plan"),
                  tokens == null ? Math.min(DEFAULT_TOKENS, limits.tokens()) : tokens,
                  Sampling.of(
                      form.decimal("temperature"), form.decimal("top_p"), form.whole("seed")),
                  List.of(),
                  form.flag("map"));
          ClipOptions wanted =
              ClipSampling.of(
                  form.number("frames"),
                  form.decimal("fps"),
                  form.decimal("from"),
                  form.decimal("to"),
                  "frames, fps, from, to");
          List<Turn> history = history(form.text("history"));
          return form.files("files")
              .zipWith(form.files("clips"), (files, clips) -> media(files, clips, wanted))
              .map(media -> question.about(conversation(media, history, text)));
        });
  }

  /** Videos are told by their content; animations are clips only if they are sent as such. */
  private static List<Part> media(List<SentFile> files, List<SentFile> clips, ClipOptions wanted) {
    List<Part> media = new ArrayList<>();
    files.forEach(
        file -> media.add(Part.Media.of(file.param(), file.name(), file.content(), wanted)));
    clips.forEach(
        clip -> media.add(new Part.ClipFile(clip.param(), clip.name(), clip.content(), wanted)));
    return media;
  }

  /** Pictures and clips stand before what was said first. */
  private static List<Turn> conversation(List<Part> media, List<Turn> history, String question) {
    List<Turn> turns = new ArrayList<>();
    turns.addAll(history);
    turns.add(new Turn("user", List.of(new Part.Text(question))));
    List<Part> first = new ArrayList<>(media);
    first.addAll(turns.get(0).parts());
    turns.set(0, new Turn(turns.get(0).role(), first));
    return turns;
  }

  private List<Turn> history(@Nullable String text) {
    if (text == null) {
      return List.of();
    }
    AskForm.@Nullable Said @Nullable [] history;
    try {
      history = json.readValue(text, AskForm.Said[].class);
    } catch (JacksonException e) {
      throw noHistory();
    }
    if (history == null) {
      throw noHistory();
    }
    List<Turn> said = new ArrayList<>();
    for (int i = 0; i < history.length; i++) {
      String due = i % 2 == 0 ? "user" : "assistant";
      AskForm.Said next = history[i];
      if (next == null || !due.equals(next.role()) || next.text() == null) {
        throw Refusal.invalid(
            "history[%d]".formatted(i),
            "history holds by turns what the user asked and what the assistant answered; here the text of '%s' is due"
                .formatted(due));
      }
      said.add(new Turn(due, List.of(new Part.Text(next.text()))));
    }
    if (said.size() % 2 != 0) {
      throw Refusal.invalid("history", "history must end with an answer of the assistant");
    }
    return said;
  }

  private static Refusal noHistory() {
    return Refusal.invalid(
        "history",
        "history must be a JSON array of objects with 'role' and 'text'; leave the field out if nothing was said");
  }
}
