package dev.squint.webapp.ollama;

/** Examples of requests and responses for the OpenAPI document, taken from a running server. */
final class OllamaExamples {

  static final String CHAT =
      "{\"model\":\"tiny-vlm\",\"messages\":[{\"role\":\"user\",\"content\":\"What shape is red?\",\"images\":[\"iVBORw0KGgo...\"]}]}";

  static final String GENERATE =
      "{\"model\":\"tiny-vlm\",\"prompt\":\"What shape is red?\",\"images\":[\"iVBORw0KGgo...\"],\"stream\":false}";

  static final String SHOW = "{\"model\":\"tiny-vlm\"}";

  static final String CHAT_ANSWER =
      """
      {"model":"tiny-vlm","created_at":"2026-11-29T21:01:57Z","message":{"role":"assistant","content":"ring"},
       "done":true,"done_reason":"stop","total_duration":506200000,"load_duration":0,
       "prompt_eval_count":742,"prompt_eval_duration":480040000,"eval_count":1,"eval_duration":33920000}
      """;

  static final String GENERATE_ANSWER =
      """
      {"model":"tiny-vlm","created_at":"2026-11-29T21:01:58Z","response":"ring",
       "done":true,"done_reason":"stop","total_duration":506200000,"load_duration":0,
       "prompt_eval_count":742,"prompt_eval_duration":480040000,"eval_count":1,"eval_duration":33920000}
      """;

  static final String TAGS =
      """
      {"models":[{"name":"tiny-vlm","model":"tiny-vlm","modified_at":"2026-11-29T20:52:21Z","size":0,"digest":"",
       "details":{"format":"onnx","family":"idefics3","families":["idefics3"],"parameter_size":"","quantization_level":""}}]}
      """;

  static final String DESCRIPTION =
      """
      {"modelfile":"","parameters":"","template":"{% for message in messages %}...{% endfor %}",
       "details":{"format":"onnx","family":"idefics3","families":["idefics3"],"parameter_size":"","quantization_level":""},
       "model_info":{"general.architecture":"idefics3","idefics3.context_length":4096},
       "capabilities":["completion","vision"]}
      """;

  static final String VERSION = "{\"version\":\"0.12.0\"}";

  private OllamaExamples() {}
}
