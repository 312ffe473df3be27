package dev.squint.eval.data;

import dev.squint.vision.picture.Picture;

/**
 * Pictures of a data set of one's own: data URLs, and files of its folder.
 *
 * @param inline pictures that are part of the data file
 * @param files pictures that the data file names
 */
record FolderAndInlinePictures(EncodedPictures inline, FolderPictures files)
    implements PictureStore {

  @Override
  public Picture read(String name) {
    return inline.has(name) ? inline.read(name) : files.read(name);
  }
}
