package dev.squint.llm;

import dev.squint.llm.chat.Content;
import dev.squint.llm.model.TrainingDomain;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Finds which pictures and clips of a question are unlike those of the model's training.
 *
 * <p>It reads the tile that shows a whole picture, which every plan encodes, so a plan that leaves
 * crops out changes nothing. Pictures without such a tile are not checked, nor those of which
 * groups of patches are left out. A clip is unlike if at least half of its frames are.
 */
record DomainCheck(TrainingDomain domain) {

  /**
   * One note for each picture or clip that is unlike.
   *
   * @param images pictures and frames in the order of the prompt
   * @param frameSeconds the frames of each clip, in order
   * @param tokens visual tokens of all of them, [N, D]
   */
  List<String> notes(List<Content> images, List<List<Double>> frameSeconds, PatchTokens tokens) {
    Map<Integer, Boolean> outside = outside(tokens);
    List<String> notes = new ArrayList<>();
    int pictures = 0;
    int clips = 0;
    int frame = 0;
    Iterator<List<Double>> seconds = frameSeconds.iterator();
    for (int i = 0; i < images.size(); ) {
      if (images.get(i) instanceof Content.Image image && !image.frame()) {
        pictures++;
        i++;
        if (outside.getOrDefault(frame++, false)) {
          notes.add(note("picture", pictures, "pictures"));
        }
        continue;
      }
      int ofClip;
      do {
        clips++;
        ofClip = seconds.next().size();
      } while (ofClip == 0);
      if (images.get(i) instanceof Content.Frames frames) {
        ofClip = frames.pictures();
        i++;
      } else {
        i += ofClip;
      }
      if (isUnlike(outside, frame, frame + ofClip)) {
        notes.add(note("clip", clips, "clips"));
      }
      frame += ofClip;
    }
    return notes;
  }

  private Map<Integer, Boolean> outside(PatchTokens tokens) {
    Map<Integer, Boolean> outside = new HashMap<>();
    for (int t = 0; t < tokens.tiles().size(); t++) {
      Tile tile = tokens.tiles().get(t);
      if (tile.isGlobal() && isWhole(tokens, t)) {
        TrainingDomain.meanFeature(tokens, t)
            .ifPresent(feature -> outside.put(tile.frame(), domain.isOutside(feature)));
      }
    }
    return outside;
  }

  /** Whether all of a tile was encoded; a merged token stands for several patches. */
  private static boolean isWhole(PatchTokens tokens, int tile) {
    int[] patches = tokens.patches();
    return IntStream.of(tokens.ofTile(tile)).map(token -> patches[token]).sum()
        >= tokens.tiles().get(tile).tokens();
  }

  private static boolean isUnlike(Map<Integer, Boolean> outside, int from, int to) {
    int unlike = 0;
    int checked = 0;
    for (int frame = from; frame < to; frame++) {
      checked += outside.containsKey(frame) ? 1 : 0;
      unlike += outside.getOrDefault(frame, false) ? 1 : 0;
    }
    return unlike > 0 && 2 * unlike >= checked;
  }

  private static String note(String kind, int number, String kinds) {
    return "%s %d is unlike the %s that this model was trained on; the answer is probably wrong"
        .formatted(kind, number, kinds);
  }
}
