package dev.squint.webapp.answering;

import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.vision.video.VideoFrame;
import java.util.ArrayList;
import java.util.List;

/**
 * The pictures of a conversation and the frames of its clips, in order.
 *
 * @param media for each picture an empty list, for each clip the times of its frames in seconds
 */
record RegionFrames(List<Medium> media) {

  /** A picture, or a clip with the times of its frames. */
  record Medium(boolean clip, int number, List<Double> seconds) {}

  /**
   * What the model encodes as one: a picture, a frame, or frames that it puts together.
   *
   * @param number of the picture among the pictures, or of the clip among the clips
   * @param from time of its first frame
   * @param to time of its last frame
   */
  record Shown(boolean clip, int number, double from, double to) {

    boolean has(PictureRegion region) {
      return region.clip() == clip
          && region.picture() == number
          && (!clip || (region.from() <= to && from <= region.to()));
    }
  }

  static RegionFrames of(List<Message> conversation) {
    List<Medium> media = new ArrayList<>();
    int pictures = 0;
    int clips = 0;
    for (Message message : conversation) {
      for (Content content : message.content()) {
        if (content instanceof Content.Image) {
          media.add(new Medium(false, pictures++, List.of()));
        } else if (content instanceof Content.Video video) {
          List<Double> seconds = video.clip().frames().stream().map(VideoFrame::seconds).toList();
          media.add(new Medium(true, clips++, seconds));
        }
      }
    }
    return new RegionFrames(media);
  }

  /**
   * The encoded pictures and frames in order.
   *
   * @param count their number, by which it is known how many frames are put together
   */
  List<Shown> shown(int count) {
    for (int together = 1; together <= longest(); together++) {
      List<Shown> shown = shownInGroups(together);
      if (shown.size() == count) {
        return shown;
      }
    }
    throw new IllegalStateException(
        "%d encoded frames are not those of %s".formatted(count, media));
  }

  private int longest() {
    return media.stream().mapToInt(medium -> medium.seconds().size()).max().orElse(0) + 1;
  }

  private List<Shown> shownInGroups(int together) {
    List<Shown> shown = new ArrayList<>();
    for (Medium medium : media) {
      if (!medium.clip()) {
        shown.add(new Shown(false, medium.number(), 0, 0));
      }
      List<Double> seconds = medium.seconds();
      for (int first = 0; first < seconds.size(); first += together) {
        int last = Math.min(first + together, seconds.size()) - 1;
        shown.add(new Shown(true, medium.number(), seconds.get(first), seconds.get(last)));
      }
    }
    return shown;
  }
}
