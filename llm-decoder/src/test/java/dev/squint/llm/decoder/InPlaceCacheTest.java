package dev.squint.llm.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.cache.StageCache;
import dev.squint.llm.decoder.input.NewTokens;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.input.TokenExtras;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CacheInPlace;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps that write into the cache compute the same bits as steps that copy it. */
class InPlaceCacheTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final int PROMPT = 23;

  /** More than the room that is made at a time, so that room is made again. */
  private static final int STEPS = 150;

  @ParameterizedTest
  @ValueSource(strings = {"smolvlm2-fused", "gemma3-fused", "qwen2-vl-fused"})
  void logitsAreTheSame(String name) {
    ModelPackage files = ModelPackage.read(PACKAGES.resolve(name));
    try (StagedDecoder copying = copying(files);
        StagedDecoder inPlace =
            StagedDecoder.open(
                embeddings(files), files.graph(Session.DECODER), SessionSettings.DEFAULT)) {
      assertSame(copying, inPlace, PrefillRequest.of(prompt(copying)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"smolvlm2-fused", "gemma3-fused"})
  void logitsAreTheSameInStages(String name, @TempDir Path cache) {
    ModelPackage files = ModelPackage.read(PACKAGES.resolve(name));
    var cut =
        new GraphRewriter(new GraphCache(cache))
            .cut(files.graph(Session.DECODER), GraphKind.DECODER, CutPlan.after(0));
    for (int stage = 0; stage < cut.stages().size(); stage++) {
      assertThat(CacheInPlace.isPossible(cut.file(stage))).isTrue();
    }
    try (StagedDecoder copying = copying(files);
        StagedDecoder inPlace =
            StagedDecoder.open(embeddings(files), cut, SessionSettings.DEFAULT)) {
      assertSame(copying, inPlace, PrefillRequest.of(prompt(copying)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cache:streamingllm(tokens=12)", "cache:quantised(bits=8)"})
  void logitsAreTheSameAfterEvictions(String plan) {
    ModelPackage files = ModelPackage.read(PACKAGES.resolve("smolvlm2-fused"));
    try (StagedDecoder copying = copying(files);
        StagedDecoder inPlace =
            StagedDecoder.open(
                embeddings(files), files.graph(Session.DECODER), SessionSettings.DEFAULT)) {
      assertSame(
          copying,
          inPlace,
          PrefillRequest.of(prompt(copying))
              .withCache(PruningPlan.parse(plan).cache(), IntStream.range(4, 16).toArray()));
    }
  }

  private static void assertSame(StagedDecoder some, StagedDecoder others, PrefillRequest request) {
    try (DecodingSession one = some.prefill(request);
        DecodingSession other = others.prefill(request)) {
      assertThat(other.logits()).isEqualTo(one.logits());
      for (int step = 0; step < STEPS; step++) {
        long token = Sampler.GREEDY.next(one.logits());
        one.append(token);
        other.append(token);
        assertThat(other.logits()).as("logits after step %d", step).isEqualTo(one.logits());
      }
      assertThat(other.cacheBytes()).isEqualTo(one.cacheBytes());
      assertThat(other.cachedTokens().get(0)).isEqualTo(one.cachedTokens().get(0));
    }
  }

  @Test
  void aStepReusesTheTensorsOfTheStepBefore() {
    ModelPackage files = ModelPackage.read(PACKAGES.resolve("smolvlm2-fused"));
    Path graph = files.graph(Session.DECODER);
    OnnxSession session = OnnxSession.open(graph, SessionSettings.DEFAULT);
    try (DecoderStage stage = new DecoderStage(session, CacheInPlace.isPossible(graph));
        StageCaches caches = StageCaches.empty(List.of(stage))) {
      StageCache cache = caches.get(0);
      PromptEmbeddings prompt = prompt(stage.signature().hiddenSize());
      try (OnnxTensor hidden = stage.hidden(prompt)) {
        NewTokens tokens = NewTokens.of(prompt.positions(), prompt.extras());
        stage.run(hidden, tokens, new int[0], cache);
      }
      step(stage, prompt, cache);
      var before = cache.inputs();
      step(stage, prompt, cache);
      var after = cache.inputs();

      assertThat(cache.columns()).isEqualTo(PROMPT + 2);
      before.forEach((name, tensor) -> assertThat(after.get(name)).isSameAs(tensor));
      assertThat(cache.bytes()).isEqualTo((PROMPT + 2) * stage.signature().cacheBytesPerToken());
    }
  }

  private static void step(DecoderStage stage, PromptEmbeddings prompt, StageCache cache) {
    PromptEmbeddings one = prompt.of(0, 1);
    NewTokens token = NewTokens.of(PositionIds.counting(cache.columns(), 1), TokenExtras.text(1));
    try (OnnxTensor hidden = stage.hidden(one)) {
      OrtSession.Result result = stage.run(hidden, token, new int[0], cache);
      assertThat(result.get(stage.signature().output())).isPresent();
    }
  }

  private static StagedDecoder copying(ModelPackage files) {
    return new StagedDecoder(
        embeddings(files), OnnxSession.open(files.graph(Session.DECODER), SessionSettings.DEFAULT));
  }

  private static TextEmbeddings embeddings(ModelPackage files) {
    return new TextEmbeddings(
        OnnxSession.open(files.graph(Session.EMBED_TOKENS), SessionSettings.DEFAULT));
  }

  private static PromptEmbeddings prompt(StagedDecoder decoder) {
    return prompt(decoder.hiddenSize());
  }

  private static PromptEmbeddings prompt(int size) {
    Random random = new Random(7);
    FloatBuffer values = DirectBuffers.floats((long) PROMPT * size);
    while (values.hasRemaining()) {
      values.put((float) random.nextGaussian());
    }
    return new PromptEmbeddings(values.flip(), PositionIds.counting(0, PROMPT), PROMPT);
  }
}
