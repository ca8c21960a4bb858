#include "client/agent/json_ops.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <climits>
#include <csignal>
#include <nlohmann/json.hpp>
#include <utility>

#include "client/agent/poke_signal.hpp"
#include "client/agent/surface.hpp"
#include "client/json/json_archive.hpp"
#include "client/json/method_table.hpp"
#include "client/json/outgoing_json.hpp"
#include "client/link/trace.hpp"
#include "proto/methods.hpp"

namespace hubbub::agent {

using Json = nlohmann::ordered_json;
using Owed = std::shared_ptr<Answer>;

Answer::Answer(std::shared_ptr<JsonSession> session, std::optional<Json> id)
    : session_(std::move(session)), id_(std::move(id)) {
  ++session_->owed_;
}

Answer::~Answer() {
  const bool was_busy = session_->owed_-- == JsonSession::owed_max;
  session_->settle();
  if (was_busy) session_->go_on_soon();
}

void Answer::good(Json fields, bool always) {
  if (!id_ && !always) return;
  if (id_) fields["id"] = *id_;
  session_->send(fields);
}

void Answer::good(Json fields, std::vector<Descriptor> descriptors) {
  if (id_) fields["id"] = *id_;
  session_->send(fields, std::move(descriptors));
}

void Answer::bad(const Error& why) { session_->refuse(id_ ? &*id_ : nullptr, why); }

namespace {

tl::unexpected<Error> wrong(std::string sentence) { return fail(Status::invalid_argument, std::move(sentence)); }

/// A field that has to be a text of its type's own rule.
template <class Text>
Result<Text> text_field(const Json& request, const char* name) {
  const auto found = request.find(name);
  if (found == request.end()) return wrong(std::string("it has no ") + name);
  if (!found->is_string()) return wrong(std::string("its ") + name + " is not a text");
  auto text = Text::parse(found->get<std::string>());
  if (!text) return wrong(std::string(name) + ": " + text.error().sentence);
  return *std::move(text);
}

// ── the operations ───────────────────────────────────────────────────────────────────────────────────────────────────

bool publish(const Owed& answer, const Json& request) {
  auto& session = answer->session();
  const auto room = text_field<RoomName>(request, "room");
  auto message = json::outgoing_from_json(request);
  if (!room || !message) return answer->bad(room ? message.error() : room.error()), true;
  message->room = *room;
  stamp(*message, session.caller());
  if (message->traced)
    link::add_stamp(message->headers, {"agent", link::Stamp::Side::received, "json", link::stamp_time()});
  const auto taken = session.core().sending.say(*message, [answer](Result<Said> said) {
    if (!said) return answer->bad(said.error());
    Json fields = Json::object();
    if (said->seq != Seq{}) fields["seq"] = said->seq.value;
    if (said->queued) fields["queued"] = true;
    answer->good(std::move(fields), false);
  });
  if (!taken) answer->bad(taken.error());
  return !taken || *taken;
}

bool subscribe(const Owed& answer, const Json& request) {
  auto& session = answer->session();
  const auto pattern = text_field<Pattern>(request, "room");
  if (!pattern) return answer->bad(pattern.error()), true;
  Switchboard::Wish wish{*pattern, {}, false};
  const auto from = request.find("from");
  if (from != request.end() && !from->is_number_unsigned())
    return answer->bad({Status::invalid_argument, "its from is not a number"}), true;
  if (from != request.end()) wish.from = Seq{std::max<std::uint64_t>(1, from->get<std::uint64_t>())};
  wish.events = request.value("events", Json()) == true;
  session.subscribed(*pattern);
  session.core().switchboard.subscribe(session, wish, [answer, pattern = *pattern](Result<std::uint32_t> rooms) {
    if (rooms) return answer->good({{"rooms", *rooms}});
    answer->session().unsubscribed(pattern);
    answer->bad(rooms.error());
  });
  return true;
}

bool unsubscribe(const Owed& answer, const Json& request) {
  auto& session = answer->session();
  const auto pattern = text_field<Pattern>(request, "room");
  if (!pattern) return answer->bad(pattern.error()), true;
  if (!session.core().switchboard.unsubscribe(session, *pattern))
    return answer->bad({Status::not_found, "there is no subscription to " + pattern->str()}), true;
  session.unsubscribed(*pattern);
  answer->good({{"done", true}});
  return true;
}

/// Asks the hub and gives what it answers, made JSON by the method's row.
asio::awaitable<void> ask_hub(Owed answer, const json::MethodRow& row, Json arguments, std::string encoded) {
  auto& core = answer->session().core();
  const auto method = MethodName::literal(row.name);
  const auto reply = co_await core.link.call_raw(method, encoded);
  if (reply) core.own_rooms.called(method, encoded, *reply);
  if (method.str() == proto::RoomLeave::name) core.own_rooms.left(encoded);
  const auto decoded = reply ? row.decode(*reply, arguments) : Result<Json>(tl::unexpected(reply.error()));
  if (!decoded) co_return answer->bad(decoded.error());
  answer->good({{"reply", *decoded}});
}

bool call_method(const Owed& answer, std::string_view method, const Json& arguments) {
  const auto* row = json::find_method(method);
  if (row == nullptr)
    return answer->bad({Status::unimplemented, "there is no method " + std::string(method) + " here"}), true;
  if (method == proto::SessionWill::name)
    return answer->bad(
               {Status::failed_precondition, "the agent's session is everybody's, and leaves no last will for one"}),
           true;
  const bool of_session = method == proto::RoomSubscribe::name || method == proto::RoomUnsubscribe::name ||
                          method == proto::ProducerRegister::name;
  if (of_session)
    return answer->bad(
               {Status::failed_precondition, "the agent's own session has no use of " + std::string(method) +
                                                 R"(; {"op":"sub"} and {"op":"unsub"} are there for a program)"}),
           true;
  auto& core = answer->session().core();
  if (!core.link.online()) return answer->bad({Status::unavailable, "the hub is away"}), true;
  auto encoded = row->encode(arguments);
  if (!encoded) return answer->bad(encoded.error()), true;
  asio::co_spawn(core.loop, ask_hub(answer, *row, arguments, *std::move(encoded)), surface);
  return true;
}

bool call(const Owed& answer, const Json& request) {
  const auto method = text_field<MethodName>(request, "method");
  if (!method) return answer->bad(method.error()), true;
  const auto arguments = request.value("arguments", Json::object());
  if (!arguments.is_object()) return answer->bad({Status::invalid_argument, "its arguments are not an object"}), true;
  return call_method(answer, method->str(), arguments);
}

bool who(const Owed& answer, const Json& request) {
  const auto room = request.find("room");
  if (room == request.end()) return call_method(answer, proto::PeopleWho::name, Json::object());
  return call_method(answer, proto::RoomMembers::name, {{"room", *room}});
}

bool unread(const Owed& answer, const Json&) {
  const auto& attention = answer->session().core().own_rooms.attention();
  const auto sum = attention.sum();
  Json rooms = Json::array();
  for (const auto& [room, count] : attention.rooms())
    if (count.unread > 0)
      rooms.push_back({{"room", room.str()}, {"unread", count.unread}, {"mentions", count.mentions}});
  answer->good({{"unread", sum.unread}, {"mentions", sum.mentions}, {"rooms", std::move(rooms)}});
  return true;
}

bool poke(const Owed& answer, const Json& request) {
  const auto number = [&](const char* name) {
    const auto found = request.find(name);
    const bool fits = found != request.end() && found->is_number_unsigned() && found->get<std::uint64_t>() <= INT_MAX;
    return fits ? std::optional(found->get<int>()) : std::nullopt;
  };
  const auto pid = number("pid"), signal = number("signal");
  if (!pid) return answer->bad({Status::invalid_argument, "it has no pid, the number of the process to poke"}), true;
  if (!signal)
    return answer->bad({Status::invalid_argument, "it has no signal, such as " + std::to_string(SIGRTMIN + 8) + " (" +
                                                      show_signal(SIGRTMIN + 8) + ")"}),
           true;
  PokeSet on;
  for (const auto& word : request.value("on", Json::array())) {
    const auto kind = word.is_string() ? poke_on_named(word.get_ref<const std::string&>()) : std::nullopt;
    if (!kind) return answer->bad({Status::invalid_argument, "its on isn't unread, mention or presence"}), true;
    on.add(*kind);
  }
  const auto added = answer->session().core().poke(*pid, *signal, on);
  added ? answer->good({{"done", true}}) : answer->bad(added.error());
  return true;
}

/// One or a list.
Result<std::vector<Pattern>> patterns_of(const Json& request) {
  const auto said = request.find("room");
  std::vector<Pattern> patterns;
  for (const auto& one : said != request.end() && said->is_array() ? *said : Json::array({request})) {
    auto pattern = text_field<Pattern>(one.is_object() ? one : Json{{"room", one}}, "room");
    if (!pattern) return tl::unexpected(std::move(pattern.error()));
    patterns.push_back(*std::move(pattern));
  }
  if (patterns.empty() || patterns.size() > RingDoor::patterns_max)
    return wrong("it needs 1 to " + std::to_string(RingDoor::patterns_max) + " patterns");
  return patterns;
}

std::string show(const link::RoomLife& life) { return fmt::format("{:02x}", fmt::join(life, "")); }

void answer_seated(const Owed& answer, Result<RingDoor::Admission> admission) {
  if (!admission) return answer->bad(admission.error());
  Json rooms = Json::array();
  for (const auto& place : admission->rooms)
    rooms.push_back({{"room", place.room.str()},
                     {"id", place.id.value},
                     {"next", place.next.value},
                     {"life", show(place.life)},
                     {"durable", place.durable}});
  answer->good({{"rooms", std::move(rooms)}}, std::move(admission->descriptors));
}

bool ring(const Owed& answer, const Json& request) {
  auto& session = answer->session();
  const auto patterns = patterns_of(request);
  if (!patterns) return answer->bad(patterns.error()), true;
  if (session.hands_over())
    return answer->bad({Status::failed_precondition, "read the answer with the descriptors before asking again"}), true;
  session.core().ring.admit(&session, *patterns, [answer](Result<RingDoor::Admission> admission) {
    answer_seated(answer, std::move(admission));
  });
  return true;
}

bool status(const Owed& answer, const Json&) {
  answer->good(Json::parse(answer->session().core().status()));
  return true;
}

bool outbox(const Owed& answer, const Json&) {
  answer->good(Json::parse(answer->session().core().outbox()));
  return true;
}

bool stop(const Owed& answer, const Json&) {
  answer->good({{"done", true}});
  answer->session().core().stop();
  return true;
}

struct Operation {
  std::string_view name;
  bool (*perform)(const Owed& answer, const Json& request);
};

constexpr std::array operations = {
    Operation{"pub", publish},   Operation{"sub", subscribe}, Operation{"unsub", unsubscribe}, Operation{"who", who},
    Operation{"call", call},     Operation{"unread", unread}, Operation{"ring", ring},         Operation{"poke", poke},
    Operation{"status", status}, Operation{"outbox", outbox}, Operation{"stop", stop},
};

std::string show_operations() {
  std::string names;
  for (const auto& one : operations) names.append(names.empty() ? "" : ", ").append(one.name);
  return names;
}

}  // namespace

bool perform(const std::shared_ptr<JsonSession>& session, const Json& request) {
  const auto id = request.find("id");
  const auto answer = std::make_shared<Answer>(session, id == request.end() ? std::nullopt : std::optional<Json>(*id));
  const auto name = request.find("op");
  const bool named = name != request.end() && name->is_string();
  const auto operation =
      named ? std::ranges::find(operations, name->get_ref<const std::string&>(), &Operation::name) : operations.end();
  if (operation != operations.end()) return operation->perform(answer, request);
  answer->bad({Status::invalid_argument, "its op is none of " + show_operations()});
  return true;
}

}  // namespace hubbub::agent
