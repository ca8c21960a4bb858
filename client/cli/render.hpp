// How sub and history write a message.
//   message --Render--> bytes appended to the output
// Bytes go out as they came, unless the output is a terminal: then nothing in them can move its cursor or worse.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "client/link/types.hpp"

namespace hubbub::cli {

using Render = std::function<void(const link::Message&, std::string&)>;

struct RenderOptions {
  bool harmless = false;        ///< escape what a terminal would act on
  std::string_view end = "\n";  ///< after each message; REQUIRES: a literal
};

/// The body.
Render render_body(RenderOptions options);
/// `ci.main 42 2026-11-22T21:02:56.123Z ~alice body`; a sender that isn't verified has the tilde.
Render render_verbose(RenderOptions options);
/// One JSON object a message: message_json.hpp.
Render render_json(RenderOptions options);

/// A body that is JSON laid out over lines, with its keys in colour where wanted; another as it came.
Render render_pretty(RenderOptions options, bool color);
/// At most so many lines of it, then how many more there are. Control characters are escaped where `harmless`.
/// `margin` stands before each line but the first.
void append_pretty(std::string_view json, RenderOptions options, bool color, std::size_t lines_max,
                   std::string_view margin, std::string& out);

/// A name as shown everywhere: `alice`, or `~alice` where the hub only has her word for it.
std::string shown_name(const PersonName& name, bool verified);

/// `text` as it is, or escaped but for newlines and tabs.
void append_shown(std::string_view text, bool harmless, std::string& out);

}  // namespace hubbub::cli
