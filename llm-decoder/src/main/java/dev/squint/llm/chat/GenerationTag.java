package dev.squint.llm.chat;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.tag.Tag;
import com.hubspot.jinjava.tree.Node;
import com.hubspot.jinjava.tree.TagNode;

/**
 * The block {@code {% generation %}}, by which transformers finds the assistant's tokens when it
 * trains; it writes its body and nothing else.
 */
final class GenerationTag implements Tag {

  private static final long serialVersionUID = 1L;

  @Override
  public String getName() {
    return "generation";
  }

  @Override
  public String getEndTagName() {
    return "endgeneration";
  }

  @Override
  public String interpret(TagNode tag, JinjavaInterpreter interpreter) {
    StringBuilder body = new StringBuilder();
    for (Node child : tag.getChildren()) {
      body.append(child.render(interpreter));
    }
    return body.toString();
  }
}
