package dev.squint.webapp.ask;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.video.ClipOptions;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.answering.ClipSampling;
import dev.squint.webapp.answering.PictureRegion;
import dev.squint.webapp.answering.Plans;
import dev.squint.webapp.answering.QuestionRequest;
import dev.squint.webapp.answering.SamplingFields;
import dev.squint.webapp.answering.Turn;
import dev.squint.webapp.answering.Turn.Part;
import dev.squint.webapp.ask.ReceivedForm.SentFile;
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
  Mono<QuestionRequest> read(ReceivedForm form) {
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
          List<PictureRegion> regions = regions(form.text("regions"));
          AskHistory history = AskHistory.read(json, form.text("history"));
          String system = form.text("system");
          return form.files("files")
              .zipWith(
                  form.files("clips"),
                  (files, clips) ->
                      history.conversation(
                          pictures(files, wanted, background), clips(clips, wanted), text))
              .map(turns -> question.about(instructed(system, turns)).within(regions));
        });
  }

  private static SamplingFields sampling(ReceivedForm form) {
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
  private static List<Part> pictures(
      List<SentFile> files, ClipOptions wanted, @Nullable String background) {
    List<Part> media = new ArrayList<>();
    for (SentFile file : files) {
      Part.Media part = Part.Media.of(file.param(), file.name(), file.content(), wanted);
      media.add(
          part instanceof Part.PictureFile picture
              ? picture.withBackground(background, "background")
              : part);
    }
    return media;
  }

  private static List<Part> clips(List<SentFile> clips, ClipOptions wanted) {
    return clips.stream()
        .<Part>map(clip -> new Part.ClipFile(clip.param(), clip.name(), clip.content(), wanted))
        .toList();
  }

  private List<PictureRegion> regions(@Nullable String text) {
    if (text == null) {
      return List.of();
    }
    try {
      PictureRegion.@Nullable Field @Nullable [] fields =
          json.readValue(text, PictureRegion.Field[].class);
      return PictureRegion.of(fields == null ? null : Arrays.asList(fields), "regions");
    } catch (JacksonException e) {
      throw ApiException.invalid(
          "regions",
          "regions must be a JSON array of objects with 'picture', and 'box' or 'polygon'; omit the field for whole pictures");
    }
  }

  private static List<Turn> instructed(@Nullable String system, List<Turn> turns) {
    if (system == null) {
      return turns;
    }
    List<Turn> all = new ArrayList<>(turns);
    all.add(0, new Turn("system", List.of(new Part.Text(system))));
    return all;
  }
}
