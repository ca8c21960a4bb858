#include "client/cli/people_view.hpp"

#include "client/cli/amended.hpp"
#include "client/cli/render.hpp"
#include "client/cli/terminal.hpp"
#include "client/json/content_type.hpp"
#include "client/json/pretty.hpp"
#include "client/link/replies.hpp"
#include "common/escape.hpp"
#include "common/time_text.hpp"
#include "proto/archive.hpp"

namespace hubbub::cli {

namespace {

using proto::EventKind;
using proto::Kind;

std::string indented(std::string text) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 3) text.replace(at, 1, "\n  ");
  return text;
}

/// Empty for what nobody wants to read line by line: who is typing, and who came back to the keyboard.
std::string sentence_of(const proto::Event& event) {
  const auto who = shown_name(event.person.name, event.person.verified);
  switch (event.kind) {
    case EventKind::joined: return who + " has joined";
    case EventKind::left: return who + " has left";
    case EventKind::topic: return who + " set the topic: " + escape_for_terminal(event.text.str());
    case EventKind::renamed: return escape_for_terminal(event.text.str()) + " is now " + who;
    case EventKind::presence:
      if (event.person.presence != proto::Presence::away)
        return who + " is " + std::string(proto::name_of(event.person.presence));
      return who + " is away: " + escape_for_terminal(event.person.away.str());
    case EventKind::typing:
    case EventKind::read: break;
  }
  return {};
}

}  // namespace

std::string PeopleView::shown_body(const link::Message& message) const {
  if (message.erased) return "(erased)";
  if (message.kind == Kind::data && !is_utf8(message.body))
    return "(" + std::to_string(message.body.size()) + " bytes of data)";
  std::string_view body = message.body;
  if (body.ends_with('\n')) body.remove_suffix(1);
  const bool is_long = body.size() > options_.columns || body.find('\n') != std::string_view::npos;
  if (!is_long || !json::is_json(message.headers) || !json::check_json(body))
    return indented(escape_lines_for_terminal(body));
  std::string laid_out;
  append_pretty(body, {true}, options_.color && message.kind != Kind::notice, json_lines_max, "  ", laid_out);
  return laid_out;
}

std::string PeopleView::sender_of(const link::Message& message) const {
  auto sender = painted(shown_name(message.from, message.verified), color_of_name(message.from.str()), options_.color);
  if (const auto program = link::via(message); !program.empty())
    sender += painted(" via " + escape_for_terminal(program), color::dim, options_.color);
  return sender;
}

void PeopleView::append(const link::Message& said, const link::View& view, std::string& out) {
  const auto message = link::shown_as(said, view);
  if (view.standing == link::Standing::gone || view.standing == link::Standing::amendment) return;
  append_start(message.time, message.room, out);
  const auto sender = sender_of(message);
  const auto mark = answered(message);
  auto body = view.redacted ? painted(escape_for_terminal(redacted_text(view)), color::dim, options_.color)
                            : shown_body(message);
  if (const auto marks = marks_text(view); !marks.empty()) body += " " + painted(marks, color::dim, options_.color);
  said_.note(message);
  switch (message.kind) {
    case Kind::action: out.append("* ").append(sender).append(" ").append(mark).append(body); break;
    case Kind::notice:
      out.append("-").append(sender).append("- ").append(mark).append(painted(body, color::yellow, options_.color));
      break;
    default: out.append(sender).append(": ").append(mark).append(body);
  }
  out += '\n';
  append_reactions(view, out);
}

void PeopleView::append_reactions(const link::View& view, std::string& out) const {
  if (view.reactions.empty()) return;
  out.append("  ").append(painted(escape_for_terminal(reactions_text(view)), color::dim, options_.color)).append("\n");
}

void PeopleView::append_live(const link::Message& message, WallTime now, std::string& out) {
  if (link::is_over(message, now)) return;
  const auto amendment = link::amendment_of(message);
  if (!amendment) return append(message, out);
  said_.amend(message, *amendment);
  append_start(message.time, message.room, out);
  const auto what = indented(escape_lines_for_terminal(amendment_text(message, *amendment)));
  out.append("* ").append(sender_of(message)).append(" ").append(what).append("\n");
}

/// `[↳ 42 ~alice: the first words…] `; empty for what answers nothing.
std::string PeopleView::answered(const link::Message& message) const {
  const auto reply = link::reply_of(message);
  if (!reply) return {};
  auto mark = "[↳ " + std::to_string(reply->to.value);
  if (const auto beginning = said_.beginning(message.room, reply->to); !beginning.empty()) mark += " " + beginning;
  return painted(mark + "]", color::dim, options_.color) + " ";
}

void PeopleView::append(const link::Presence& presence, std::string& out) {
  const auto sentence = sentence_of(presence.event);
  if (sentence.empty()) return;
  append_start(presence.event.time, presence.room, out);
  out.append(painted("-- " + sentence, color::dim, options_.color)).append("\n");
}

void PeopleView::append_day(WallTime time, std::string& out) {
  auto day = local_time(time, "%A, %e %B %Y");
  if (day == day_) return;
  if (!day_.empty()) out.append(painted("-- " + day + " --", color::dim, options_.color)).append("\n");
  day_ = std::move(day);
}

void PeopleView::append_start(WallTime time, const RoomName& room, std::string& out) {
  append_day(time, out);
  out.append(painted(local_time(time, "%H:%M:%S"), color::dim, options_.color)).append(" ");
  if (options_.with_room && !room.empty()) out.append(painted(display(room), color::cyan, options_.color)).append(" ");
}

}  // namespace hubbub::cli
