package dev.squint.llm.decoder.cache;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import java.util.Map;

/**
 * Keys and values that one stage holds for the rows of a batch, B sequences of lengths of their
 * own, each of which may join and leave at any time. Not thread-safe.
 */
public interface RowCache extends AutoCloseable {

  /** Number of rows, B. */
  int rows();

  /**
   * Appends a sequence as the last row.
   *
   * @param one its cache; it stays the caller's
   */
  void add(StageCache one);

  /**
   * Keeps some rows. Row i becomes what row {@code kept[i]} was.
   *
   * @param kept numbers of rows: i itself, or a row behind those that are kept
   */
  void keep(int[] kept);

  /**
   * Makes room for one more token of each row; before every step.
   *
   * @param moves which rows the token will belong to, [B]
   */
  void makeRoom(boolean[] moves);

  /** The cache as inputs of the next step, B rows each. */
  Map<String, OnnxTensor> inputs();

  /**
   * The tensors into which a step writes, by the name of the output; none if the graph returns new
   * ones.
   */
  Map<String, OnnxTensor> presents();

  /** Which columns a row's next token attends to, its own included, [columns + 1]. */
  boolean[] seen(int row);

  /**
   * Takes over what a step computed.
   *
   * @param result of the step; takes ownership, and frees the one before
   * @param moved which rows the token belongs to; for the others it is dropped, [B]
   */
  void advance(OrtSession.Result result, boolean[] moved);

  /** Whether {@link #keep} copies only the rows that move, and not all. */
  boolean movesRows();

  /** Bytes of memory with one more row of this number of tokens. */
  long bytesWith(int tokens);

  @Override
  void close();
}
