package dev.squint.llm.decoder.prefix;

import dev.squint.llm.decoder.cache.PrefixBlock;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.stage.DecoderStage;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers keys and values of prompts in blocks of 16 tokens. A prompt that starts like an earlier
 * one costs the prefill of its new part alone: a second question about the same pictures, the next
 * turn of a chat. Blocks are found by the content of the whole prompt up to their end, as in vLLM's
 * automatic prefix caching (PagedAttention, arXiv 2309.06180, section 4.4). Bounded by bytes; the
 * least recently used blocks are evicted first, of one prompt the last block before the first.
 * Thread-safe.
 */
public final class PrefixCache {

  /** 256 MiB, but an eighth of the heap at most: 5 pictures of 17 tiles on SmolVLM-256M. */
  public static final long DEFAULT_MAX_BYTES =
      Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 8);

  private final long maxBytes;
  private final PrefixTrial trial;
  private final Map<String, PrefixBlock> blocks = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /**
   * A cache of one decoder.
   *
   * @param trial whether its prompts can be run in parts
   */
  PrefixCache(long maxBytes, PrefixTrial trial) {
    this.maxBytes = maxBytes;
    this.trial = trial;
  }

  /**
   * A cache for one decoder, made by {@link dev.squint.llm.decoder.StagedDecoder#prefixCache}. If a
   * prompt in parts does not give the same result as the whole, nothing is reused; {@link
   * PrefixProbe} tries that when a prompt begins as an earlier one for the first time.
   *
   * @param maxBytes of keys and values that are kept; 0 keeps nothing
   */
  public static PrefixCache of(
      TextEmbeddings embeddings, List<DecoderStage> stages, long maxBytes) {
    return new PrefixCache(maxBytes, PrefixTrial.of(embeddings, stages));
  }

  /** Why nothing is kept though there is memory for it; empty otherwise, or if that is unknown. */
  public Optional<String> obstacle() {
    return maxBytes > 0 ? trial.known() : Optional.empty();
  }

  /**
   * Returns why prompts cannot be run in parts, empty if they can. Tries the decoder at the first
   * call.
   */
  Optional<String> tried() {
    return trial.result();
  }

  /** Whether anything is kept. */
  public boolean keeps() {
    return maxBytes > 0 && trial.known().isEmpty();
  }

  /** Bytes of the keys and values that are kept now. */
  public synchronized long bytes() {
    return bytes;
  }

  /** The first blocks of a prompt that are kept, up to a gap; none if they cannot be reused. */
  List<PrefixBlock> find(List<String> keys) {
    List<PrefixBlock> known = known(keys);
    if (known.isEmpty() || trial.result().isEmpty()) {
      return known;
    }
    clear();
    return List.of();
  }

  private synchronized void clear() {
    blocks.clear();
    bytes = 0;
  }

  private synchronized List<PrefixBlock> known(List<String> keys) {
    List<PrefixBlock> found = new ArrayList<>();
    for (String key : keys) {
      PrefixBlock block = blocks.get(key);
      if (block == null) {
        break;
      }
      found.add(block);
    }
    return found;
  }

  /** Number of blocks of this size that can be kept. */
  int room(long bytesPerBlock) {
    return keeps() ? (int) Math.min(Integer.MAX_VALUE, maxBytes / bytesPerBlock) : 0;
  }

  /** Keeps the first blocks of a prompt, as many as are given. */
  synchronized void keep(List<String> keys, List<PrefixBlock> prompt) {
    // From the last block to the first: eviction takes the oldest, and later blocks need the first.
    for (int i = prompt.size() - 1; i >= 0; i--) {
      PrefixBlock before = blocks.put(keys.get(i), prompt.get(i));
      bytes += prompt.get(i).bytes() - (before == null ? 0 : before.bytes());
    }
    Iterator<PrefixBlock> eldest = blocks.values().iterator();
    while (bytes > maxBytes) {
      bytes -= eldest.next().bytes();
      eldest.remove();
    }
  }
}
