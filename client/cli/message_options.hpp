// The options that describe a message to publish: --kind, --type, --header, --retain.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/cli/syntax.hpp"
#include "client/link/types.hpp"

namespace hubbub::cli {

struct MessageOptions {
  std::optional<proto::Kind> kind;
  proto::Headers headers;
  std::optional<std::string> type;  ///< of its content
  bool retain = false;
};

void declare_message_options(Syntax& syntax, MessageOptions& options);

/// Puts headers and retain into `message`. Fails if they, or the limits on them, don't allow it.
Result<void> apply(const MessageOptions& options, link::Outgoing& message);

/// Where the type is JSON, so is the body: else fails with invalid_argument and where the flaw is.
Result<void> check_body(const MessageOptions& options, std::string_view body);

/// As asked for; else text, or data for what isn't UTF-8.
proto::Kind kind_for(const MessageOptions& options, std::string_view body);

}  // namespace hubbub::cli
