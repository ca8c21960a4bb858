// Amendments in words, and what has become of a message.
//   message 43, `edits: 42` --amendment_text--> edited 42: new text     in streams, where 42 is long gone by
//   View --reactions_text--> 👍 2 · 🎉 1                                 below a message of a history
#pragma once

#include <optional>
#include <string>

#include "client/cli/render.hpp"
#include "client/link/amendments.hpp"

namespace hubbub::cli {

/// As it is, not made harmless: what somebody wrote is in it.
std::string amendment_text(const link::Message& message, const link::Amendment& amendment);

/// Empty where there are none.
std::string reactions_text(const link::View& view);

/// `(redacted by ~bob: spam)`; not made harmless. REQUIRES: it is.
std::string redacted_text(const link::View& view);

/// `(edited)`, `(pinned by ~bob)`, both or nothing.
std::string marks_text(const link::View& view);

/// Writes amendments as `* ~alice edited 42: new text` instead, without her name where `render` has it already.
Render readable(Render render, bool with_sender);

/// The message with the text that is shown in lines for programs: the newest, or that it was redacted.
link::Message in_one_line(const link::Message& message, const link::View& view);

}  // namespace hubbub::cli
