package dev.squint.llm;

import static dev.squint.testing.Closeness.assertClose;

import dev.squint.llm.MaskedDecoder.Seen;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.prompt.Prompt;
import dev.squint.pruner.Continuation;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.plan.ExitStep;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.encoder.EncoderCache;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.tile.TiledImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Compares an answer under a plan with a decoder that drops nothing and masks instead. */
final class MaskComparison {
  // Dropping and masking sum the same in other blocks, through a cache that is renumbered and
  // layers that are run again. Measured over all plans: 2.0e-5 of the scale with AVX2, 1.5e-5 with
  // AVX-512.
  private static final Tolerance LOGITS = Tolerance.relative(2e-4);

  static final String QUESTION = "What is in the picture?";
  static final int TOKENS = 5;

  private MaskComparison() {}

  /**
   * Asks under a plan and compares the logits of every step.
   *
   * @param text a plan that drops tokens and merges at most before the decoder
   */
  static void check(
      VisionLanguageModel model, MaskedDecoder reference, Picture picture, String text) {
    PruningPlan plan = PruningPlan.parse(text);
    RecordedTokens recorded = new RecordedTokens();
    AskOptions options = recorded.options().withPlan(plan).withMaxTokens(TOKENS);
    Answer answer = model.ask(List.of(picture), QUESTION, options);

    List<Message> conversation = List.of(Message.user(List.of(picture), QUESTION));
    PatchTokens encoded = encoded(model, picture, plan, answer);
    Prompt prompt = model.writer().write(conversation, encoded);
    PromptEmbeddings embeddings =
        model.writer().embed(prompt, encoded, model.decoder().embeddings());
    List<Seen> seen = seen(plan, answer, prompt, reference.layers());

    assertSame(
        text,
        0,
        recorded.logits().get(0),
        reference.prefill(embeddings, seen, passedBy(plan, reference.layers(), -1)));
    List<boolean[]> held = new ArrayList<>();
    seen.forEach(layer -> held.add(layer.tokens().clone()));
    int[] counts = held.stream().mapToInt(MaskComparison::count).toArray();
    boolean inPlaces = text.contains("inCache=true");
    evict(plan, held, counts);
    for (int step = 0; step + 1 < recorded.tokens().size(); step++) {
      long[] positions = new long[held.size()];
      for (int layer = 0; layer < positions.length; layer++) {
        positions[layer] = seen.get(layer).next() + step;
      }
      Set<Integer> passedBy = passedBy(plan, reference.layers(), step);
      assertSame(
          text,
          step + 1,
          recorded.logits().get(step + 1),
          inPlaces
              ? reference.appendInPlaces(recorded.tokens().get(step), held)
              : reference.append(recorded.tokens().get(step), held, positions, passedBy));
      for (int layer = 0; layer < held.size(); layer++) {
        boolean[] before = held.get(layer);
        boolean[] more = Arrays.copyOf(before, before.length + 1);
        more[before.length] = true;
        held.set(layer, more);
      }
      evict(plan, held, counts);
    }
  }

  /** The tokens that the decoder is given, all crops having been encoded at once. */
  private static PatchTokens encoded(
      VisionLanguageModel model, Picture picture, PruningPlan plan, Answer answer) {
    List<TiledImage> tiled = model.tiler().tile(List.of(picture));
    if (plan.points().stream().noneMatch(MaskComparison::changesEncoding)) {
      return model.encoder().encode(tiled, Set.of()).reduced(answer.reduction());
    }
    // Merging, and encoding fewer patches, cannot be masked: the result is used, and tokens dropped
    // after it are found by index.
    RequestEvidence request =
        new RequestEvidence(
            () ->
                model
                    .writer()
                    .question(
                        List.of(Message.user(List.of(picture), QUESTION)),
                        model.decoder().embeddings(),
                        model.decoder().hiddenSize()),
            model.trained(),
            (views, kind) -> views,
            tiled);
    PatchTokens all =
        new TileEncoding(new EncoderCache(model.encoder(), 0), plan, request, Set.of())
            .encode(tiled, List.of())
            .tokens();
    int[] first = new int[all.tiles().size() + 1];
    for (int t = 0; t < all.tiles().size(); t++) {
      first[t + 1] = first[t] + all.tiles().get(t).tokens();
    }
    int[] kept =
        IntStream.range(0, all.size())
            .filter(
                i -> {
                  TokenPosition at = all.positions().get(i);
                  int number =
                      first[at.tile()] + at.row() * all.tiles().get(at.tile()).cols() + at.col();
                  return Arrays.binarySearch(answer.reduction().kept(), number) >= 0;
                })
            .toArray();
    return all.reduced(TokenReduction.keep(all.size(), kept));
  }

