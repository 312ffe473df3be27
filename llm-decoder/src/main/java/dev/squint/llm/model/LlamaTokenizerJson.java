package dev.squint.llm.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;

/**
 * What transformers 5 makes of a {@code tokenizer.json} whose class is LlamaTokenizer: it keeps
 * vocabulary and merges, and rebuilds normaliser, splitting and decoder from {@code legacy} and
 * {@code add_prefix_space} of {@code tokenizer_config.json}.
 */
final class LlamaTokenizerJson {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> CLASSES = Set.of("LlamaTokenizer", "LlamaTokenizerFast");
  private static final String SPACE = "\u2581";

  private LlamaTokenizerJson() {}

  /** The content of a {@code tokenizer.json} as transformers uses it. */
  static byte[] read(File tokenizer, JsonNode config) throws IOException {
    byte[] own = Files.readAllBytes(tokenizer.toPath());
    if (!CLASSES.contains(config.path("tokenizer_class").asText())) {
      return own;
    }
    JsonNode root = JSON.readTree(own);
    JsonNode model = root.path("model");
    boolean pieces =
        model.path("type").asText("BPE").equals("BPE") && model.path("byte_fallback").asBoolean();
    if (!pieces || !(root instanceof ObjectNode changed)) {
      return own;
    }
    JsonNode prefix = config.path("add_prefix_space");
    boolean prefixed = !prefix.isBoolean() || prefix.asBoolean();
    boolean legacy = config.path("legacy").asBoolean(false);
    changed.putNull("normalizer");
    changed
        .putObject("pre_tokenizer")
        .put("type", "Metaspace")
        .put("replacement", SPACE)
        .put("prepend_scheme", prefixed ? legacy ? "always" : "first" : "never")
        .put("split", false);
    ArrayNode decoders = changed.putObject("decoder").put("type", "Sequence").putArray("decoders");
    ObjectNode replace = decoders.addObject().put("type", "Replace");
    replace.putObject("pattern").put("String", SPACE);
    replace.put("content", " ");
    decoders.addObject().put("type", "ByteFallback");
    decoders.addObject().put("type", "Fuse");
    if (prefixed) {
      decoders.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    }
    return JSON.writeValueAsBytes(changed);
  }
}
