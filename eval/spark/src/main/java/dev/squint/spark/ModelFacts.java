package dev.squint.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.squint.eval.cost.ModelCost;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.Machine;
import dev.squint.eval.run.RunFile;
import dev.squint.eval.run.Versions;
import dev.squint.llm.model.Variants;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Properties of a model that the driver needs but only executors can read.
 *
 * @param identity name, variant and hash; without questions
 * @param cost its sizes, null if its config lacks a number
 */
record ModelFacts(RunFile.Identity identity, @Nullable ModelCost cost) {

  /** Asks an executor, which loads the model. */
  static ModelFacts of(SparkSession spark, ModelSettings settings) {
    SerializableConfiguration hadoop =
        new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
    MapPartitionsFunction<Long, String> describe =
        part -> {
          try (ExecutorModel.Lease lease =
              ExecutorModel.acquire(settings, ModelThreads.ofTask(), hadoop.value())) {
            return List.of(describe(settings, lease)).iterator();
          }
        };
    String text = spark.range(0, 1, 1, 1).mapPartitions(describe, Encoders.STRING()).first();
    try {
      return JsonFiles.MAPPER.readValue(text, ModelFacts.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an executor described its model as " + text, e);
    }
  }

  /** The properties that a report needs. */
  RunFile runFile(JobOptions options, List<String> plans, List<JobInput> inputs) {
    Map<String, String> questions = new LinkedHashMap<>();
    inputs.forEach(input -> questions.put(input.set(), input.identity()));
    return new RunFile(
        new RunFile.Identity(
            identity.model(), identity.variant(), identity.modelSha256(), questions),
        plans,
        options.command(),
        Versions.here(),
        Machine.here(),
        options.threads > 0 ? options.threads : ModelThreads.ofTask(),
        null);
  }

  private static String describe(ModelSettings settings, ExecutorModel.Lease lease)
      throws JsonProcessingException {
    Variants asked =
        settings.variant().isBlank() ? Variants.ANY : Variants.parse(settings.variant());
    return JsonFiles.MAPPER.writeValueAsString(
        new ModelFacts(
            new RunFile.Identity(
                lease.model().model().name(),
                RunFile.Identity.variant(lease.model(), asked),
                lease.sha256(),
                Map.of()),
            ModelCost.of(lease.model()).orElse(null)));
  }
}
