package dev.squint.webapp.answering;

import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.PictureReader;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.http.ApiException;
import java.time.Instant;
import org.springframework.http.HttpStatus;

/** A loaded model with the checks and the reader of its questions. Immutable, thread-safe. */
public final class ServedModel {

  private final String id;
  private final VisionLanguageModel model;
  private final MethodPlans plans;
  private final QuestionLimits limits;
  private final ConversationReader reader;
  private final long created = Instant.now().getEpochSecond();

  /**
   * Prepares a loaded model.
   *
   * @param id its name in requests
   */
  public ServedModel(
      String id, VisionLanguageModel model, ServerSettings settings, PictureReader pictures) {
    this.id = id;
    this.model = model;
    this.plans = new MethodPlans(model);
    this.limits =
        new QuestionLimits(settings.limits(), pictures, model.tiler(), new PictureContext(model));
    this.reader = new ConversationReader(settings, pictures, model.frameRule(), model.pictures());
  }

  /** Its name in requests. */
  public String id() {
    return id;
  }

  /** The model. */
  public VisionLanguageModel model() {
    return model;
  }

  /** Makes plans of one method. */
  public MethodPlans plans() {
    return plans;
  }

  /** Seconds since 1970 when it was loaded. */
  public long created() {
    return created;
  }

  ConversationReader reader() {
    return reader;
  }

  /**
   * Checks a question before anything is decoded.
   *
   * @return the question with the answer's length within the limit
   * @throws ApiException if it is beyond a limit or the model does not support its plan
   */
  QuestionRequest checked(QuestionRequest question) {
    QuestionRequest checked = limits.checked(question);
    check(question.plan());
    return checked;
  }

  private void check(PruningPlan plan) {
    try {
      model.check(plan);
    } catch (IllegalArgumentException e) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST, "invalid_plan", "plan", String.valueOf(e.getMessage()));
    }
  }
}
