#include "client/cli/render.hpp"

#include <algorithm>
#include <limits>

#include "client/cli/terminal.hpp"
#include "client/json/message_json.hpp"
#include "client/json/pretty.hpp"
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

void append_pretty(std::string_view json, RenderOptions options, bool color, std::size_t lines_max,
                   std::string_view margin, std::string& out) {
  const auto shown = [&](std::string_view text) {
    return options.harmless ? escape_for_terminal(text) : std::string(text);
  };
  std::size_t lines = 0;
  json::each_pretty_line(json, [&](const json::PrettyLine& line) {
    if (lines++ >= lines_max) return true;
    if (lines > 1) out.append("\n").append(margin);
    out.append(line.indent, ' ');
    if (!line.key.empty()) out.append(painted(shown(line.key), color::cyan, color)).append(": ");
    out.append(shown(line.value)).append(line.comma ? "," : "");
    return true;
  });
  if (lines <= lines_max) return;
  const auto more = lines - lines_max;
  out.append("\n")
      .append(margin)
      .append("… ")
      .append(std::to_string(more))
      .append(more == 1 ? " more line" : " more lines");
}

Render render_pretty(RenderOptions options, bool color) {
  return [options, color](const link::Message& message, std::string& out) {
    if (json::check_json(message.body))
      append_pretty(message.body, options, color, std::numeric_limits<std::size_t>::max(), {}, out);
    else
      append_shown(message.body, options.harmless, out);
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