  private static boolean changesEncoding(Point point) {
    return point.equals(Point.PATCHES) || point.kind() == Point.Kind.INSIDE_ENCODER;
  }

  private static Set<Integer> passedBy(PruningPlan plan, int layers, int generated) {
    ExitStep exits = plan.exits();
    Set<Integer> passedBy = new HashSet<>();
    if (exits != null) {
      IntStream.range(0, layers).forEach(passedBy::add);
      IntStream.of(exits.schedule().active(layers, generated)).forEach(passedBy::remove);
    }
    return passedBy;
  }

  private static void assertSame(String plan, int step, float[] logits, float[] expected) {
    assertClose(logits, expected, LOGITS, "logits of step %d under %s", step, plan);
  }

  /** What StreamingLLM leaves: the first four rows and the newest ones. */
  private static void evict(PruningPlan plan, List<boolean[]> held, int[] counts) {
    if (plan.cache().isEmpty()) {
      return;
    }
    for (int layer = 0; layer < held.size(); layer++) {
      boolean[] rows = held.get(layer);
      int stay = plan.cache().get(0).budget().tokens(counts[layer]);
      int left = count(rows);
      int first = Math.min(4, stay);
      int number = 0;
      for (int row = 0; row < rows.length && left > stay; row++) {
        if (rows[row]) {
          rows[row] = number < first || number >= left - (stay - first);
          number++;
        }
      }
    }
  }

  private static int count(boolean[] rows) {
    return (int) IntStream.range(0, rows.length).filter(row -> rows[row]).count();
  }

  /** Which tokens each layer sees, from where the answer says that tokens left. */
  private static List<Seen> seen(PruningPlan plan, Answer answer, Prompt prompt, int layers) {
    int total = prompt.ids().length;
    boolean[] alive = new boolean[total];
    Arrays.fill(alive, true);
    long[] positions = IntStream.range(0, total).asLongStream().toArray();
    long next = total;
    List<Seen> seen = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      Point point = layer == 0 ? Point.ENCODER : Point.decoder(layer);
      for (LayerReduction reduction : answer.layerReductions()) {
        if (reduction.point().equals(point)) {
          boolean[] stay = stay(reduction, answer, prompt);
          boolean changed = !Arrays.equals(stay, alive);
          alive = stay;
          Continuation how = ofThePaper(plan.at(point).get(0).method().name());
          if (changed && how != Continuation.KEEP_POSITIONS) {
            positions = counted(alive);
            next = count(alive);
          }
          if (changed && how == Continuation.RESTART) {
            seen.clear();
            for (int earlier = 0; earlier < layer; earlier++) {
              seen.add(new Seen(alive.clone(), positions.clone(), next));
            }
          }
        }
      }
      seen.add(new Seen(alive.clone(), positions.clone(), next));
    }
    return seen;
  }

  /** How the authors continue, whatever the method says of itself. */
  private static Continuation ofThePaper(String method) {
    return switch (method) {
      case "pyramiddrop", "sparsevlm", "adaptinfer", "mustdrop" -> Continuation.RENUMBER;
      case "gemfilter" -> Continuation.RESTART;
      default -> Continuation.KEEP_POSITIONS;
    };
  }

  private static boolean[] stay(LayerReduction reduction, Answer answer, Prompt prompt) {
    boolean[] stay = new boolean[prompt.ids().length];
    Arrays.fill(stay, true);
    int[] given = answer.reduction().kept();
    for (int i = 0; i < given.length; i++) {
      stay[prompt.visual()[i]] = Arrays.binarySearch(reduction.reduction().kept(), given[i]) >= 0;
    }
    return stay;
  }

  private static long[] counted(boolean[] alive) {
    long[] positions = new long[alive.length];
    long number = 0;
    for (int i = 0; i < alive.length; i++) {
      positions[i] = number;
      number += alive[i] ? 1 : 0;
    }
    return positions;
  }
}
