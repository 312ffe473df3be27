package dev.squint.webapp.openai;

import static dev.squint.webapp.http.FieldRules.nothing;
import static dev.squint.webapp.http.FieldRules.number;
import static dev.squint.webapp.http.FieldRules.text;

import dev.squint.webapp.http.FieldRules;
import tools.jackson.databind.JsonNode;

/** The fields of a chat request that are read, ignored or refused. */
public final class ChatFields {

  private static final String OMIT = "omit the field";

  /** The fields of {@code visual_pruning}, in every API. */
  public static final FieldRules VISUAL_PRUNING =
      FieldRules.none()
          .known("plan", "method", "keep_ratio", "return_map")
          .object("regions", FieldRules.none().known("picture", "box", "polygon", "drop"));

  /** The fields of {@code video_sampling}, in every API. */
  public static final FieldRules VIDEO_SAMPLING =
      FieldRules.none().known("frames", "fps", "from", "to");

  private static final FieldRules CLIP =
      FieldRules.none().known("url", "data", "frames", "fps", "from", "to").ignored("format");

  private static final FieldRules PART =
      FieldRules.none()
          .known("type", "text", "input_audio", "file", "input_image")
          .object("image_url", FieldRules.none().known("url", "background").ignored("detail"))
          .object("video_url", CLIP)
          .object("input_video", CLIP)
          .ignored("cache_control");

  private static final FieldRules MESSAGE =
      FieldRules.none()
          .known("role")
          .object("content", PART)
          .ignored("name", "annotations", "reasoning_content")
          .unsupported("tool_calls", nothing(), OMIT)
          .unsupported("function_call", nothing(), OMIT)
          .unsupported("tool_call_id", nothing(), OMIT)
          .unsupported("audio", nothing(), OMIT)
          .unsupported("refusal", text(""), OMIT)
          .unsupported(
              "images",
              nothing(),
              "it is a field of Ollama's API; send parts of type image_url, or use /api/chat");

  static final FieldRules REQUEST =
      FieldRules.none()
          .known("model", "max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k")
          .known("min_p", "typical_p", "repetition_penalty", "no_repeat_ngram_size")
          .known("seed", "stop", "stream", "n")
          .object("messages", MESSAGE)
          .object("stream_options", FieldRules.none().known("include_usage", "include_obfuscation"))
          .object("visual_pruning", VISUAL_PRUNING)
          .object("video_sampling", VIDEO_SAMPLING)
          .ignored("user", "metadata", "store", "service_tier", "safety_identifier")
          .ignored("prompt_cache_key", "prompt_cache_retention", "parallel_tool_calls")
          .ignored("reasoning_effort", "verbosity")
          .unsupported("response_format", ChatFields::isText, "answers are text; omit the field")
          .unsupported("logit_bias", nothing(), OMIT)
          .unsupported("logprobs", nothing(), OMIT)
          .unsupported("top_logprobs", number(0), OMIT)
          .unsupported("frequency_penalty", number(0), "send 0, or use repetition_penalty")
          .unsupported("presence_penalty", number(0), "send 0, or use repetition_penalty")
          .unsupported("tools", nothing(), "tools are not called; omit the field")
          .unsupported("tool_choice", text("none", "auto"), "tools are not called; omit the field")
          .unsupported("functions", nothing(), "functions are not called; omit the field")
          .unsupported(
              "function_call", text("none", "auto"), "functions are not called; omit the field")
          .unsupported("modalities", ChatFields::isTextOnly, "answers are text; omit the field")
          .unsupported("audio", nothing(), OMIT)
          .unsupported("prediction", nothing(), OMIT)
          .unsupported("web_search_options", nothing(), OMIT);

  private ChatFields() {}

  private static boolean isText(JsonNode format) {
    return "text".equals(format.path("type").asString(""));
  }

  private static boolean isTextOnly(JsonNode modalities) {
    return modalities.isArray()
        && modalities.valueStream().allMatch(each -> "text".equals(each.asString("")));
  }
}
