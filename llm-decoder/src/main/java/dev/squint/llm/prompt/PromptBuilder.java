package dev.squint.llm.prompt;

import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.model.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Puts a prompt together, id by id. */
final class PromptBuilder {

  private final Family family;
  private final MropePositions mrope;
  private final int[] visual;
  private final List<Integer> lineBreaks = new ArrayList<>();
  private final List<Integer> vectors = new ArrayList<>();
  private long[] ids;
  private int length;
  private int placed;

  PromptBuilder(Family family, int tokens, int visualTokens) {
    this.family = family;
    this.mrope = new MropePositions(tokens, family.firstPosition());
    this.ids = new long[tokens];
    this.visual = new int[visualTokens];
  }

  void text(long id) {
    ids[length++] = id;
    mrope.text();
  }

  /** One slot of a picture; they come in order. */
  void slot(long id, PictureTokens picture, int slot) {
    List<TileTokens> starting = family.mrope() ? picture.startingAt(slot) : List.of();
    if (!starting.isEmpty()) {
      mrope.picture(starting, picture.timeStep());
    }
    int token = picture.slots()[slot];
    if (token == PictureTokens.GONE) {
      return;
    }
    if (token == PictureText.LINE_BREAK || token == PictureText.SEPARATOR) {
      lineBreaks.add(length);
      vectors.add(token == PictureText.SEPARATOR ? 1 : 0);
    } else {
      visual[picture.first() + token] = length;
      placed++;
    }
    ids[length++] = id;
  }

  boolean isComplete() {
    return placed == visual.length;
  }

  Prompt prompt(String text) {
    ids = Arrays.copyOf(ids, length);
    int first = family.firstPosition();
    return new Prompt(
        text,
        ids,
        visual,
        lineBreaks.stream().mapToInt(Integer::intValue).toArray(),
        vectors.stream().mapToInt(Integer::intValue).toArray(),
        family.mrope() ? mrope.ids() : PositionIds.counting(first, length),
        family.mrope() ? mrope.next() : first + length);
  }
}
