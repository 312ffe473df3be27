package dev.squint.webapp.ask;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.video.ClipOptions;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.answering.ClipSampling;
import dev.squint.webapp.answering.Plans;
import dev.squint.webapp.answering.QuestionRequest;
import dev.squint.webapp.answering.SamplingFields;
import dev.squint.webapp.answering.Turn;
import dev.squint.webapp.answering.Turn.Part;
import dev.squint.webapp.ask.Form.SentFile;
import dev.squint.webapp.http.ApiException;
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

/** Makes a question of a form; {@link AskForm} lists the fields. */
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

  /** The question, or an {@link ApiException} if a field is invalid. */
  Mono<QuestionRequest> read(Form form) {
    return Mono.defer(
        () -> {
          form.refuseOthersThan(FIELDS);
          String text = form.text("question");
          if (text == null) {
            throw ApiException.invalid("question", "the form needs a field 'question'");
          }
          Integer tokens = form.number("max_tokens");
          String plan = form.text("plan");
          QuestionRequest question =
              new QuestionRequest(
                  List.of(),
                  plan == null ? PruningPlan.none() : Plans.parse(plan, "plan"),
                  tokens == null ? Math.min(DEFAULT_TOKENS, limits.tokens()) : tokens,
                  sampling(form),
                  List.of(),
                  form.flag("map"));
          ClipOptions wanted =
              ClipSampling.of(
                  form.number("frames"),
                  form.decimal("fps"),
                  form.decimal("from"),
                  form.decimal("to"),
                  "frames, fps, from, to");
          String background = form.text("background");
          List<Turn> history = history(form.text("history"));
          return form.files("files")
              .zipWith(
                  form.files("clips"), (files, clips) -> media(files, clips, wanted, background))
              .map(media -> question.about(conversation(media, history, text)));
        });
  }

  private static SamplingFields sampling(Form form) {
    return new SamplingFields(
        form.decimal("temperature"),
        form.decimal("top_p"),
        form.number("top_k"),
        form.decimal("min_p"),
        form.decimal("typical_p"),
        form.decimal("repetition_penalty"),
        form.number("no_repeat_ngram_size"),
        form.whole("seed"));
  }

  /** Videos are recognised by content; animations are clips only in the field {@code clips}. */
  private static List<Part> media(
      List<SentFile> files, List<SentFile> clips, ClipOptions wanted, @Nullable String background) {
    List<Part> media = new ArrayList<>();
    for (SentFile file : files) {
      Part.Media part = Part.Media.of(file.param(), file.name(), file.content(), wanted);
      media.add(
          part instanceof Part.PictureFile picture
              ? picture.withBackground(background, "background")
              : part);
    }
    clips.forEach(
        clip -> media.add(new Part.ClipFile(clip.param(), clip.name(), clip.content(), wanted)));
    return media;
  }

  /** Pictures and clips stand before the first message. */
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
        throw ApiException.invalid(
            "history[%d]".formatted(i),
            "in history, messages of 'user' and 'assistant' alternate; here a message of '%s' with a 'text' is expected"
                .formatted(due));
      }
      said.add(new Turn(due, List.of(new Part.Text(next.text()))));
    }
    if (said.size() % 2 != 0) {
      throw ApiException.invalid("history", "history must end with a message of 'assistant'");
    }
    return said;
  }

  private static ApiException noHistory() {
    return ApiException.invalid(
        "history",
        "history must be a JSON array of objects with 'role' and 'text'; omit the field if there are no earlier turns");
  }
}
