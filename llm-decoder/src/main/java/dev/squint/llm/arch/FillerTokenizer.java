package dev.squint.llm.arch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;

/**
 * A {@code tokenizer.json} of the right size that is not the model's: special tokens at their true
 * ids, one token for each byte, and words without meaning for all other ids.
 */
final class FillerTokenizer {

  private FillerTokenizer() {}

  /**
   * Makes the file's content.
   *
   * @param special special tokens and their ids, as in {@code added_tokens.json}
   * @param vocabulary number of ids
   */
  static ObjectNode of(JsonNode special, int vocabulary) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("version", "1.0");
    json.putNull("truncation");
    json.putNull("padding");
    ArrayNode added = json.putArray("added_tokens");
    Map<Integer, String> taken = new HashMap<>();
    for (Map.Entry<String, JsonNode> token : special.properties()) {
      taken.put(token.getValue().intValue(), token.getKey());
      added
          .addObject()
          .put("id", token.getValue().intValue())
          .put("content", token.getKey())
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    json.putNull("normalizer");
    json.set("pre_tokenizer", byteLevel());
    json.putNull("post_processor");
    json.set("decoder", byteLevel());
    ObjectNode model = json.putObject("model");
    model.put("type", "BPE");
    ObjectNode ids = model.putObject("vocab");
    int nextByte = 0;
    for (int id = 0; id < vocabulary; id++) {
      String token = taken.get(id);
      if (token == null) {
        token = nextByte < 256 ? letter(nextByte++) : "\u0120w" + id;
      }
      ids.put(token, id);
    }
    model.putArray("merges");
    return json;
  }

  private static ObjectNode byteLevel() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", false)
        .put("use_regex", false);
  }

  /**
   * The letter that stands for a byte in byte-level vocabularies: itself where it is printed, else
   * one from U+0100 on (Radford et al. 2019, GPT-2).
   */
  private static String letter(int value) {
    int from = 0x100;
    for (int each = 0; each < value; each++) {
      from += isPrinted(each) ? 0 : 1;
    }
    return Character.toString(isPrinted(value) ? value : from);
  }

  private static boolean isPrinted(int value) {
    return (value >= '!' && value <= '~')
        || (value >= 0xA1 && value <= 0xAC)
        || (value >= 0xAE && value <= 0xFF);
  }
}
