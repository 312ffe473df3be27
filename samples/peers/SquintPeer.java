import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.LoadOptions;
import dev.squint.llm.SyntheticPrompt;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.arch.Architectures;
import dev.squint.llm.chat.Message;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.tile.TiledImage;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Squint as a library: {@code SquintPeer PACKAGE VARIANT THREADS [PLAN...]}. One command as a line of JSON in, one line
 * of JSON out, as {@code peer.py} has it for the others. {@code SquintPeer package} writes the package with random
 * weights in all forms and prints its folder.
 */
public final class SquintPeer {

  private static final String QUESTION = "What is shown here?";
  private static final String SECOND = "How many colours are there in it, and which?";
  private static final int SIDE = 8;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final VisionLanguageModel model;

  private SquintPeer(VisionLanguageModel model) {
    this.model = model;
  }

  public static void main(String[] args) throws Exception {
    long start = System.nanoTime();
    if (args[0].equals("package")) {
      Architectures architectures = new Architectures(GraphCache.ofUser(), System.err::println);
      for (String form : List.of("q8", "q4")) {
        architectures.folder("smolvlm-256m", Variants.parse(form));
      }
      System.out.println(architectures.folder("smolvlm-256m"));
      return;
    }
    List<PruningPlan> plans = Arrays.stream(args).skip(3).map(PruningPlan::parse).toList();
    LoadOptions options =
        LoadOptions.DEFAULT
            .withVariants(Variants.parse(args[1]))
            .withSettings(SessionSettings.DEFAULT.withThreads(Integer.parseInt(args[2])))
            .withPlans(plans);
    try (VisionLanguageModel model = VisionLanguageModel.load(Path.of(args[0]), options)) {
      System.out.println(JSON.writeValueAsString(Map.of("load", millis(start))));
      SquintPeer peer = new SquintPeer(model);
      BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        Map<String, Object> reply;
        try {
          reply = peer.reply(JSON.readTree(line));
        } catch (RuntimeException e) {
          reply = Map.of("error", e.toString());
        }
        System.out.println(JSON.writeValueAsString(reply));
      }
    }
  }

  private Map<String, Object> reply(JsonNode given) throws Exception {
    PruningPlan plan = PruningPlan.parse(given.path("plan").asText("none"));
    return switch (given.get("do").asText()) {
      case "measure" -> measure(given.get("tokens").asInt(), given.get("steps").asInt(), plan);
      case "ids" -> ofIds(given.get("tokens").asInt());
      case "picture" -> picture(Path.of(given.get("file").asText()), QUESTION, plan);
      case "again" -> picture(Path.of(given.get("file").asText()), SECOND, plan);
      case "tile" -> tile(Path.of(given.get("file").asText()));
      case "memory" -> Map.of("peak", peak());
      case "about" -> Map.of("about", "Java " + System.getProperty("java.version"));
      default -> throw new IllegalArgumentException("no such command: " + given);
    };
  }

  /** A prompt of random text ids or, for plans, of visual tokens between 16 and 24 tokens of text. */
  private Map<String, Object> measure(int tokens, int steps, PruningPlan plan) {
    long start = System.nanoTime();
    int text = plan.equals(PruningPlan.none()) ? tokens : 40;
    int visual = tokens - text;
    SyntheticPrompt prompt =
        new SyntheticPrompt(
            embedded(text * 2 / 5), visual(visual), embedded(text - text * 2 / 5));
    try (SyntheticPrompt.Prefilled run = prompt.prefill(model, plan)) {
      int token = likely(run.session().logits());
      double prefill = millis(start);
      double[] times = new double[steps];
      for (int i = 0; i < steps; i++) {
        long step = System.nanoTime();
        run.session().append(token);
        token = likely(run.session().logits());
        times[i] = millis(step);
      }
      Arrays.sort(times);
      double median = (times[(steps - 1) / 2] + times[steps / 2]) / 2;
      return Map.of("prefill", prefill, "decode", median);
    }
  }

  private Map<String, Object> ofIds(int tokens) {
    SyntheticPrompt prompt = new SyntheticPrompt(embedded(0), visual(0), embedded(tokens));
    try (SyntheticPrompt.Prefilled run = prompt.prefill(model, PruningPlan.none())) {
      float[] logits = run.session().logits();
      return Map.of("logits", Arrays.copyOf(logits, 64), "token", likely(logits));
    }
  }

  private Map<String, Object> picture(Path file, String question, PruningPlan plan) {
    long start = System.nanoTime();
    Message asked = Message.user(List.of(new PictureReader().read(file)), question);
    Answer answer = model.ask(List.of(asked), AskOptions.DEFAULT.withPlan(plan).withMaxTokens(1));
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("first", millis(start));
    reply.put("encode", answer.timings().encodeMillis());
    reply.put("preprocess", answer.timings().preprocessMillis());
    reply.put("prefill", answer.timings().prefillMillis());
    reply.put("tiles", answer.encoding().encodedTiles());
    reply.put("tokens", answer.promptTokens());
    reply.put("reused", answer.reusedTokens());
    reply.put("notes", answer.notes());
    return reply;
  }

  private Map<String, Object> tile(Path file) {
    TiledImage whole = model.tiles(List.of(new PictureReader().read(file)), PruningPlan.none()).get(0);
    FloatBuffer pixels = whole.pixels().duplicate();
    int size = pixels.limit() / whole.tiles().size();
    TiledImage one =
        new TiledImage(
            whole.picture(), whole.tile(), whole.tiles().subList(0, 1), whole.patchLayout(), whole.frames(),
            pixels.slice(0, size), List.of(), List.of());
    long start = System.nanoTime();
    PatchTokens tokens = model.encoder().encode(List.of(one), Set.of());
    return Map.of("encode", millis(start), "features", Arrays.copyOf(tokens.features().data(), 64));
  }

  private Matrix embedded(int tokens) {
    int size = model.decoder().hiddenSize();
    float[] values = new float[tokens * size];
    if (tokens > 0) {
      long[] ids = new long[tokens];
      for (int i = 0; i < tokens; i++) {
        ids[i] = 256 + 7919L * i % 40000;
      }
      model.decoder().embeddings().of(ids).get(values);
    }
    return new Matrix(tokens, size, values);
  }

  private PatchTokens visual(int tokens) {
    List<Tile> tiles = new ArrayList<>();
    int crops = tokens / (SIDE * SIDE);
    for (int i = 0; i < crops; i++) {
      tiles.add(Tile.crop(0, SIDE, SIDE, new Tile.Crop(0, i, 1, crops)));
    }
    if (tokens > crops * SIDE * SIDE) {
      tiles.add(Tile.global(0, 1, tokens - crops * SIDE * SIDE));
    }
    return PatchTokens.encoded(tiles, embedded(tokens), EvidenceSet.nothing());
  }

  private static int likely(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }

  private static double peak() throws Exception {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024 / 1e6)
        .findFirst()
        .orElse(Double.NaN);
  }

  private static double millis(long start) {
    return (System.nanoTime() - start) / 1e6;
  }
}
