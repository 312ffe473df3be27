package dev.squint.webapp.http;

import dev.squint.webapp.ServerSettings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * The keys of clients by name.
 *
 * @param keys the keys as bytes; empty if the server needs none
 */
record ApiKeys(Map<String, byte[]> keys) {

  static ApiKeys of(ServerSettings settings) {
    Map<String, byte[]> keys = new LinkedHashMap<>();
    settings.allKeys().forEach((name, key) -> keys.put(name, key.getBytes(StandardCharsets.UTF_8)));
    return new ApiKeys(keys);
  }

  boolean isEmpty() {
    return keys.isEmpty();
  }

  /** The name of the key in a request, or null if it has none of them. */
  @Nullable String clientOf(HttpHeaders headers) {
    byte[] given = given(headers);
    if (given == null) {
      return null;
    }
    String found = null;
    // All keys are compared, so that the time does not depend on which one matches.
    for (Map.Entry<String, byte[]> key : keys.entrySet()) {
      if (MessageDigest.isEqual(given, key.getValue())) {
        found = "key " + key.getKey();
      }
    }
    return found;
  }

  private static byte @Nullable [] given(HttpHeaders headers) {
    String authorization = headers.getFirst(HttpHeaders.AUTHORIZATION);
    if (authorization == null) {
      // The header of Anthropic's clients.
      String key = headers.getFirst("X-Api-Key");
      return key == null ? null : key.strip().getBytes(StandardCharsets.UTF_8);
    }
    if (authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return authorization.substring(7).strip().getBytes(StandardCharsets.UTF_8);
    }
    if (authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
      try {
        String pair =
            new String(
                Base64.getDecoder().decode(authorization.substring(6).strip()),
                StandardCharsets.UTF_8);
        return pair.substring(pair.indexOf(':') + 1).getBytes(StandardCharsets.UTF_8);
      } catch (IllegalArgumentException notBase64) {
        return null;
      }
    }
    return null;
  }
}
