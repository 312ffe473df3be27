package dev.squint.spark;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code squint spark} that reach the driver. */
final class JobOptions {

  /** How the input is stored. */
  enum Format {
    AUTO,
    QUESTIONS,
    PICTURES,
    PARQUET
  }

  /** How the rows are written. */
  enum OutFormat {
    JSONL,
    PARQUET
  }

  @Option(
      names = "--in",
      required = true,
      paramLabel = "IN",
      description = {
        "Input: a data set or benchmark as 'squint eval' takes it, at the same path on each node;",
        "a folder or URI of pictures (with --question); or Parquet files. May be repeated."
      })
  List<String> in = List.of();

  @Option(
      names = "--format",
      defaultValue = "auto",
      paramLabel = "auto|questions|pictures|parquet",
      description = "Kind of input (default ${DEFAULT-VALUE}).")
  Format format = Format.AUTO;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "OUT",
      description = "Output folder or URI. The same command resumes a job that was interrupted.")
  String out = "";

  @Option(
      names = "--out-format",
      defaultValue = "jsonl",
      paramLabel = "jsonl|parquet",
      description = "How rows are written (default ${DEFAULT-VALUE}).")
  OutFormat outFormat = OutFormat.JSONL;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "MODEL",
      description =
          "A folder on each node, OWNER/NAME on a hub, arch:NAME, or the URI of a zip archive.")
  String model = "";

  @Option(
      names = "--variant",
      defaultValue = "",
      paramLabel = "V",
      description = "Precision variant of the graphs, such as q8.")
  String variant = "";

  @Option(
      names = "--plan",
      paramLabel = "PLAN",
      description = "A plan to ask under; may be repeated (default: none).")
  List<String> plans = List.of("none");

  @Option(
      names = "--question",
      paramLabel = "TEXT",
      description = "The question for each picture of a folder, or for each row of Parquet files.")
  @Nullable String question;

  @Option(
      names = "--question-column",
      defaultValue = "question",
      paramLabel = "COL",
      description = "Parquet: column of the question (default ${DEFAULT-VALUE}).")
  String questionColumn = "question";

  @Option(
      names = "--picture-column",
      defaultValue = "image",
      paramLabel = "COL",
      description =
          "Parquet: column of the picture: path, bytes, or struct with bytes (default ${DEFAULT-VALUE}).")
  String pictureColumn = "image";

  @Option(
      names = "--clip-column",
      defaultValue = "",
      paramLabel = "COL",
      description = "Parquet: column of a video, path or bytes.")
  String clipColumn = "";

  @Option(
      names = "--id-column",
      defaultValue = "id",
      paramLabel = "COL",
      description = "Parquet: column that identifies a row (default ${DEFAULT-VALUE}).")
  String idColumn = "id";

  @Option(
      names = "--data",
      defaultValue = "",
      paramLabel = "DIR",
      description = "Folder with the data of benchmarks, as for 'squint eval'.")
  String data = "";

  @Option(
      names = "--split",
      defaultValue = "",
      paramLabel = "S",
      description = "Split of the benchmarks.")
  String split = "";

  @Option(
      names = "--clips",
      description = "Treat the pictures of a question as frames of a video, one a second.")
  boolean clips;

  @Option(
      names = "--max-tokens",
      defaultValue = "64",
      paramLabel = "N",
      description = "Longest answer; benchmarks have their own (default ${DEFAULT-VALUE}).")
  int maxTokens = 64;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Use at most N questions of each data set, sampled with --seed.")
  int limit = Integer.MAX_VALUE;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "S",
      description = "Random seed for --limit, as for 'squint eval' (default ${DEFAULT-VALUE}).")
  long seed;

  @Option(
      names = "--threads",
      defaultValue = "0",
      paramLabel = "N",
      description = "Threads of ONNX Runtime for a question (default: spark.task.cpus).")
  int threads;

  @Option(
      names = "--commit-rows",
      defaultValue = "1000",
      paramLabel = "N",
      description =
          "Rows of a task, which commits them together. A killed job loses those of the tasks that ran (default ${DEFAULT-VALUE}).")
  int commitRows = 1000;

  @Option(
      names = "--on-error",
      defaultValue = "row",
      paramLabel = "row|fail",
      description = "A row that fails becomes a row with an error, or it fails the job.")
  String onError = "row";

  /** The command as one may repeat it. */
  List<String> command() {
    List<String> words = new ArrayList<>(List.of("squint", "spark"));
    in.forEach(one -> words.addAll(List.of("--in", one)));
    plans.forEach(plan -> words.addAll(List.of("--plan", plan)));
    words.addAll(List.of("--model", model, "--out", out));
    return words;
  }
}
