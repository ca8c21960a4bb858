#include "client/link/ring_answer.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace hubbub::link {

namespace {

/// Takes everything up to and with `mark` off the front of `text`. False if it isn't there.
bool skip_to(std::string_view& text, std::string_view mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return false;
  text.remove_prefix(at + mark.size());
  return true;
}

/// Up to the quote that ends it; `\"` and `\\` are the only escapes of the agent's sentences that matter.
std::string take_text(std::string_view& text) {
  std::string taken;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return text.remove_prefix(i + 1), taken;
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    taken += text[i];
  }
  text = {};
  return taken;
}

template <class Number>
std::optional<Number> take_number(std::string_view& text) {
  Number number{};
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

Error read_error(std::string_view line) {
  const auto status = skip_to(line, R"("status":")") ? take_text(line) : "";
  const auto known = std::ranges::find(status_names, status);
  const auto sentence = skip_to(line, R"("sentence":")") ? take_text(line) : "the agent gives no seat at its ring";
  return {known == status_names.end() ? Status::unknown : static_cast<Status>(known - status_names.begin()), sentence};
}

/// 32 digits.
std::optional<RoomLife> take_life(std::string_view& text) {
  const auto digits = take_text(text);
  RoomLife life{};
  if (digits.size() != 2 * life.size()) return std::nullopt;
  for (std::size_t i = 0; i < life.size(); ++i) {
    const auto* const at = digits.data() + 2 * i;
    if (std::from_chars(at, at + 2, life[i], 16).ptr != at + 2) return std::nullopt;
  }
  return life;
}

/// After `"room":"`, up to the next one. What an older agent doesn't tell is left out.
std::optional<RingStream::Place> take_place(std::string_view& line) {
  auto room = RoomName::parse(take_text(line));
  if (!room || !skip_to(line, R"("id":)")) return std::nullopt;
  const auto id = take_number<std::uint32_t>(line);
  if (!id || !skip_to(line, R"("next":)")) return std::nullopt;
  const auto next = take_number<std::uint64_t>(line);
  if (!next || *next == 0 || Seq{*next} > RingStream::seq_max) return std::nullopt;
  RingStream::Place place{*std::move(room), RoomId{*id}, Seq{*next}};
  if (!line.starts_with(R"(,"life":")") || !skip_to(line, R"("life":")")) return place;
  const auto life = take_life(line);
  if (!life) return std::nullopt;
  place.life = *life;
  place.durable = line.starts_with(R"(,"durable":true)");
  return place;
}

}  // namespace

std::string ring_question(const std::vector<Pattern>& patterns) {
  std::string line = R"({"op":"ring","room":[)";
  for (const auto& pattern : patterns) line.append(line.ends_with('[') ? "\"" : ",\"").append(pattern.str()) += '"';
  return line += "]}";
}

Result<std::vector<RingStream::Place>> read_ring_answer(std::string_view line) {
  if (line.starts_with(R"({"error":)")) return tl::unexpected(read_error(line));
  const auto no_answer =
      fail(Status::internal, "the agent's answer could not be understood; is it of another version?");
  if (!skip_to(line, R"("rooms":[)")) return no_answer;
  std::vector<RingStream::Place> places;
  while (skip_to(line, R"("room":")")) {
    auto place = take_place(line);
    if (!place) return no_answer;
    places.push_back(*std::move(place));
  }
  return places;
}

}  // namespace hubbub::link
