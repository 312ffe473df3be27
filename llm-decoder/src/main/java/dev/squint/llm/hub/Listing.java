package dev.squint.llm.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A hub's listing of a revision: {@code /api/models/OWNER/NAME/revision/REVISION?blobs=true}.
 *
 * @param commit the commit of the revision
 * @param files all files of the package
 */
record Listing(String commit, List<HubFile> files) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{7,64}");
  private static final Pattern SAFE = Pattern.compile("[^\\\\:*?\"<>|\\p{Cntrl}]+");

  /**
   * Reads the hub's answer.
   *
   * @throws IllegalArgumentException if it is not one, or lists a file outside of the package
   */
  static Listing read(String json, RepositoryName name) {
    JsonNode answer;
    try {
      answer = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "the hub's answer about %s is not JSON; is its address right?".formatted(name), e);
    }
    String commit = answer.path("sha").asText();
    if (!COMMIT.matcher(commit).matches() || !answer.path("siblings").isArray()) {
      throw new IllegalArgumentException(
          "the hub's answer about %s names no commit or no files; is its address right?"
              .formatted(name));
    }
    List<HubFile> files = new ArrayList<>();
    for (JsonNode file : answer.path("siblings")) {
      JsonNode lfs = file.path("lfs");
      files.add(
          new HubFile(
              safe(file.path("rfilename").asText(), name),
              lfs.path("size").asLong(file.path("size").asLong(-1)),
              lfs.path("sha256").asText(file.path("blobId").asText(""))));
    }
    return new Listing(commit, List.copyOf(files));
  }

  // A name from outside becomes a path here: it must stay inside of the package's folder.
  private static String safe(String path, RepositoryName name) {
    boolean inside = SAFE.matcher(path).matches() && !path.startsWith("/");
    for (String part : path.split("/", -1)) {
      inside &= !part.isEmpty() && !part.equals(".") && !part.equals("..");
    }
    if (!inside) {
      throw new IllegalArgumentException(
          "%s lists a file '%s', which would lie outside of its folder; nothing was downloaded"
              .formatted(name, path));
    }
    return path;
  }

  Optional<HubFile> file(String path) {
    return files.stream().filter(file -> file.path().equals(path)).findFirst();
  }
}
