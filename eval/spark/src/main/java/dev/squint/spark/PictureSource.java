package dev.squint.spark;

import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Reads the pictures of a row inside a task. */
interface PictureSource extends Serializable {

  /** What two rows about the same pictures have in common; null if it is not known. */
  @Nullable Object key(Row row);

  /**
   * Reads the pictures or the video of a row.
   *
   * @throws IllegalArgumentException if there are none, or they cannot be read
   * @throws java.io.UncheckedIOException if a file cannot be read
   */
  RowMedia read(Row row, Configuration hadoop);
}
