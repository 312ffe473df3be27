package dev.squint.llm;

import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.llm.prompt.Prompt;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.vision.tile.TiledImage;
import java.util.List;
import java.util.Optional;

/**
 * The result of one step of a request. Each result holds the result before it, so the last one
 * holds all that is known of the request. Immutable, but for the session of {@link Prefilled}.
 */
sealed interface RequestStep {

  /** The result of the step before; empty for the first. */
  Optional<RequestStep> before();

  /** What this step took. */
  Cost cost();

  /**
   * What a step took.
   *
   * @param millis milliseconds, without those of choosing
   * @param choosingMillis milliseconds for choosing and merging tokens
   * @param cachedMillis milliseconds that an earlier request spent on what this step reused
   * @param operations operations of choosing and merging, {@link dev.squint.pruner.Operations}
   * @param notes what a reader of the figures must know
   */
  record Cost(
      double millis,
      double choosingMillis,
      double cachedMillis,
      double operations,
      List<String> notes) {

    /** Milliseconds and operations alone. */
    static Cost of(double millis, double operations) {
      return new Cost(millis, 0, 0, operations, List.of());
    }
  }

  /**
   * The conversation with its videos written as frames.
   *
   * @param asked the conversation of the caller
   * @param expanded with the frames that the plan keeps
   */
  record Frames(List<Message> asked, ExpandedConversation expanded, Cost cost)
      implements RequestStep {
    @Override
    public Optional<RequestStep> before() {
      return Optional.empty();
    }
  }

  /**
   * Pictures and frames as tiles.
   *
   * @param full in full size
   * @param given as the encoder runs on them: smaller where the plan shrinks pictures, larger where
   *     it enlarges them
   * @param coarser the level of a pyramid by which the plan chooses crops; none without such a plan
   */
  record Tiled(
      Frames frames,
      List<TiledImage> full,
      List<TiledImage> given,
      List<TiledImage> coarser,
      Cost cost)
      implements RequestStep {
    @Override
    public Optional<RequestStep> before() {
      return Optional.of(frames);
    }
  }

  /**
   * Visual tokens.
   *
   * @param tokens that the model may be given, [N, D]
   * @param encoding how much of the pictures the encoder saw
   * @param work what the encoder ran on
   * @param reduction from the tokens of all tiles to these
   * @param glances runs of the decoder's first layers on the global views
   */
  record Encoded(
      Tiled tiled,
      PatchTokens tokens,
      Encoding encoding,
      EncoderWork work,
      TokenReduction reduction,
      List<StageRun> glances,
      Cost cost)
      implements RequestStep {
    @Override
    public Optional<RequestStep> before() {
      return Optional.of(tiled);
    }

    /** The conversation that was encoded. */
    Frames frames() {
      return tiled.frames();
    }
  }

  /**
   * Visual tokens after the plan has acted on the output of the encoder.
   *
   * @param kept for the prompt, [N', D]
   * @param stacked the same with what the plan adds to them between decoder layers
   * @param afterEncoder the reduction at this point alone, [N] to [N']
   * @param reduction from the tokens of all tiles to these
   */
  record Pruned(
      Encoded encoded,
      PatchTokens kept,
      PatchTokens stacked,
      TokenReduction afterEncoder,
      TokenReduction reduction,
      Cost cost)
      implements RequestStep {
    @Override
    public Optional<RequestStep> before() {
      return Optional.of(encoded);
    }
  }

  /**
   * The prompt as input of the decoder.
   *
   * @param embeddings of text and visual tokens, [S, D]
   * @param layerTokens the visual tokens with the evidence that steps between layers read
   * @param maxTokens the most tokens to generate; fits into the model's context
   */
  record Prompted(
      Pruned pruned,
      Prompt prompt,
      PromptEmbeddings embeddings,
      PatchTokens layerTokens,
      int maxTokens,
      Cost cost)
      implements RequestStep {
    @Override
    public Optional<RequestStep> before() {
      return Optional.of(pruned);
    }
  }

  /**
   * A decoder that has read the prompt; to be closed.
   *
   * @param session with the logits of the first token of the answer
   * @param runs of layers on the prompt
   * @param layerReductions reductions at the plan's points between layers
   * @param reusedTokens first tokens of the prompt that an earlier request had left in the cache
   */
  record Prefilled(
      Prompted prompted,
      DecodingSession session,
      List<StageRun> runs,
      List<LayerReduction> layerReductions,
      int reusedTokens,
      Cost cost)
      implements RequestStep, AutoCloseable {
    @Override
    public Optional<RequestStep> before() {
      return Optional.of(prompted);
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
