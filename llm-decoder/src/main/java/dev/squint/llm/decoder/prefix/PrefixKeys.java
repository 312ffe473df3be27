package dev.squint.llm.decoder.prefix;

import dev.squint.llm.decoder.cache.PrefixBlock;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.vision.io.ContentHash;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Names for what a prompt begins with: one for each whole block of tokens, of the block and all
 * before it. Computed from all inputs of the decoder for a token, bit by bit. Cryptographic,
 * because a server's users must not be able to plant answers about prompts of others.
 */
final class PrefixKeys {

  private PrefixKeys() {}

  /** The names of all whole blocks of {@link PrefixBlock#TOKENS} tokens, in order. */
  static List<String> of(PromptEmbeddings prompt) {
    List<String> keys = new ArrayList<>();
    byte[] before = {};
    for (int from = 0; from + PrefixBlock.TOKENS <= prompt.tokens(); from += PrefixBlock.TOKENS) {
      before = key(before, prompt.of(from, from + PrefixBlock.TOKENS));
      keys.add(HexFormat.of().formatHex(before));
    }
    return keys;
  }

  private static byte[] key(byte[] before, PromptEmbeddings block) {
    ContentHash hash = new ContentHash().with(before).with(bytes(block.values().duplicate()));
    for (int axis = 0; axis < block.positions().axes(); axis++) {
      hash.with(bytes(block.positions().axis(axis)));
    }
    hash.with(bytes(block.extras().types()));
    block.extras().deep().forEach(level -> hash.with(bytes(FloatBuffer.wrap(level.data()))));
    hash.with(bytes(FloatBuffer.wrap(block.extras().layerInputs().given().data())));
    return hash.bytes();
  }

  private static byte[] bytes(FloatBuffer values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.remaining() * Float.BYTES).order(ByteOrder.nativeOrder());
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  private static byte[] bytes(long[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES);
    Arrays.stream(values).forEach(bytes::putLong);
    return bytes.array();
  }
}
