#include "client/cli/amended.hpp"

#include <utility>

#include "proto/text.hpp"

namespace hubbub::cli {

using proto::Amends;

std::string amendment_text(const link::Message& message, const link::Amendment& amendment) {
  const auto target = std::to_string(amendment.target.value);
  switch (amendment.what) {
    case Amends::edit: return "edited " + target + ": " + message.body;
    case Amends::reaction:
      if (amendment.undo) return "took back " + message.body + " from " + target;
      return "reacted to " + target + " with " + message.body;
    case Amends::pin: return (amendment.undo ? "unpinned " : "pinned ") + target;
    default: return "redacted " + target + (message.body.empty() ? "" : ": " + message.body);
  }
}

std::string reactions_text(const link::View& view) {
  std::string text;
  for (const auto& [what, people] : view.reactions)
    text += (text.empty() ? "" : " · ") + what + " " + std::to_string(people.size());
  return text;
}

std::string redacted_text(const link::View& view) {
  const auto by = "(redacted by " + shown_name(view.redacted->name, view.redacted->verified);
  return by + (view.reason.empty() ? "" : ": " + view.reason) + ")";
}

std::string marks_text(const link::View& view) {
  std::string text = view.edited ? "(edited)" : "";
  if (view.pinned)
    text += (text.empty() ? "" : " ") + ("(pinned by " + shown_name(view.pinned->name, view.pinned->verified)) + ")";
  return text;
}

Render readable(Render render, bool with_sender) {
  return [render = std::move(render), with_sender](const link::Message& message, std::string& out) {
    const auto amendment = link::amendment_of(message);
    if (!amendment) return render(message, out);
    auto told = message;
    const auto sender = with_sender ? shown_name(message.from, message.verified) + " " : "";
    told.body = "* " + sender + amendment_text(message, *amendment);
    render(told, out);
  };
}

link::Message in_one_line(const link::Message& message, const link::View& view) {
  auto shown = link::shown_as(message, view);
  if (view.redacted) shown.body = redacted_text(view);
  return shown;
}

}  // namespace hubbub::cli
