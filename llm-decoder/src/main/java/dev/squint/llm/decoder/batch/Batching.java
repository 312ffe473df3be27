package dev.squint.llm.decoder.batch;

import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.prefix.PrefixTrial;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.decoder.session.DensePrefill;
import dev.squint.llm.decoder.session.DenseSession;
import dev.squint.llm.decoder.session.DraftingSession;
import dev.squint.llm.decoder.session.Prefilled;
import dev.squint.llm.decoder.session.PromptRun;
import dev.squint.llm.decoder.session.SequenceRow;
import dev.squint.llm.decoder.session.StepExecutor;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Lets the requests of a model share one decoder: prompts run in chunks between the steps of a
 * batch, sequences decode together where the decoder can do that, and take turns where it cannot.
 * Without batches, everything runs at once and by itself. Thread-safe.
 */
public final class Batching implements AutoCloseable {

  private static final double NANOS_PER_MILLI = 1e6;
  private static final String INEXACT =
      "answers that are decoded together change each other's rounding in this decoder, so they can differ from the same questions alone";

  private static final String ROUNDED =
      "tokens that run together change each other's rounding in this decoder";

  private final Sharing sharing;
  private final List<DecoderStage> stages;
  private final StepExecutor steps;
  private final BatchTrial trial;
  private final PrefixTrial parts;
  private final BatchLoop loop;

  /**
   * For one decoder.
   *
   * @param sharing of the model
   */
  public Batching(Sharing sharing, TextEmbeddings embeddings, List<DecoderStage> stages) {
    this.sharing = sharing;
    this.stages = stages;
    this.steps = new StepExecutor(embeddings, stages);
    this.trial = new BatchTrial(() -> BatchProbe.of(embeddings, stages));
    this.parts = PrefixTrial.of(embeddings, stages);
    this.loop = new BatchLoop(sharing, () -> new RowBatch(embeddings, stages));
  }

  private boolean isOn() {
    return sharing.settings().isOn();
  }

  /**
   * Whether sequences decode together here: tried when a second request comes while one runs. A
   * model with one client at a time never runs it.
   */
  private boolean together() {
    if (!isOn() || !(trial.isKnown() || sharing.turns().isBusy())) {
      return false;
    }
    BatchTrial.Result result = trial.result();
    return result.obstacle().isEmpty() && (result.exact() || sharing.settings().inexact());
  }

  /** Why sequences cannot run drafts of tokens; empty if they can. Tried once, when needed. */
  public Optional<String> draftObstacle() {
    return parts.result().or(() -> parts.isExact() ? Optional.empty() : Optional.of(ROUNDED));
  }

  /** What answers should say about batches of this decoder; empty if nothing, or nothing yet. */
  public Optional<String> note() {
    return isOn() && sharing.settings().inexact() && trial.isInexact()
        ? Optional.of(INEXACT)
        : Optional.empty();
  }

  /** Runs all tokens of a prompt through all stages: in chunks, if that changes nothing. */
  public PromptRun prompts(Decoding decoding) {
    return decoding != Decoding.ALONE && together() && parts.result().isEmpty()
        ? inChunks()
        : inOneTurn(DensePrefill.plain(stages));
  }

  /** Runs a prompt in one turn. */
  public PromptRun inOneTurn(DensePrefill prefill) {
    return isOn()
        ? (prompt, caches) -> chunk(prefill, prompt, caches, sharing.turns().number())
        : prefill;
  }

  private PromptRun inChunks() {
    long began = sharing.turns().number();
    int size = sharing.settings().chunk();
    return (prompt, caches) -> {
      int last = (prompt.tokens() - 1) / size * size;
      for (int start = 0; start < last; start += size) {
        chunk(DensePrefill.plain(stages), prompt.of(start, start + size), caches, began);
      }
      return chunk(DensePrefill.plain(stages), prompt.of(last, prompt.tokens()), caches, began);
    };
  }

  private Prefilled chunk(
      DensePrefill prefill, PromptEmbeddings prompt, StageCaches caches, long began) {
    try {
      return sharing
          .turns()
          .take(
              Turns.Kind.PROMPT,
              began,
              () -> {
                long start = System.nanoTime();
                Prefilled prefilled = prefill.run(prompt, caches);
                double millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
                sharing.listeners().prefilled(prompt.tokens(), millis);
                return prefilled;
              });
    } catch (RuntimeException | Error e) {
      // Also when it was cancelled while it waited.
      caches.close();
      throw e;
    }
  }

  /**
   * Decodes after a prompt.
   *
   * @param prefilled takes ownership
   * @param plain whether no policies and no exits act on the row
   * @param decoding drafts are taken where {@link #draftObstacle} names nothing
   */
  public DecodingSession session(
      SequenceRow row, Prefilled prefilled, boolean plain, Decoding decoding) {
    boolean takesDrafts = plain && decoding == Decoding.DRAFTED && draftObstacle().isEmpty();
    if (plain && !takesDrafts && decoding != Decoding.ALONE && together()) {
      return new BatchedSession(loop, stages, row, prefilled);
    }
    DecodingSession session =
        takesDrafts
            ? new DraftingSession(steps, row, prefilled)
            : new DenseSession(steps, row, prefilled);
    return isOn() ? new SerialSession(session, sharing.turns()) : session;
  }

  /** A sequence that always decodes by itself, in turns with the others. */
  public DecodingSession alone(Supplier<DecodingSession> prefill) {
    return isOn()
        ? new SerialSession(sharing.turns().take(Turns.Kind.PROMPT, prefill), sharing.turns())
        : prefill.get();
  }

  /** Ends the loop; no sequence may be open. */
  @Override
  public void close() {
    loop.close();
  }
}
