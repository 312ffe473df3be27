package dev.squint.llm;

import dev.squint.llm.decoder.batch.Sharing;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.session.PromptEncoder;
import dev.squint.llm.model.EncoderDecoder;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.TrainedMethods;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.OnnxSession;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens the decoders of a package.
 *
 * @param opened is given each part that is open
 */
record DecoderLoader(ModelPackage files, LoadOptions options, Consumer<AutoCloseable> opened) {

  /**
   * Opens them.
   *
   * @throws IllegalArgumentException if a graph is broken, or cannot be cut where a plan of the
   *     options acts
   */
  ModelParts.Decoders load(TrainedMethods trained) {
    Path graph = files.graph(Session.DECODER);
    OnnxSession table = open(Session.EMBED_TOKENS, files.graph(Session.EMBED_TOKENS));
    TextEmbeddings embeddings = new TextEmbeddings(table);
    Sharing sharing = Sharing.of(options.batching());
    StagedDecoderManager staged =
        new StagedDecoderManager(
            graph,
            new StagedDecoderManager.Reader(embeddings, promptEncoder()),
            options.cuts(),
            options.plans().stream().map(this::expanded).toList(),
            options.prefixCacheBytes(),
            options.settings(Session.DECODER),
            sharing);
    opened.accept(staged);
    return new ModelParts.Decoders(
        staged,
        new RoutedDecoders(
            files.name(),
            graph,
            staged.decoder().hiddenSize(),
            trained,
            embeddings,
            options.settings(Session.DECODER),
            sharing),
        sharing);
  }

  /** A plan with the steps of the calibration that it names. */
  private PruningPlan expanded(PruningPlan plan) {
    try {
      return options.calibrations().expanded(plan, () -> 0);
    } catch (IllegalArgumentException e) {
      throw StagedDecoderManager.refused(plan, e);
    }
  }

  private @Nullable PromptEncoder promptEncoder() {
    EncoderDecoder own = EncoderDecoder.of(files).orElse(null);
    return own == null
        ? null
        : new PromptEncoder(open(Session.DECODER, own.encoder()), own.start());
  }

  private OnnxSession open(Session kind, Path graph) {
    OnnxSession session = OnnxSession.open(graph, options.settings(kind));
    opened.accept(session);
    return session;
  }
}
