package dev.squint.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.Question;
import dev.squint.eval.data.QuestionFiles;
import dev.squint.eval.run.DataFinder;
import dev.squint.eval.run.Fingerprint;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.Sample;
import dev.squint.eval.run.TaskData;
import dev.squint.eval.task.Tasks;
import dev.squint.vision.io.ContentHash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Turns what was given with {@code --in} into rows.
 *
 * @param spark the session
 * @param options of the command line
 */
record JobInputs(SparkSession spark, JobOptions options) {

  private static final long MAX_FILE_BYTES = 1L << 30;
  private static final String PARQUET = ".parquet";
  private static final StructType QUESTIONS =
      new StructType()
          .add(JobInput.SET, DataTypes.StringType)
          .add(JobInput.ID, DataTypes.StringType)
          .add(JobInput.QUESTION, DataTypes.StringType)
          .add(DataSetPictures.COLUMN, DataTypes.createArrayType(DataTypes.StringType))
          .add(JobInput.EXPECTED, DataTypes.createArrayType(DataTypes.StringType))
          .add(JobInput.TASK, DataTypes.StringType)
          .add(JobInput.QUESTION_JSON, DataTypes.StringType);

  /**
   * Reads one input.
   *
   * @throws IllegalArgumentException if it is none of the kinds, or an option is missing
   */
  JobInput read(String in) {
    JobOptions.Format format =
        options.format == JobOptions.Format.AUTO ? format(in) : options.format;
    return switch (format) {
      case QUESTIONS -> questions(in);
      case PARQUET -> parquet(in);
      case PICTURES, AUTO -> pictures(in);
    };
  }

  private JobOptions.Format format(String in) {
    if (Tasks.names().contains(in) || in.toLowerCase(Locale.ROOT).endsWith(".zip")) {
      return JobOptions.Format.QUESTIONS;
    }
    if (!in.contains(":/")
        && QuestionFiles.NAMES.stream().anyMatch(name -> Files.exists(Path.of(in).resolve(name)))) {
      return JobOptions.Format.QUESTIONS;
    }
    return in.endsWith(PARQUET) || holdsParquet(in)
        ? JobOptions.Format.PARQUET
        : JobOptions.Format.PICTURES;
  }

