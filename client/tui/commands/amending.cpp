#include "client/tui/commands/amending.hpp"

#include <optional>
#include <string>

#include "client/tui/commands/words.hpp"
#include "client/tui/state/threads.hpp"

namespace hubbub::tui {

namespace {

using proto::Amends;

std::string message_text(Seq seq) { return "message " + std::to_string(seq.value); }

/// The message of that number, if it is shown here; else says why not.
const Entry* find_target(State& state, Room& room, Seq seq) {
  const auto index = room.find_message(seq);
  const auto* entry = index ? &room.entries[*index] : nullptr;
  if (entry == nullptr)
    trouble(state, room, message_text(seq) + " isn't here: /thread " + std::to_string(seq.value) + " fetches it");
  else if (entry->standing != link::Standing::shown)
    trouble(state, room, message_text(seq) + " isn't shown here any more, or only says something about another");
  return entry != nullptr && entry->standing == link::Standing::shown ? entry : nullptr;
}

bool is_own(const State& state, const Entry& entry) {
  return entry.from == state.self.str() && entry.verified == state.verified;
}

/// One's newest message of the room, or of the thread that is open.
std::optional<Seq> newest_own(const State& state, const Room& room) {
  const auto counts = [&](const Entry& entry) {
    return entry.is_numbered() && entry.life == room.life && entry.standing == link::Standing::shown &&
           is_own(state, entry);
  };
  if (!room.thread) {
    const auto newest = std::find_if(room.entries.rbegin(), room.entries.rend(), counts);
    return newest == room.entries.rend() ? std::nullopt : std::optional(newest->seq);
  }
  const Shown shown(room);
  for (std::size_t at = shown.size(); at-- > 0;)
    if (counts(shown.item(at))) return shown.item(at).seq;
  return std::nullopt;
}

struct Wish {
  Seq seq;
  std::string_view rest;
};

/// `#N REST`, or `REST` about one's newest message; says so where there is none. A number without # is one only where
/// it stands alone and no text is wanted: what is said may begin with one.
std::optional<Wish> read_wish(State& state, Room& room, std::string_view arguments, bool wants_rest) {
  const auto words = split(arguments);
  const bool is_named = words.first.starts_with('#');
  const auto seq = link::parse_seq(words.first.substr(is_named ? 1 : 0));
  if (seq && (words.rest.empty() ? !wants_rest : is_named)) return Wish{*seq, words.rest};
  const auto newest = newest_own(state, room);
  if (!newest)
    trouble(state, room, "there is nothing of yours here; name a message by its number: /numbers shows them");
  return newest ? std::optional(Wish{*newest, arguments}) : std::nullopt;
}

/// `5 wrong room` may mean message 5: what is taken back is gone, so it isn't guessed.
bool is_ambiguous(std::string_view arguments) {
  const auto words = split(arguments);
  return link::parse_seq(words.first) && !words.rest.empty();
}

void amend(State& state, const Room& room, link::Amendment amendment, std::string body) {
  effect(state, Amend{room.name, amendment, std::move(body)});
}

bool is_in_room(State& state, Room& room) {
  if (is_home(room)) trouble(state, room, "join a room first: /join lobby");
  return !is_home(room);
}

void set_reaction(State& state, std::string_view arguments, bool undo) {
  auto& room = active_room(state);
  const auto words = split(arguments);
  const auto seq = link::parse_seq(words.first);
  if (!seq || words.rest.empty()) return usage(state, undo ? "unreact" : "react");
  if (!link::is_reaction(words.rest))
    return trouble(state, room, "a reaction is one emoji or a short word: /react " + std::to_string(seq->value) + " 👍");
  if (find_target(state, room, *seq) != nullptr)
    amend(state, room, {Amends::reaction, *seq, undo}, std::string(words.rest));
}

void set_pin(State& state, std::string_view arguments, bool undo) {
  auto& room = active_room(state);
  const auto seq = link::parse_seq(arguments);
  if (!seq) return usage(state, undo ? "unpin" : "pin");
  if (find_target(state, room, *seq) != nullptr)
    amend(state, room, {Amends::pin, *seq, undo}, link::pin_words(*seq, undo));
}

}  // namespace

void edit(State& state, std::string_view arguments) {
  auto& room = active_room(state);
  if (arguments.empty()) return usage(state, "edit");
  if (!is_in_room(state, room)) return;
  const auto wish = read_wish(state, room, arguments, true);
  const auto* entry = wish ? find_target(state, room, wish->seq) : nullptr;
  if (entry == nullptr) return;
  if (!is_own(state, *entry))
    return trouble(state, room, message_text(wish->seq) + " isn't yours: only who said it can edit it");
  if (const auto why_not = refusal(state, room, wish->rest); !why_not.empty()) return trouble(state, room, why_not);
  amend(state, room, {Amends::edit, wish->seq}, std::string(wish->rest));
}

void redact(State& state, std::string_view arguments) {
  auto& room = active_room(state);
  if (!is_in_room(state, room)) return;
  if (is_ambiguous(arguments)) {
    const auto number = std::string(split(arguments).first);
    return trouble(state, room,
                   "say /redact #" + number + " REASON to take back message " + number +
                       "; a reason that begins with a number needs the message's number before it");
  }
  const auto wish = read_wish(state, room, arguments, false);
  if (!wish) return;
  const auto reason = Topic::parse(wish->rest);
  if (!reason) return complain(state, reason.error());
  effect(state, Redact{room.name, wish->seq, *reason});
}

void react(State& state, std::string_view arguments) { set_reaction(state, arguments, false); }

void unreact(State& state, std::string_view arguments) { set_reaction(state, arguments, true); }

void pin(State& state, std::string_view arguments) { set_pin(state, arguments, false); }

void unpin(State& state, std::string_view arguments) { set_pin(state, arguments, true); }

void list_pins(State& state, std::string_view) {
  auto& room = active_room(state);
  if (is_in_room(state, room)) effect(state, AskPins{room.name});
}

}  // namespace hubbub::tui
