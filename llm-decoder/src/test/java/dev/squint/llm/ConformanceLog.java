package dev.squint.llm;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The largest differences that conformance tests have seen, by package and kind of value. */
final class ConformanceLog {

  static final Path FOLDER = Path.of("target/conformance");

  private final Map<String, Map<String, Double>> worst = new TreeMap<>();

  synchronized void add(String folder, String column, double difference) {
    worst.computeIfAbsent(folder, key -> new TreeMap<>()).merge(column, difference, Math::max);
  }

  void write(String name) throws IOException {
    Files.createDirectories(FOLDER);
    new ObjectMapper()
        .writerWithDefaultPrettyPrinter()
        .writeValue(FOLDER.resolve(name + ".json").toFile(), worst);
  }
}
