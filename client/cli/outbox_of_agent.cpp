#include "client/cli/outbox_of_agent.hpp"

#include <nlohmann/json.hpp>

#include "client/link/agent_door.hpp"

namespace hubbub::cli {

namespace {

using Json = nlohmann::ordered_json;

/// Nothing where the agent is another than ours.
std::optional<link::Outbox::Waiting> waiting_from(const Json& one) {
  const auto room = one.find("room"), messages = one.find("messages"), since = one.find("since_ns");
  const bool whole = one.is_object() && room != one.end() && room->is_string() && messages != one.end() &&
                     messages->is_number_unsigned() && since != one.end() && since->is_number_unsigned();
  if (!whole) return std::nullopt;
  link::Outbox::Waiting waiting;
  waiting.room = room->get<std::string>();
  waiting.count = messages->get<std::uint64_t>();
  waiting.since.ns = since->get<std::uint64_t>();
  const auto why = one.find("set_aside");
  if (why != one.end() && why->is_string()) waiting.why = why->get<std::string>();
  return waiting;
}

}  // namespace

std::optional<std::vector<link::Outbox::Waiting>> outbox_of_agent(const std::string& hub, const std::string& file) {
  const auto address = Address::parse(hub);
  auto door = address ? link::AgentDoor::open(*address) : tl::unexpected(address.error());
  const auto answer = door ? door->ask(R"({"op":"outbox"})") : tl::unexpected(door.error());
  const auto told = Json::parse(answer.value_or(""), nullptr, false);
  if (!told.is_object() || told.value("file", Json()) != file || !told.value("outbox", Json()).is_array())
    return std::nullopt;
  std::vector<link::Outbox::Waiting> list;
  for (const auto& one : told["outbox"]) {
    auto waiting = waiting_from(one);
    if (!waiting) return std::nullopt;
    list.push_back(*std::move(waiting));
  }
  return list;
}

}  // namespace hubbub::cli
