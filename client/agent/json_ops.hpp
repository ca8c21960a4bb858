// What a JSON line can ask for: a table of operations, of which each is a function.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "client/agent/json_session.hpp"

namespace hubbub::agent {

/// The answer to one request; whoever holds it owes it.
class Answer {
 public:
  Answer(std::shared_ptr<JsonSession> session, std::optional<nlohmann::ordered_json> id);
  ~Answer();
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  /// Sends `fields` with the request's id; `always`: also where it had none.
  void good(nlohmann::ordered_json fields, bool always = true);
  /// The same, with descriptors beside the line.
  void good(nlohmann::ordered_json fields, std::vector<Descriptor> descriptors);
  void bad(const Error& why);
  [[nodiscard]] JsonSession& session() const { return *session_; }

 private:
  std::shared_ptr<JsonSession> session_;
  std::optional<nlohmann::ordered_json> id_;  ///< if the request had one; null is one
};

/// False: there is no room for it now, and nothing was done. Ask again.
bool perform(const std::shared_ptr<JsonSession>& session, const nlohmann::ordered_json& request);

}  // namespace hubbub::agent
