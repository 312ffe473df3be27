package dev.squint.llm.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Files that say which heads of a decoder return nothing: {@code {"inactive": [[], [0, 3]]}}. */
public final class HeadFile {

  private static final ObjectMapper JSON = new ObjectMapper();

  private HeadFile() {}

  /**
   * Reads the heads of each layer.
   *
   * @throws IllegalArgumentException if the file cannot be read or is no such file
   */
  public static List<Set<Integer>> read(Path file) {
    JsonNode layers;
    try {
      layers = JSON.readTree(Files.readString(file)).path("inactive");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s is not a file of 'squint calibrate --heads'".formatted(file), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s cannot be read; 'squint calibrate --heads --out FILE' makes it".formatted(file), e);
    }
    List<Set<Integer>> inactive = new ArrayList<>();
    for (JsonNode layer : layers) {
      Set<Integer> heads = new TreeSet<>();
      for (JsonNode head : layer) {
        if (!head.isInt()) {
          throw new IllegalArgumentException(
              "%s has %s among heads; write their numbers from 0".formatted(file, head));
        }
        heads.add(head.intValue());
      }
      inactive.add(heads);
    }
    if (inactive.isEmpty()) {
      throw new IllegalArgumentException(
          "%s has no heads; 'inactive' lists those of each layer".formatted(file));
    }
    return inactive;
  }
}
