#include "client/cli/marking.hpp"

#include <algorithm>

#include "proto/marks.hpp"

namespace hubbub::cli {

namespace {

Result<void> add(std::string_view key, std::string value, link::Outgoing& message) {
  auto& headers = message.headers.list;
  if (std::ranges::find(headers, key, &proto::Header::key) != headers.end())
    return fail(Status::invalid_argument,
                "--" + std::string(key) + " and --header " + std::string(key) + "=… exclude each other");
  headers.push_back({std::string(key), std::move(value)});
  return {};
}

}  // namespace

void Marking::declare(Syntax& syntax) {
  syntax.option({"--ttl", "DURATION", "the hub erases each message after this time: 10m, 2h", store(ttl_)});
  syntax.option({"--key", "KEY", "each message takes the place of the room's last one with that key", store(key_)});
}

Result<void> Marking::put(link::Outgoing& message) const {
  if (ttl_ && ttl_->count() <= 0)
    return fail(Status::invalid_argument, "--ttl: a message lasts for a millisecond at least");
  if (key_ && key_->empty()) return fail(Status::invalid_argument, "--key: an empty key names no message");
  auto added = Result<void>();
  if (ttl_) added = add(proto::ttl_header, std::to_string(ttl_->count()), message);
  if (added && key_) added = add(proto::key_header, *key_, message);
  if (!added) return added;
  if (!proto::read_marks(message.headers))
    return fail(Status::invalid_argument,
                "one of the headers ttl, key, edits, reacts, pins and redacts says nothing that it can mean");
  return proto::check_outgoing(proto::Kind::data, message.headers, {});
}

}  // namespace hubbub::cli
