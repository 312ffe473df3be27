package dev.squint.llm.decoder.cache;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.session.CachedSession;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.decoder.stage.StageSignature;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.plan.CacheStep;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.onnx.graph.Tap;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The bytes that a session says its cache takes are those of the tensors and arrays that can be
 * reached from it, whatever form its rows have.
 */
class HeldBytesTest {

  private static final int TOKENS = 50;
  private static StagedDecoder decoder;

  @BeforeAll
  static void cut(@TempDir Path cache) {
    ModelPackage model = ModelPackage.read(Path.of("src/test/resources/packages/llava"));
    CutPlan plan = CutPlan.after(0, 1, 2);
    for (int layer = 0; layer < 4; layer++) {
      plan = plan.tapping(Tap.queries(layer));
    }
    CutGraph graph =
        new GraphRewriter(new GraphCache(cache))
            .cut(model.graph(Session.DECODER), GraphKind.DECODER, plan);
    decoder =
        StagedDecoder.open(
            new TextEmbeddings(
                OnnxSession.open(model.graph(Session.EMBED_TOKENS), SessionSettings.DEFAULT)),
            graph,
            SessionSettings.DEFAULT);
  }

  @AfterAll
  static void close() {
    decoder.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cache:snapkv(keep=0.5, window=4)",
        "cache:h2o(keep=0.5)",
        "cache:streamingllm(keep=0.5, inCache=true)",
        "cache:lookm(keep=0.5)",
        "cache:zipvl(mass=0.5)",
        "cache:zipvl(others=in-fewer-bits)",
        "cache:think(keep=0.5, recent=4)",
        "cache:gear(group=8, every=3)",
        "cache:gear(rank=0, outliers=0.1, group=8)",
        "cache:quantised(bits=8, every=3)",
        "cache:quantised(bits=4)",
        "cache:snapkv(keep=0.5, window=4) + cache:quantised(bits=3)"
      })
  void whatIsSaid_isWhatIsHeld(String text) throws IllegalAccessException {
    PruningPlan plan = PruningPlan.parse(text);
    int[] visual = IntStream.range(5, 40).toArray();
    try (DecodingSession session =
        decoder.prefill(PrefillRequest.of(prompt()).withCache(plan.cache(), visual))) {
      assertThat(session.cacheBytes()).as("after prefill").isEqualTo(held(session));
      for (int token = 0; token < 5; token++) {
        session.append(token);
        assertThat(session.cacheBytes()).as("token %d", token).isEqualTo(held(session));
      }
      boolean codes = plan.cache().stream().map(CacheStep::policy).anyMatch(CachePolicy::stores);
      long floats = (TOKENS + 5) * decoder.cacheBytesPerToken();
      assertThat(session.cacheBytes()).isLessThan(codes ? floats * 9 / 10 : floats * 7 / 10);
    }
  }

  private static PromptEmbeddings prompt() {
    int size = decoder.hiddenSize();
    FloatBuffer values = DirectBuffers.floats((long) TOKENS * size);
    values.put(decoder.embeddings().of(IntStream.range(7, 7 + TOKENS).asLongStream().toArray()));
    return new PromptEmbeddings(values.flip(), PositionIds.counting(0, TOKENS), TOKENS);
  }

  private static long held(DecodingSession session) throws IllegalAccessException {
    Walk walk = new Walk();
    for (Field field : CachedSession.class.getDeclaredFields()) {
      if (field.getName().equals("caches")) {
        field.setAccessible(true);
        walk.add(field.get(session));
      }
    }
    assertThat(walk.bytes).isPositive();
    return walk.bytes;
  }

  /** Adds up the arrays and tensors of keys and values that an object leads to. */
  private static final class Walk {

    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private long bytes;

    void add(Object object) throws IllegalAccessException {
      if (object == null || !seen.add(object)) {
        return;
      }
      if (object instanceof OnnxTensor tensor) {
        bytes += tensor.getInfo().getNumElements() * tensor.getInfo().type.size;
      } else if (object instanceof Iterable<?> items) {
        for (Object item : items) {
          add(item);
        }
      } else if (object instanceof Map<?, ?> map) {
        add(map.values());
      } else if (object.getClass().isArray()) {
        addArray(object);
      } else if (isOurs(object)) {
        for (Field field : object.getClass().getDeclaredFields()) {
          // How many tokens there are is no key and no value.
          if (!field.getType().isPrimitive()
              && !field.getName().equals("lengths")
              && !Modifier.isStatic(field.getModifiers())) {
            field.setAccessible(true);
            add(field.get(object));
          }
        }
      }
    }

    private static boolean isOurs(Object object) {
      return object.getClass().getName().startsWith("dev.squint.")
          && !(object instanceof StageSignature)
          && !object.getClass().isSynthetic();
    }

    private void addArray(Object array) throws IllegalAccessException {
      Class<?> of = array.getClass().getComponentType();
      if (of.isPrimitive()) {
        bytes += (long) Array.getLength(array) * bytesOf(of);
        return;
      }
      for (int i = 0; i < Array.getLength(array); i++) {
        add(Array.get(array, i));
      }
    }

    private static int bytesOf(Class<?> number) {
      return switch (number.getName()) {
        case "byte", "boolean" -> 1;
        case "short" -> 2;
        case "int", "float" -> 4;
        default -> 8;
      };
    }
  }
}
