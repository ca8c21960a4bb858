#include "client/cli/hit_view.hpp"

#include "client/cli/amended.hpp"
#include "client/cli/highlight.hpp"
#include "client/cli/render.hpp"
#include "client/cli/terminal.hpp"
#include "common/escape.hpp"
#include "common/time_text.hpp"

namespace hubbub::cli {

/// Further lines are indented. The words are found before anything is escaped: what is escaped has letters, too.
std::string HitView::marked(std::string_view body) const {
  std::string text;
  std::size_t at = 0;
  for (const auto& range : find_words(words_, body)) {
    text += escape_lines_for_terminal(body.substr(at, range.begin - at));
    text += painted(escape_lines_for_terminal(body.substr(range.begin, range.end - range.begin)), color::bold, color_);
    at = range.end;
  }
  text += escape_lines_for_terminal(body.substr(at));
  for (at = 0; (at = text.find('\n', at)) != std::string::npos; at += 3) text.replace(at, 1, "\n  ");
  return text;
}

void HitView::append(const link::Message& message, const link::View& view, std::string& out) const {
  std::string_view body = message.body;
  if (body.ends_with('\n')) body.remove_suffix(1);
  const auto sender = painted(shown_name(message.from, message.verified), color_of_name(message.from.str()), color_);
  out += painted(local_time(message.time, "%Y-%m-%d %H:%M"), color::dim, color_);
  out.append(" ").append(painted(display(message.room), color::cyan, color_));
  out.append(" ").append(std::to_string(message.seq.value)).append(" ");
  if (message.kind == proto::Kind::action)
    out.append("* ").append(sender).append(" ");
  else
    out.append(sender).append(": ");
  out.append(marked(body));
  if (const auto marks = marks_text(view); !marks.empty()) out.append(" ").append(painted(marks, color::dim, color_));
  out += '\n';
}

}  // namespace hubbub::cli
