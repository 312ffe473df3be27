package dev.squint.webapp.ask;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The form of {@code POST /api/ask}, for its description. */
record AskForm(
    @Schema(
            description =
                "Pictures and videos, told apart by their content, in order. They stand before the first question.",
            type = "array",
            format = "binary")
        List<byte[]> files,
    @Schema(
            description =
                "Videos, and animated GIF, PNG and WebP files that are to be looked at frame by frame. They stand after the files.",
            type = "array",
            format = "binary")
        @Nullable List<byte[]> clips,
    @Schema(
            description =
                "Number of frames of each clip, evenly spaced; the model's own rule if omitted.",
            example = "8")
        @Nullable Integer frames,
    @Schema(description = "How many frames a second are looked at instead.", example = "1")
        @Nullable Double fps,
    @Schema(description = "Where the part of each clip begins, in seconds.", example = "0")
        @Nullable Double from,
    @Schema(description = "Where it ends, in seconds.", example = "4") @Nullable Double to,
    @Schema(requiredMode = Schema.RequiredMode.REQUIRED, example = "What shape is the red object?")
        String question,
    @Schema(
            description = "Which visual tokens are looked at; all of them if it is left out.",
            example = "encoder:divprune(keep=0.25)")
        @Nullable String plan,
    @Schema(
            description =
                "What was said before: a JSON array of objects with 'role' ('user', 'assistant', in turns) and 'text'.",
            example =
                "[{\"role\":\"user\",\"text\":\"How many shapes are there?\"},{\"role\":\"assistant\",\"text\":\"3\"}]")
        @Nullable String history,
    @Schema(description = "The most tokens of the answer.", example = "64")
        @Nullable Integer max_tokens,
    @Schema(description = "0, or left out, takes the likeliest token.", example = "0")
        @Nullable Double temperature,
    @Schema(example = "1") @Nullable Double top_p,
    @Schema(
            description = "The same seed draws the same tokens, where there is a temperature.",
            example = "7")
        @Nullable Long seed,
    @Schema(
            description = "Whether to report what happened to each visual token: true or false.",
            example = "true")
        @Nullable Boolean map) {

  /** Something that was said before. */
  record Said(@Nullable String role, @Nullable String text) {}
}
