package dev.squint.eval.task;

import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the parts of a question are in a row. Each is a field ({@code label}, {@code a.b}) or a
 * text with fields ({@code COCO_val2014_{image_id:012}.jpg}). {@code _key} is the key of a row in
 * an object, {@code _row} its index, {@code _file} the name of its file without extension, {@code
 * _folder} the name of the file's folder.
 *
 * @param id unique name; by default the row's index
 * @param pictures names of pictures, or of folders with frames; all elements of an array; {@code
 *     image_*} for all fields with this prefix; alternatives are separated by {@code |}, and the
 *     first that exists counts
 * @param clips where the videos are, if there are no folders with frames; null without videos
 * @param question the text
 * @param capitalise whether to convert the text like Python's {@code str.capitalize()}: the first
 *     letter to upper case and all others to lower case
 * @param hint additional text
 * @param options an array, or one field per option
 * @param answers the right answers: a text, an array, or a field of an array's objects ({@code
 *     answers[].answer})
 * @param answerIs how an answer identifies its option
 * @param kind kind of question
 * @param group questions with the same group are scored together
 * @param modulo divisor of the group's number, for rolled option orders; 0 for none
 * @param only values that fields must have; "*" for any value
 */
public record Fields(
    @Nullable String id,
    String pictures,
    @Nullable ClipFiles clips,
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

  /** Sets the defaults. */
  public Fields {
    options = options == null ? List.of() : List.copyOf(options);
    answerIs = answerIs == null ? AnswerIs.TEXT : answerIs;
    only = only == null ? new LinkedHashMap<>() : only;
  }

  /** How an answer identifies its option. */
  public enum AnswerIs {
    /** By text: of an open question, or an option's letter. */
    TEXT,
    /** By its index from 0. */
    INDEX,
    /** By its number from 1. */
    NUMBER,
    /** By its full text. */
    OPTION
  }
}
