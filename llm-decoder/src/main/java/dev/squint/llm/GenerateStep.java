package dev.squint.llm;

import dev.squint.llm.RequestStep.Prefilled;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.decoder.session.PromptLookup;
import dev.squint.llm.generation.LogitsRules;
import dev.squint.llm.generation.Sampling;
import dev.squint.llm.model.TextStream;
import dev.squint.llm.prompt.Prompt;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;

/**
 * From a filled cache to text, token by token.
 *
 * @param sinceQuestion runs since the question was asked
 */
record GenerateStep(ModelParts model, AskOptions options, Stopwatch sinceQuestion) {

  private static final long[] NO_DRAFTS = {};

  Generated generate(Prefilled prefilled) {
    Stopwatch watch = new Stopwatch();
    DecodingSession session = prefilled.session();
    int maxTokens = prefilled.prompted().maxTokens();
    Sampler sampler = options.sampler(model.generation().sampling().orElse(Sampling.ALL));
    LogitsRules.Answer rules =
        options
            .rules()
            .apply(model.generation().rules())
            .start(begun(prefilled), model.stopTokens(), maxTokens);
    PromptLookup lookup = lookup(prefilled.prompted().prompt());
    TextStream stream = new TextStream(model.writer().tokenizer());
    StringBuilder text = new StringBuilder();
    FinishReason reason = FinishReason.CANCELLED;
    double firstTokenMillis = 0;
    int generated = 0;
    while (!options.cancelled().getAsBoolean()) {
      int token = sampler.next(rules.apply(session.logits()));
      if (firstTokenMillis == 0) {
        firstTokenMillis = sinceQuestion.total();
      }
      if (model.stopTokens().contains((long) token)) {
        reason = FinishReason.STOP;
        break;
      }
      generated++;
      rules.add(token);
      lookup.add(token);
      emit(stream.add(token), text);
      if (generated == maxTokens) {
        reason = FinishReason.LENGTH;
        break;
      }
      // The last token of an answer is chosen without a run.
      int drafts = Math.min(options.draftTokens(), maxTokens - generated - 1);
      if (!append(session, token, lookup, drafts)) {
        break;
      }
    }
    emit(stream.end(), text);
    return new Generated(
        text.toString(),
        reason,
        generated,
        session.drafts(),
        session.cacheBytes(),
        watch.total(),
        firstTokenMillis);
  }

  private PromptLookup lookup(Prompt prompt) {
    int[] notText =
        IntStream.concat(IntStream.of(prompt.visual()), IntStream.of(prompt.lineBreaks()))
            .toArray();
    return new PromptLookup(prompt.ids(), notText);
  }

  /** What the decoder has read before the answer. */
  private long[] begun(Prefilled prefilled) {
    OptionalLong start = model.decoders().staged().decoder().start();
    return start.isPresent() ? new long[] {start.getAsLong()} : prefilled.prompted().prompt().ids();
  }

  /**
   * Runs the decoder on one token; false if it was cancelled meanwhile.
   *
   * @param most tokens of a draft
   */
  private static boolean append(DecodingSession session, int token, PromptLookup lookup, int most) {
    try {
      session.append(token, session.needsRun(token) ? lookup.drafts(most) : NO_DRAFTS);
      return true;
    } catch (CancellationException cancelled) {
      return false;
    }
  }

  // Most tokenizers put the space into the word behind it; the answer starts without it.
  private void emit(String piece, StringBuilder text) {
    String visible = text.isEmpty() ? piece.stripLeading() : piece;
    if (!visible.isEmpty()) {
      text.append(visible);
      options.onText().accept(visible);
    }
  }
}
