#include "client/tui/commands/commands.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "client/tui/commands/amending.hpp"
#include "client/tui/commands/words.hpp"
#include "client/tui/input/bindings.hpp"
#include "client/tui/input/selecting.hpp"
#include "client/tui/input/threading.hpp"
#include "client/tui/state/reading.hpp"
#include "client/tui/state/threads.hpp"
#include "common/duration.hpp"
#include "common/moment.hpp"
#include "proto/limits.hpp"
#include "proto/methods.hpp"
#include "proto/search_words.hpp"

namespace hubbub::tui {

namespace {

// `alice` and `@alice` are the conversation with alice, `#ci` is a room.
Result<RoomName> person_or_room(std::string_view text) {
  if (text.starts_with('#')) return parse_room_argument(text);
  return RoomName::parse(text.starts_with('@') ? std::string(text) : "@" + std::string(text));
}

void say_or_complain(State& state, Room& room, proto::Kind kind, std::string_view text,
                     const std::optional<link::Reply>& reply = std::nullopt) {
  const auto why_not = refusal(state, room, text);
  if (!why_not.empty()) return trouble(state, active_room(state), why_not);
  say(state, room, kind, std::string(text), reply);
}

void join(State& state, std::string_view arguments) {
  if (arguments.empty()) return usage(state, "join");
  for (auto words = split(arguments); !words.first.empty(); words = split(words.rest)) {
    const auto name = parse_room_argument(words.first);
    if (!name) return complain(state, name.error());
    enter_room(state, *name, true);
  }
}

void part(State& state, std::string_view arguments) {
  auto name = arguments.empty() ? Result<RoomName>(active_room(state).name) : parse_room_argument(arguments);
  if (!name) return complain(state, name.error());
  auto* room = find_room(state, *name);
  if (room == nullptr || is_home(*room)) return trouble(state, active_room(state), "you are not in that room");
  if (unsent_messages(*room) > 0)
    return trouble(state, *room, "something said here is not sent yet; part when it is, or /quit");
  if (!is_direct(*name) && !std::holds_alternative<Connected>(state.connection))
    return trouble(state, active_room(state), "the hub can't be told now; part when it is back, or /quit");
  tell_cursor_now(state, *room);
  effect(state, CloseRoom{*name});
  if (is_direct(*name)) state.put_away.push_back(*name);
  drop_room(state, *name);
}

void msg(State& state, std::string_view arguments) {
  const auto words = split(arguments);
  if (words.rest.empty()) return usage(state, "msg");
  const auto name = person_or_room(words.first);
  if (!name) return complain(state, name.error());
  enter_room(state, *name, false);
  say_or_complain(state, room_of(state, *name), proto::Kind::text, words.rest);
}

void query(State& state, std::string_view arguments) {
  const auto words = split(arguments);
  if (words.first.empty()) return usage(state, "query");
  const auto name = person_or_room(words.first);
  if (!name) return complain(state, name.error());
  enter_room(state, *name, true);
  if (!words.rest.empty()) say_or_complain(state, active_room(state), proto::Kind::text, words.rest);
}

void me(State& state, std::string_view arguments) {
  auto& room = active_room(state);
  if (arguments.empty()) return usage(state, "me");
  say_or_complain(state, room, proto::Kind::action, arguments, answered_in_view(room));
}

void reply(State& state, std::string_view arguments) {
  if (arguments.empty()) return begin_selecting(state);
  const auto words = split(arguments);
  const auto seq = link::parse_seq(words.first);
  if (!seq || words.rest.empty()) return usage(state, "reply");
  auto& room = active_room(state);
  const auto index = room.find_message(*seq);
  if (!index)
    return trouble(
        state, room,
        "message " + std::string(words.first) + " isn't here: /thread " + std::string(words.first) + " fetches it");
  auto answer = link::reply_to(*seq, room.entries[*index].reply);
  if (const auto root = Threads(room).root_of(*index)) answer.root = room.entries[*root].seq;
  say_or_complain(state, room, proto::Kind::text, words.rest, answer);
}

void thread(State& state, std::string_view arguments) {
  auto& room = active_room(state);
  if (arguments.empty() && room.thread) return close_thread(state, room);
  if (arguments.empty() && show_newest_thread(state, room)) return;
  if (arguments.empty()) return trouble(state, room, "there is no thread here yet: /reply begins one");
  const auto seq = link::parse_seq(arguments);
  if (!seq) return usage(state, "thread");
  if (is_home(room)) return trouble(state, room, "join a room first: /join lobby");
  show_thread(state, room, *seq);
}

void numbers(State& state, std::string_view) { state.numbers = !state.numbers; }

void topic(State& state, std::string_view arguments) {
  auto& room = active_room(state);
  if (is_home(room)) return trouble(state, room, "join a room first: /join lobby");
  if (arguments.empty()) return effect(state, AskTopic{room.name});
  const auto text = arguments == "-delete" ? Topic{} : Topic::parse(arguments);
  if (!text) return complain(state, text.error());
  effect(state, SetTopic{room.name, *text});
}

void nick(State& state, std::string_view arguments) {
  if (arguments.empty()) return usage(state, "nick");
  const auto name = PersonName::parse(arguments);
  if (!name) return complain(state, name.error());
  effect(state, Rename{*name});
}

void away(State& state, std::string_view arguments) {
  const auto text = AwayText::parse(arguments);
  if (!text) return complain(state, text.error());
  effect(state, SetAway{*text});
}

void back(State& state, std::string_view) { effect(state, SetAway{}); }

void who(State& state, std::string_view arguments) { effect(state, AskWho{std::string(split(arguments).first)}); }

void names(State& state, std::string_view) {
  auto& room = active_room(state);
  std::string list = std::to_string(room.members.size()) + (room.members.size() == 1 ? " member:" : " members:");
  for (const auto& person : room.members) {
    list += person.verified ? " " : " ~";
    list += person.name.str();
    if (person.presence == proto::Presence::away) list += " (away)";
    if (person.presence == proto::Presence::offline) list += " (offline)";
  }
  note(state, room, list);
}

void list(State& state, std::string_view arguments) {
  const auto pattern = parse_pattern_argument(arguments.empty() ? ">" : arguments);
  if (!pattern) return complain(state, pattern.error());
  effect(state, AskRooms{*pattern});
}

std::string row_of_help(const Command& command) {
  std::string row = "/" + std::string(command.name);
  if (!command.arguments.empty()) row += " " + std::string(command.arguments);
  row.resize(std::max<std::size_t>(row.size() + 1, 26), ' ');
  return row + std::string(command.help);
}

void help(State& state, std::string_view arguments) {
  auto& room = active_room(state);
  if (arguments == "keys") {
    for (const auto& row : help_with_keys()) note(state, room, row);
    return;
  }
  const auto match = find_command(arguments);
  if (!arguments.empty() && match.command != nullptr) return note(state, room, row_of_help(*match.command));
  for (const auto& command : commands()) note(state, room, row_of_help(command));
  note(state, room, "/help keys lists the keys. //text says /text. Tab completes names, #rooms and /commands.");
}

void search(State& state, std::string_view arguments) {
  if (arguments.empty()) return usage(state, "search");
  if (const auto words = proto::parse_search_words(arguments); !words) return complain(state, words.error());
  auto text = Text::parse(arguments);
  if (!text) return complain(state, text.error());
  effect(state, AskSearch{*std::move(text)});
}

/// `10m TEXT`, `15:30 TEXT`, `2026-12-24 18:00 TEXT`. Nothing where it begins with no time.
std::optional<SayLater> later_of(std::string_view arguments, WallTime now) {
  const auto words = split(arguments);
  const auto next = split(words.rest);
  SayLater later;
  if (const auto delay = parse_duration(words.first)) {
    later.delay_ms = static_cast<std::uint64_t>(delay->count());
    later.body = words.rest;
  } else if (const auto date_and_time =
                 parse_moment_to_come(std::string(words.first) + ' ' + std::string(next.first), now)) {
    later.at = *date_and_time;
    later.body = next.rest;
  } else if (const auto moment = parse_moment_to_come(words.first, now)) {
    later.at = *moment;
    later.body = words.rest;
  } else {
    return std::nullopt;
  }
  return later;
}

void later(State& state, std::string_view arguments) {
  auto& room = active_room(state);
  if (arguments.empty()) return effect(state, AskLater{room.name});
  const auto words = split(arguments);
  if (words.first == "cancel") {
    const auto id = link::parse_seq(words.rest);
    if (!id) return usage(state, "later");
    return effect(state, CancelLater{room.name, LaterId{id->value}});
  }
  auto said = later_of(arguments, state.now);
  if (!said || said->body.empty()) return usage(state, "later");
  if (const auto why_not = refusal(state, room, said->body); !why_not.empty()) return trouble(state, room, why_not);
  said->room = room.name;
  effect(state, *std::move(said));
}

void call(State& state, std::string_view arguments) {
  auto& room = active_room(state);
  const auto words = split(arguments);
  if (words.first.empty()) return usage(state, "call");
  const auto method = MethodName::parse(words.first);
  if (!method || !proto::is_of_service(method->str()))
    return trouble(state, room,
                   "'" + std::string(words.first) +
                       "' is no method of a service, such as image.scale; hubbub services "
                       "lists what is offered");
  effect(state, CallService{room.name, *method, std::string(words.rest)});
}

void exec(State& state, std::string_view arguments) {
  auto& room = active_room(state);
  const auto words = split(arguments);
  if (words.first == "-k") {
    if (!state.execution) return trouble(state, room, "nothing is running");
    return effect(state, EndExecution{});
  }
  const bool says = words.first == "-o";
  const auto command = says ? words.rest : arguments;
  if (state.execution) return trouble(state, room, "still running: " + state.execution->command + "; /exec -k ends it");
  if (command.empty() || command.starts_with('-')) return usage(state, "exec");
  if (says && is_home(room)) return trouble(state, room, "join a room first: /join lobby");
  state.execution = Execution{std::string(command), room.name, says, answered_in_view(room)};
  effect(state, Execute{std::string(command)});
}

void clear(State& state, std::string_view) {
  auto& room = active_room(state);
  close_thread(state, room);
  room.entries.clear();
  room.holes.clear();
  room.scroll = {};
  room.history_complete = false;
}

void quit(State& state, std::string_view arguments) {
  if (arguments == "now") return effect(state, Quit{});
  leave_program(state);
}

constexpr std::array table = {
    Command{"join", "ROOM…", "join rooms and look at the last; @NAME is a conversation", Completes::rooms, join},
    Command{"part", "[ROOM]", "leave this room or another", Completes::room, part},
    Command{"msg", "NAME|#ROOM TEXT", "say something to one person or in another room", Completes::name_or_room, msg},
    Command{"query", "NAME [TEXT]", "look at the conversation with one person", Completes::name, query},
    Command{"me", "TEXT", "say what you do: * alice waves", Completes::text, me},
    Command{"reply", "[N TEXT]", "answer message N; alone: pick one, as Alt+R", Completes::text, reply},
    Command{"thread", "[N]", "the thread of message N; alone: the newest, or back to the room", Completes::text,
            thread},
    Command{"edit", "[#N] TEXT", "give message N of yours, or your newest, another text", Completes::text, edit},
    Command{"redact", "[#N] [REASON]", "take back message N, or your newest", Completes::text, redact},
    Command{"react", "N EMOJI", "react to message N: 👍 or a short word", Completes::text, react},
    Command{"unreact", "N EMOJI", "take that reaction back", Completes::text, unreact},
    Command{"pin", "N", "pin message N", Completes::text, pin},
    Command{"unpin", "N", "message N isn't pinned any more", Completes::text, unpin},
    Command{"pins", "", "what is pinned in this room", Completes::text, list_pins},
    Command{"numbers", "", "show the messages with their numbers, or not", Completes::text, numbers},
    Command{"topic", "[TEXT|-delete]", "say what this room is about, or take that away, or ask", Completes::text,
            topic},
    Command{"nick", "NAME", "take another name", Completes::text, nick},
    Command{"away", "[TEXT]", "say that you are away, and why; without a text: that you are back", Completes::text,
            away},
    Command{"back", "", "say that you are back", Completes::text, back},
    Command{"who", "[NAME]", "who is on the hub, or how one person is", Completes::name, who},
    Command{"names", "", "who is in this room", Completes::text, names},
    Command{"list", "[PATTERN]", "the hub's rooms: all, or ci.* or ci.>", Completes::room, list},
    Command{"search", "WORDS", "find what was said: word, begin*, \"side by side\", -without", Completes::text, search},
    Command{"later", "[WHEN TEXT|cancel ID]", "say it in 10m, at 15:30 …; alone: what is still to be said",
            Completes::text, later},
    Command{"call", "NAME.METHOD [K=V…]", "call a service; shows what it answers, and a receipt", Completes::text,
            call},
    Command{"exec", "[-o] COMMAND|-k", "show what a shell command writes; -o: say it here; -k: end it", Completes::text,
            exec},
    Command{"clear", "", "empty this view; scrolling up fetches it again", Completes::text, clear},
    Command{"help", "[COMMAND|keys]", "this list, one command, or the keys", Completes::command, help},
    Command{"quit", "[now]", "leave; now: even if something is not sent yet", Completes::text, quit},
};

}  // namespace

std::span<const Command> commands() { return table; }

CommandMatch find_command(std::string_view name) {
  if (name.starts_with('/')) name.remove_prefix(1);
  CommandMatch match;
  if (name.empty()) return match;
  for (const auto& command : table) {
    if (command.name == name) return {&command, {}};
    if (!command.name.starts_with(name)) continue;
    match.candidates.push_back(command.name);
    match.command = match.candidates.size() == 1 ? &command : nullptr;
  }
  return match;
}

bool run_command(State& state, std::string_view line) {
  const auto words = split(line);
  const auto match = find_command(words.first);
  if (match.command != nullptr) {
    match.command->run(state, words.rest);
    return true;
  }
  state.hint = std::string(words.first);
  if (match.candidates.empty()) {
    state.hint += " is no command; /help lists them, and a second slash before it says it as text";
    return false;
  }
  state.hint += " could be";
  for (const auto candidate : match.candidates) state.hint += " /" + std::string(candidate);
  return false;
}

std::string refusal(const State& state, const Room& room, std::string_view text) {
  if (is_home(room)) return "join a room first: /join lobby";
  if (!is_utf8(text)) return "this is not UTF-8; is the terminal set to another encoding?";
  if (text.size() > limits::body_bytes_max)
    return "too long: " + std::to_string(text.size()) + " bytes of at most " + std::to_string(limits::body_bytes_max) +
           "; send it in parts";
  if (std::holds_alternative<Ended>(state.connection)) return "the connection has ended; /quit and start again";
  return {};
}

void say(State& state, Room& room, proto::Kind kind, std::string text, const std::optional<link::Reply>& reply) {
  Entry entry;
  entry.id = next_id(state);
  entry.kind = entry_kind(kind);
  entry.fate = Fate::sending;
  entry.time = state.now;
  put_text(entry, text);
  sign(state, entry);
  entry.reply = reply;
  effect(state, Say{room.name, kind, std::move(text), entry.id, reply});
  room.unsent.push_back(std::move(entry));
  if (!reply) room.scroll = {};
  if (reply && room.thread) room.thread->scroll = {};
}

void sign(const State& state, Entry& entry) {
  entry.from = state.self.str();
  entry.verified = state.verified;
}

void leave_program(State& state) {
  const auto unsent = unsent_messages(state);
  if (unsent == 0) return effect(state, Quit{});
  state.hint = std::to_string(unsent) + " not sent yet; /quit now leaves without";
}

}  // namespace hubbub::tui
