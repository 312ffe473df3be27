package dev.squint.llm.prompt;

import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The pictures and videos of a conversation as they are written; templates may put all of one kind
 * before the other.
 *
 * @param stills in the order of the conversation
 * @param videos in the order of the conversation
 */
record Pictures(List<PictureTokens> stills, List<PictureTokens> videos) {

  /**
   * Gives each picture and video its tiles.
   *
   * @param tiles what is left of them, picture by picture
   */
  static Pictures of(
      List<Message> conversation,
      List<List<TileTokens>> tiles,
      PictureText pictureText,
      @Nullable VideoText videoText) {
    List<PictureTokens> stills = new ArrayList<>();
    List<PictureTokens> videos = new ArrayList<>();
    int at = 0;
    int first = 0;
    for (Content piece : Message.lookedAt(conversation)) {
      if (piece instanceof Content.Frames video && at + video.pictures() <= tiles.size()) {
        List<TileTokens> together =
            tiles.subList(at, at + video.pictures()).stream().flatMap(List::stream).toList();
        videos.add(Objects.requireNonNull(videoText).of(video, together, first));
        first += videos.get(videos.size() - 1).tokens();
        at += video.pictures();
      } else if (!(piece instanceof Content.Frames) && at < tiles.size()) {
        stills.add(PictureTokens.of(tiles.get(at++), pictureText, first));
        first += stills.get(stills.size() - 1).tokens();
      }
    }
    // More than the conversation has, which its placeholders will show.
    for (; at < tiles.size(); at++) {
      stills.add(PictureTokens.of(tiles.get(at), pictureText, first));
    }
    return new Pictures(stills, videos);
  }

  /** The same; a picture or video without tokens is marked by one placeholder. */
  Pictures marked(String imageToken, @Nullable VideoText videoText) {
    return new Pictures(
        stills.stream().map(one -> one.marked(imageToken)).toList(),
        videos.stream().map(one -> one.marked(Objects.requireNonNull(videoText).token())).toList());
  }
}
