package dev.squint.llm.decoder.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.prefix.PrefixCache;
import dev.squint.llm.decoder.prefix.ProbePrompts;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that share a decoder get the tokens that they get in a decoder of their own. */
@Timeout(120)
class SharedDecoderTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final int TOKENS = 12;
  private static final int CHUNK = 7;
  private static final int REQUESTS = 18;

  private final AtomicInteger mostRows = new AtomicInteger();
  private final ConcurrentLinkedQueue<Integer> chunks = new ConcurrentLinkedQueue<>();

  /** Prompts of several lengths; the later half begins as the first. */
  private static List<PromptEmbeddings> prompts(StagedDecoder decoder) {
    ProbePrompts some = new ProbePrompts(1, decoder.hiddenSize());
    List<PromptEmbeddings> prompts = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      prompts.add(some.prompt(i % (REQUESTS / 2), 20 + 3 * (i % (REQUESTS / 2))));
    }
    return prompts;
  }

  /** Some evict rows or quantise them, so they decode by themselves; the others together. */
  private static PrefillRequest request(
      int number, PromptEmbeddings prompt, UnaryOperator<PrefillRequest> plain) {
    PrefillRequest request = PrefillRequest.of(prompt);
    return switch (number % 6) {
      case 2 ->
          request.withCache(PruningPlan.parse("cache:streamingllm(tokens=12)").cache(), visual());
      case 5 -> request.withCache(PruningPlan.parse("cache:quantised(bits=8)").cache(), visual());
      default -> plain.apply(request);
    };
  }

  private static int[] visual() {
    return IntStream.range(5, 12).toArray();
  }

  private static List<Integer> answer(StagedDecoder decoder, PrefillRequest request) {
    List<Integer> tokens = new ArrayList<>();
    try (DecodingSession session = decoder.prefill(request)) {
      while (tokens.size() < TOKENS) {
        tokens.add(Sampler.GREEDY.next(session.logits()));
        session.append(tokens.get(tokens.size() - 1));
      }
      tokens.addAll(session.cachedTokens());
      tokens.add(Math.toIntExact(session.cacheBytes()));
      session.report().runs().forEach(run -> tokens.add(run.tokens()));
    }
    return tokens;
  }

  @ParameterizedTest
  @ValueSource(strings = {"smolvlm2-fused", "llava", "paligemma", "gemma3-fused"})
  void tokensAreThoseOfADecoderOfTheirOwn(String name) throws Exception {
    ModelPackage files = ModelPackage.read(PACKAGES.resolve(name));
    BatchSettings settings = new BatchSettings(4, CHUNK, Long.MAX_VALUE, false);
    Sharing sharing = Sharing.of(settings);
    sharing.listeners().add(listener());
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try (StagedDecoder alone = open(files, Sharing.none());
        StagedDecoder shared = open(files, sharing)) {
      PrefixCache prefixes = shared.prefixCache(1 << 20);
      List<PromptEmbeddings> prompts = prompts(alone);
      List<Callable<List<Integer>>> work = new ArrayList<>();
      for (int i = 0; i < REQUESTS; i++) {
        int number = i;
        work.add(
            () ->
                answer(
                    shared,
                    request(
                        number,
                        prompts.get(number),
                        plain -> number % 2 == 0 ? plain : plain.withPrefixes(prefixes))));
      }
      List<Future<List<Integer>>> answers = threads.invokeAll(work);
      for (int i = 0; i < REQUESTS; i++) {
        assertThat(answers.get(i).get())
            .as("request %d", i)
            .isEqualTo(answer(alone, request(i, prompts.get(i), plain -> plain)));
      }
    } finally {
      threads.shutdownNow();
    }
    boolean together = !name.equals("gemma3-fused");
    assertThat(mostRows.get() > 1).isEqualTo(together);
    boolean inParts = together && !name.equals("paligemma");
    assertThat(chunks.stream().anyMatch(tokens -> tokens == CHUNK)).isEqualTo(inParts);
  }

  private BatchListener listener() {
    return new BatchListener() {
      @Override
      public void stepped(int rows, int waiting, double millis) {
        mostRows.accumulateAndGet(rows, Math::max);
      }

      @Override
      public void prefilled(int tokens, double millis) {
        chunks.add(tokens);
      }
    };
  }

  private static StagedDecoder open(ModelPackage files, Sharing sharing) {
    OnnxSession table =
        OnnxSession.open(files.graph(Session.EMBED_TOKENS), SessionSettings.DEFAULT);
    return StagedDecoder.open(
        new TextEmbeddings(table), files.graph(Session.DECODER), SessionSettings.DEFAULT, sharing);
  }
}
