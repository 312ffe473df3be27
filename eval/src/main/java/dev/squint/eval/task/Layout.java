package dev.squint.eval.task;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A form in which a benchmark is distributed.
 *
 * @param repository data set on the Hugging Face Hub; null for the official download
 * @param format format of its files; by default Parquet
 * @param splits splits by name; the first is the default
 * @param fields where the parts of a question are in a row
 */
public record Layout(
    @Nullable String repository,
    Task.Format format,
    LinkedHashMap<String, Task.Split> splits,
    Fields fields) {

  /** Sets the defaults. */
  public Layout {
    format = format == null ? Task.Format.PARQUET : format;
    splits = splits == null ? new LinkedHashMap<>() : splits;
  }
}
