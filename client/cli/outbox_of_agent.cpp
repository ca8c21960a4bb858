#include "client/cli/outbox_of_agent.hpp"

#include <nlohmann/json.hpp>

#include "client/link/agent_door.hpp"

namespace hubbub::cli {

namespace {

using Json = nlohmann::ordered_json;

link::Outbox::Waiting waiting_from(const Json& one) {
  link::Outbox::Waiting waiting;
  waiting.room = one.value("room", std::string());
  waiting.count = one.value("messages", std::uint64_t{0});
  waiting.since.ns = one.value("since_ns", std::uint64_t{0});
  waiting.why = one.value("set_aside", std::string());
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
  for (const auto& one : told["outbox"])
    if (one.is_object()) list.push_back(waiting_from(one));
  return list;
}

}  // namespace hubbub::cli
