#include "client/cli/render.hpp"

#include "client/json/message_json.hpp"
#include "common/escape.hpp"
#include "common/time_text.hpp"

namespace hubbub::cli {

Render render_body(RenderOptions options) {
  return [options](const link::Message& message, std::string& out) {
    append_shown(message.body, options.harmless, out);
    out += options.end;
  };
}

Render render_verbose(RenderOptions options) {
  return [options](const link::Message& message, std::string& out) {
    out.append(message.room.str()).append(" ").append(std::to_string(message.seq.value)).append(" ");
    append_rfc3339(message.time, 3, out);
    out.append(" ").append(shown_name(message.from, message.verified)).append(" ");
    append_shown(message.body, options.harmless, out);
    out += options.end;
  };
}

Render render_json(RenderOptions options) {
  return [options](const link::Message& message, std::string& out) {
    json::append_json(message, out);
    out += options.end;
  };
}

std::string shown_name(const PersonName& name, bool verified) { return verified ? name.str() : '~' + name.str(); }

void append_shown(std::string_view text, bool harmless, std::string& out) {
  if (harmless)
    out += escape_lines_for_terminal(text);
  else
    out += text;
}

}  // namespace hubbub::cli
