package dev.squint.llm;

import dev.squint.llm.RequestStep.Cost;
import dev.squint.llm.RequestStep.Encoded;
import dev.squint.llm.RequestStep.Frames;
import dev.squint.llm.RequestStep.Prefilled;
import dev.squint.llm.RequestStep.Prompted;
import dev.squint.llm.RequestStep.Pruned;
import dev.squint.llm.RequestStep.Tiled;
import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.vision.onnx.Cancellation;
import dev.squint.vision.tile.TiledImage;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Function;

/**
 * One request from conversation to answer: frames, tiles, visual tokens, fewer visual tokens,
 * prompt, cache, text. Each step takes the result of the step before and returns its own.
 */
final class RequestRun {

  private final ModelParts model;
  private final List<Message> conversation;
  private final AskOptions options;
  private final Stopwatch sinceQuestion = new Stopwatch();
  private final AnswerReport report;

  RequestRun(ModelParts model, List<Message> conversation, AskOptions options) {
    this.model = model;
    this.conversation = conversation;
    this.options = options;
    this.report = new AnswerReport(options.plan(), model.notes(options), sinceQuestion);
  }

  /** Answers, or reports what was done until the request was cancelled. */
  Answer answer() {
    Cancellation cancellation = Cancellation.watching(options.cancelled());
    try {
      return run();
    } catch (Stopped stopped) {
      return report.unfinished(stopped.done);
    } finally {
      cancellation.close();
    }
  }

  private Answer run() {
    Frames frames = select();
    Tiled tiled = ended(RequestPhase.PREPROCESS, tile(frames));
    Encoded encoded =
        ended(RequestPhase.ENCODE, next(tiled, new EncodeStep(model, options)::encode));
    Pruned pruned = ended(RequestPhase.PRUNE, next(encoded, new PruneStep(model, options)::prune));
    Prompted prompted =
        ended(RequestPhase.PROMPT, next(pruned, new PromptStep(model, options)::write));
    try (Prefilled prefilled = next(prompted, new PrefillStep(model, options)::prefill)) {
      options.onPhase().accept(RequestPhase.PREFILL);
      GenerateStep generate = new GenerateStep(model, options, sinceQuestion);
      Generated generated = guarded(prefilled, generate::generate);
      return report.answer(prefilled, ended(RequestPhase.GENERATE, generated));
    }
  }

  private <O> O ended(RequestPhase phase, O result) {
    options.onPhase().accept(phase);
    return result;
  }

  private Frames select() {
    Stopwatch watch = new Stopwatch();
    ExpandedConversation expanded = model.tiling().expand(conversation, options.plan());
    return new Frames(conversation, expanded, Cost.of(watch.total(), expanded.operations()));
  }

  private Tiled tile(Frames frames) {
    Stopwatch watch = new Stopwatch();
    List<Content> images = frames.expanded().images();
    List<TiledImage> full = model.tiling().full(images);
    List<TiledImage> given = model.tiling().given(images, full, options.plan());
    List<TiledImage> coarser = model.tiling().coarser(images, full, options.plan());
    return new Tiled(frames, full, given, coarser, Cost.of(watch.total(), 0));
  }

  /** Takes a step unless the request was cancelled before it. */
  private <I extends RequestStep, O> O next(I done, Function<I, O> step) {
    if (options.cancelled().getAsBoolean()) {
      throw new Stopped(done);
    }
    return guarded(done, step);
  }

  /** Takes a step; when it is cancelled meanwhile, what was done before it is what remains. */
  private static <I extends RequestStep, O> O guarded(I done, Function<I, O> step) {
    try {
      return step.apply(done);
    } catch (CancellationException cancelled) {
      throw new Stopped(done);
    }
  }

  /** Carries the last result of a cancelled request out of the steps. */
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient RequestStep done;

    Stopped(RequestStep done) {
      super("the request was cancelled");
      this.done = done;
    }
  }
}
