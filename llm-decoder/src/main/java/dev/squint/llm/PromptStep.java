package dev.squint.llm;

import dev.squint.llm.RequestStep.Cost;
import dev.squint.llm.RequestStep.Prompted;
import dev.squint.llm.RequestStep.Pruned;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.model.EncoderDecoder;
import dev.squint.llm.prompt.Prompt;
import dev.squint.llm.prompt.PromptWriter;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** From kept tokens to the prompt: the text is written after pruning, visual tokens spliced in. */
record PromptStep(ModelParts model, AskOptions options) {

  private static final String SWITCH =
      "the answer has at most %d tokens: then the model takes RoPE's frequencies for long texts, with which the cached keys are wrong";

  Prompted write(Pruned pruned) {
    Stopwatch watch = new Stopwatch();
    PromptWriter writer = model.writer();
    boolean keepsPlaces = options.plan().keepsPlaces();
    List<Message> conversation = pruned.encoded().frames().expanded().conversation();
    PatchTokens before = keepsPlaces ? beforeAnyReduction(pruned) : pruned.kept();
    Prompt whole = writer.write(conversation, before);
    int room = Math.min(options.maxTokens(), room(whole.ids().length));
    int maxTokens = Math.min(room, beforeSwitch(whole));
    List<String> notes = maxTokens < room ? List.of(SWITCH.formatted(maxTokens)) : List.of();
    Prompt prompt = keepsPlaces ? whole.without(left(before, pruned)) : whole;
    PromptEmbeddings embeddings =
        NeighbourAttention.paired(
            options.plan(),
            writer.embed(prompt, pruned.kept(), model.decoders().staged().decoder().embeddings()),
            prompt.visual(),
            pruned.kept());
    PatchTokens layerTokens = layerTokens(pruned, prompt, embeddings);
    double operations = layerTokens.operations() - pruned.stacked().operations();
    Cost cost = new Cost(watch.total(), 0, 0, operations, notes);
    return new Prompted(pruned, prompt, embeddings, layerTokens, maxTokens, cost);
  }

  /**
   * The tokens that the model would be given without a plan; of those that were never encoded only
   * the places are known.
   */
  private PatchTokens beforeAnyReduction(Pruned pruned) {
    PatchTokens encoded = pruned.encoded().tokens();
    if (!reducesEarlier()) {
      return encoded;
    }
    int tokens = encoded.tiles().stream().mapToInt(Tile::tokens).sum();
    PatchTokens all =
        PatchTokens.encoded(
            encoded.tiles(), new Matrix(tokens, 0, new float[0]), EvidenceSet.nothing());
    List<Message> conversation = pruned.encoded().frames().expanded().conversation();
    return all.reduced(model.writer().given(conversation, all));
  }

  /** Whether the plan reduces tokens before the end of the encoder. */
  private boolean reducesEarlier() {
    return options.plan().points().stream().anyMatch(point -> point.compareTo(Point.ENCODER) < 0);
  }

  /** Which of the tokens are left. */
  private TokenReduction left(PatchTokens before, Pruned pruned) {
    if (!reducesEarlier()) {
      return pruned.afterEncoder();
    }
    PatchTokens kept = pruned.kept();
    Map<TokenPosition, Integer> places = new HashMap<>();
    for (int i = 0; i < before.size(); i++) {
      places.put(before.positions().get(i), i);
    }
    int[] left = kept.positions().stream().mapToInt(place -> index(places, place)).toArray();
    return TokenReduction.keep(before.size(), left);
  }

  private int index(Map<TokenPosition, Integer> places, TokenPosition place) {
    Integer index = places.get(place);
    if (index == null) {
      throw new IllegalArgumentException(
          "'encoder:in-place' cannot keep the places of tokens that a step before or inside the encoder left: model %s joins its tokens after the encoder; remove one of the two steps"
              .formatted(model.files().name()));
    }
    return index;
  }

  /**
   * How many tokens can be added before the decoder takes other frequencies of RoPE. The last token
   * of an answer does not run.
   */
  private int beforeSwitch(Prompt prompt) {
    OptionalInt most = model.ropeSwitch();
    return most.isEmpty() || prompt.nextPosition() > most.getAsInt()
        ? Integer.MAX_VALUE
        : Math.toIntExact(most.getAsInt() - prompt.nextPosition() + 1);
  }

  /** How many tokens the model can add to a prompt of this length. */
  private int room(int promptTokens) {
    int room = model.contextTokens() - promptTokens;
    if (room < 1) {
      throw new ContextExceeded(
          "the prompt has %d tokens but model %s was made for %d with the answer; ask about fewer pictures, or with a plan that keeps fewer tokens"
              .formatted(promptTokens, model.files().name(), model.contextTokens()));
    }
    // The answer of an encoder-decoder is counted by itself, from the token that it begins with.
    return EncoderDecoder.is(model.files()) ? model.contextTokens() - 1 : room;
  }

  /** The visual tokens with what methods between decoder layers read of the question. */
  private PatchTokens layerTokens(Pruned pruned, Prompt prompt, PromptEmbeddings embeddings) {
    if (prompt.visual().length == 0) {
      return pruned.stacked();
    }
    int tokens = embeddings.tokens();
    return RequestEvidence.addForLayers(
        pruned.stacked(),
        options.plan(),
        pruned.kept().features(),
        () -> embeddings.rows(tokens - prompt.textAfter(), tokens));
  }
}
