// An answer's question as a command and as a program.

import { forFiles } from './select.js';
import { filesFor, historyBefore, talk } from './talk.js';

const shell = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
// Part names are quoted for curl, which reads ; and , in them otherwise.
const quoted = (name) => `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const java = (text) => JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

/** The fields that a turn was asked with, without its files. */
export function fieldsOf(turn, index) {
  const { plan, options = {} } = turn;
  const history = historyBefore(index);
  const regions = forFiles(turn.regions, filesFor(index));
  return {
    question: turn.question,
    plan,
    ...options,
    ...(regions.length ? { regions: JSON.stringify(regions) } : {}),
    ...(history.length ? { history: JSON.stringify(history) } : {}),
  };
}

/** A command that asks the same. */
export function asCurl(turn) {
  const index = talk.turns.indexOf(turn);
  const files = filesFor(index).map((item) => `-F ${shell(`${item.animated ? 'clips' : 'files'}=@${quoted(item.name)}`)}`);
  const fields = Object.entries(fieldsOf(turn, index)).map(([name, value]) => `--form-string ${shell(`${name}=${value}`)}`);
  return ['curl', shell(new URL('api/ask', document.baseURI).href), ...files, ...fields].join(' \\\n  ');
}

/** A program that asks the same: the conversation up to this question, with the library. */
export function asJava(turn, model) {
  const index = talk.turns.indexOf(turn);
  const files = filesFor(index);
  let taken = 0;
  const messages = historyBefore(index).map(({ role, text, files: stills, clips }) =>
    role === 'assistant' ? `Message.assistant(${java(text)})` : userMessage(text, files.slice(taken, (taken += stills + clips))),
  );
  messages.push(userMessage(turn.question, files.slice(taken)));
  const { max_tokens: longest = 256, system, temperature, seed } = turn.options ?? {};
  const sampler = temperature ? `\n                  .withSampler(() -> Sampler.random(${Number(temperature)}, 0, 1, ${seed ? `${seed}L` : 'System.nanoTime()'}))` : '';
  const regions = turn.regions?.length ? '    // The selected parts of the picture are a field of the server, regions; this asks about the whole pictures.\n' : '';
  if (system) {
    messages.unshift(`Message.system(${java(system)})`);
  }
  return `import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.Sampler;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.video.ClipOptions;
import java.nio.file.Path;
import java.util.List;

public class Ask {
  public static void main(String[] args) {
${regions}    // The folder of the model ${model}, as squint pull prints it.
    try (VisionLanguageModel model = VisionLanguageModel.load(Path.of(args[0]))) {
      PictureReader pictures = new PictureReader();
      Answer answer =
          model.ask(
              List.of(
                  ${messages.join(',\n                  ')}),
              AskOptions.DEFAULT.withPlan(${java(turn.plan)}).withMaxTokens(${longest})${sampler});
      System.out.println(answer.text());
    }
  }
}
`;
}

function userMessage(question, files) {
  const parts = files.map(({ name, clip }) =>
    clip ? `new Content.Video(model.clip(Path.of(${java(name)}), ClipOptions.DEFAULT))` : `new Content.Image(pictures.read(Path.of(${java(name)})))`,
  );
  return `new Message("user", List.of(${[...parts, `new Content.Text(${java(question)})`].join(', ')}))`;
}
