package dev.squint.llm.decoder;

import static dev.squint.testing.Closeness.assertClose;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.decoder.evidence.CacheEvidence;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * H2O while decoding, on a decoder of one layer whose attention is known. Token t of 8 is the t-th
 * unit vector of 9. Tokens 0 to 3 are the prompt; they attend to all evenly. Tokens 4 to 7 are
 * decoded; they give token 3 six times as much attention as others, and token 0 half as much. The
 * value of token t is 2^t; the weighted mean of the values is added to the last number of the
 * hidden state, and the logits show it.
 */
class HeavyHittersTest {
  // One layer of sums of less than ten terms; measured 3e-7 of the scale.
  private static final Tolerance MEAN = Tolerance.relative(1e-5);
  private static final int WIDTH = 9;
  private static final int PROMPT = 4;

  @TempDir private Path folder;

  /**
   * Sums of attention to the rows 0 to 3 after the prompt: 25/12, 13/12, 7/12, 3/12. The first
   * decoded token adds 0.5/9.5, 1/9.5, 1/9.5, 6/9.5: row 2 is the least. Row 3 would be without
   * what the new token adds; row 0 would be without what the prompt gave. From then on the token
   * before the newest is the least, with 2/9.5 at most.
   */
  @Test
  void rowsThatGotMoreAttentionInAll_stay() throws IOException {
    List<int[]> seen =
        List.of(
            new int[] {0, 1, 2, 3, 4},
            new int[] {0, 1, 3, 4, 5},
            new int[] {0, 1, 3, 5, 6},
            new int[] {0, 1, 3, 6, 7});

    try (StagedDecoder decoder = decoder("cache:h2o(tokens=4, recent=0.25)");
        DecodingSession session = prefill(decoder, "cache:h2o(tokens=4, recent=0.25)")) {
      for (int step = 0; step < seen.size(); step++) {
        int token = PROMPT + step;
        session.append(token);
        float[] logits = session.logits();
        assertClose(
            logits[WIDTH - 1] / logits[token],
            mean(seen.get(step)),
            MEAN,
            "mean of the values that step %d attends to",
            step);
      }
    }
  }

  private static double mean(int[] rows) {
    double sum = 0;
    double total = 0;
    for (int row : rows) {
      double weight = row == 0 ? 0.5 : row == 3 ? 6 : 1;
      sum += weight * Math.pow(2, row);
      total += weight;
    }
    return sum / total;
  }

  private StagedDecoder decoder(String plan) throws IOException {
    JsonNode weights = new ObjectMapper().valueToTree(model());
    Path graph = MiniDecoder.write(weights, folder.resolve("decoder.onnx"));
    Path table =
        MiniDecoder.writeEmbeddings(
            weights, new ObjectMapper().valueToTree(unit(1)), folder.resolve("words.onnx"));
    CutGraph cut =
        new GraphRewriter(new GraphCache(folder.resolve("cache")))
            .cut(
                graph,
                GraphKind.DECODER,
                new CutPlan(
                    List.of(), CacheEvidence.taps(PruningPlan.parse(plan).needs(Point.CACHE), 1)));
    return StagedDecoder.open(
        new TextEmbeddings(OnnxSession.open(table, SessionSettings.DEFAULT)),
        cut,
        SessionSettings.DEFAULT);
  }

  private static DecodingSession prefill(StagedDecoder decoder, String plan) {
    FloatBuffer prompt = DirectBuffers.floats((long) PROMPT * WIDTH);
    for (int t = 0; t < PROMPT; t++) {
      prompt.put(t * WIDTH + t, 1);
    }
    return decoder.prefill(
        PrefillRequest.of(new PromptEmbeddings(prompt, PositionIds.counting(0, PROMPT), PROMPT))
            .withCache(PruningPlan.parse(plan).cache(), new int[] {1, 2}));
  }

  /**
   * Norms multiply unit vectors by 3. Numbers 1 and 3 of queries and keys rotate by 1e-15 a
   * position, which is nothing.
   */
  private static Map<String, Object> model() {
    double[][] queries = new double[4][WIDTH];
    for (int token = PROMPT; token < 8; token++) {
      queries[1][token] = 2 * Math.log(6) / 3;
      queries[3][token] = 2 * Math.log(0.5) / 3;
    }
    double[][] keys = new double[4][WIDTH];
    keys[1][3] = 1 / 3.0;
    keys[3][0] = 1 / 3.0;
    double[][] values = new double[4][WIDTH];
    for (int token = 0; token < 8; token++) {
      values[0][token] = Math.pow(2, token) / 3;
    }
    double[][] output = new double[WIDTH][4];
    output[WIDTH - 1][0] = 1;
    double[] ones = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    return Map.of(
        "config",
        Map.of(
            "heads", 1, "head_dim", 4, "D", WIDTH, "vocab", WIDTH, "rope_base", 1e30, "rms_eps", 0),
        "weights",
        Map.of(
            "layers",
            List.of(
                Map.of(
                    "n1",
                    ones,
                    "Wq",
                    queries,
                    "Wk",
                    keys,
                    "Wv",
                    values,
                    "Wo",
                    output,
                    "n2",
                    ones,
                    "Wg",
                    new double[1][WIDTH],
                    "Wu",
                    new double[1][WIDTH],
                    "Wd",
                    new double[WIDTH][1])),
            "final_norm",
            ones,
            "lm_head",
            unit(1)));
  }

  private static double[][] unit(double value) {
    double[][] rows = new double[WIDTH][WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      rows[i][i] = value;
    }
    return rows;
  }
}