  private boolean holdsParquet(String in) {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(in);
    try {
      FileSystem files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
      if (!files.exists(path)) {
        throw new IllegalArgumentException(
            "there is no input %s; give a data set, a folder of pictures or Parquet files, or one of %s"
                .formatted(in, Tasks.names()));
      }
      for (FileStatus status : files.listStatus(path)) {
        if (status.getPath().getName().endsWith(PARQUET)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be listed: %s".formatted(in, e.getMessage()), e);
    }
  }

  private JobInput questions(String in) {
    String word = Tasks.names().contains(in) ? in : absolute(in);
    DataSetPictures.Place place =
        new DataSetPictures.Place(
            word, options.data.isEmpty() ? "" : absolute(options.data), options.split);
    try (DataFinder finder = place.finder()) {
      TaskData all = finder.find(word);
      TaskData found = new TaskData(all.task(), Sample.of(all.set(), options.limit, options.seed));
      List<Row> rows = new ArrayList<>();
      for (Question question : found.set().questions()) {
        rows.add(row(found, found.set(), question));
      }
      return new JobInput(
          found.set().name(),
          Fingerprint.of(found) + (options.clips ? " as clips" : ""),
          spark.createDataFrame(rows, QUESTIONS),
          new DataSetPictures(place),
          List.of(DataSetPictures.COLUMN),
          found.task().maxTokens(),
          found);
    }
  }

  private static String absolute(String path) {
    return Path.of(path).toAbsolutePath().normalize().toString();
  }

  private static Row row(TaskData found, DataSet set, Question question) {
    try {
      return RowFactory.create(
          set.name(),
          question.id(),
          found.prompt(question),
          question.pictures().toArray(),
          question.answers().toArray(),
          found.task().name(),
          JsonFiles.MAPPER.writeValueAsString(question));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("question %s cannot be written".formatted(question.id()), e);
    }
  }

  private JobInput pictures(String in) {
    Dataset<Row> files =
        spark.read().format("binaryFile").option("recursiveFileLookup", true).load(in);
    Dataset<Row> rows =
        files.select(
            functions.lit(name(in)).as(JobInput.SET),
            functions.col("path").as(JobInput.ID),
            functions.lit(asked()).as(JobInput.QUESTION),
            functions.col("path").as("picture"));
    // Pictures may be added to the folder; their paths are their identifiers.
    return new JobInput(
        name(in),
        identity("pictures", asked()),
        limited(rows),
        new ColumnPictures("picture", "", MAX_FILE_BYTES),
        List.of("picture"),
        options.maxTokens,
        null);
  }

  private JobInput parquet(String in) {
    Dataset<Row> files = spark.read().parquet(in);
    List<String> names = List.of(files.columns());
    boolean clip = !options.clipColumn.isEmpty();
    String shown = clip ? options.clipColumn : options.pictureColumn;
    List<String> needed = new ArrayList<>(List.of(options.idColumn, shown));
    if (options.question == null) {
      needed.add(options.questionColumn);
    }
    for (String column : needed) {
      if (!names.contains(column)) {
        throw new IllegalArgumentException(
            "%s has no column '%s' but %s; name the columns with --id-column, --question-column and --picture-column or --clip-column"
                .formatted(in, column, names));
      }
    }
    Dataset<Row> rows =
        files.select(
            functions.lit(name(in)).as(JobInput.SET),
            column(options.idColumn).cast(DataTypes.StringType).as(JobInput.ID),
            (options.question == null
                    ? column(options.questionColumn)
                    : functions.lit(options.question))
                .as(JobInput.QUESTION),
            column(shown).as("picture"));
    checkIds(in, rows);
    return new JobInput(
        name(in),
        identity(
            "parquet",
            JobFolder.open(in, spark.sparkContext().hadoopConfiguration()).folder().toString(),
            options.idColumn,
            options.question == null ? "column " + options.questionColumn : options.question,
            shown),
        limited(rows),
        clip
            ? new ColumnPictures("", "picture", MAX_FILE_BYTES)
            : new ColumnPictures("picture", "", MAX_FILE_BYTES),
        List.of("picture"),
        options.maxTokens,
        null);
  }

  /** A column whose name may have dots. */
  private static Column column(String name) {
    return functions.col("`%s`".formatted(name.replace("`", "``")));
  }

  private void checkIds(String in, Dataset<Row> rows) {
    List<Row> wrong =
        rows.groupBy(JobInput.ID)
            .count()
            .where("%s is null or count > 1".formatted(JobInput.ID))
            .limit(1)
            .collectAsList();
    if (!wrong.isEmpty()) {
      Row row = wrong.get(0);
      throw new IllegalArgumentException(
          (row.isNullAt(0)
                  ? "%s has %d rows without an id in column '%s'"
                      .formatted(in, row.getLong(1), options.idColumn)
                  : "%s has %d rows with the id '%s' in column '%s'"
                      .formatted(in, row.getLong(1), row.getString(0), options.idColumn))
              + "; name a column with --id-column that has another value in each row");
    }
  }

  /** The hash of everything that the answers depend on beside model and plan. */
  private String identity(String... parts) {
    ContentHash hash = new ContentHash();
    for (String part : parts) {
      hash.with("%d %s\n".formatted(part.length(), part));
    }
    return hash.with("%d %s".formatted(options.maxTokens, options.clips)).hex();
  }

  private Dataset<Row> limited(Dataset<Row> rows) {
    return options.limit == Integer.MAX_VALUE
        ? rows
        : rows.orderBy(JobInput.ID).limit(options.limit);
  }

  private String asked() {
    if (options.question == null) {
      throw new IllegalArgumentException(
          "a folder of pictures needs --question, the text that is asked of each of them");
    }
    return options.question;
  }

  private static String name(String in) {
    String name = new org.apache.hadoop.fs.Path(in).getName();
    return name.isEmpty() ? in : name;
  }
}
