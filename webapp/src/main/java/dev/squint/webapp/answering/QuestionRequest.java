package dev.squint.webapp.answering;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.io.ContentHash;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A question, complete and checked.
 *
 * @param conversation the last turn is the one to answer
 * @param plan which visual tokens are kept
 * @param maxTokens limit of the answer's tokens
 * @param sampling how the tokens of the answer are chosen
 * @param stops texts that end the answer
 * @param wantsMap whether to report the reduction of each visual token
 * @param regions parts of pictures whose tokens are kept or dropped before the plan acts
 */
public record QuestionRequest(
    List<Turn> conversation,
    PruningPlan plan,
    int maxTokens,
    SamplingFields sampling,
    List<String> stops,
    boolean wantsMap,
    List<PictureRegion> regions) {

  /** A question about whole pictures. */
  public QuestionRequest(
      List<Turn> conversation,
      PruningPlan plan,
      int maxTokens,
      SamplingFields sampling,
      List<String> stops,
      boolean wantsMap) {
    this(conversation, plan, maxTokens, sampling, stops, wantsMap, List.of());
  }

  /** Keeps its own copies of the lists. */
  public QuestionRequest {
    conversation = List.copyOf(conversation);
    stops = List.copyOf(stops);
    regions = List.copyOf(regions);
  }

  /** Whether there are files to decode. */
  boolean hasMedia() {
    return media().findAny().isPresent();
  }

  private Stream<Turn.Part.Media> media() {
    return conversation.stream()
        .flatMap(turn -> turn.parts().stream())
        .filter(Turn.Part.Media.class::isInstance)
        .map(Turn.Part.Media.class::cast);
  }

  /**
   * The SHA-256 of all picture and clip files one after the other, in hexadecimal digits; empty
   * without any. For one file it is the hash of that file.
   */
  public Optional<String> pictureHash() {
    if (!hasMedia()) {
      return Optional.empty();
    }
    ContentHash hash = new ContentHash();
    media().flatMap(part -> part.files().stream()).forEach(hash::with);
    return Optional.of(hash.hex());
  }

  /** The same question with another limit of the answer's tokens. */
  QuestionRequest withMaxTokens(int maxTokens) {
    return new QuestionRequest(conversation, plan, maxTokens, sampling, stops, wantsMap, regions);
  }

  /** The same question with another conversation. */
  public QuestionRequest about(List<Turn> conversation) {
    return new QuestionRequest(conversation, plan, maxTokens, sampling, stops, wantsMap, regions);
  }

  /** The same question about these parts of its pictures. */
  public QuestionRequest within(List<PictureRegion> regions) {
    return new QuestionRequest(conversation, plan, maxTokens, sampling, stops, wantsMap, regions);
  }
}
