package dev.squint.llm;

import dev.squint.llm.RequestStep.Cost;
import dev.squint.llm.RequestStep.Prompted;
import dev.squint.llm.RequestStep.Pruned;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.model.EncoderDecoder;
import dev.squint.llm.prompt.Prompt;
import dev.squint.llm.prompt.PromptWriter;
import dev.squint.pruner.PatchTokens;
import java.util.List;
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
    Prompt whole =
        writer.write(conversation, keepsPlaces ? pruned.encoded().tokens() : pruned.kept());
    int room = Math.min(options.maxTokens(), room(whole.ids().length));
    int maxTokens = Math.min(room, beforeSwitch(whole));
    List<String> notes = maxTokens < room ? List.of(SWITCH.formatted(maxTokens)) : List.of();
    Prompt prompt = keepsPlaces ? whole.without(pruned.afterEncoder()) : whole;
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
