package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.vision.encoder.EncoderCache.Encoded;
import dev.squint.vision.io.ContentHash;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an encoder has encoded in any process, in a {@link FeatureStore}. An entry is named by the
 * version of Squint, the encoder, the cache's key and the kinds of evidence. So processes with
 * other plans do not replace each other's entries, and none is read that another version wrote,
 * whose kernels or form may differ.
 *
 * @param encoder hash of the encoder, {@link EncoderFingerprint}
 */
record SharedFeatures(FeatureStore store, String encoder) {

  static final SharedFeatures NONE = new SharedFeatures(FeatureStore.NONE, "");

  /** That of the parent pom, which a test compares. */
  static final String VERSION = "0.1.0";

  /**
   * Contains the version of {@link ContentKey} too, so that entries of earlier keys are not read.
   */
  private static final String PREFIX = "squint:features:" + VERSION + ":2:";

  /** The entries of these keys that the store has, with exactly this evidence. */
  Map<String, Encoded> find(Collection<String> keys, Set<? extends Evidence<?>> evidence) {
    if (store == FeatureStore.NONE) {
      return Map.of();
    }
    Map<String, String> names = new LinkedHashMap<>();
    keys.forEach(key -> names.put(key, name(key, evidence)));
    Map<String, byte[]> values = store.find(names.values());
    Map<String, Encoded> found = new HashMap<>();
    int damaged = 0;
    for (Map.Entry<String, String> entry : names.entrySet()) {
      byte[] value = values.get(entry.getValue());
      if (value != null) {
        Optional<Encoded> read = FeatureFormat.read(entry.getValue(), value, evidence);
        read.ifPresent(encoded -> found.put(entry.getKey(), encoded));
        damaged += read.isPresent() ? 0 : 1;
      }
    }
    store.looked(found.size(), names.size() - found.size() - damaged, damaged);
    return found;
  }

  /** Stores entries by key. */
  void keep(Map<String, Encoded> encoded, Set<? extends Evidence<?>> evidence) {
    if (store == FeatureStore.NONE) {
      return;
    }
    Map<String, byte[]> values = new HashMap<>();
    encoded.forEach(
        (key, tile) -> {
          String name = name(key, evidence);
          values.put(name, FeatureFormat.write(name, tile));
        });
    store.keep(values);
  }

  private String name(String key, Set<? extends Evidence<?>> evidence) {
    return PREFIX
        + ContentHash.of("%s %s %s".formatted(encoder, key, FeatureFormat.names(evidence)));
  }
}
