package dev.squint.webapp.ask;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The form of {@code POST /api/ask}, for the OpenAPI document. */
record AskForm(
    @Schema(
            description =
                "Pictures and videos in order, recognised by their content. They stand before the first question.",
            type = "array",
            format = "binary")
        List<byte[]> files,
    @Schema(
            description =
                "Videos, and animated GIF, PNG and WebP files that are read frame by frame. They stand after the files.",
            type = "array",
            format = "binary")
        @Nullable List<byte[]> clips,
    @Schema(
            description =
                "Number of frames of each clip, evenly spaced; the model's own rule if omitted.",
            example = "8")
        @Nullable Integer frames,
    @Schema(description = "Frames per second instead.", example = "1") @Nullable Double fps,
    @Schema(description = "Start of the used part of each clip, in seconds.", example = "0")
        @Nullable Double from,
    @Schema(description = "End of the used part, in seconds.", example = "4") @Nullable Double to,
    @Schema(
            description =
                "Colour for transparent pixels of pictures: white, black, grey or #rrggbb. Transparency is dropped if omitted.",
            example = "white")
        @Nullable String background,
    @Schema(requiredMode = Schema.RequiredMode.REQUIRED, example = "What shape is the red object?")
        String question,
    @Schema(
            description = "Pruning plan: which visual tokens are kept. All tokens if omitted.",
            example = "encoder:divprune(keep=0.25)")
        @Nullable String plan,
    @Schema(
            description =
                "Earlier turns: a JSON array of objects with 'role' ('user' and 'assistant' alternate) and 'text'. A message of 'user' can have 'files' and 'clips': how many of the form's files and clips, in order, stand before its text. The rest stands before the question. If no message has them, all files stand before the first message.",
            example =
                "[{\"role\":\"user\",\"text\":\"How many shapes are there?\"},{\"role\":\"assistant\",\"text\":\"3\"}]")
        @Nullable String history,
    @Schema(
            description = "Instructions that stand before the conversation.",
            example = "Answer in one sentence.")
        @Nullable String system,
    @Schema(
            description =
                "Parts of pictures whose visual tokens are kept or dropped before the plan acts: a JSON array of objects with 'picture', a 'box' or a 'polygon', and 'drop'. Coordinates are shares of the picture's size.",
            example = "[{\"picture\":0,\"box\":[0.5,0,1,0.4]}]")
        @Nullable String regions,
    @Schema(description = "Limit of the answer's tokens.", example = "64")
        @Nullable Integer max_tokens,
    @Schema(description = "0 or omitted: the most likely token.", example = "0")
        @Nullable Double temperature,
    @Schema(
            description = "Samples from the most likely tokens with this share of the probability.",
            example = "1")
        @Nullable Double top_p,
    @Schema(description = "Number of the most likely tokens to sample from; 0: all.")
        @Nullable Integer top_k,
    @Schema(description = "Samples from tokens with this share of the highest probability; 0: all.")
        @Nullable Double min_p,
    @Schema(
            description =
                "Samples from the most typical tokens with this share of the probability.")
        @Nullable Double typical_p,
    @Schema(
            description =
                "Divides the logits of tokens that have occurred; 1: none; as the package says if omitted.",
            example = "1.05")
        @Nullable Double repetition_penalty,
    @Schema(
            description =
                "No run of this many tokens comes twice; 0: none; as the package says if omitted.")
        @Nullable Integer no_repeat_ngram_size,
    @Schema(description = "Id of the model; the default model if omitted.") @Nullable String model,
    @Schema(
            description = "The same seed gives the same tokens, if there is a temperature.",
            example = "7")
        @Nullable Long seed,
    @Schema(
            description = "Whether to report the reduction of each visual token: true or false.",
            example = "true")
        @Nullable Boolean map) {

  /** An earlier message, with the number of the form's files and clips before its text. */
  record Said(
      @Nullable String role,
      @Nullable String text,
      @Nullable Integer files,
      @Nullable Integer clips) {}
}
