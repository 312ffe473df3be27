package dev.squint.llm.prompt;

import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import java.util.ArrayList;
import java.util.List;

/**
 * A token and where it lies among all crops of its picture, or on the global view.
 *
 * @param token number of the token among those that are left of the picture
 */
record TokenPlace(int token, Tile tile, TokenPosition position) {

  /** The places of all tokens that are left of a picture, tile by tile. */
  static List<TokenPlace> of(List<TileTokens> tiles) {
    List<TokenPlace> places = new ArrayList<>();
    for (TileTokens tile : tiles) {
      for (TokenPosition position : tile.left()) {
        places.add(new TokenPlace(places.size(), tile.tile(), position));
      }
    }
    return places;
  }

  int row() {
    return tile.crop() == null ? position.row() : tile.crop().row() * tile.rows() + position.row();
  }

  int col() {
    return tile.crop() == null ? position.col() : tile.crop().col() * tile.cols() + position.col();
  }
}
