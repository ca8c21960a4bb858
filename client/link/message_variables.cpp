#include "client/link/message_variables.hpp"

#include <cctype>

#include "common/time_text.hpp"

namespace hubbub::link {

namespace {

std::string variable_of(const proto::Header& header) {
  std::string name(header_variables);
  for (const char c : header.key)
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name + '=' + header.value;
}

}  // namespace

std::vector<std::string> message_variables(const Message& message) {
  std::vector<std::string> variables = {"HUBBUB_ROOM=" + message.room.str(),
                                        "HUBBUB_SEQ=" + std::to_string(message.seq.value),
                                        "HUBBUB_TIME=" + rfc3339(message.time, 9),
                                        "HUBBUB_FROM=" + message.from.str(),
                                        message.verified ? "HUBBUB_VERIFIED=1" : "HUBBUB_VERIFIED=0",
                                        "HUBBUB_KIND=" + std::string(proto::name_of(message.kind))};
  if (message.attempt > 0) variables.push_back("HUBBUB_ATTEMPT=" + std::to_string(message.attempt));
  for (const auto& header : message.headers.list) variables.push_back(variable_of(header));
  return variables;
}

}  // namespace hubbub::link
