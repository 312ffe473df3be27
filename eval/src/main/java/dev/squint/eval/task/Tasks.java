package dev.squint.eval.task;

import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The supported benchmarks. */
public final class Tasks {

  private static final ObjectMapper YAML =
      YAMLMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .build();

  /** Names in the order of tables: picture benchmarks, video benchmarks, Squint's own. */
  private static final List<String> NAMES =
      List.of(
          "vqav2",
          "okvqa",
          "vizwiz",
          "textvqa",
          "gqa",
          "pope",
          "mme",
          "mmbench",
          "scienceqa",
          "seed-bench",
          "seed-bench-2",
          "ai2d",
          "chartqa",
          "docvqa",
          "infovqa",
          "ocrbench",
          "mmstar",
          "mmmu",
          "mmmu-tsv",
          "vlmevalkit",
          "nlvr",
          "shapes-nmn",
          "vlms-are-blind",
          "video-mme",
          "mlvu",
          "mvbench",
          "egoschema",
          "nextqa",
          "nextqa-oe",
          "msvd-qa",
          "activitynet-qa",
          "easy-vqa",
          "presence",
          "own");

  private Tasks() {}

  /** Returns the names of all tasks. */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * Returns the task with this name.
   *
   * @throws IllegalArgumentException if there is none; the message lists the names
   */
  public static Task get(String name) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "no task is called '%s'; there are %s".formatted(name, NAMES));
    }
    try (InputStream yaml = Tasks.class.getResourceAsStream(name + ".yaml")) {
      return YAML.readValue(yaml, Task.class);
    } catch (IOException e) {
      throw new UncheckedIOException("the file of task '%s' cannot be read".formatted(name), e);
    }
  }
}
