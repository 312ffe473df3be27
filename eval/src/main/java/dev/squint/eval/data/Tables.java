package dev.squint.eval.data;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;

/** The mapper of comma-separated and tab-separated tables. */
public final class Tables {

  /** Limit for a cell or text, which can hold a whole picture in base64. */
  public static final int LONGEST_CELL = 512 << 20;

  /** Reads tables with long cells. */
  public static final CsvMapper CSV =
      new CsvMapper(
          CsvFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxStringLength(LONGEST_CELL).build())
              .build());

  private Tables() {}
}
