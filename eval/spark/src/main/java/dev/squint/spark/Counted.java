package dev.squint.spark;

import java.util.Iterator;
import java.util.function.LongConsumer;
import org.apache.spark.sql.Row;

/** Counts rows, and those with an error, while they are written. */
final class Counted implements Iterator<Row> {

  private final Iterator<Row> rows;
  private final int error;
  private final LongConsumer all;
  private final LongConsumer failed;

  Counted(Iterator<Row> rows, int error, LongConsumer all, LongConsumer failed) {
    this.rows = rows;
    this.error = error;
    this.all = all;
    this.failed = failed;
  }

  @Override
  public boolean hasNext() {
    return rows.hasNext();
  }

  @Override
  public Row next() {
    Row row = rows.next();
    all.accept(1);
    if (!row.isNullAt(error)) {
      failed.accept(1);
    }
    return row;
  }
}
