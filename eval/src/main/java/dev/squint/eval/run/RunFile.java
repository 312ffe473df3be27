package dev.squint.eval.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.model.Variants;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code run.json}: everything needed to repeat a run.
 *
 * @param identity inputs of the answers; a run is only resumed if they are unchanged
 * @param plans the conditions; later starts may add more
 * @param command arguments of the command line
 * @param versions versions of Squint and its runtime
 * @param machine the machine
 * @param threads number of pictures processed in parallel
 * @param shard the shard as {@code I/N}; null if the run is whole
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunFile(
    Identity identity,
    List<String> plans,
    List<String> command,
    Map<String, String> versions,
    Machine machine,
    int threads,
    @Nullable String shard) {

  /** The shard, or the whole run. */
  public Shard part() {
    return shard == null ? Shard.WHOLE : Shard.parse(shard, Map.of());
  }

  /**
   * This run and an earlier one in the same folder, for jobs to which data sets and plans may be
   * added.
   *
   * @throws IllegalArgumentException if they have different models, variants or questions of a set
   */
  public RunFile with(RunFile earlier) {
    Identity before = earlier.identity();
    if (!before.modelSha256().equals(identity.modelSha256())
        || !before.variant().equals(identity.variant())) {
      throw new IllegalArgumentException(
          "it has answers of %s (%s, SHA-256 %s), not of %s (%s, %s); give another --out"
              .formatted(
                  before.model(),
                  before.variant(),
                  before.modelSha256(),
                  identity.model(),
                  identity.variant(),
                  identity.modelSha256()));
    }
    Map<String, String> questions = new LinkedHashMap<>(before.questionsSha256());
    identity
        .questionsSha256()
        .forEach(
            (set, hash) -> {
              if (!questions.getOrDefault(set, hash).equals(hash)) {
                throw new IllegalArgumentException(
                    "it has answers about '%s' with other questions, for example another --limit, --question or input of that name; give another --out"
                        .formatted(set));
              }
              questions.put(set, hash);
            });
    Set<String> all = new LinkedHashSet<>(earlier.plans());
    all.addAll(plans);
    return new RunFile(
        new Identity(before.model(), before.variant(), before.modelSha256(), questions),
        List.copyOf(all),
        command,
        versions,
        machine,
        threads,
        shard);
  }

  /** The run that a shard is part of, put together from these folders. */
  public RunFile whole(List<String> folders) {
    List<String> words = new ArrayList<>(List.of("squint", "report"));
    words.addAll(folders);
    return new RunFile(identity, plans, words, versions, machine, threads, null);
  }

  /**
   * The inputs that determine the answers.
   *
   * @param model name of the package
   * @param variant requested precision variant of the graphs
   * @param modelSha256 hash of the package's files
   * @param questionsSha256 hash of the prompts, by data set
   */
  public record Identity(
      String model, String variant, String modelSha256, Map<String, String> questionsSha256) {

    /**
     * The identity of a run of a loaded model.
     *
     * @param asked the variants that were asked for
     */
    public static Identity of(
        VisionLanguageModel loaded, Variants asked, Map<String, String> questions) {
      return new Identity(
          loaded.model().name(),
          variant(loaded, asked),
          Fingerprint.of(loaded.model().folder()),
          questions);
    }

    /** The variant in an identity. */
    public static String variant(VisionLanguageModel loaded, Variants asked) {
      return asked.chosen().isEmpty()
          ? "the package's own choice"
          : loaded.model().variants().toString();
    }

    /** Describes the inputs that differ. */
    List<String> differences(Identity other) {
      List<String> differences = new ArrayList<>();
      if (!model.equals(other.model)) {
        differences.add("model, %s instead of %s".formatted(other.model, model));
      } else if (!modelSha256.equals(other.modelSha256)) {
        differences.add("version of the files of %s".formatted(model));
      }
      if (!variant.equals(other.variant)) {
        differences.add("variant, %s instead of %s".formatted(other.variant, variant));
      }
      if (!questionsSha256.keySet().equals(other.questionsSha256.keySet())) {
        differences.add(
            "choice of data sets, %s instead of %s"
                .formatted(other.questionsSha256.keySet(), questionsSha256.keySet()));
      } else if (!questionsSha256.equals(other.questionsSha256)) {
        differences.add("choice of questions, for example another --limit, --seed or data file");
      }
      return differences;
    }
  }

  /**
   * Writes the file to a run's folder.
   *
   * @throws IllegalArgumentException if the folder has a different run
   */
  public void writeTo(Path folder) {
    Path file = folder.resolve("run.json");
    if (Files.exists(file)) {
      RunFile other = read(file);
      if (!other.part().equals(part())) {
        throw new IllegalArgumentException(
            "%s has shard %s, not %s; give each shard an --out of its own"
                .formatted(folder, other.part(), part()));
      }
      Identity there = other.identity();
      if (!there.equals(identity)) {
        throw new IllegalArgumentException(
            "%s has a run with another %s; give another --out"
                .formatted(folder, String.join(", and another ", identity.differences(there))));
      }
    }
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be created", e);
    }
    JsonFiles.write(file, this);
  }

  /** Reads the text of {@code run.json}. */
  public static RunFile parse(String text) throws JsonProcessingException {
    return JsonFiles.MAPPER.readValue(text, RunFile.class);
  }

  /** Reads {@code run.json}. */
  public static RunFile read(Path file) {
    try {
      return JsonFiles.MAPPER.readValue(file.toFile(), RunFile.class);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }
}
