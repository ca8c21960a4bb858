// Replies and threads: ordinary messages whose headers say what they answer.
//   reply-to: SEQ   the message of the same room that it answers
//   thread: SEQ     the first message of the thread, where that is another: a reader needn't have what is in between
//   headers --reply_of--> Reply --reply_to--> Reply of the next answer --put--> headers
// Anybody can write anything into a header: what is no place before the message itself makes it no reply. Pure.
#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "client/link/types.hpp"

namespace hubbub::link {

inline constexpr std::string_view reply_to_header = "reply-to";
inline constexpr std::string_view thread_header = "thread";

/// What a message answers. Neither is zero, and root <= to.
struct Reply {
  Seq to;
  Seq root;  ///< of the thread; `to` itself where that begins it, or where nobody has said more
  bool operator==(const Reply&) const = default;
};

/// A seq as a header has it: decimal, without a sign, blanks or leading zeros. Nothing for all else.
inline std::optional<Seq> parse_seq(std::string_view text) {
  Seq seq;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seq.value);
  if (error != std::errc{} || stop != end || text.front() == '0') return std::nullopt;
  return seq;
}

/// The first header of that key that holds a seq before `before`.
inline std::optional<Seq> seq_header(const proto::Headers& headers, std::string_view key, Seq before) {
  const auto found = std::ranges::find(headers.list, key, &proto::Header::key);
  if (found == headers.list.end()) return std::nullopt;
  const auto seq = parse_seq(found->value);
  return seq && *seq < before ? seq : std::nullopt;
}

/// What the message answers; nothing if it is no reply, or claims to answer itself or the future.
inline std::optional<Reply> reply_of(const Message& message) {
  const auto to = seq_header(message.headers, reply_to_header, message.seq);
  if (!to) return std::nullopt;
  return Reply{*to, seq_header(message.headers, thread_header, *to).value_or(*to)};
}

/// What an answer to message `to` has to carry, given what that one answers.
inline Reply reply_to(Seq to, const std::optional<Reply>& its) { return {to, its ? its->root : to}; }
inline Reply reply_to(const Message& message) { return reply_to(message.seq, reply_of(message)); }

/// Makes a message with these headers that reply, whatever they said before.
inline void put(const Reply& reply, proto::Headers& headers) {
  std::erase_if(headers.list,
                [](const auto& header) { return header.key == reply_to_header || header.key == thread_header; });
  headers.list.push_back({std::string(reply_to_header), std::to_string(reply.to.value)});
  if (reply.root != reply.to) headers.list.push_back({std::string(thread_header), std::to_string(reply.root.value)});
}

}  // namespace hubbub::link
