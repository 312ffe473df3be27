package dev.squint.eval.task;

import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the parts of a question stand in a row. Each is a field ({@code label}, {@code a.b}) or a
 * text with fields in it ({@code COCO_val2014_{image_id:012}.jpg}); a row's own key in an object is
 * {@code _key}, its number {@code _row}, the stem of its file {@code _file}, the folder of that
 * {@code _folder}.
 *
 * @param id unique name; the row's number if left out
 * @param pictures names of pictures, or of folders of frames; of an array, its elements; in Parquet
 *     files the columns with pictures ({@code image_*} for several)
 * @param question the text
 * @param capitalise whether the text is written as Python's {@code str.capitalize()} does: the
 *     first letter in upper case and all others in lower case
 * @param hint what stands beside the question
 * @param options an array, or the fields with one option each
 * @param answers the right answers: a text, an array, or an array of objects and their field
 *     ({@code answers[].answer})
 * @param answerIs how an answer names its option
 * @param kind what sort of question it is
 * @param group what counts together
 * @param modulo by what the group is divided first, for rolled option orders; 0 for not at all
 * @param only values that fields must have; "*" for any that is there
 */
public record Fields(
    @Nullable String id,
    String pictures,
    String question,
    boolean capitalise,
    @Nullable String hint,
    List<String> options,
    String answers,
    AnswerIs answerIs,
    @Nullable String kind,
    @Nullable String group,
    int modulo,
    LinkedHashMap<String, String> only) {

  /** Fills in what a file leaves out. */
  public Fields {
    options = options == null ? List.of() : List.copyOf(options);
    answerIs = answerIs == null ? AnswerIs.TEXT : answerIs;
    only = only == null ? new LinkedHashMap<>() : only;
  }

  /** How an answer names its option. */
  public enum AnswerIs {
    /** As text: of an open question, or an option's letter. */
    TEXT,
    /** By its number from 0. */
    INDEX,
    /** By its number from 1. */
    NUMBER,
    /** By its whole text. */
    OPTION
  }
}
