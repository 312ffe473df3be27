package dev.squint.llm;

import dev.squint.llm.RequestStep.Tiled;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.llm.prompt.Prompt;
import dev.squint.llm.prompt.PromptWriter;
import dev.squint.pruner.Attention;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.GlanceAttention;
import dev.squint.pruner.evidence.LastQueryAttention;
import java.util.List;
import java.util.function.Consumer;

/** Evidence of the question for methods that act before the decoder. */
record QuestionReader(ModelParts model, Tiled tiled) {

  /**
   * Evidence that is computed when a method asks for it.
   *
   * @param onGlance receives each run of the decoder's first layers
   */
  RequestEvidence evidence(Consumer<StageRun> onGlance) {
    return new RequestEvidence(
        this::embeddings,
        model.trained(),
        (views, kind) -> glance(views, kind, onGlance),
        tiled.given());
  }

  private Matrix embeddings() {
    return model
        .writer()
        .question(tiled.frames().asked(), decoder().embeddings(), decoder().hiddenSize());
  }

  private StagedDecoder decoder() {
    return model.decoders().staged().decoder();
  }

  /** Adds to global views the attention that the last token of the question pays to them. */
  private PatchTokens glance(PatchTokens views, GlanceAttention kind, Consumer<StageRun> onGlance) {
    PromptWriter writer = model.writer();
    List<Message> conversation = tiled.frames().expanded().conversation();
    TokenReduction given = writer.given(conversation, views);
    PatchTokens seen = views.reduced(given);
    Prompt prompt = writer.write(conversation, seen);
    PromptEmbeddings embeddings = writer.embed(prompt, seen, decoder().embeddings());
    EvidenceSet observed = decoder().glance(embeddings, prompt.visual(), kind.layers());
    onGlance.accept(new StageRun(0, kind.layers(), prompt.ids().length));
    Matrix attention = observed.get(new LastQueryAttention()).perHead();
    return views.with(
        kind, Attention.of(perToken(attention, given.target())), observed.operations());
  }

  /** Where several tokens were merged into one, each gets the attention of that one; [H, N]. */
  private static Matrix perToken(Matrix attention, int[] target) {
    float[] perToken = new float[attention.rows() * target.length];
    for (int h = 0; h < attention.rows(); h++) {
      for (int j = 0; j < target.length; j++) {
        perToken[h * target.length + j] = target[j] < 0 ? 0 : attention.get(h, target[j]);
      }
    }
    return new Matrix(attention.rows(), target.length, perToken);
  }
}
